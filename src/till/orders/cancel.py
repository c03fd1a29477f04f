"""Cancelling an order: what may be cancelled, and what becomes of its money (rulings.md §5.3)."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from till.errors import Invalid
from till.orders import ledger
from till.orders.order import Order
from till.orders.parts import Refund, Transaction
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus, TransactionKind

PAID_FOR = {FinancialStatus.PAID, FinancialStatus.PARTIALLY_REFUNDED}
PAID_IN_PART_OR_WHOLE = {FinancialStatus.PARTIALLY_PAID, FinancialStatus.PAID}
UNTOUCHED = {FinancialStatus.PENDING, FinancialStatus.VOIDED}


class AlreadyCancelled(Invalid):
    """What is cancelled is not cancelled again."""


class PaidAndFulfilled(Invalid):
    """The documented rule: an order that was paid for and fulfilled cannot be cancelled."""


class CancelPolicyForbids(Invalid):
    """The shop's strict policy: nothing paid, authorized or shipped is cancelled."""


class UnknownPayment(Invalid):
    """What was received is not known, so it cannot be given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """How an order is to be cancelled; `mint` gives ids to the money booked for it."""

    reason: CancelReason
    refund: bool
    restock: bool
    mint: Callable[[], int]


def cancel(order: Order, wish: Cancellation, *, strict: bool, at: int) -> Order:
    """End `order` for good; `strict` is the shop's policy."""
    _must_be_cancellable(order, strict=strict)
    cancelled = replace(
        order,
        cancelled_at=at,
        cancel_reason=wish.reason,
        closed_at=at,
        restock=wish.restock,
        stated=order.stated.after_cancel(),
        line_items=tuple(replace(line, stated=line.stated.after_cancel()) for line in order.line_items),
        transactions=(*order.transactions, *_voids(order, wish, at=at)),
    )
    if wish.refund:
        _must_know_what_was_paid(order)
        cancelled = _refunded(cancelled, wish, at=at)
    return cancelled.changed(at)


def _must_be_cancellable(order: Order, *, strict: bool) -> None:
    if order.cancelled_at is not None:
        raise AlreadyCancelled(f"Order {order.name} is already cancelled.")
    status, shipped = order.financial_status, order.fulfillment_status
    if status in PAID_FOR and shipped is FulfillmentStatus.FULFILLED:
        raise PaidAndFulfilled(f"Order {order.name} is paid and fulfilled, so it cannot be cancelled.")
    if strict and (status not in UNTOUCHED or shipped is not None):
        raise CancelPolicyForbids(
            f"Order {order.name} has been paid, authorized or shipped, and this shop cancels only "
            "orders of which nothing has: refund or return it instead."
        )


def _must_know_what_was_paid(order: Order) -> None:
    """A channel may say that an order is partly paid without saying how much; that cannot be given back."""
    is_paid = order.financial_status in PAID_IN_PART_OR_WHOLE and order.payable > 0
    if is_paid and not ledger.received(order.transactions):
        raise UnknownPayment(
            f"Order {order.name} is {order.financial_status}, but its channel never said how much was "
            "received: give it back where it was paid, and cancel without refund."
        )


def _voids(order: Order, wish: Cancellation, *, at: int) -> tuple[Transaction, ...]:
    """What lets go of the money that is held but not taken."""
    return tuple(
        Transaction(
            id=str(wish.mint()),
            kind=TransactionKind.VOID,
            amount=held.amount,
            gateway=held.gateway,
            created_at=at,
            parent_id=held.id,
        )
        for held in ledger.open_authorizations(order.transactions)
    )


def _refunded(order: Order, wish: Cancellation, *, at: int) -> Order:
    """Give each payment back what is left of it; the same order when nothing is."""
    backs = tuple(
        Transaction(
            id=str(wish.mint()),
            kind=TransactionKind.REFUND,
            amount=left,
            gateway=payment.gateway,
            created_at=at,
            parent_id=payment.id,
        )
        for payment, left in ledger.refundable(order.transactions)
    )
    if not backs:
        return order
    refund = Refund(
        id=str(wish.mint()),
        amount=sum(back.amount for back in backs),
        created_at=at,
        note="Order cancelled",
        transaction_ids=tuple(back.id for back in backs),
    )
    return replace(
        order,
        transactions=(*order.transactions, *backs),
        refunds=(*order.refunds, refund),
        stated=order.stated.after_money(),
    )
