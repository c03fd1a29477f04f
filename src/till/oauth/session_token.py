"""Session tokens: how an embedded app knows who uses it, for a minute at a time (genstore.md §2.5)."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

import jwt
from msgspec import Struct

from till.clock import SECOND

ALGORITHM = "HS256"
LIFE = 60 * SECOND
CLAIMS = frozenset({"aud", "sub", "exp", "nbf", "iat", "sid", "sig"})
LONGEST = 4_096
# Servers of one Till may differ by so much in what they call now.
LEEWAY_SECONDS = 5


class Claims(Struct, frozen=True, kw_only=True):
    """What a session token says: for which app (`aud`), of which person (`sub`); times in seconds."""

    aud: str
    sub: int
    exp: int
    sid: str
    sig: str


class SessionTokens:
    """Makes and reads session tokens; `key` is the server's own, which no app has."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, b"till session tokens", hashlib.sha256).digest()

    def mint(self, *, client_id: str, secret: str, person_id: int, shop_id: int, at: int) -> str:
        """A token for the app, signed with its `secret`, good for a minute."""
        second = at // SECOND
        expires = second + LIFE // SECOND
        sid = self._hex("sid", client_id, person_id, shop_id)
        claims = {
            "aud": client_id,
            "sub": str(person_id),
            "exp": expires,
            "nbf": second,
            "iat": second,
            "sid": sid,
            "sig": self._sig(shop_id, client_id, person_id, sid, expires),
        }
        return jwt.encode(claims, secret, algorithm=ALGORITHM)

    def read(self, token: str, *, client_id: str, secrets: Iterable[str], at: int) -> Claims | None:
        """What a token says that was signed for this app with one of its `secrets` and is good now, or None.

        Of which shop it is, `is_of` tells.
        """
        if len(token) > LONGEST:
            return None
        for secret in secrets:
            try:
                # By the server's clock, which in development mode is not the machine's.
                said: dict[str, Any] = jwt.decode(
                    token,
                    secret,
                    algorithms=[ALGORITHM],
                    audience=client_id,
                    options={
                        "require": sorted(CLAIMS),
                        "verify_exp": False,
                        "verify_nbf": False,
                        "verify_iat": False,
                        "strict_aud": True,
                    },
                )
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError:
                return None
            return _claims(said, second=at // SECOND)
        return None

    def is_of(self, claims: Claims, shop_id: int) -> bool:
        """Whether a token was given for this shop."""
        sid = self._hex("sid", claims.aud, claims.sub, shop_id)
        sig = self._sig(shop_id, claims.aud, claims.sub, sid, claims.exp)
        return hmac.compare_digest(sig.encode(), claims.sig.encode("utf-8", "replace"))

    def _sig(self, shop_id: int, client_id: str, person_id: int, sid: str, expires: int) -> str:
        return self._hex("sig", shop_id, client_id, person_id, sid, expires)

    def _hex(self, *parts: object) -> str:
        return hmac.new(self._key, "\n".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()


def _claims(said: dict[str, Any], *, second: int) -> Claims | None:
    """The claims in their shapes and within their times; None where one is not as Till writes it."""
    if set(said) != CLAIMS or any(type(said[name]) is not int for name in ("exp", "nbf", "iat")):
        return None
    texts = [said[name] for name in ("sub", "sid", "sig")]
    if not all(isinstance(each, str) and each.isascii() for each in texts):
        return None
    if not (said["sub"].isdigit() and len(said["sub"]) <= 16):
        return None
    begins = max(said["nbf"], said["iat"])
    if not begins - LEEWAY_SECONDS <= second < said["exp"]:
        return None
    return Claims(aud=said["aud"], sub=int(said["sub"]), exp=said["exp"], sid=said["sid"], sig=said["sig"])
