"""Wishes about personal data, and all that a shop holds about somebody, on the wire. All additive."""

from typing import Annotated, Any

from msgspec import UNSET, UnsetType

from till.clock import iso
from till.customers.customer import Known
from till.customers.wire import CustomerRecordOut
from till.dialect import readers
from till.dialect.out import Out, Time
from till.dialect.readers import Note
from till.orders.wire.answer import OrderOut
from till.orders.wire.kinds import In
from till.orders.wire.refunds import RefundOut
from till.orders.wire.returns import ReturnOut
from till.orders.wire.timeline import EntryOut
from till.privacy.wishes import Kind, Stage, Wish


class RedactIn(In, kw_only=True, frozen=True):
    """That a customer's personal data be erased."""

    now: Annotated[
        bool | UnsetType | None,
        readers.flag(),
        Note(about="Erase at once, without the buffer and whatever was bought lately: the merchant decides."),
    ] = UNSET
    reason: Annotated[
        str | UnsetType | None,
        readers.text(500),
        Note(about="Why; it is erased with the data."),
    ] = UNSET


class ErasureOut(Out, kw_only=True, frozen=True):
    id: str
    customer_id: str
    state: Stage
    now: bool
    reason: str | None
    by: str
    request_time: Time
    due_time: Time
    end_time: Time | None
    revoked_by: str | None


class ErasureAnswer(Out, kw_only=True, frozen=True):
    erasure: ErasureOut


class DataRequestOut(Out, kw_only=True, frozen=True):
    id: str
    customer_id: str
    by: str
    request_time: Time


class DataRequestAnswer(Out, kw_only=True, frozen=True):
    data_request: DataRequestOut


class HeldOrderOut(Out, kw_only=True, frozen=True):
    """One order with all that hangs on it."""

    order: OrderOut
    refunds: tuple[RefundOut, ...]
    returns: tuple[ReturnOut, ...]
    timeline: tuple[EntryOut, ...]


class DisclosureOut(Out, kw_only=True, frozen=True):
    """That an app was told of an order; `address` is where, `time` when it was owed."""

    client_id: str
    app: str
    order_id: str
    topic: str
    address: str
    state: str
    time: Time


class HeldOut(Out, kw_only=True, frozen=True):
    customer: CustomerRecordOut
    orders: tuple[HeldOrderOut, ...]
    disclosures: tuple[DisclosureOut, ...]
    erasures: tuple[ErasureOut, ...]
    data_requests: tuple[DataRequestOut, ...]
    next_order_id: str | None


class HeldAnswer(Out, kw_only=True, frozen=True):
    customer_data: HeldOut


def show_erasure(wish: Wish, customer: Known, zone: str) -> ErasureOut:
    return ErasureOut(
        id=str(wish.id),
        customer_id=customer.id,
        state=wish.state,
        now=wish.forced,
        reason=wish.reason,
        by=wish.asked_by,
        request_time=iso(wish.requested_at, zone),
        due_time=iso(wish.due_at, zone),
        end_time=None if wish.ended_at is None else iso(wish.ended_at, zone),
        revoked_by=wish.revoked_by,
    )


def show_request(wish: Wish, customer: Known, zone: str) -> DataRequestOut:
    return DataRequestOut(
        id=str(wish.id),
        customer_id=customer.id,
        by=wish.asked_by,
        request_time=iso(wish.requested_at, zone),
    )


def parted(wishes: list[Wish], customer: Known, zone: str) -> dict[str, Any]:
    """The wishes of a customer, by their kinds."""
    return {
        "erasures": tuple(show_erasure(each, customer, zone) for each in wishes if each.kind is Kind.ERASURE),
        "data_requests": tuple(
            show_request(each, customer, zone) for each in wishes if each.kind is Kind.DATA_REQUEST
        ),
    }
