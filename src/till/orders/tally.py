"""How many units of each line were shipped, came back, and are left: counted from what happened."""

from collections.abc import Iterable

from msgspec import Struct

from till.orders.movements import Fulfillment, Refund, Return, Units
from till.orders.parts import LineItem


class Tally(Struct):
    """The units of one line. Counting starts at what the channel stated (rulings.md §4.3)."""

    base: int  # what stood of the line when the order was placed
    unshipped: int  # what is still to be shipped, were the order not cancelled
    shipped: int = 0
    removed: int = 0  # refunded, or back from a return
    given_back: int = 0  # shipped units among them
    coming: int = 0  # on their way back in a live return
    refunded: int = 0

    @property
    def current(self) -> int:
        """What stands of the line now, were the order not cancelled."""
        return max(0, self.base - self.removed)

    @property
    def with_customer(self) -> int:
        """Shipped units that have not come back and are not about to."""
        return max(0, self.shipped - self.given_back - self.coming)

    @property
    def refundable(self) -> int:
        """Units that a refund outside a return may still name."""
        return max(0, self.current - self.coming)


def tallies(
    lines: tuple[LineItem, ...],
    fulfillments: Iterable[Fulfillment],
    refunds: tuple[Refund, ...],
    returns: Iterable[Return],
) -> dict[str, Tally]:
    """The tally of each line, by the line's id."""
    found = {line.id: _first(line) for line in lines}
    told = {line.id for line in lines if line.stated.fulfillable_quantity is not None}
    past = [unit for refund in refunds if refund.born and refund.is_done for unit in refund.units]
    if past:
        _put_back(found, {line.id: line for line in lines}, past)
    for shipment in fulfillments:
        for each in shipment.units:
            _ship(found[each.line_id], each, shipment, told=each.line_id in told)
    for refund in refunds:
        if refund.is_done:
            _refund(found, refund, told=told if refund.born else set())
    for returned in returns:
        if returned.counts:
            _return(found, returned)
    for line in lines:
        tally = found[line.id]
        tally.unshipped = max(0, tally.unshipped)
    return found


def _first(line: LineItem) -> Tally:
    said = line.stated
    base = line.quantity if said.current_quantity is None else said.current_quantity
    left = base - line.shipped_elsewhere if said.fulfillable_quantity is None else said.fulfillable_quantity
    return Tally(base=base, unshipped=left, shipped=line.shipped_elsewhere)


def _put_back(found: dict[str, Tally], lines: dict[str, LineItem], past: Iterable[Units]) -> None:
    """Count the units that the channel refunded: what it stated to stand of a line is without them."""
    for each in past:
        line, tally = lines[each.line_id], found[each.line_id]
        if line.stated.current_quantity is None:
            continue
        tally.base += each.quantity
        if line.stated.fulfillable_quantity is None:
            most = line.quantity - line.shipped_elsewhere
            tally.unshipped = min(tally.unshipped + each.quantity, most)


def _ship(tally: Tally, units: Units, shipment: Fulfillment, *, told: bool) -> None:
    """What the channel shipped is no longer in what it `told` to be left; all else is counted."""
    quantity = units.quantity
    if shipment.is_live:
        tally.shipped += quantity
        tally.unshipped -= 0 if shipment.born and told else quantity
    elif shipment.born and told and shipment.cancelled_at is not None:
        tally.unshipped += quantity


def _refund(found: dict[str, Tally], refund: Refund, *, told: set[str]) -> None:
    """Units leave; those that the channel refunded are not in what it `told` to be left to ship."""
    for each in refund.units:
        tally = found[each.line_id]
        tally.refunded += each.quantity
        if refund.return_id is None:
            tally.removed += each.quantity
            if each.line_id not in told and not refund.after_cancel:
                tally.unshipped -= each.unshipped
            tally.given_back += each.quantity - each.unshipped


def _return(found: dict[str, Tally], returned: Return) -> None:
    for each in returned.units:
        tally = found[each.line_id]
        tally.removed += each.received
        tally.given_back += each.received
        if returned.is_live:
            tally.coming += each.quantity - each.received
