"""The outbox: the events of a change, committed with the change itself."""

from collections.abc import Sequence

from till.db.port import Tx
from till.ids import uuid7

TAKE_NUMBERS = """
    UPDATE counters SET event_number = event_number + :n
    WHERE shop_id = :shop_id RETURNING event_number
"""
ADD_CHANGE = """
    INSERT INTO changes
        (shop_id, number, id, resource_id, resource_version, occurred_at, payload)
    VALUES (:shop_id, :number, :id, :resource_id, :resource_version, :occurred_at, :payload)
"""
ADD_EVENT = """
    INSERT INTO events (shop_id, number, id, change_number, topic)
    VALUES (:shop_id, :number, :id, :change_number, :topic)
"""


async def record(
    tx: Tx,
    topics: Sequence[str],
    payload: bytes,
    *,
    shop_id: int,
    resource: tuple[int, int],
    at: int,
) -> None:
    """Store a change with one event per topic; `resource` is the id and version that `payload` shows.

    Events of a shop are numbered from 1 without a gap, in the order in which their changes were
    committed: the shop's counter is locked until then (rulings.md §7.4). The payload is stored
    once, however many topics tell it.
    """
    if not topics:
        return
    rows = await tx.fetch(TAKE_NUMBERS, shop_id=shop_id, n=len(topics))
    first = rows[0][0] - len(topics) + 1
    await tx.execute(
        ADD_CHANGE,
        shop_id=shop_id,
        number=first,
        id=uuid7(),
        resource_id=resource[0],
        resource_version=resource[1],
        occurred_at=at,
        payload=payload,
    )
    for index, topic in enumerate(topics):
        await tx.execute(
            ADD_EVENT,
            shop_id=shop_id,
            number=first + index,
            id=uuid7(),
            change_number=first,
            topic=topic,
        )
