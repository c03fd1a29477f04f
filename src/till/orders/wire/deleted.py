"""What is told of an order that was deleted: a tombstone (rulings.md §5.4)."""

import msgspec

from till.clock import iso
from till.orders.order import Order
from till.shop import Shop


def tell_deleted(order: Order, shop: Shop, *, at: int) -> bytes:
    """The payload of `orders/delete`: what names the order, and when it went."""
    tombstone = {
        "id": str(order.id),
        "orderId": str(order.id),
        "number": order.number,
        "name": order.name,
        "version": order.version + 1,
        "sourceName": order.source_name,
        "sourceIdentifier": order.source_identifier,
        "deletedTime": iso(at, shop.timezone),
    }
    return msgspec.json.encode({"order": tombstone})
