"""The status of an order as one small number, which is indexed, filtered and counted."""

from collections.abc import Iterable
from itertools import product

from till.orders.order import Order
from till.orders.words import FinancialStatus, FulfillmentStatus, State

STATES = tuple(State)
FINANCIAL = tuple(FinancialStatus)
FULFILLMENT: tuple[FulfillmentStatus | None, ...] = (None, *FulfillmentStatus)


def pack(state: State, financial: FinancialStatus, fulfillment: FulfillmentStatus | None) -> int:
    """The number of one combination; stored, so its order never changes."""
    return STATES.index(state) * 64 + FINANCIAL.index(financial) * 8 + FULFILLMENT.index(fulfillment)


def status_of(order: Order) -> int:
    return pack(order.state, order.financial_status, order.fulfillment_status)


def matching(
    states: Iterable[State],
    financial: Iterable[FinancialStatus],
    fulfillment: Iterable[FulfillmentStatus | None],
) -> tuple[int, ...]:
    """The numbers of all combinations of the given statuses, ascending."""
    return tuple(sorted(pack(*each) for each in product(states, financial, fulfillment)))
