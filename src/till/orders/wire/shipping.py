"""Fulfillments on the wire (genstore.md §7.11)."""

from typing import Annotated

from msgspec import UNSET

from till.clock import iso
from till.dialect import readers
from till.dialect.body import Problems, invalid
from till.orders.movements import Fulfillment, Tracking, Units
from till.orders.order import Order
from till.orders.ship import Shipment, left_to_ship
from till.orders.wire.kinds import MOST, Flag, Id, In, Line, Text, Unset
from till.orders.wire.out import Additive, Out, Time
from till.orders.wire.reading import said, same_named
from till.orders.words import FulfillmentState
from till.shop import Shop

Count = Annotated[int | Unset | None, readers.whole(1, MOST)]


class TrackingIn(In, kw_only=True, frozen=True):
    number: Line = UNSET
    company: Line = UNSET
    url: Annotated[str | Unset | None, readers.text(2_000)] = UNSET


class UnitsIn(In, kw_only=True, frozen=True):
    """Units of a line item, which is named by `lineItemId` or `id`; without a quantity, all that are left."""

    line_item_id: Id = UNSET
    id: Id = UNSET
    quantity: Count = UNSET


class TrackedIn(In, kw_only=True, frozen=True):
    tracking_number: Line = UNSET
    tracking_company: Line = UNSET
    tracking_url: Annotated[str | Unset | None, readers.text(2_000)] = UNSET
    tracking_info: TrackingIn | Unset | None = UNSET


class FulfillmentIn(TrackedIn, kw_only=True, frozen=True):
    order_id: Annotated[str, readers.identifier(nullable=False)]
    line_items: tuple[UnitsIn, ...] | Unset | None = UNSET
    location_id: Id = UNSET
    notify_customer: Flag = UNSET
    message: Text = UNSET


class FulfillmentRequest(In, kw_only=True, frozen=True):
    fulfillment: FulfillmentIn


class TrackingRequest(In, kw_only=True, frozen=True):
    fulfillment: TrackedIn


class FulfilledLineOut(Out, kw_only=True, frozen=True):
    id: str
    line_item_id: str
    product_id: str
    variant_id: str
    quantity: int


class FulfillmentPartOut(Out, kw_only=True, frozen=True):
    fulfill_id: str
    id: Annotated[str, Additive]
    order_id: str
    name: Annotated[str, Additive]
    status: FulfillmentState
    tracking_number: Annotated[str | None, Additive]
    tracking_company: Annotated[str | None, Additive]
    tracking_url: Annotated[str | None, Additive]
    location_id: Annotated[str | None, Additive]
    message: Annotated[str | None, Additive]
    line_items: Annotated[tuple[FulfilledLineOut, ...], Additive]
    created_at: Time
    updated_at: Time
    fulfill_time: Annotated[Time, Additive]
    cancelled_at: Annotated[Time | None, Additive]


class FulfillmentAnswer(Out, kw_only=True, frozen=True):
    fulfillment: FulfillmentPartOut


class FulfillmentsAnswer(Out, kw_only=True, frozen=True):
    fulfillments: tuple[FulfillmentPartOut, ...]


def to_tracking(sent: TrackedIn, old: Tracking) -> Tracking:
    """`old` with what was sent; `trackingInfo` is another spelling of the three fields."""
    nested = said(sent.tracking_info)
    values = {}
    for name in ("number", "company", "url"):
        plain = getattr(sent, f"tracking_{name}")
        inner = UNSET if nested is None else getattr(nested, name)
        given = plain if plain is not UNSET else inner
        values[name] = getattr(old, name) if given is UNSET else given
    return Tracking(**values)


def to_shipment(sent: FulfillmentIn, order: Order) -> Shipment:
    """The fulfillment that is asked for; a line without a quantity means all that is left of it."""
    problems: Problems = {}
    units = to_units(said(sent.line_items, ()), order, "fulfillment.lineItems", problems)
    if problems:
        raise invalid(problems)
    tracking = to_tracking(sent, Tracking())
    return Shipment(**same_named(sent, Shipment, units=units, tracking=tracking))


def to_units(sent: tuple[UnitsIn, ...], order: Order, path: str, problems: Problems) -> tuple[Units, ...]:
    found = []
    for index, each in enumerate(sent):
        line_id = line_named(each, f"{path}[{index}]", problems)
        line = order.lines.get(line_id)
        left = 0 if line is None else left_to_ship(order, line)
        found.append(Units(line_id=line_id, quantity=said(each.quantity, max(left, 1))))
    return tuple(found)


def line_named(sent: UnitsIn, at: str, problems: Problems) -> str:
    """The line item that is meant, by either name."""
    line_id: str | None = said(sent.line_item_id, said(sent.id))
    if line_id is None:
        problems[f"{at}.lineItemId"] = ["is required"]
    return line_id or ""


def show_fulfillments(order: Order, shop: Shop) -> tuple[FulfillmentPartOut, ...]:
    """All fulfillments of an order."""
    if not order.fulfillments:
        return ()
    return tuple(show_fulfillment(order, each, shop) for each in order.fulfillments)


def show_fulfillment(order: Order, each: Fulfillment, shop: Shop) -> FulfillmentPartOut:
    return FulfillmentPartOut(
        fulfill_id=each.id,
        id=each.id,
        order_id=str(order.id),
        name=f"{order.name}.{each.number}",
        status=each.status,
        tracking_number=each.tracking.number,
        tracking_company=each.tracking.company,
        tracking_url=each.tracking.url,
        location_id=each.location_id,
        message=each.message,
        line_items=tuple(
            FulfilledLineOut(
                id=unit.id,
                line_item_id=unit.line_id,
                product_id=order.lines[unit.line_id].product_id,
                variant_id=order.lines[unit.line_id].variant_id,
                quantity=unit.quantity,
            )
            for unit in each.units
        ),
        created_at=iso(each.created_at, shop.timezone),
        updated_at=iso(each.updated_at, shop.timezone),
        fulfill_time=iso(each.fulfilled_at or each.created_at, shop.timezone),
        cancelled_at=None if each.cancelled_at is None else iso(each.cancelled_at, shop.timezone),
    )
