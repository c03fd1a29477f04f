"""Shipping an order: units leave in fulfillments, and nothing leaves twice (semantics.md §2.3)."""

from collections.abc import Iterable

from msgspec.structs import replace

from till.orders.movements import FulfilledUnits, Fulfillment, Tracking, Units
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.pay import Mint
from till.orders.refused import DoubleLine, OrderCancelled, Refused, UnknownLine, WhyNot, must
from till.orders.words import FulfillmentState
from till.value import Value


class NothingToShip(Refused):
    """Every unit was shipped, or will not be."""

    says = "Order {order} has nothing left to ship."


class TooManyUnits(Refused):
    """More units than are left to ship, to refund or to return."""

    says = "Order {order} has {most} of line item {line} left {deed}, not {asked}: name at most that many."


class NothingShipped(Refused):
    """No fulfillment is there that could be changed or cancelled."""

    says = "Order {order} has no fulfillment that could be changed."


class FulfillmentCancelled(Refused):
    """A cancelled fulfillment is over."""

    says = "Fulfillment {fulfillment} of order {order} is cancelled."


class UnitsCameBack(Refused):
    """What came back, or is about to, was shipped for good."""

    says = (
        "Units of fulfillment {fulfillment} of order {order} were refunded or are being returned, "
        "so it cannot be cancelled."
    )


class Shipment(Value, kw_only=True, frozen=True):
    """A fulfillment that is asked for; no `units` means everything that is left."""

    units: tuple[Units, ...] = ()
    tracking: Tracking = Tracking()
    location_id: str | None = None
    message: str | None = None


def left_to_ship(order: Order, line: LineItem) -> int:
    """What is fulfillable, and never more than the line has: a channel may state both otherwise."""
    unsent = max(0, line.quantity - order.tallies[line.id].shipped)
    return min(order.fulfillable_quantity(line), unsent)


def why_not_ship(order: Order) -> WhyNot:
    if order.cancelled_at is not None:
        return OrderCancelled
    return None if any(left_to_ship(order, line) for line in order.line_items) else NothingToShip


def why_not_cancel_shipment(order: Order) -> WhyNot:
    """What forbids cancelling every one of its fulfillments."""
    if order.cancelled_at is not None:
        return OrderCancelled
    open_to_it = (
        each.status is not FulfillmentState.CANCELLED for each in order.fulfillments if _is_whole(order, each)
    )
    return None if any(open_to_it) else NothingShipped


def why_not_track(order: Order) -> WhyNot:
    live = (each for each in order.fulfillments if each.status is not FulfillmentState.CANCELLED)
    return None if any(True for _ in live) else NothingShipped


def line_of(order: Order, line_id: str, *, path: str) -> LineItem:
    """The line item of that id; `UnknownLine` names those there are."""
    line = order.lines.get(line_id)
    if line is not None:
        return line
    known = ", ".join(line.id for line in order.line_items[:10])
    raise UnknownLine(order, line=line_id, known=known, fields={path: ["is no line item of this order"]})


def once_each(order: Order, units: Iterable[Units]) -> None:
    """Refuse when one line item is named twice."""
    seen: set[str] = set()
    for each in units:
        if each.line_id in seen:
            raise DoubleLine(order, line=each.line_id)
        seen.add(each.line_id)


def ship(order: Order, wish: Shipment, *, mint: Mint, at: int) -> Order:
    """`order` with one more fulfillment."""
    must(order, why_not_ship(order))
    once_each(order, wish.units)
    units = wish.units or tuple(
        Units(line_id=line.id, quantity=left)
        for line in order.line_items
        if (left := left_to_ship(order, line))
    )
    for index, each in enumerate(units):
        path = f"fulfillment.lineItems[{index}]"
        most = left_to_ship(order, line_of(order, each.line_id, path=f"{path}.lineItemId"))
        if each.quantity > most:
            raise TooManyUnits(
                order,
                line=each.line_id,
                most=most,
                asked=each.quantity,
                deed="to ship",
                fields={f"{path}.quantity": [f"must be at most {most}"]},
            )
    made = Fulfillment(
        id=str(mint()),
        status=FulfillmentState.SUCCESS,
        created_at=at,
        updated_at=at,
        number=len(order.fulfillments) + 1,
        units=tuple(
            FulfilledUnits(id=str(mint()), line_id=each.line_id, quantity=each.quantity) for each in units
        ),
        tracking=wish.tracking,
        location_id=wish.location_id,
        message=wish.message,
    )
    return _touched(order, made.units, fulfillments=(*order.fulfillments, made)).changed(at)


def track(order: Order, fulfillment_id: str, tracking: Tracking, *, at: int) -> Order:
    """`order` with other tracking of one fulfillment; the same order when nothing differs."""
    shipment = fulfillment_of(order, fulfillment_id)
    if shipment.status is FulfillmentState.CANCELLED:
        raise FulfillmentCancelled(order, fulfillment=fulfillment_id)
    if shipment.tracking == tracking:
        return order
    changed = replace(shipment, tracking=tracking, updated_at=at)
    return replace(order, fulfillments=_with(order, changed)).changed(at)


def cancel_shipment(order: Order, fulfillment_id: str, *, at: int) -> Order:
    """`order` with one fulfillment cancelled, its units to be shipped again."""
    shipment = fulfillment_of(order, fulfillment_id)
    if shipment.status is FulfillmentState.CANCELLED:
        raise FulfillmentCancelled(order, fulfillment=fulfillment_id)
    if order.cancelled_at is not None:
        raise OrderCancelled(order)
    if not _is_whole(order, shipment):
        raise UnitsCameBack(order, fulfillment=fulfillment_id)
    undone = replace(
        shipment,
        status=FulfillmentState.CANCELLED,
        updated_at=at,
        cancelled_at=at if shipment.is_live else None,
    )
    return _touched(order, shipment.units, fulfillments=_with(order, undone)).changed(at)


def fulfillment_of(order: Order, fulfillment_id: str) -> Fulfillment:
    return next(each for each in order.fulfillments if each.id == fulfillment_id)


def _is_whole(order: Order, shipment: Fulfillment) -> bool:
    """True when none of its units came back or is on its way; what never left cannot have."""
    return not shipment.is_live or all(
        order.tallies[each.line_id].with_customer >= each.quantity for each in shipment.units
    )


def _with(order: Order, changed: Fulfillment) -> tuple[Fulfillment, ...]:
    return tuple(changed if each.id == changed.id else each for each in order.fulfillments)


def _touched(order: Order, units: Iterable[Units], *, fulfillments: tuple[Fulfillment, ...]) -> Order:
    """`order` with these fulfillments; what was stated about the statuses of these lines is over."""
    return derived(replace(order, fulfillments=fulfillments), {each.line_id for each in units})


def derived(order: Order, line_ids: set[str]) -> Order:
    """`order` whose fulfillment status, and that of these lines, is counted from now on."""
    lines = tuple(
        replace(line, stated=replace(line.stated, fulfillment_status=None)) if line.id in line_ids else line
        for line in order.line_items
    )
    stated = replace(order.stated, fulfillment_status=None)
    return replace(order, line_items=lines, stated=stated)
