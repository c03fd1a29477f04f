"""Sending people on to an app, with a signature by which it knows who sent them (genstore.md §2.4)."""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from till.clock import SECOND
from till.shop import Shop

HMAC = "hmac"

Pairs = Iterable[tuple[str, str]]


def whence(shop: Shop, at: int) -> tuple[tuple[str, str], ...]:
    """What every redirect to an app says: the shop's handle and id, and the time in seconds."""
    return (("shop", shop.handle), ("shopId", str(shop.id)), ("timestamp", str(at // SECOND)))


def signed(url: str, pairs: Pairs, *, secret: str) -> str:
    """`url` with `pairs` and their signature behind what its query says already.

    The signature covers the whole query as it is sent, percent-encoded, and sorted by name.
    """
    new = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs]
    old = [part for part in urlsplit(url).query.split("&") if part]
    said = signature([*old, *new], secret=secret)
    joint = "&" if old else "" if url.endswith("?") else "?"
    return f"{url}{joint}{'&'.join([*new, f'{HMAC}={said}'])}"


def signature(parts: Iterable[str], *, secret: str) -> str:
    """Lower-case hex of the HMAC-SHA256 over `name=value` parts, as they stand in a query."""
    text = "&".join(sorted(parts, key=lambda part: part.partition("=")[0]))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
