"""What a refund would come to: which units, what they are worth, how much money (semantics.md §2.4)."""

from msgspec import Struct

from till.orders import ledger
from till.orders.movements import Reason, RefundedUnits, Return, Units
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.pay import Mint
from till.orders.refused import Refused, spelled
from till.orders.ship import TooManyUnits, line_of, once_each
from till.orders.tally import Tally
from till.orders.totals import totals
from till.orders.words import RestockType
from till.orders.worth import Worth, shipping_left, unit_worth, worths
from till.value import Value


class RefundTooLarge(Refused):
    """More than is left of what was received."""

    says = "Refund amount {asked} is greater than the {most} that is left of what order {order} received."


class ShippingTooLarge(Refused):
    """More than is left of what shipping cost."""

    says = "Order {order} has {most} of its shipping left to give back, not {asked}."


class NotInReturn(Refused):
    """The refund of a return names a line item that is not part of it."""

    says = "Line item {line} is not part of return {name} of order {order}: refund it outside of the return."


class WantedUnits(Units, kw_only=True, frozen=True):
    """Units to be refunded, and what becomes of them."""

    restock: RestockType = RestockType.NO_RESTOCK
    reason: Reason = Reason()
    location_id: str | None = None


class RefundWish(Value, kw_only=True, frozen=True):
    """A refund that is asked for; what is None is worked out.

    `shipping` is how much of it, `all_shipping` all that is left; `wanted` says how much of which payment.
    """

    units: tuple[WantedUnits, ...] = ()
    shipping: int | None = None
    all_shipping: bool = False
    amount: int | None = None
    note: str | None = None
    rights_type: int = 1
    wanted: tuple[tuple[str, int], ...] = ()
    return_id: str | None = None
    review: bool = False


class Quote(Struct, kw_only=True):
    """What a refund comes to: `value` is of the units, `reduction` what the order's total falls by."""

    units: tuple[RefundedUnits, ...]
    value: int
    shipping: int
    amount: int
    most: int
    reduction: int


def quote(order: Order, wish: RefundWish, *, mint: Mint) -> Quote:
    """What `wish` comes to; refused where it names too many units, too much shipping or too much money."""
    once_each(order, wish.units)
    linked = next((each for each in order.returns if each.id == wish.return_id), None)
    wanted = wish.units
    if linked is not None and not wanted and wish.amount is None:
        wanted = _not_yet_refunded(order, linked)
    worth = worths(order)
    units = tuple(
        _of_return(order, each, linked, index, mint=mint)
        if linked is not None
        else _of_order(order, each, worth, index, mint=mint)
        for index, each in enumerate(wanted)
    )
    shipping = _shipping(order, wish)
    value = sum(order.worth_of(unit.subtotal, unit.tax) for unit in units)
    leaving = shipping + (0 if linked is not None else value)
    most = ledger.net(order.transactions)
    amount = _suggested(order, value + shipping, leaving, most) if wish.amount is None else wish.amount
    if amount > most:
        asked, left = spelled(order, amount), spelled(order, most)
        raise RefundTooLarge(
            order, asked=asked, most=left, fields={"refund.amount": [f"must be at most {left}"]}
        )
    # What was owed back lowers the total no second time; what is given beyond it and the goods does.
    owed = max(0, most - totals(order).current_total_price)
    return Quote(
        units=units,
        value=value,
        shipping=shipping,
        amount=amount,
        most=most,
        reduction=max(leaving, amount - owed),
    )


def _suggested(order: Order, worth: int, leaving: int, net: int) -> int:
    """What was paid too much once `leaving` is off the total, and never more than things are worth."""
    if order.cancelled_at is not None:
        return min(worth, net)
    after = max(0, totals(order).current_total_price - leaving)
    return min(worth, max(0, net - after))


def _shipping(order: Order, wish: RefundWish) -> int:
    most = shipping_left(order)
    asked = most if wish.all_shipping and wish.shipping is None else wish.shipping or 0
    if asked > most:
        raise ShippingTooLarge(
            order,
            asked=spelled(order, asked),
            most=spelled(order, most),
            fields={"refund.shipping.amount": [f"must be at most {spelled(order, most)}"]},
        )
    return asked


def _of_order(
    order: Order, asked: WantedUnits, worth: dict[str, Worth], index: int, *, mint: Mint
) -> RefundedUnits:
    """Units that leave the order with the refund."""
    line = line_of(order, asked.line_id, path=f"refund.lineItems[{index}].lineItemId")
    tally = order.tallies[line.id]
    most = {
        RestockType.NO_RESTOCK: tally.refundable,
        RestockType.CANCEL: min(tally.refundable, tally.unshipped),
        RestockType.RETURN: min(tally.refundable, tally.with_customer),
    }[asked.restock]
    _must_fit(order, asked, most, index)
    subtotal, tax = unit_worth(order, line, asked.quantity, worth=worth[line.id])
    return _units(asked, subtotal, tax, _unshipped(asked, tally), mint=mint)


def _unshipped(asked: WantedUnits, tally: Tally) -> int:
    """How many of the units were not shipped: shipped ones come back first, unless it is said."""
    if asked.restock is RestockType.RETURN:
        return 0
    if asked.restock is RestockType.CANCEL:
        return asked.quantity
    return min(tally.unshipped, max(0, asked.quantity - tally.with_customer))


def _of_return(order: Order, asked: WantedUnits, linked: Return, index: int, *, mint: Mint) -> RefundedUnits:
    """Units that came back before; their worth was taken off the total then."""
    back = next((unit for unit in linked.units if unit.line_id == asked.line_id), None)
    if back is None:
        raise NotInReturn(order, line=asked.line_id, name=linked.id)
    before = [unit for unit in refunded_of(order, linked) if unit.line_id == asked.line_id]
    gone = sum(unit.quantity for unit in before)
    _must_fit(order, asked, back.received - gone, index)
    upto = gone + asked.quantity
    # As more comes in, a unit's share may shrink by a cent; what was given back is never taken back.
    subtotal = max(0, back.subtotal * upto // back.received - sum(unit.subtotal for unit in before))
    tax = max(0, back.tax * upto // back.received - sum(unit.tax for unit in before))
    return _units(asked, subtotal, tax, 0, mint=mint)


def _not_yet_refunded(order: Order, linked: Return) -> tuple[WantedUnits, ...]:
    """All units of a return that came in and were not refunded."""
    gone: dict[str, int] = {}
    for unit in refunded_of(order, linked):
        gone[unit.line_id] = gone.get(unit.line_id, 0) + unit.quantity
    lefts = ((unit, unit.received - gone.get(unit.line_id, 0)) for unit in linked.units)
    return tuple(
        WantedUnits(
            line_id=unit.line_id,
            quantity=left,
            restock=RestockType.RETURN if unit.restock else RestockType.NO_RESTOCK,
            reason=unit.reason,
        )
        for unit, left in lefts
        if left > 0
    )


def refunded_of(order: Order, linked: Return) -> list[RefundedUnits]:
    """The units of a return whose refund is done."""
    refunds = (each for each in order.refunds if each.is_done and each.return_id == linked.id)
    return [unit for refund in refunds for unit in refund.units]


def _must_fit(order: Order, asked: WantedUnits, most: int, index: int) -> None:
    if asked.quantity > most:
        raise TooManyUnits(
            order,
            line=asked.line_id,
            most=most,
            asked=asked.quantity,
            deed=DEEDS[asked.restock],
            fields={f"refund.lineItems[{index}].quantity": [f"must be at most {most}"]},
        )


DEEDS = {
    RestockType.NO_RESTOCK: "to refund",
    RestockType.CANCEL: "unshipped to refund",
    RestockType.RETURN: "shipped to refund",
}


def _units(asked: WantedUnits, subtotal: int, tax: int, unshipped: int, *, mint: Mint) -> RefundedUnits:
    return RefundedUnits(
        id=str(mint()),
        line_id=asked.line_id,
        quantity=asked.quantity,
        subtotal=subtotal,
        tax=tax,
        unshipped=unshipped,
        restock=asked.restock,
        reason=asked.reason,
        location_id=asked.location_id,
    )


def remaining(order: Order, *, restock: bool) -> tuple[WantedUnits, ...]:
    """All units that a refund may still name; of lines with unshipped ones, those go back on the shelf."""
    found: list[WantedUnits] = []
    for line in order.line_items:
        tally = order.tallies[line.id]
        if tally.refundable:
            kind = RestockType.CANCEL if restock and _all_unshipped(order, line) else RestockType.NO_RESTOCK
            found.append(WantedUnits(line_id=line.id, quantity=tally.refundable, restock=kind))
    return tuple(found)


def _all_unshipped(order: Order, line: LineItem) -> bool:
    tally = order.tallies[line.id]
    return tally.unshipped >= tally.refundable
