"""What happened to an order, told by comparing it with what it was: the entries of its timeline."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from till.orders.movements import Fulfillment, Refund, Return, Transaction
from till.orders.order import Order
from till.orders.pay import LAPSED
from till.orders.words import (
    Happening,
    RefundStatus,
    ReturnStatus,
    TransactionKind,
    TransactionStatus,
)

Details = dict[str, Any]
MONEY = {
    TransactionKind.AUTHORIZATION: Happening.AUTHORIZED,
    TransactionKind.SALE: Happening.PAID,
    TransactionKind.CAPTURE: Happening.CAPTURED,
    TransactionKind.VOID: Happening.VOIDED,
}
REFUNDS = {
    RefundStatus.REVIEW: Happening.REFUND_REQUESTED,
    RefundStatus.DONE: Happening.REFUNDED,
    RefundStatus.DECLINED: Happening.REFUND_DECLINED,
}
RETURNS = {
    ReturnStatus.REQUESTED: Happening.RETURN_REQUESTED,
    ReturnStatus.OPEN: Happening.RETURN_APPROVED,
    ReturnStatus.RECEIVED: Happening.RETURN_RECEIVED,
    ReturnStatus.DECLINED: Happening.RETURN_DECLINED,
    ReturnStatus.CANCELLED: Happening.RETURN_CANCELLED,
    ReturnStatus.CLOSED: Happening.RETURN_CLOSED,
}
EDITABLE = (
    "note",
    "tags",
    "email",
    "phone",
    "shipping_address",
    "billing_address",
    "buyer_accepts_marketing",
)


class Entry(Struct, frozen=True, omit_defaults=True):
    """One thing that happened. `details` holds ids, units and amounts in minor units, nothing personal."""

    kind: Happening
    details: Details = {}


class Who(Struct, frozen=True, omit_defaults=True):
    """Who did something: an app by its client id, a person by name, or the system."""

    type: str
    id: str
    name: str | None = None


class Note(Struct, frozen=True, omit_defaults=True):
    """What customer service wrote; an edit is a row of its own that names the note it `edits`."""

    text: str
    author: str | None = None
    pinned: bool = False
    edits: int | None = None


class Page(Struct, frozen=True, omit_defaults=True):
    """One row: a change of the order with all that happened in it, or a note."""

    by: Who
    version: int = 0
    entries: list[Entry] = []
    events: dict[int, str] = {}
    note: Note | None = None


class Row(Struct, frozen=True):
    id: int
    at: int
    page: Page


def entries(old: Order | None, new: Order) -> list[Entry]:
    """What the change from `old` to `new` amounts to, in the order in which it is told."""
    if old is None:
        return [Entry(Happening.CREATED, {"sourceName": new.source_name} if new.source_name else {})]
    if new.erased_at != old.erased_at:
        return [Entry(Happening.ERASED)]
    found = [*_edited(old, new), *_confirmed(old, new), *_paid(old, new), *_shipped(old, new)]
    found += [*_refunded(old, new), *_returned(old, new), *_ended(old, new)]
    return found


def _edited(old: Order, new: Order) -> Iterator[Entry]:
    fields = [name for name in EDITABLE if getattr(old, name) != getattr(new, name)]
    if fields:
        yield Entry(Happening.EDITED, {"fields": fields})


def _confirmed(old: Order, new: Order) -> Iterator[Entry]:
    if new.confirmed_at != old.confirmed_at:
        yield Entry(Happening.CONFIRMED)


def _paid(old: Order, new: Order) -> Iterator[Entry]:
    """Money that moved; what was given back is told with its refund."""
    for each in new.transactions[len(old.transactions) :]:
        kind = _money(each)
        if kind is not None:
            details: Details = {
                "transactionId": each.id,
                "kind": each.kind,
                "amount": each.amount,
                "gateway": each.gateway,
            }
            yield Entry(kind, details | ({"message": each.message} if each.message else {}))


def _money(booked: Transaction) -> Happening | None:
    if booked.status is TransactionStatus.PENDING:
        return Happening.PAYMENT_PENDING
    if booked.status is not TransactionStatus.SUCCESS:
        return Happening.PAYMENT_FAILED
    return Happening.LAPSED if booked.message == LAPSED else MONEY.get(booked.kind)


def _shipped(old: Order, new: Order) -> Iterator[Entry]:
    before = {each.id: each for each in old.fulfillments}
    for each in new.fulfillments:
        was = before.get(each.id)
        if was is None:
            yield Entry(Happening.SHIPPED, _shipment(each) | {"units": _units(each)})
        elif was.status is not each.status:
            yield Entry(Happening.SHIPMENT_CANCELLED, _shipment(each))
        elif was.tracking != each.tracking:
            yield Entry(Happening.TRACKING_UPDATED, _shipment(each))


def _shipment(each: Fulfillment) -> Details:
    tracking = {"number": each.tracking.number, "company": each.tracking.company}
    found: Details = {"fulfillmentId": each.id, "number": each.number}
    return found | ({"tracking": tracking} if any(tracking.values()) else {})


def _refunded(old: Order, new: Order) -> Iterator[Entry]:
    before = {each.id: each for each in old.refunds}
    for each in new.refunds:
        was = before.get(each.id)
        if was is None or was.status is not each.status:
            details: Details = {"refundId": each.id, "amount": each.amount, "units": _units(each)}
            yield Entry(REFUNDS[each.status], details)
        elif was.note != each.note:
            yield Entry(Happening.REFUND_EDITED, {"refundId": each.id, "amount": each.amount})


def _returned(old: Order, new: Order) -> Iterator[Entry]:
    before = {each.id: each for each in old.returns}
    for each in new.returns:
        was = before.get(each.id)
        arrived = _received(each) - (0 if was is None else _received(was))
        details: Details = {"returnId": each.id, "number": each.number, "units": _units(each)}
        if arrived:
            yield Entry(Happening.RETURN_RECEIVED, details | {"received": arrived})
        elif was is None or was.status is not each.status:
            yield Entry(RETURNS[each.status], details)


def _received(each: Return) -> int:
    return sum(unit.received for unit in each.units)


def _ended(old: Order, new: Order) -> Iterator[Entry]:
    if new.cancelled_at != old.cancelled_at:
        yield Entry(Happening.CANCELLED, {"reason": new.cancel_reason, "restock": new.restock})
    elif new.closed_at is not None and old.closed_at is None:
        yield Entry(Happening.CLOSED)
    elif new.closed_at is None and old.closed_at is not None:
        yield Entry(Happening.REOPENED)


def _units(moved: Fulfillment | Refund | Return) -> list[Details]:
    return [{"lineItemId": unit.line_id, "quantity": unit.quantity} for unit in moved.units]
