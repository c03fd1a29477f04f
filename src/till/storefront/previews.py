"""Links that show a theme which is not published, to whoever has one, for a while."""

import hashlib
import hmac
from typing import Any

import jwt
from msgspec import Struct

from till.clock import DAY, SECOND

ALGORITHM = "HS256"
LIFE = 14 * DAY
LONGEST = 1_024
AUDIENCE = "till theme preview"


class Preview(Struct, frozen=True):
    """What a token shows: a theme of a shop, until a moment in microseconds.

    `editor` is the origin of the page that frames it and is told what is shown; empty for a link to look at.
    `sketch` is the digest of what is not saved and goes before the theme's own files (till.themes.sketches).
    """

    shop_id: int
    theme_id: int
    expires_at: int
    editor: str = ""
    sketch: str = ""


class Previews:
    """Makes and reads the tokens; `key` is the server's own."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, b"till theme previews", hashlib.sha256).digest()

    def mint(
        self, *, shop_id: int, theme_id: int, at: int, editor: str = "", sketch: str = ""
    ) -> tuple[str, Preview]:
        """A token for a theme, good for two weeks."""
        found = Preview(shop_id, theme_id, (at // SECOND) * SECOND + LIFE, editor, sketch)
        claims = {
            "aud": AUDIENCE,
            "shop": str(shop_id),
            "theme": str(theme_id),
            "exp": found.expires_at // SECOND,
        }
        claims |= {name: value for name, value in (("editor", editor), ("sketch", sketch)) if value}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM), found

    def read(self, token: str, *, shop_id: int, at: int) -> Preview | None:
        """What a token shows in this shop; None where it is none of ours, of another shop, or too old."""
        if not token or len(token) > LONGEST:
            return None
        try:
            # By the server's clock, which in development mode is not the machine's.
            said: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={
                    "require": ["aud", "exp", "shop", "theme"],
                    "verify_exp": False,
                    "strict_aud": True,
                },
            )
            found = Preview(
                int(said["shop"]),
                int(said["theme"]),
                int(said["exp"]) * SECOND,
                str(said.get("editor", "")),
                str(said.get("sketch", "")),
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        return found if found.shop_id == shop_id and at < found.expires_at else None
