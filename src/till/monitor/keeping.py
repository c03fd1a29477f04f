"""Writes down what the processes counted: calls as sums by the hour, requests many to a row."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import Struct

from till.clock import DAY, Clock
from till.db.port import Database, Tx
from till.deliveries.given import both, given
from till.ids import random_bytes
from till.log import Log
from till.monitor.lines import Segment, segments_of
from till.tallies import HOUR
from till.web.recent import Entry, Owner
from till.web.tally import Batch, Tally

COUNTS_DAYS = 90
# At most so many rows of requests are kept of an app in a shop: half a million requests of a busy one.
MOST_ROWS = 500
# Rows that are being filled are kept of so many apps; those that were silent longest begin anew.
MOST_BEGUN = 512
# More requests than this are packed on another thread.
MANY = 200

CALLS = {
    "shop_id": "bigint",
    "client_id": "text",
    "hour": "bigint",
    "method": "text",
    "path": "text",
    "version": "text",
    "status": "bigint",
    "bucket": "bigint",
    "n": "bigint",
    "micros": "bigint",
}
COUNT = both(
    f"""
    INSERT INTO api_counts ({", ".join(CALLS)})
    SELECT {", ".join(f"g.{name}" for name in CALLS)} FROM {{given}} g WHERE true
    ON CONFLICT (shop_id, client_id, hour, method, path, version, status, bucket) DO UPDATE
        SET n = api_counts.n + excluded.n, micros = api_counts.micros + excluded.micros
    """,
    CALLS,
)
ROWS = {
    "shop_id": "bigint",
    "client_id": "text",
    "id": "bytes",
    "first_at": "bigint",
    "last_at": "bigint",
    "n": "bigint",
    "body": "bytes",
}
KEEP = both(
    f"""
    INSERT INTO request_log ({", ".join(ROWS)})
    SELECT {", ".join(f"g.{name}" for name in ROWS)} FROM {{given}} g WHERE true
    ON CONFLICT (shop_id, client_id, id) DO UPDATE SET first_at = excluded.first_at,
        last_at = excluded.last_at, n = excluded.n, body = excluded.body
    """,
    ROWS,
)
# Nothing where a batch of that number was written down before.
NUMBER = """
    INSERT INTO counted_batches (process, number, at) VALUES (:process, :number, :at)
    ON CONFLICT (process) DO UPDATE SET number = excluded.number, at = excluded.at
        WHERE counted_batches.number < excluded.number
    RETURNING number
"""
FORGET_BATCHES = "DELETE FROM counted_batches WHERE at < :before"
SHOPS = "SELECT id FROM shops ORDER BY id"
FORGET_COUNTS = "DELETE FROM api_counts WHERE shop_id = :shop_id AND hour < :hour"
FORGET_REQUESTS = "DELETE FROM request_log WHERE shop_id = :shop_id AND last_at < :before"
TOO_MANY = """
    SELECT client_id FROM request_log WHERE shop_id = :shop_id GROUP BY client_id HAVING count(*) > :most
"""
FORGET_SURPLUS = """
    DELETE FROM request_log WHERE shop_id = :shop_id AND client_id = :client_id AND id <= (
        SELECT r.id FROM request_log r WHERE r.shop_id = :shop_id AND r.client_id = :client_id
        ORDER BY r.id DESC LIMIT 1 OFFSET :most)
"""


class Packed(Struct):
    """A batch as it is written down under a number: the rows it fills, and what the statements are given."""

    batch: Batch
    number: int
    segments: dict[Owner, list[Segment]]
    rows: str
    counts: str


class Keeper:
    """Writes down a process's tally, one batch at a time; `told` hears of each that was written.

    What could not be written is written first the next time, so that nothing is lost while the store is away.
    Its number goes with it into the same transaction, so that a batch whose commit was not heard of is known.
    """

    def __init__(
        self, db: Database, tally: Tally, log: Log, told: Callable[[Batch], None], clock: Clock
    ) -> None:
        self._db, self._tally, self._log, self._told, self._clock = db, tally, log, told, clock
        self._one = asyncio.Lock()
        self._begun: OrderedDict[Owner, Segment] = OrderedDict()
        self._process = random_bytes(16)
        self._written = 0
        self._unsure: Packed | None = None

    async def settle(self) -> None:
        """Write down all that was counted so far; whoever waits for it may leave."""
        await asyncio.shield(asyncio.ensure_future(self._settle()))

    async def _settle(self) -> None:
        async with self._one:
            try:
                if self._unsure is not None:
                    await self._write(self._unsure)
                batch = self._tally.take()
                if batch:
                    self._unsure = await self._pack(batch)
                    await self._write(self._unsure)
            except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
                self._log.now("could not write down what apps called", reason=str(error))

    async def _pack(self, batch: Batch) -> Packed:
        pack = partial(_packed, batch, dict(self._begun), self._written + 1)
        try:
            return await asyncio.to_thread(pack) if len(batch.calls) > MANY else pack()
        except Exception:
            self._tally.give_back(batch)
            raise

    async def _write(self, packed: Packed) -> None:
        batch = packed.batch

        async def work(tx: Tx) -> None:
            own = {"process": self._process, "number": packed.number, "at": self._clock()}
            if not await tx.fetch(NUMBER, **own):
                return
            if batch.counts:
                await tx.execute(COUNT[tx.dialect], given=packed.counts)
            if packed.segments:
                await tx.execute(KEEP[tx.dialect], given=packed.rows)

        if batch.counts or packed.segments:
            await self._db.write(work, key=self)
        self._unsure, self._written = None, packed.number
        for owner, found in packed.segments.items():
            self._begun[owner] = found[-1]
            self._begun.move_to_end(owner)
            if len(self._begun) > MOST_BEGUN:
                self._begun.popitem(last=False)
        self._told(batch)
        if batch.left_out:
            self._log.now("requests were counted, but not logged", requests=batch.left_out)


def _counts(batch: Batch) -> list[dict[str, Any]]:
    # In one order, so that no two processes wait for each other.
    return [
        dict(zip(CALLS, (*key, n, micros), strict=True)) for key, (n, micros) in sorted(batch.counts.items())
    ]


def _packed(batch: Batch, begun: dict[Owner, Segment], number: int) -> Packed:
    batch.fold()
    entries: dict[Owner, list[Entry]] = defaultdict(list)
    for entry in batch.entries:
        entries[entry.owner].append(entry)
    segments = {owner: segments_of(each, begun.get(owner)) for owner, each in entries.items()}
    rows = given(
        {
            "shop_id": shop_id,
            "client_id": client_id,
            "id": each.id,
            "first_at": each.first_at,
            "last_at": each.last_at,
            "n": each.n,
            "body": each.packed(),
        }
        for (shop_id, client_id), found in sorted(segments.items())
        for each in found
    )
    return Packed(batch, number, segments, rows, given(_counts(batch)))


async def prune(db: Database, *, at: int, days: int) -> None:
    """Forget requests that are older than `days`, or more than are kept of an app; and old sums."""
    # Whoever is unsure of a batch asks within seconds.
    await db.write(lambda tx: tx.execute(FORGET_BATCHES, before=at - DAY))
    for row in await db.read(lambda tx: tx.fetch(SHOPS)):
        await db.write(partial(_prune, shop_id=int(row[0]), at=at, days=days))


async def _prune(tx: Tx, *, shop_id: int, at: int, days: int) -> None:
    await tx.execute(FORGET_COUNTS, shop_id=shop_id, hour=(at - COUNTS_DAYS * DAY) // HOUR)
    await tx.execute(FORGET_REQUESTS, shop_id=shop_id, before=at - days * DAY)
    for (client_id,) in await tx.fetch(TOO_MANY, shop_id=shop_id, most=MOST_ROWS):
        await tx.execute(FORGET_SURPLUS, shop_id=shop_id, client_id=client_id, most=MOST_ROWS)
