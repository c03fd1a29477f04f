"""What the world may learn of an order, and when (rulings.md §7.1)."""

from till.orders.order import Order
from till.orders.words import FulfillmentStatus
from till.webhooks.topic import Topic, became, changed, created, deleted

READ = frozenset({"read_orders", "write_orders"})


def was_paid(order: Order) -> bool:
    """True from the moment on at which it first became paid, so that it is told once."""
    return order.paid_at is not None


def is_fulfilled(order: Order) -> bool:
    return order.fulfillment_status is FulfillmentStatus.FULFILLED


def is_cancelled(order: Order) -> bool:
    return order.cancelled_at is not None


def was_shipped_in_part(old: Order | None, new: Order) -> bool:
    """True when more was shipped and something is left."""
    if new.fulfillment_status is not FulfillmentStatus.PARTIAL:
        return False
    return old is None or shipped(new) > shipped(old)


def shipped(order: Order) -> int:
    return sum(tally.shipped for tally in order.tallies.values())


def was_refunded(old: Order | None, new: Order) -> bool:
    """True with each refund made here and each decision on one; those it is born with are history."""
    if old is None:
        return False
    return [(each.id, each.status) for each in old.refunds] != [
        (each.id, each.status) for each in new.refunds
    ]


TOPICS: tuple[Topic[Order], ...] = (
    Topic("orders/create", READ, created),
    Topic("orders/paid", READ, became(was_paid)),
    Topic("orders/fulfilled", READ, became(is_fulfilled)),
    Topic("orders/partiallyFulfilled", READ, was_shipped_in_part),
    Topic("orders/cancelled", READ, became(is_cancelled)),
    Topic("refunds/create", READ, was_refunded),
    Topic("orders/update", READ, changed),
    Topic("orders/delete", READ, deleted),
)
