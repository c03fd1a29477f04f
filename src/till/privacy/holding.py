"""All that a shop holds about one customer, gathered for whoever asks on their behalf."""

from collections.abc import Sequence
from typing import Any

from till.caller import Caller
from till.clock import iso
from till.customers.customer import Known
from till.customers.wire import show as show_customer
from till.db.port import Tx
from till.deliveries.delivery import State
from till.orders import journal
from till.orders.order import Order
from till.orders.store import Orders, unpack
from till.orders.wire.answer import show as show_order
from till.orders.wire.refunds import show_refund
from till.orders.wire.returns import show_return
from till.orders.wire.timeline import show_timeline
from till.privacy import person
from till.privacy.wire import DisclosureOut, HeldOrderOut, HeldOut, parted
from till.privacy.wishes import Wishes

# So many orders go into one document; `nextOrderId` leads to the rest.
MOST = 250
TOLD = """
    SELECT i.client_id, a.name, d.resource_id, d.topic, d.address, d.state, d.created_at FROM deliveries d
    JOIN installations i ON i.shop_id = d.shop_id AND i.id = d.installation_id
    JOIN apps a ON a.client_id = i.client_id
    WHERE d.shop_id = :shop_id AND d.resource_id = :order_id ORDER BY d.id
"""


async def all_held(tx: Tx, caller: Caller, customer: Known, *, after: int) -> HeldOut:
    """Everything about a customer, with the orders whose ids come after `after`."""
    shop = caller.shop
    keys = await person.keys_of(tx, shop_id=shop.id, number=customer.number)
    subject = person.subject_of(customer, keys)
    ids = [each for each in await person.orders_of(tx, subject, shop_id=shop.id) if each > after]
    found = [unpack(await Orders(tx, shop).get(each)) for each in ids[:MOST]]
    theirs = [order for order in found if subject.owns(order)]
    wishes = await Wishes(tx, shop.id).all_of(customer.number)
    return HeldOut(
        customer=show_customer(customer, shop.timezone),
        orders=tuple([await _held(tx, caller, order) for order in theirs]),
        disclosures=await _disclosed(tx, caller, theirs),
        next_order_id=str(ids[MOST - 1]) if len(ids) > MOST else None,
        **parted(wishes, customer, shop.timezone),
    )


async def _held(tx: Tx, caller: Caller, order: Order) -> HeldOrderOut:
    shop = caller.shop
    rows = await journal.pages(tx, shop_id=shop.id, order_id=order.id)
    return HeldOrderOut(
        order=show_order(order, shop),
        refunds=tuple(show_refund(order, each, shop) for each in order.refunds),
        returns=tuple(show_return(order, each, shop) for each in order.returns),
        timeline=tuple(show_timeline(order, rows, shop)),
    )


async def _disclosed(tx: Tx, caller: Caller, orders: Sequence[Order]) -> tuple[DisclosureOut, ...]:
    """Whom events of these orders were told, as far as the record of it is kept."""
    shop = caller.shop
    told: list[DisclosureOut] = []
    for order in orders:
        rows: list[Any] = list(await tx.fetch(TOLD, shop_id=shop.id, order_id=order.id))
        told += [
            DisclosureOut(
                client_id=client_id,
                app=name,
                order_id=str(order_id),
                topic=topic,
                address=address,
                state=State(state).name.lower(),
                time=iso(created_at, shop.timezone),
            )
            for client_id, name, order_id, topic, address, state, created_at in rows
        ]
    return tuple(told)
