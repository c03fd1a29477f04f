"""The timer of authorizations: what was held for a week is let go, whoever looks (genstore.md §9.3)."""

from collections.abc import Callable
from functools import partial

from till.db.port import Database, Row, Tx
from till.orders.journal import system
from till.orders.pay import lapse
from till.orders.store import OrderNotFound, Orders, unpack
from till.shops.store import Shops

DUE = """
    SELECT s.id, o.id FROM shops s
    JOIN orders o ON o.shop_id = s.id AND o.due_at IS NOT NULL AND o.due_at <= :at
    ORDER BY o.due_at, o.id LIMIT :most
"""
AT_ONCE = 100


async def lapse_due(db: Database, *, at: int, mint: Callable[[], int]) -> int:
    """Void every authorization that lapsed until `at`; answers of how many orders.

    Each order is a transaction of its own, looked at again in it, so any number of processes may do
    this at once, and one that dies loses nothing.
    """
    seen: set[int] = set()
    failed: list[Exception] = []
    while True:
        rows = await db.read(partial(_due, at=at, most=AT_ONCE + len(seen)))
        due = [row for row in rows if row[1] not in seen]
        if not due:
            break
        for shop_id, order_id in due:
            seen.add(order_id)
            work = partial(_lapse, shop_id=shop_id, order_id=order_id, at=at, mint=mint)
            try:
                await db.write(work, shop_id=shop_id, key=str(order_id))
            except Exception as error:  # noqa: BLE001 - one order must not keep the others waiting
                failed.append(error)
    if failed:
        raise failed[0]
    return len(seen)


async def _due(tx: Tx, *, at: int, most: int) -> list[Row]:
    return await tx.fetch(DUE, at=at, most=most)


async def _lapse(tx: Tx, *, shop_id: int, order_id: int, at: int, mint: Callable[[], int]) -> None:
    orders = Orders(tx, await Shops(tx).get(shop_id))
    try:
        old = unpack(await orders.get(order_id))
    except OrderNotFound:  # deleted meanwhile, and its holds with it
        return
    await orders.change(old, partial(lapse, mint=mint, at=at), by=system(mint))
