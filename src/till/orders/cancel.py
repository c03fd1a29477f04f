"""Cancelling an order: what may be cancelled, and what becomes of its money and units (rulings.md §5.3)."""

from msgspec import Struct
from msgspec.structs import replace

from till.orders import ledger
from till.orders.order import Order
from till.orders.pay import Mint, voids
from till.orders.quote import RefundWish, remaining
from till.orders.refund import refund
from till.orders.refused import Refused, ReturnInProgress, WhyNot, must
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus

PAID_FOR = {FinancialStatus.PAID, FinancialStatus.PARTIALLY_REFUNDED}
PAID_IN_PART_OR_WHOLE = {FinancialStatus.PARTIALLY_PAID, FinancialStatus.PAID}
UNTOUCHED = {FinancialStatus.PENDING, FinancialStatus.VOIDED}
NOTE = "Order cancelled"


class AlreadyCancelled(Refused):
    """What is cancelled is not cancelled again."""

    says = "Order {order} is already cancelled."


class PaidAndFulfilled(Refused):
    """The documented rule: an order that was paid for and fulfilled cannot be cancelled."""

    says = (
        "Order {order} is paid and fulfilled, so it cannot be cancelled: refund it or take it back instead."
    )


class CancelPolicyForbids(Refused):
    """The shop's strict policy: nothing paid, authorized or shipped is cancelled."""

    says = (
        "Order {order} has been paid, authorized or shipped, and this shop cancels only "
        "orders of which nothing has: refund or return it instead."
    )


class UnknownPayment(Refused):
    """What was received is not known, so it cannot be given back."""

    says = (
        "Order {order} is {status}, but its channel never said how much was "
        "received: give it back where it was paid, and cancel without refund."
    )


class Cancellation(Struct, frozen=True, kw_only=True):
    """How an order is to be cancelled; `mint` gives ids to the money booked for it."""

    reason: CancelReason
    refund: bool
    restock: bool
    mint: Mint


def why_not_cancel(order: Order, *, strict: bool) -> WhyNot:
    """What forbids a cancellation; `strict` is the shop's policy."""
    if order.cancelled_at is not None:
        return AlreadyCancelled
    if any(each.is_live for each in order.returns):
        return ReturnInProgress
    status, shipped = order.financial_status, order.fulfillment_status
    if status in PAID_FOR and shipped is FulfillmentStatus.FULFILLED:
        return PaidAndFulfilled
    if strict and (status not in UNTOUCHED or shipped is not None):
        return CancelPolicyForbids
    return None


def cancel(order: Order, wish: Cancellation, *, strict: bool, at: int) -> Order:
    """End `order` for good: let go of held money, and give back what was received if that is wished."""
    must(order, why_not_cancel(order, strict=strict))
    if wish.refund:
        _must_know_what_was_paid(order)
    given_back = _refunded(order, wish, at=at) if wish.refund else order
    held = voids(order, mint=wish.mint, at=at)
    cancelled = replace(
        given_back,
        cancelled_at=at,
        cancel_reason=wish.reason,
        closed_at=at,
        restock=wish.restock,
        stated=given_back.stated.after_cancel(),
        transactions=(*given_back.transactions, *held),
        version=order.version,
        updated_at=order.updated_at,
    )
    return cancelled.changed(at)


def _must_know_what_was_paid(order: Order) -> None:
    """A channel may say that an order is partly paid without saying how much; that cannot be given back."""
    is_paid = order.stated.financial_status in PAID_IN_PART_OR_WHOLE and order.payable > 0
    if is_paid and not ledger.received(order.transactions):
        raise UnknownPayment(order, status=order.financial_status)


def _refunded(order: Order, wish: Cancellation, *, at: int) -> Order:
    """Give back what is left of every payment, with all units and shipping; the same order if nothing is."""
    net = ledger.net(order.transactions)
    if not net:
        return order
    units = remaining(order, restock=wish.restock)
    whole = RefundWish(units=units, all_shipping=True, amount=net, note=NOTE)
    given_back = refund(order, whole, mint=wish.mint, at=at)
    *before, made = given_back.refunds
    # The cancellation takes the unshipped units, not the refund: how much was shipped stays as it was.
    return replace(
        given_back,
        refunds=(*before, replace(made, after_cancel=True)),
        line_items=order.line_items,
        stated=replace(given_back.stated, fulfillment_status=order.stated.fulfillment_status),
    )
