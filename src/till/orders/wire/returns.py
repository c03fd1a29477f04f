"""Returns on the wire; Genstore documents none, so all of it is additive."""

from typing import Annotated

from msgspec import UNSET, field

from till.clock import iso
from till.dialect import readers
from till.dialect.body import Problems, invalid
from till.orders.movements import Reason, Return, Units
from till.orders.order import Order
from till.orders.quote import refunded_of
from till.orders.returns import AskedUnits, ReturnWish
from till.orders.wire.kinds import Flag, In, Line, Text, Unset
from till.orders.wire.out import Out, Time
from till.orders.wire.reading import said
from till.orders.wire.shipping import UnitsIn, line_named
from till.orders.words import ReturnStatus
from till.shop import Shop


class ReturnUnitsIn(UnitsIn, kw_only=True, frozen=True):
    reason: Line = UNSET
    reason_type: Annotated[int | Unset | None, readers.whole(0, 1_000)] = UNSET
    note: Text = UNSET


class ReturnIn(In, kw_only=True, frozen=True):
    """Units to come back; an `approved` return waits for no decision."""

    line_items: Annotated[tuple[ReturnUnitsIn, ...], readers.Note(least=1)]
    note: Text = UNSET
    approved: Flag = UNSET


class ReturnRequest(In, kw_only=True, frozen=True):
    return_: ReturnIn = field(name="return")


class DeclineIn(In, kw_only=True, frozen=True):
    reason: Text = UNSET


class ReceiveIn(In, kw_only=True, frozen=True):
    """What came in, all that was to come without `lineItems`; `restock` says that it can be sold again."""

    line_items: tuple[UnitsIn, ...] | Unset | None = UNSET
    restock: Flag = UNSET


class ReturnedUnitsOut(Out, kw_only=True, frozen=True):
    id: str
    line_item_id: str
    quantity: int
    received_quantity: int
    refunded_quantity: int
    restock: bool
    reason: str | None
    reason_type: int
    note: str | None


class ReturnOut(Out, kw_only=True, frozen=True):
    id: str
    order_id: str
    name: str
    status: ReturnStatus
    line_items: tuple[ReturnedUnitsOut, ...]
    note: str | None
    decline_reason: str | None
    created_at: Time
    updated_at: Time
    approved_at: Time | None
    received_at: Time | None
    closed_at: Time | None


class ReturnAnswer(Out, kw_only=True, frozen=True):
    return_: ReturnOut = field(name="return")


class ReturnsAnswer(Out, kw_only=True, frozen=True):
    returns: tuple[ReturnOut, ...]


def to_return(sent: ReturnIn, order: Order) -> ReturnWish:
    """The return that is asked for; a line without a quantity means all that the customer has of it."""
    problems: Problems = {}
    units = []
    for index, each in enumerate(sent.line_items):
        line_id = line_named(each, f"return.lineItems[{index}]", problems)
        tally = order.tallies.get(line_id)
        units.append(
            AskedUnits(
                line_id=line_id,
                quantity=said(each.quantity, max(1, tally.with_customer) if tally else 1),
                reason=Reason(text=said(each.reason), type=said(each.reason_type, 0)),
                note=said(each.note),
            )
        )
    if problems:
        raise invalid(problems)
    return ReturnWish(units=tuple(units), note=said(sent.note), approved=said(sent.approved, default=False))


def to_received(sent: ReceiveIn, returned: Return) -> tuple[Units, ...]:
    """The units that came in; a line without a quantity means all that was to come of it."""
    problems: Problems = {}
    coming = {unit.line_id: unit.quantity - unit.received for unit in returned.units}
    units = []
    for index, each in enumerate(said(sent.line_items, ())):
        line_id = line_named(each, f"lineItems[{index}]", problems)
        units.append(Units(line_id=line_id, quantity=said(each.quantity, max(1, coming.get(line_id, 0)))))
    if problems:
        raise invalid(problems)
    return tuple(units)


def show_return(order: Order, each: Return, shop: Shop) -> ReturnOut:
    def when(micros: int | None) -> str | None:
        return None if micros is None else iso(micros, shop.timezone)

    refunded = refunded_of(order, each)
    return ReturnOut(
        id=each.id,
        order_id=str(order.id),
        name=f"{order.name}-R{each.number}",
        status=each.status,
        line_items=tuple(
            ReturnedUnitsOut(
                id=unit.id,
                line_item_id=unit.line_id,
                quantity=unit.quantity,
                received_quantity=unit.received,
                refunded_quantity=sum(back.quantity for back in refunded if back.line_id == unit.line_id),
                restock=unit.restock,
                reason=unit.reason.text,
                reason_type=unit.reason.type,
                note=unit.note,
            )
            for unit in each.units
        ),
        note=each.note,
        decline_reason=each.decline_reason,
        created_at=iso(each.created_at, shop.timezone),
        updated_at=iso(each.updated_at, shop.timezone),
        approved_at=when(each.approved_at),
        received_at=when(each.received_at),
        closed_at=when(each.closed_at),
    )
