"""How many orders a shop has of each status, in all and by day, kept with every change."""

from till.clock import DAY
from till.db.port import Row, Tx
from till.orders.order import Order
from till.orders.query import OrderFilter, Where
from till.orders.state import status_of

COUNT_UP = """
    INSERT INTO order_counts (shop_id, day, status, n)
    VALUES (:shop_id, -1, :status, :by), (:shop_id, :day, :status, :by)
    ON CONFLICT (shop_id, day, status) DO UPDATE SET n = order_counts.n + excluded.n
"""
MOVE = """
    INSERT INTO order_counts (shop_id, day, status, n)
    VALUES (:shop_id, -1, :was, -1), (:shop_id, :day, :was, -1),
        (:shop_id, -1, :now, 1), (:shop_id, :day, :now, 1)
    ON CONFLICT (shop_id, day, status) DO UPDATE SET n = order_counts.n + excluded.n
"""
COUNTED = "SELECT COALESCE(SUM(n), 0) FROM order_counts WHERE shop_id = :shop_id AND"
ALL_DAYS = -1


async def add(tx: Tx, order: Order, *, shop_id: int, by: int) -> None:
    """Count one order more, or one less."""
    await tx.execute(COUNT_UP, shop_id=shop_id, day=order.created_at // DAY, status=status_of(order), by=by)


async def move(tx: Tx, old: Order, new: Order, *, shop_id: int) -> None:
    """Count an order under its new status instead of its old one."""
    await tx.execute(MOVE, shop_id=shop_id, day=new.created_at // DAY, was=status_of(old), now=status_of(new))


async def looked_at(tx: Tx, where: Where) -> int:
    """How many orders `where` meets, by looking at each."""
    sql = f"SELECT count(*) FROM orders WHERE {where.sql}"
    return _number(await tx.fetch(sql, **where.params))


async def counted(tx: Tx, wanted: OrderFilter, *, shop_id: int, first: int | None, last: int | None) -> int:
    """How many orders of the wanted statuses were created from `first` to `last`, exactly.

    Whole days come from kept counters; only the days at the two ends are looked at.
    """
    statuses = wanted.statuses()
    among = "" if statuses is None else f" AND status IN ({_listed(statuses)})"
    shop = {"shop_id": shop_id}
    if first is None and last is None:
        return _number(await tx.fetch(f"{COUNTED} day = {ALL_DAYS}{among}", **shop))
    low = first if first is not None else 0
    high = last if last is not None else 10**17
    low = max(low, 0)
    if high < low:
        return 0
    from_day, to_day = -(-low // DAY), (high + 1) // DAY
    if from_day >= to_day:
        return await _between(tx, among, low, high, shop_id=shop_id)
    days = f"{COUNTED} day >= :from_day AND day < :to_day{among}"
    whole = _number(await tx.fetch(days, from_day=from_day, to_day=to_day, **shop))
    before = await _between(tx, among, low, from_day * DAY - 1, shop_id=shop_id)
    after = await _between(tx, among, to_day * DAY, high, shop_id=shop_id)
    return whole + before + after


async def _between(tx: Tx, among: str, low: int, high: int, *, shop_id: int) -> int:
    if low > high:
        return 0
    sql = (
        "SELECT count(*) FROM orders WHERE shop_id = :shop_id"
        f" AND created_at >= :low AND created_at <= :high{among}"
    )
    return _number(await tx.fetch(sql, shop_id=shop_id, low=low, high=high))


def _number(rows: list[Row]) -> int:
    return int(rows[0][0])


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "NULL"
