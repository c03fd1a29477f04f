"""What the world may learn of an order, and when (rulings.md §7.1)."""

from till.orders.order import Order
from till.orders.words import FinancialStatus, FulfillmentStatus
from till.webhooks.topic import Topic, became, changed, created

READ = frozenset({"read_orders", "write_orders"})


def is_paid(order: Order) -> bool:
    return order.financial_status is FinancialStatus.PAID


def is_fulfilled(order: Order) -> bool:
    return order.fulfillment_status is FulfillmentStatus.FULFILLED


def is_partly_fulfilled(order: Order) -> bool:
    return order.fulfillment_status is FulfillmentStatus.PARTIAL


def is_cancelled(order: Order) -> bool:
    return order.cancelled_at is not None


def was_refunded(old: Order | None, new: Order) -> bool:
    """True with each refund made here; refunds that an order is born with are history."""
    return old is not None and len(new.refunds) > len(old.refunds)


TOPICS: tuple[Topic[Order], ...] = (
    Topic("orders/create", READ, created),
    Topic("orders/paid", READ, became(is_paid)),
    Topic("orders/fulfilled", READ, became(is_fulfilled)),
    Topic("orders/partiallyFulfilled", READ, became(is_partly_fulfilled)),
    Topic("orders/cancelled", READ, became(is_cancelled)),
    Topic("refunds/create", READ, was_refunded),
    Topic("orders/update", READ, changed),
)
