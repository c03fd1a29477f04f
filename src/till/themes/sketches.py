"""Themes as they would be: files that an editor changed and did not save, kept for a while to be looked at.

A sketch is known by the digest of what is in it; who has a link that was signed for it sees it.
It changes no theme, and no version names it. Losing one is no loss: its editor hands it in again.
"""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from till.clock import SECOND
from till.db.port import Tx
from till.errors import TooLarge

KEPT_FOR = 2 * 3600 * SECOND
# Of one shop, whoever makes them; an editor needs its last one only.
MOST = 40
# Bytes of all files of one, as they are.
LONGEST = 1024 * 1024
LEVEL = 3
FIND = "SELECT body FROM sketches WHERE shop_id = :shop_id AND digest = :digest AND theme_id = :theme_id"
PUT = """
    INSERT INTO sketches (shop_id, digest, theme_id, body, at)
    VALUES (:shop_id, :digest, :theme_id, :body, :at)
    ON CONFLICT (shop_id, digest) DO UPDATE SET at = :at
"""
FORGET = "DELETE FROM sketches WHERE shop_id = :shop_id AND at < :before"
CROWD_OUT = """
    DELETE FROM sketches WHERE shop_id = :shop_id AND digest NOT IN (
        SELECT s.digest FROM sketches s WHERE s.shop_id = :shop_id ORDER BY s.at DESC, s.digest LIMIT :most)
"""


class TooMuch(TooLarge):
    """More is changed at once than is shown before it is saved."""


@dataclass(frozen=True, slots=True)
class Sketches:
    """The sketches of one shop."""

    tx: Tx
    shop_id: int

    async def put(self, theme_id: int, files: Mapping[str, str], *, at: int) -> str:
        """Keep changed files of a theme, by name, and answer the digest in hexadecimal that they have.

        The oldest sketches of the shop go where there are more than `MOST`.
        """
        size = sum(len(text.encode()) for text in files.values())
        if size > LONGEST:
            raise TooMuch(
                f"What is changed has {size:,} bytes: {LONGEST:,} are shown without being saved: save it."
            )
        told = msgspec.msgpack.encode([theme_id, sorted(files.items())])
        digest = hashlib.sha256(told).digest()
        body = zlib.compress(msgspec.msgpack.encode(dict(files)), LEVEL)
        place = {"shop_id": self.shop_id, "theme_id": theme_id}
        await self.tx.execute(PUT, digest=digest, body=body, at=at, **place)
        await self.tx.execute(FORGET, shop_id=self.shop_id, before=at - KEPT_FOR)
        await self.tx.execute(CROWD_OUT, shop_id=self.shop_id, most=MOST)
        return digest.hex()

    async def find(self, theme_id: int, digest: str) -> dict[str, str] | None:
        """The files of a sketch of this theme, by name; None where it is kept no longer."""
        place = {"shop_id": self.shop_id, "theme_id": theme_id}
        rows = await self.tx.fetch(FIND, digest=bytes.fromhex(digest), **place)
        return msgspec.msgpack.decode(zlib.decompress(rows[0][0]), type=dict[str, str]) if rows else None


async def forget(tx: Tx, *, shop_id: int, before: int) -> None:
    """Drop the sketches of a shop that were made, or handed in again, before that moment."""
    await tx.execute(FORGET, shop_id=shop_id, before=before)
