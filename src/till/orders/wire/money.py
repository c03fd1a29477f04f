"""Transactions and payments on the wire (semantics.md §2.1, genstore.md §7.14)."""

from typing import Annotated

from msgspec import UNSET

from till.clock import iso
from till.dialect import readers
from till.dialect.body import invalid
from till.money import spell
from till.orders import ledger
from till.orders.movements import Transaction
from till.orders.order import Order
from till.orders.pay import Booking
from till.orders.wire.kinds import Amount, Currency, In, Line, Unset
from till.orders.wire.kinds import Time as TimeIn
from till.orders.wire.out import Additive, Money, Out, Time
from till.orders.wire.reading import Amounts, said, same_named
from till.orders.words import TransactionKind, TransactionStatus
from till.shop import Shop

PAYMENTS = (TransactionKind.SALE, TransactionKind.CAPTURE, TransactionKind.AUTHORIZATION)
PREFIX = "PI00"
DIGITS = 3
MOST_DIGITS = 5


class TransactionIn(In, kw_only=True, frozen=True):
    """Money to be moved; what is left out is taken from the order."""

    kind: Annotated[TransactionKind, readers.one_of(TransactionKind, nullable=False)]
    amount: Amount = UNSET
    currency: Currency = UNSET
    parent_id: Annotated[str | Unset | None, readers.identifier()] = UNSET
    gateway: Line = UNSET
    authorization: Line = UNSET
    channel_trx_no: Line = UNSET
    status: Annotated[TransactionStatus | Unset | None, readers.one_of(TransactionStatus)] = UNSET
    message: Line = UNSET
    processed_at: TimeIn = UNSET


class TransactionRequest(In, kw_only=True, frozen=True):
    transaction: TransactionIn


class MarkAsPaidIn(In, kw_only=True, frozen=True):
    """How an order was paid outside of Till; all of it may be left out."""

    gateway: Line = UNSET
    channel_trx_no: Line = UNSET
    processed_at: TimeIn = UNSET


class TransactionOut(Out, kw_only=True, frozen=True):
    id: str
    order_id: str
    kind: TransactionKind
    status: TransactionStatus
    amount: Money
    currency: str
    gateway: str
    parent_id: str | None
    payment_id: str | None
    authorization: str | None
    channel_trx_no: str | None
    message: str | None
    created_at: Time
    processed_at: Time


class TransactionAnswer(Out, kw_only=True, frozen=True):
    transaction: TransactionOut


class TransactionsAnswer(Out, kw_only=True, frozen=True):
    transactions: tuple[TransactionOut, ...]


class PaymentOut(Out, kw_only=True, frozen=True):
    """A payment as its channel would tell of it; Till takes no fee."""

    payment_id: str
    channel_trx_no: str | None
    amount: Money
    fee: Money
    currency: str
    status: Annotated[TransactionStatus, Additive]
    kind: Annotated[TransactionKind, Additive]
    gateway: Annotated[str, Additive]
    order_id: Annotated[str, Additive]
    transaction_id: Annotated[str, Additive]
    success_payment_time: Time | None


class PaymentAnswer(Out, kw_only=True, frozen=True):
    payment: PaymentOut


def to_booking(sent: TransactionIn, order: Order, *, at: int) -> Booking:
    """The transaction that is asked for, in minor units of the order's currency."""
    problems: dict[str, list[str]] = {}
    if said(sent.currency, order.currency) != order.currency:
        problems["transaction.currency"] = [
            f"must be {order.currency}: all money of an order is in the order's own currency"
        ]
    if said(sent.processed_at, at) > at:
        problems["transaction.processedAt"] = ["is in the future"]
    amount = Amounts(order.currency, problems)(sent.amount, "transaction.amount")
    if problems:
        raise invalid(problems)
    return Booking(**same_named(sent, Booking, amount=amount))


def payment_id_of(order: Order, booked: Transaction) -> str | None:
    """What names a payment: the order's id and the transaction's number in its ledger."""
    if booked.kind not in PAYMENTS:
        return None
    return f"{PREFIX}{order.id}{order.places[booked.id]:0{DIGITS}}"


def order_ids_of(payment_id: str) -> tuple[str, ...]:
    """The orders that a payment's id may name: a long ledger has numbers of more than three digits."""
    if not payment_id.startswith(PREFIX):
        return ()
    digits = payment_id.removeprefix(PREFIX)
    return tuple(digits[:-count] for count in range(DIGITS, MOST_DIGITS + 1) if len(digits) > count)


def show_transaction(order: Order, booked: Transaction, shop: Shop) -> TransactionOut:
    return TransactionOut(
        id=booked.id,
        order_id=str(order.id),
        kind=booked.kind,
        status=booked.status,
        amount=spell(booked.amount, order.currency),
        currency=order.currency,
        gateway=booked.gateway,
        parent_id=booked.parent_id,
        payment_id=payment_id_of(order, booked),
        authorization=booked.authorization,
        channel_trx_no=booked.channel_trx_no,
        message=booked.message,
        created_at=iso(booked.created_at, shop.timezone),
        processed_at=iso(booked.processed_at or booked.created_at, shop.timezone),
    )


def show_payment(order: Order, booked: Transaction, shop: Shop) -> PaymentOut:
    paid = booked in tuple(ledger.payments(order.transactions))
    at = booked.processed_at or booked.created_at
    return PaymentOut(
        payment_id=payment_id_of(order, booked) or "",
        channel_trx_no=booked.channel_trx_no,
        amount=spell(booked.amount, order.currency),
        fee=spell(0, order.currency),
        currency=order.currency,
        status=booked.status,
        kind=booked.kind,
        gateway=booked.gateway,
        order_id=str(order.id),
        transaction_id=booked.id,
        success_payment_time=iso(at, shop.timezone) if paid else None,
    )
