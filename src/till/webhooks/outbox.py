"""The outbox: the events of a change, committed with the change itself."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.ids import uuid7

NOTHING: Mapping[str, bytes] = {}
SET_OWN = "UPDATE events SET payload = :payload WHERE shop_id = :shop_id AND number = :number"
TAKE_NUMBERS = """
    UPDATE counters SET order_number = order_number + :orders, event_number = event_number + :events
    WHERE shop_id = :shop_id RETURNING order_number, event_number
"""
ADD_CHANGE = """
    INSERT INTO changes
        (shop_id, number, id, resource_id, resource_version, occurred_at, payload)
    VALUES (:shop_id, :number, :id, :resource_id, :resource_version, :occurred_at, :payload)
"""


class Numbers(Struct, frozen=True):
    """The last order's number of a shop, and the first of the event numbers that were taken."""

    order: int
    first_event: int


class Resource(Struct, frozen=True):
    """What a payload shows: which thing of which shop, in which version, since when."""

    shop_id: int
    id: int
    version: int
    at: int


async def take(tx: Tx, *, shop_id: int, events: int, orders: int = 0) -> Numbers:
    """Take the next numbers of a shop.

    Events are numbered from 1 without a gap, in the order in which their changes were committed: the
    shop's counter is locked until then (rulings.md §7.4).
    """
    rows = await tx.fetch(TAKE_NUMBERS, shop_id=shop_id, orders=orders, events=events)
    return Numbers(order=rows[0][0], first_event=rows[0][1] - events + 1)


async def record(
    tx: Tx,
    topics: Sequence[str],
    payload: bytes,
    *,
    first: int,
    resource: Resource,
    own: Mapping[str, bytes] = NOTHING,
) -> None:
    """Store a change of `resource` with one event per topic, numbered from `first` on.

    Its payload is stored once, however many topics tell it; a topic that tells something of its `own`
    has that beside it.
    """
    await tx.execute(
        ADD_CHANGE,
        shop_id=resource.shop_id,
        number=first,
        id=uuid7(),
        resource_id=resource.id,
        resource_version=resource.version,
        occurred_at=resource.at,
        payload=payload,
    )
    told: dict[str, Any] = {}
    for index, topic in enumerate(topics):
        told |= {f"number_{index}": first + index, f"id_{index}": uuid7(), f"topic_{index}": topic}
    await tx.execute(_add_events(len(topics)), shop_id=resource.shop_id, change_number=first, **told)
    for index, topic in enumerate(topics):
        if topic in own:
            await tx.execute(SET_OWN, shop_id=resource.shop_id, number=first + index, payload=own[topic])


@lru_cache(maxsize=32)
def _add_events(count: int) -> str:
    """One statement for all events of a change."""
    rows = ", ".join(
        f"(:shop_id, :number_{index}, :id_{index}, :change_number, :topic_{index})" for index in range(count)
    )
    return f"INSERT INTO events (shop_id, number, id, change_number, topic) VALUES {rows}"
