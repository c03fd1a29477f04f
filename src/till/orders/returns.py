"""Sending shipped units back: asked for, approved, received, and then refunded (semantics.md §2.5)."""

from msgspec.structs import replace

from till.orders.movements import Reason, Return, ReturnedUnits, Units
from till.orders.order import Order
from till.orders.pay import Mint
from till.orders.refused import Refused, WhyNot, must
from till.orders.ship import TooManyUnits, line_of, once_each
from till.orders.words import ReturnStatus
from till.orders.worth import Worth, unit_worth, worths
from till.value import Value


class NothingToReturn(Refused):
    """No shipped unit is with the customer."""

    says = "Order {order} has no shipped unit that could come back."


class ReturnNotOpen(Refused):
    """The return is not in the state that this move begins at."""

    says = "Return {name} of order {order} is {status}, so it cannot be {deed}."


class AskedUnits(Units, kw_only=True, frozen=True):
    """Units that a customer wants to send back."""

    reason: Reason = Reason()
    note: str | None = None


class ReturnWish(Value, kw_only=True, frozen=True):
    """A return that is asked for; an `approved` one needs no decision."""

    units: tuple[AskedUnits, ...]
    note: str | None = None
    approved: bool = False


def why_not_return(order: Order) -> WhyNot:
    any_out = any(order.tallies[line.id].with_customer for line in order.line_items)
    return None if any_out else NothingToReturn


def request(order: Order, wish: ReturnWish, *, mint: Mint, at: int) -> Order:
    """`order` with one more return."""
    must(order, why_not_return(order))
    once_each(order, wish.units)
    for index, each in enumerate(wish.units):
        path = f"return.lineItems[{index}]"
        line = line_of(order, each.line_id, path=f"{path}.lineItemId")
        _must_fit(order, each, order.tallies[line.id].with_customer, "with the customer", path)
    made = Return(
        id=str(mint()),
        number=len(order.returns) + 1,
        status=ReturnStatus.OPEN if wish.approved else ReturnStatus.REQUESTED,
        units=tuple(
            ReturnedUnits(
                id=str(mint()),
                line_id=each.line_id,
                quantity=each.quantity,
                reason=each.reason,
                note=each.note,
            )
            for each in wish.units
        ),
        created_at=at,
        updated_at=at,
        approved_at=at if wish.approved else None,
        note=wish.note,
    )
    return replace(order, returns=(*order.returns, made)).changed(at)


def approve(order: Order, return_id: str, *, at: int) -> Order:
    """Let a requested return come; the same order when it may already."""
    found = return_of(order, return_id)
    if found.status is ReturnStatus.OPEN:
        return order
    _must_be(order, found, (ReturnStatus.REQUESTED,), "approved")
    return _put(order, replace(found, status=ReturnStatus.OPEN, approved_at=at, updated_at=at)).changed(at)


def decline(order: Order, return_id: str, *, reason: str | None, at: int) -> Order:
    found = return_of(order, return_id)
    _must_be(order, found, (ReturnStatus.REQUESTED,), "declined")
    declined = replace(found, status=ReturnStatus.DECLINED, decline_reason=reason, updated_at=at)
    return _put(order, declined).changed(at)


def call_off(order: Order, return_id: str, *, at: int) -> Order:
    """Cancel a return of which nothing has come in."""
    found = return_of(order, return_id)
    _must_be(order, found, (ReturnStatus.REQUESTED, ReturnStatus.OPEN), "cancelled")
    if any(unit.received for unit in found.units):
        raise ReturnNotOpen(order, name=found.id, status="received in part", deed="cancelled")
    return _put(order, replace(found, status=ReturnStatus.CANCELLED, updated_at=at)).changed(at)


def close(order: Order, return_id: str, *, at: int) -> Order:
    """End a return as it is: what has not come in will not come; the same order when it ended already."""
    found = return_of(order, return_id)
    if found.status is ReturnStatus.CLOSED:
        return order
    _must_be(order, found, (ReturnStatus.OPEN, ReturnStatus.RECEIVED), "closed")
    closed = replace(found, status=ReturnStatus.CLOSED, closed_at=at, updated_at=at)
    return _put(order, closed).changed(at)


def receive(order: Order, return_id: str, units: tuple[Units, ...], *, restock: bool, at: int) -> Order:
    """Take units in; without `units`, all that have not come yet. Their worth leaves the order's totals."""
    found = return_of(order, return_id)
    _must_be(order, found, (ReturnStatus.OPEN,), "received")
    once_each(order, units)
    coming = {unit.line_id: unit.quantity - unit.received for unit in found.units}
    for index, each in enumerate(units):
        _must_fit(order, each, coming.get(each.line_id, 0), "on its way back", f"lineItems[{index}]")
    arrived = {each.line_id: each.quantity for each in units} or coming
    worth = worths(order)
    taken = tuple(
        _taken(order, unit, arrived.get(unit.line_id, 0), worth, restock=restock) for unit in found.units
    )
    whole = all(unit.received == unit.quantity for unit in taken)
    changed = replace(
        found,
        units=taken,
        status=ReturnStatus.RECEIVED if whole else ReturnStatus.OPEN,
        received_at=at if whole else None,
        updated_at=at,
    )
    stated = replace(order.stated, total_outstanding=None)
    return _put(replace(order, stated=stated), changed).changed(at)


def _taken(
    order: Order, unit: ReturnedUnits, count: int, worth: dict[str, Worth], *, restock: bool
) -> ReturnedUnits:
    if not count:
        return unit
    line = line_of(order, unit.line_id, path="lineItems")
    subtotal, tax = unit_worth(order, line, count, worth=worth[line.id])
    return replace(
        unit,
        received=unit.received + count,
        subtotal=unit.subtotal + subtotal,
        tax=unit.tax + tax,
        restock=unit.restock or restock,
    )


def return_of(order: Order, return_id: str) -> Return:
    return next(each for each in order.returns if each.id == return_id)


def _must_be(order: Order, found: Return, statuses: tuple[ReturnStatus, ...], deed: str) -> None:
    if found.status not in statuses:
        raise ReturnNotOpen(order, name=found.id, status=found.status, deed=deed)


def _must_fit(order: Order, asked: Units, most: int, where: str, path: str) -> None:
    if asked.quantity > most:
        raise TooManyUnits(
            order,
            line=asked.line_id,
            most=most,
            asked=asked.quantity,
            deed=where,
            fields={f"{path}.quantity": [f"must be at most {most}"]},
        )


def _put(order: Order, changed: Return) -> Order:
    returns = tuple(changed if each.id == changed.id else each for each in order.returns)
    return replace(order, returns=returns)
