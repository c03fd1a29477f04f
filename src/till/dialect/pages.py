"""Pages of a list: an opaque, signed token in, a Link header out (genstore.md §4, rulings.md §6.2)."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from till.errors import Unreadable

SEAL_BYTES = 16


class BadPageToken(Unreadable):
    """The page token was not made by this server for this list."""


class Position(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a page begins: the sort key of the row it comes after, and the walk's own filters.

    `list` names what is listed, so that a token of one list or shop is refused by another.
    """

    list: str
    key: tuple[Any, ...]
    backward: bool = False
    ascending: bool = False
    filters: dict[str, Any] = {}
    limit: int = 50


class PageTokens:
    """Writes and reads page tokens; only who knows the key can make one."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"till page tokens\0" + key).digest()

    def _seal(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:SEAL_BYTES]

    def write(self, position: Position) -> str:
        payload = msgspec.json.encode(position)
        return base64.urlsafe_b64encode(self._seal(payload) + payload).decode().rstrip("=")

    def read(self, token: str, *, of: str) -> Position:
        """The position in `token`; `BadPageToken` when it is not one of list `of`."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        seal, payload = raw[:SEAL_BYTES], raw[SEAL_BYTES:]
        if hmac.compare_digest(seal, self._seal(payload)):
            position = msgspec.json.decode(payload, type=Position)
            if position.list == of:
                return position
        raise BadPageToken(
            "pageToken is not one that this list gave: start again without it, and follow the Link header.",
            fields={"pageToken": ["is not a token of this list"]},
        )


def link(url: str, tokens: dict[str, str], **query: str) -> str:
    """The `Link` header: one entry per relation, `previous` before `next`."""
    return ", ".join(
        f'<{url}?{urlencode({"pageToken": tokens[rel], **query})}>; rel="{rel}"'
        for rel in ("previous", "next")
        if rel in tokens
    )
