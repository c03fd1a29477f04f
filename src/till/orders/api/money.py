"""The transactions of an order, marking it as paid, and payments (semantics.md §2.1, genstore.md §7.14)."""

import contextlib
from functools import partial
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType

from till.dialect import readers
from till.orders.api.acting import (
    CHANGES,
    WRITE,
    act,
    answer,
    facing,
    find,
    must_be_past,
    no_part,
    part,
    view_of,
)
from till.orders.movements import Transaction
from till.orders.order import Order
from till.orders.pay import MANUAL, Booking, book
from till.orders.store import OrderNotFound
from till.orders.topics import READ
from till.orders.wire import examples, part_examples
from till.orders.wire.answer import CountAnswer, OrderAnswer
from till.orders.wire.money import (
    MarkAsPaidIn,
    PaymentAnswer,
    TransactionAnswer,
    TransactionRequest,
    TransactionsAnswer,
    order_ids_of,
    payment_id_of,
    show_payment,
    show_transaction,
    to_booking,
)
from till.orders.wire.reading import said, same_named
from till.orders.words import TransactionKind
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of


class TransactionsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    since_id: Annotated[
        str | UnsetType,
        readers.identifier(nullable=False),
        readers.Note(about="Only transactions that were booked after this one."),
    ] = UNSET
    kind: Annotated[
        TransactionKind | UnsetType,
        readers.one_of(TransactionKind, nullable=False),
        readers.Note(about="Only transactions of this kind."),
    ] = UNSET


@endpoint(
    "GET",
    "/orders/{orderId}/transactions",
    "List the transactions of an order",
    scopes=READ,
    answers=TransactionsAnswer,
    tagged=True,
    source="additive",
    group="Payments",
    shows=part_examples.transactions,
)
async def list_transactions(call: Call, orderId: str, query: TransactionsQuery) -> Answer:  # noqa: N803 - the path's own name
    order = await find(call, orderId)
    shown = [show_transaction(order, each, call.caller.shop) for each in _wanted(order, query)]
    return part(call, "transactions", shown, order.version)


@endpoint(
    "GET",
    "/orders/{orderId}/transactions/count",
    "Count the transactions of an order",
    scopes=READ,
    answers=CountAnswer,
    tagged=True,
    source="additive",
    group="Payments",
    shows=lambda: {"count": 2},
)
async def count_transactions(call: Call, orderId: str, query: TransactionsQuery) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    return part(call, "count", len(_wanted(order, query)), order.version)


@endpoint(
    "GET",
    "/orders/{orderId}/transactions/{transactionId}",
    "Get a transaction",
    scopes=READ,
    answers=TransactionAnswer,
    tagged=True,
    source="additive",
    group="Payments",
    shows=part_examples.transaction,
)
async def get_transaction(call: Call, orderId: str, transactionId: str) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    for each in order.transactions:
        if each.id == transactionId:
            return part(call, "transaction", show_transaction(order, each, call.caller.shop), order.version)
    raise no_part("transaction", transactionId)


@endpoint(
    "POST",
    "/orders/{orderId}/transactions",
    "Authorize, capture, void or take a payment",
    scopes=WRITE,
    answers=TransactionAnswer,
    source="additive",
    group="Payments",
    sends=part_examples.TRANSACTION,
    shows=part_examples.transaction,
    **CHANGES,
)
async def create_transaction(call: Call, orderId: str, body: TransactionRequest) -> Answer:  # noqa: N803 - likewise
    old = await find(call, orderId)
    with facing(call, old):
        wish = to_booking(body.transaction, old, at=call.at)
    kept = await act(call, old, partial(book, wish=wish, mint=call.mint, at=call.at))
    new = kept.order
    shown = show_transaction(new, new.transactions[len(old.transactions)], call.caller.shop)
    return part(call, "transaction", shown, new.version)


@endpoint(
    "POST",
    "/orders/{orderId}/mark_as_paid",
    "Mark an order as paid",
    scopes=WRITE,
    answers=OrderAnswer,
    body_required=False,
    envelope="order",
    source="additive",
    group="Payments",
    sends=part_examples.PAID,
    shows=examples.order,
    **CHANGES,
)
async def mark_order_as_paid(call: Call, orderId: str, body: MarkAsPaidIn) -> Answer:  # noqa: N803 - likewise
    old = await find(call, orderId)
    gateway = said(body.gateway, MANUAL)
    wish = Booking(kind=TransactionKind.SALE, **same_named(body, Booking, gateway=gateway))
    with facing(call, old):
        must_be_past(said(body.processed_at), "processedAt", at=call.at)
    kept = await act(call, old, partial(book, wish=wish, mint=call.mint, at=call.at))
    return answer(view_of(call), kept.stored)


@endpoint(
    "GET",
    "/payment/{paymentId}",
    "Get a payment",
    scopes=READ,
    answers=PaymentAnswer,
    tagged=True,
    group="Payments",
    shows=part_examples.payment,
)
async def get_payment(call: Call, paymentId: str) -> Answer:  # noqa: N803 - likewise
    for order_id in order_ids_of(paymentId):
        with contextlib.suppress(OrderNotFound):
            order = await find(call, order_id)
            for each in order.transactions:
                if payment_id_of(order, each) == paymentId:
                    return part(call, "payment", show_payment(order, each, call.caller.shop), order.version)
    raise no_part("payment", paymentId)


def _wanted(order: Order, query: TransactionsQuery) -> list[Transaction]:
    kind: Any = said(query.kind)
    return [each for each in _booked_after(order, said(query.since_id)) if kind in (None, each.kind)]


def _booked_after(order: Order, since: str | None) -> tuple[Transaction, ...]:
    """By place in the ledger, for a channel's own ids have no order; by number where the id is in none."""
    ids = [each.id for each in order.transactions]
    if since is None or since in ids:
        return order.transactions[0 if since is None else ids.index(since) + 1 :]
    return tuple(
        each
        for each in order.transactions
        if not since.isdigit() or not each.id.isdigit() or int(each.id) > int(since)
    )


ENDPOINTS = endpoints_of(vars())
