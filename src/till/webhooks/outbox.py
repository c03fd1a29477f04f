"""The outbox: the events of a change, committed with the change itself."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.ids import uuid7
from till.webhooks.fanout import owe
from till.webhooks.forms import Telling
from till.webhooks.topic import Resource, Topic

SET_OWN = "UPDATE events SET payload = :payload WHERE shop_id = :shop_id AND number = :number"
TAKE_NUMBERS = """
    UPDATE counters SET order_number = order_number + :orders, event_number = event_number + :events
    WHERE shop_id = :shop_id RETURNING order_number, event_number, subscriptions_version
"""
ADD_CHANGE = """
    INSERT INTO changes
        (shop_id, number, id, resource_id, resource_version, occurred_at, payload, installation_id)
    VALUES (:shop_id, :number, :id, :resource_id, :resource_version, :occurred_at, :payload, :only)
"""


class Numbers(Struct, frozen=True):
    """The last order's number of a shop, and the first of the event numbers that were taken.

    `listening` is the version of its subscriptions, 0 where it has none.
    """

    order: int
    first_event: int
    listening: int


async def take(tx: Tx, *, shop_id: int, events: int, orders: int = 0) -> Numbers:
    """Take the next numbers of a shop.

    Events are numbered from 1 without a gap, in the order in which their changes were committed: the
    shop's counter is locked until then (rulings.md §7.4).
    """
    rows = await tx.fetch(TAKE_NUMBERS, shop_id=shop_id, orders=orders, events=events)
    order, event, listening = rows[0]
    return Numbers(order=order, first_event=event - events + 1, listening=listening)


async def record(
    tx: Tx, topics: Sequence[Topic[Any]], telling: Telling, *, numbers: Numbers, resource: Resource
) -> None:
    """Store a change of `resource` with one event per topic, and a delivery for all who want to hear of it.

    The events are numbered from `numbers` on. The payload is stored once, however many topics tell it;
    a topic that tells something of its own has that beside it.
    """
    first = numbers.first_event
    await tx.execute(
        ADD_CHANGE,
        shop_id=resource.shop_id,
        number=first,
        id=uuid7(),
        resource_id=resource.id,
        resource_version=resource.version,
        occurred_at=resource.at,
        payload=telling.payload,
        only=telling.only,
    )
    numbered = dict(enumerate(topics, first))
    values: dict[str, Any] = {}
    for number, topic in numbered.items():
        index = number - first
        values |= {f"number_{index}": number, f"id_{index}": uuid7(), f"topic_{index}": topic.name}
    await tx.execute(_add_events(len(topics)), shop_id=resource.shop_id, change_number=first, **values)
    for number, topic in numbered.items():
        if topic.name in telling.own:
            own = telling.own[topic.name]
            await tx.execute(SET_OWN, shop_id=resource.shop_id, number=number, payload=own)
    if numbers.listening:
        await owe(tx, numbered, telling, resource, version=numbers.listening)


@lru_cache(maxsize=32)
def _add_events(count: int) -> str:
    """One statement for all events of a change."""
    rows = ", ".join(
        f"(:shop_id, :number_{index}, :id_{index}, :change_number, :topic_{index})" for index in range(count)
    )
    return f"INSERT INTO events (shop_id, number, id, change_number, topic) VALUES {rows}"
