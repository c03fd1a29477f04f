"""The one clock of a server in development mode, which can be set forward."""

from datetime import UTC, datetime

from till import clock
from till.clock import DAY, Clock
from till.db.port import Database, Tx
from till.errors import Invalid

LOOK = "SELECT value FROM facts WHERE name = 'clock_offset'"
KEEP = """
    INSERT INTO facts (name, value) VALUES ('clock_offset', :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
# The last change of each shop is the latest, for the clock never goes back while there are any.
LATEST = """
    SELECT MAX(occurred_at) FROM changes c JOIN counters k ON k.shop_id = c.shop_id
    WHERE c.number = (SELECT MAX(number) FROM changes m WHERE m.shop_id = k.shop_id)
"""
FURTHEST = 3_650 * DAY


class ClockRefused(Invalid):
    """The clock cannot be set like that."""


class DevClock:
    """A clock that is `offset` microseconds ahead of another; kept in the store, so that it stays so."""

    def __init__(self, real: Clock = clock.now) -> None:
        self._real = real
        self.offset = 0

    def __call__(self) -> int:
        return self._real() + self.offset

    async def load(self, db: Database) -> None:
        """Go by the offset that an earlier run left in the store."""

        async def look(tx: Tx) -> int:
            rows = await tx.fetch(LOOK)
            return int(rows[0][0]) if rows else 0

        self.offset = await db.read(look)

    async def advance(self, db: Database, by: int) -> None:
        """Set it forward by so many microseconds; it goes by that once it is kept."""
        if by < 0:
            raise ClockRefused(
                "The clock goes forward only: what has happened would come to lie in its future."
            )
        if self.offset + by > FURTHEST:
            raise ClockRefused("The clock goes at most ten years ahead.")
        await self._set(db, self.offset + by)

    async def turn_to(self, db: Database, at: int) -> None:
        """Set it forward to a moment."""
        await self.advance(db, at - self())

    async def reset(self, db: Database) -> None:
        """Go by the real time again; refused where something has happened later than that."""

        async def latest(tx: Tx) -> int:
            return int((await tx.fetch(LATEST))[0][0] or 0)

        newest, now = await db.read(latest), self._real()
        if newest > now:
            told = datetime.fromtimestamp(newest / clock.SECOND, UTC).isoformat(timespec="seconds")
            raise ClockRefused(
                f"The clock cannot go back: something has happened at {told} by it, and what comes next "
                "would come before that. Serve another folder or database, or start the demo with --fresh."
            )
        await self._set(db, 0)

    async def _set(self, db: Database, offset: int) -> None:
        async def keep(tx: Tx) -> None:
            await tx.execute(KEEP, value=str(offset))

        await db.write(keep)
        self.offset = offset
