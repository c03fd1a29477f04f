"""Confirming, closing, reopening and deleting an order, and what follows of itself (rulings.md §5.4)."""

from collections.abc import Iterable

from msgspec.structs import replace

from till.orders import ledger
from till.orders.movements import Transaction
from till.orders.order import NOT_YET_PAID, Order
from till.orders.refused import OrderCancelled, Refused, WhyNot, must
from till.orders.words import FinancialStatus, FulfillmentStatus

MOST = 1_000
NOTHING_PAID = {*NOT_YET_PAID, FinancialStatus.VOIDED}


class CancelledForGood(Refused):
    """What is cancelled stays so."""

    says = "Order {order} is cancelled, so it cannot be reopened: place a new order instead."


class CannotDelete(Refused):
    """Only what never came to anything, or was cancelled, can be deleted."""

    says = (
        "Order {order} was paid or shipped, so it cannot be deleted: "
        "delete a cancelled order, or one of which nothing was paid or shipped."
    )


class AlreadyConfirmed(Refused):
    """Nothing is left to confirm; to confirm again changes nothing."""

    says = "Order {order} is confirmed already."


class AlreadyClosed(Refused):
    """Nothing is left to close; to close again changes nothing."""

    says = "Order {order} is closed already."


class AlreadyOpen(Refused):
    """Nothing is left to reopen; to reopen again changes nothing."""

    says = "Order {order} is open already."


def why_not_confirm(order: Order) -> WhyNot:
    if order.cancelled_at is not None:
        return OrderCancelled
    return None if order.confirmed_at is None else AlreadyConfirmed


def why_not_close(order: Order) -> WhyNot:
    return None if order.closed_at is None and order.cancelled_at is None else AlreadyClosed


def why_not_reopen(order: Order) -> WhyNot:
    if order.cancelled_at is not None:
        return CancelledForGood
    return AlreadyOpen if order.closed_at is None else None


def why_not_delete(order: Order) -> WhyNot:
    """What forbids a deletion: money that was received, or goods that were shipped."""
    unpaid = order.financial_status in NOTHING_PAID and not ledger.received(order.transactions)
    unshipped = order.fulfillment_status is None and not any(each.shipped for each in order.tallies.values())
    return None if order.cancelled_at is not None or (unpaid and unshipped) else CannotDelete


def confirm(order: Order, *, at: int) -> Order:
    """Say that the order will be carried out; the same order if that was said."""
    why = why_not_confirm(order)
    if why is AlreadyConfirmed:
        return order
    must(order, why)
    return replace(order, confirmed_at=at).changed(at)


def close(order: Order, *, at: int) -> Order:
    """Put the order away; the same order if it is."""
    return order if why_not_close(order) else replace(order, closed_at=at).changed(at)


def reopen(order: Order, *, at: int) -> Order:
    """Take the order out again; the same order if it is open."""
    why = why_not_reopen(order)
    if why is AlreadyOpen:
        return order
    must(order, why)
    return replace(order, closed_at=None).changed(at)


class TooMuchHappened(Refused):
    """What one order can hold is bounded, so that no order makes the others wait."""

    says = "Order {order} holds {most} {things} already: no more can be added."


def must_hold(old: Order, new: Order) -> None:
    """Refuse what would make an order hold more than it may."""
    for things in ("transactions", "fulfillments", "refunds", "returns"):
        count = len(getattr(new, things))
        if count > MOST and count > len(getattr(old, things)):
            raise TooMuchHappened(old, most=f"{MOST:,}", things=things)


def settled(old: Order | None, new: Order, *, auto_close: bool) -> Order:
    """What follows of itself: when `new` was first paid, and that it is put away once all is done."""
    if new.paid_at is None and new.financial_status is FinancialStatus.PAID:
        *_, last = (new.updated_at, *(each.processed_at or each.created_at for each in _payments(new)))
        new = replace(new, paid_at=last)
    was_done = old is None or is_done(old)
    if auto_close and not was_done and is_done(new) and new.closed_at is None:
        new = replace(new, closed_at=new.updated_at)
    return new


def _payments(order: Order) -> Iterable[Transaction]:
    return ledger.payments(order.transactions)


def is_done(order: Order) -> bool:
    """Paid, fulfilled, and nothing on its way back."""
    return (
        order.financial_status is FinancialStatus.PAID
        and order.fulfillment_status is FulfillmentStatus.FULFILLED
        and not any(each.is_live for each in order.returns)
    )
