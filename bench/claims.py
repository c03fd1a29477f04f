"""Piles up deliveries without anybody's help, and measures what claiming them costs."""

import asyncio
import time
from pathlib import Path

from till import clock
from till.cli.store import Store, opened
from till.clock import SECOND
from till.db.port import Dialect, Tx
from till.deliveries.claims import Ask
from till.deliveries.lanes import Lane
from till.deliveries.queue import Queue
from till.settings import Settings
from till.webhooks.fanout import Owed, insert

BATCH = 64
AT_ONCE = 2_000
WHOSE = "SELECT shop_id, installation_id, topic, address FROM subscriptions WHERE id = :id"
NEWEST = "SELECT event_number FROM counters WHERE shop_id = :shop_id"
LOCK = {Dialect.SQLITE: "", Dialect.POSTGRESQL: "FOR UPDATE SKIP LOCKED"}
# No less than a claim must do, and no more.
BARE = """
    UPDATE deliveries SET state = 1, token = token + 1, attempts = attempts + 1, run_at = :until
    WHERE (shop_id, id) IN (
        SELECT shop_id, id FROM deliveries
        WHERE shop_id = :shop_id AND subscription_id = :lane AND state <= 1 AND run_at <= :at
        ORDER BY run_at LIMIT :most {lock})
    RETURNING id, token, attempts
"""
CLEAR = "DELETE FROM deliveries WHERE shop_id = :shop_id AND subscription_id = :lane"


def pile_up(folder: Path, url: str | None, subscription_id: int, count: int) -> None:
    """Owe a subscription so many deliveries of events that there are."""

    async def main() -> None:
        async with opened(Settings(data=folder, database=url)) as store:
            await _pile_up(store, subscription_id, count)

    asyncio.run(main())


def claimed(folder: Path, url: str | None, subscription_id: int, count: int) -> tuple[float, float]:
    """How many deliveries are claimed in a second, by Till and by one statement that does nothing else."""

    async def main() -> tuple[float, float]:
        async with opened(Settings(data=folder, database=url)) as store:
            shop_id = await _pile_up(store, subscription_id, count)
            ours = await _ours(store, shop_id, subscription_id, count)
            await _pile_up(store, subscription_id, count)
            limit = await _bare(store, shop_id, subscription_id, count)
            await store.db.write(lambda tx: tx.execute(CLEAR, shop_id=shop_id, lane=subscription_id))
            return ours, limit

    return asyncio.run(main())


async def _pile_up(store: Store, subscription_id: int, count: int) -> int:
    async def look(tx: Tx) -> tuple[int, int, str, str, int]:
        shop_id, installation_id, topic, address = (await tx.fetch(WHOSE, id=subscription_id))[0]
        newest = (await tx.fetch(NEWEST, shop_id=shop_id))[0][0]
        return shop_id, installation_id, topic, address, newest

    shop_id, installation_id, topic, address, newest = await store.db.read(look)
    for first in range(0, count, AT_ONCE):
        owed = [
            Owed(
                subscription_id=subscription_id,
                installation_id=installation_id,
                event_number=1 + number % newest,
                topic=topic,
                resource_id=number,
                form="",
                address=address,
                ordered=0,
                at=clock.now(),
            )
            for number in range(first, min(first + AT_ONCE, count))
        ]

        async def work(tx: Tx, owed: list[Owed] = owed) -> None:
            await insert(tx, owed, shop_id=shop_id)

        await store.db.write(work)
    if store.db.dialect is Dialect.POSTGRESQL:
        # As its autovacuum does every minute; until then it plans for the small table that there was.
        await store.db.write(lambda tx: tx.execute("ANALYZE deliveries"))
    return shop_id


async def _ours(store: Store, shop_id: int, lane: int, count: int) -> float:
    queue = Queue(store.db, clock=clock.now)
    ask = Ask(Lane((shop_id, lane), "", 0, is_ordered=False, rate=None), BATCH)
    done, began = 0, time.perf_counter()
    while done < count:
        found = await queue.claim([ask])
        done += len(found.claims)
    return done / (time.perf_counter() - began)


async def _bare(store: Store, shop_id: int, lane: int, count: int) -> float:
    statement = BARE.format(lock=LOCK[store.db.dialect])

    async def work(tx: Tx) -> int:
        at = clock.now()
        found = await tx.fetch(
            statement, shop_id=shop_id, lane=lane, at=at, until=at + 45 * SECOND, most=BATCH
        )
        return len(found)

    done, began = 0, time.perf_counter()
    while done < count:
        done += await store.db.write(work)
    return done / (time.perf_counter() - began)
