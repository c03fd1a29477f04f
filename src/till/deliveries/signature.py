"""Signatures over the bytes that are sent: the platform's own, and Standard Webhooks beside it.

Both are HMAC-SHA256 with the app's client secret. `X-Genstore-Hmac-Sha256` is the Base64 of that of
the body; `webhook-signature` that of `{webhook-id}.{webhook-timestamp}.{body}` (docs: signatures.md).
"""

import base64
import hmac
from functools import lru_cache

from msgspec import Struct

from till.deliveries.outcome import Pairs

PREFIX = "whsec_"
# Whatever is longer is hashed without the interpreter's lock. To have that back takes longer than hashing
# does, unless it is very long.
PART = 2_047
WHOLE = 1 << 17


class Secrets(Struct, frozen=True, kw_only=True):
    """What an app's deliveries are signed with.

    `previous` is there while a rotation overlaps; the one platform header has room for one
    signature, which is that of the previous secret while `compat_previous`.
    """

    current: str
    previous: str | None = None
    compat_previous: bool = False


def sign(secrets: Secrets, message_id: str, timestamp: int, body: bytes) -> Pairs:
    """Make the headers that prove who sent `body`; `timestamp` is in seconds, that of this attempt.

    During an overlap `webhook-signature` carries both signatures, the new one first.
    """
    keys = [secrets.current.encode()]
    if secrets.previous is not None:
        keys.append(secrets.previous.encode())
    compat = keys[-1] if secrets.compat_previous else keys[0]
    content = standard_content(message_id, timestamp, body)
    return (
        ("X-Genstore-Hmac-Sha256", _digest(compat, body)),
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join([f"v1,{_digest(key, content)}" for key in keys])),
    )


def standard_content(message_id: str, timestamp: int, body: bytes) -> bytes:
    """What Standard Webhooks signs."""
    return b"%b.%d.%b" % (message_id.encode(), timestamp, body)


def whsec(secret: str) -> str:
    """The secret as libraries for Standard Webhooks take it: its own bytes in Base64."""
    return PREFIX + base64.b64encode(secret.encode()).decode()


def _digest(key: bytes, content: bytes) -> str:
    mac = _mac(key).copy()
    if len(content) > WHOLE:
        mac.update(content)
    else:
        for first in range(0, len(content), PART):
            mac.update(content[first : first + PART])
    return base64.b64encode(mac.digest()).decode()


@lru_cache(maxsize=256)
def _mac(key: bytes) -> hmac.HMAC:
    """What a key has come to before any content, which is the dearer half of a short one."""
    return hmac.new(key, digestmod="sha256")
