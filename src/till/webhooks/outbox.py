"""The outbox: the events of a change, committed with the change itself."""

from collections.abc import Sequence

from till.db.port import Tx
from till.ids import uuid7

TAKE_NUMBERS = """
    UPDATE counters SET event_number = event_number + :n
    WHERE shop_id = :shop_id RETURNING event_number
"""
ADD_EVENT = """
    INSERT INTO events
        (shop_id, number, id, change_id, topic, resource_id, resource_version, occurred_at, payload)
    VALUES
        (:shop_id, :number, :id, :change_id, :topic, :resource_id, :resource_version,
         :occurred_at, :payload)
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
    """Store one event per topic; `resource` is the id and the version that `payload` shows.

    Events of a shop are numbered from 1 without a gap, in the order in which their changes were
    committed: the shop's counter is locked until then (rulings.md §7.4). All events of one change
    share its `change_id`.
    """
    if not topics:
        return
    rows = await tx.fetch(TAKE_NUMBERS, shop_id=shop_id, n=len(topics))
    first = rows[0][0] - len(topics) + 1
    change_id = uuid7()
    for index, topic in enumerate(topics):
        await tx.execute(
            ADD_EVENT,
            shop_id=shop_id,
            number=first + index,
            id=uuid7(),
            change_id=change_id,
            topic=topic,
            resource_id=resource[0],
            resource_version=resource[1],
            occurred_at=at,
            payload=payload,
        )
