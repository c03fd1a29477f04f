"""Where token buckets are kept: in this process, or in a table that several processes share."""

from dataclasses import dataclass, field
from typing import TypeVar

from till.apps.throttle import Bucket
from till.caller import Caller
from till.clock import DAY, SECOND
from till.db.port import Database, Tx, Work
from till.shop import Rate

T = TypeVar("T")
MOST = 100_000
LOOK = "SELECT used, at FROM buckets WHERE shop_id = :shop_id AND installation_id = :installation_id"
KEEP = """
    INSERT INTO buckets (shop_id, installation_id, used, at)
    VALUES (:shop_id, :installation_id, :used, :at)
    ON CONFLICT (shop_id, installation_id) DO UPDATE SET used = excluded.used, at = excluded.at
"""


@dataclass(slots=True)
class OwnBuckets:
    """For the one process that serves: nothing to ask, nothing to write."""

    _levels: dict[int, Bucket] = field(default_factory=dict)

    async def take(self, caller: Caller, rate: Rate, at: int) -> Bucket | None:
        if len(self._levels) >= MOST:
            self._levels = {key: each for key, each in self._levels.items() if at - each.at < DAY}
        level = self._levels.get(caller.installation_id, Bucket())
        taken = level.take(size=rate.size, refill=rate.refill, at=at)
        if taken is not None:
            self._levels[caller.installation_id] = taken
        return taken

    async def look(self, caller: Caller, rate: Rate, at: int) -> Bucket:
        level = self._levels.get(caller.installation_id, Bucket())
        return level.now(refill=rate.refill, at=at)

    async def give_back(self, caller: Caller, rate: Rate, at: int) -> Bucket:
        level = (await self.look(caller, rate, at)).give_back()
        self._levels[caller.installation_id] = level
        return level


@dataclass(slots=True)
class SharedBuckets:
    """For several processes: one row per installation, taken from in a transaction.

    While a bucket is known to be empty, this process refuses by itself, so that a flood costs
    the database nothing.
    """

    db: Database
    _empty_until: dict[int, int] = field(default_factory=dict)

    async def take(self, caller: Caller, rate: Rate, at: int) -> Bucket | None:
        if at < self._empty_until.get(caller.installation_id, 0):
            return None

        async def work(tx: Tx) -> Bucket | None:
            level = await _level(tx, caller)
            taken = level.take(size=rate.size, refill=rate.refill, at=at)
            if taken is not None:
                await _keep(tx, caller, taken)
            return taken

        taken = await self._write(work, caller)
        if taken is None:
            if len(self._empty_until) >= MOST:
                self._empty_until.clear()
            self._empty_until[caller.installation_id] = at + SECOND // rate.refill // 2
        return taken

    async def look(self, caller: Caller, rate: Rate, at: int) -> Bucket:
        async def work(tx: Tx) -> Bucket:
            return (await _level(tx, caller)).now(refill=rate.refill, at=at)

        return await self.db.read(work)

    async def give_back(self, caller: Caller, rate: Rate, at: int) -> Bucket:
        async def work(tx: Tx) -> Bucket:
            level = (await _level(tx, caller)).now(refill=rate.refill, at=at).give_back()
            await _keep(tx, caller, level)
            return level

        return await self._write(work, caller)

    async def _write(self, work: Work[T], caller: Caller) -> T:
        return await self.db.write(work, shop_id=caller.shop.id, key=("bucket", caller.installation_id))


async def _level(tx: Tx, caller: Caller) -> Bucket:
    rows = await tx.fetch(LOOK, shop_id=caller.shop.id, installation_id=caller.installation_id)
    return Bucket(*rows[0]) if rows else Bucket()


async def _keep(tx: Tx, caller: Caller, level: Bucket) -> None:
    await tx.execute(
        KEEP,
        shop_id=caller.shop.id,
        installation_id=caller.installation_id,
        used=level.used,
        at=level.at,
    )
