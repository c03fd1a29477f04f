"""Finds an event by an id: by the time in it, for events are numbered as time goes by."""

from till.db.port import Tx
from till.deliveries import statements
from till.deliveries.feed import STRIDE

# So far the clocks of a shop's servers may be apart, in milliseconds.
APART = 2_000


async def number_named(tx: Tx, shop_id: int, named: bytes, *, topic: str, newest: int) -> int | None:
    """The number of the event with this id, or of that of `topic` whose change has it; None for no such.

    `newest` is the number of the shop's last event. Where a clock was set back, events of that time are
    found only among the last few thousand.
    """
    made, end = _moment(named), newest + 1
    first = await _first(tx, shop_id, made - APART, 1, end)
    last = await _first(tx, shop_id, made + APART + 1, first, end)
    for low, high in ((first, last), (max(1, end - STRIDE), end)):
        rows = await tx.fetch(statements.BY_ID, shop_id=shop_id, id=named, topic=topic, first=low, last=high)
        if rows:
            return int(rows[0][0])
    return None


async def _first(tx: Tx, shop_id: int, made: int, low: int, high: int) -> int:
    """The first number from `low` on, and below `high`, of an event not made before that millisecond."""
    while low < high:
        middle = (low + high) // 2
        rows = await tx.fetch(statements.NEXT, shop_id=shop_id, number=middle)
        if not rows or _moment(bytes(rows[0][1])) >= made:
            high = middle
        else:
            low = int(rows[0][0]) + 1
    return low


def _moment(named: bytes) -> int:
    """The millisecond of a UUIDv7."""
    return int.from_bytes(named[:6], "big")
