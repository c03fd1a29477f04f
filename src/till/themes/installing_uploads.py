"""Packages that wait to be installed: who works on which, until when.

A claim is a lease with a token. Whoever lost the lease finds that the token is another, and changes nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec import Struct

from till.clock import SECOND
from till.db.port import Database, Row, Tx

LEASE = 15 * SECOND

PLACE = "shop_id = :shop_id AND theme_id = :theme_id"
ADD = """
    INSERT INTO theme_uploads (shop_id, theme_id, src, file, by, asked_at, attempts, leased_until, token)
    VALUES (:shop_id, :theme_id, :src, :file, :by, :at, 0, 0, NULL)
"""
# The first of each shop: one that has many waiting hides those of no other.
DUE = """
    SELECT shop_id, min(theme_id) FROM theme_uploads WHERE leased_until <= :at
    GROUP BY shop_id ORDER BY min(asked_at) LIMIT :most
"""
CLAIM = f"""
    UPDATE theme_uploads SET leased_until = :until, token = :token, attempts = attempts + 1
    WHERE {PLACE} AND leased_until <= :at RETURNING src, by, attempts
"""
FILE = f"SELECT file FROM theme_uploads WHERE {PLACE} AND token = :token"
RENEW = f"UPDATE theme_uploads SET leased_until = :until WHERE {PLACE} AND token = :token RETURNING theme_id"
PUT_OFF = f"""
    UPDATE theme_uploads SET leased_until = :until, token = NULL, attempts = attempts - :forgiven
    WHERE {PLACE} AND token = :token
"""
END = f"DELETE FROM theme_uploads WHERE {PLACE} AND token = :token RETURNING theme_id"


class Upload(Struct, frozen=True, kw_only=True):
    """A package that this process works on: the `attempts`-th time that somebody does.

    It was sent along, or is to be fetched from `src`; `by` asked for it.
    """

    shop_id: int
    theme_id: int
    token: bytes
    src: str | None
    by: str
    attempts: int

    @property
    def place(self) -> dict[str, object]:
        """What finds its row for as long as this process holds it."""
        return {"shop_id": self.shop_id, "theme_id": self.theme_id, "token": self.token}


async def add(  # noqa: PLR0913 - as the row has them
    tx: Tx, theme_id: int, *, shop_id: int, src: str | None, file: bytes | None, by: str, at: int
) -> None:
    """Let a package wait: sent along as `file`, or to be fetched from `src`."""
    await tx.execute(ADD, shop_id=shop_id, theme_id=theme_id, src=src, file=file, by=by, at=at)


async def due(tx: Tx, *, at: int, most: int) -> Sequence[Row]:
    """Packages that nobody works on, one a shop, as pairs of shop and theme."""
    return await tx.fetch(DUE, at=at, most=most)


async def claim(db: Database, *, shop_id: int, theme_id: int, at: int) -> Upload | None:
    """Hold a package until `LEASE` after `at`; None where somebody else was faster."""
    token = secrets.token_bytes(8)
    params = {"shop_id": shop_id, "theme_id": theme_id, "token": token, "at": at, "until": at + LEASE}
    rows = await db.write(lambda tx: tx.fetch(CLAIM, **params), shop_id=shop_id)
    if not rows:
        return None
    src, by, attempts = rows[0]
    return Upload(shop_id=shop_id, theme_id=theme_id, token=token, src=src, by=by, attempts=attempts)


@dataclass(frozen=True, slots=True)
class Held:
    """An upload as long as it is held; what is asked once it is not finds nothing."""

    db: Database
    upload: Upload

    async def file(self) -> bytes | None:
        """The package that was sent along."""
        rows = await self.db.read(lambda tx: tx.fetch(FILE, **self.upload.place), heavy=True)
        return bytes(rows[0][0]) if rows and rows[0][0] is not None else None

    async def put_off(self, moment: int, *, is_forgiven: bool = False) -> None:
        """Let go of it until a moment to try it again; where `is_forgiven`, as if it had not been tried."""
        params = self.upload.place | {"until": moment, "forgiven": int(is_forgiven)}
        await self.db.write(lambda tx: tx.execute(PUT_OFF, **params), shop_id=self.upload.shop_id)

    async def until(self, moment: int) -> bool:
        """Hold it until another moment; False where it is lost."""
        work = partial(_until, moment=moment, held=self.upload.place)
        return bool(await self.db.write(work, shop_id=self.upload.shop_id))

    async def end(self, tx: Tx) -> bool:
        """Take it away within `tx`; False where somebody else has it, so that nothing may be changed."""
        return bool(await tx.fetch(END, **self.upload.place))


async def _until(tx: Tx, *, moment: int, held: dict[str, object]) -> Sequence[Row]:
    return await tx.fetch(RENEW, until=moment, **held)
