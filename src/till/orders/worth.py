"""What units of an order are worth, exact to the cent over all of them together (semantics.md §1.2)."""

from msgspec import Struct

from till.money import spread
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.totals import shipping_price, shipping_tax, totals


class Worth(Struct, frozen=True):
    """The subtotal of a line after all discounts, and its tax."""

    subtotal: int
    tax: int
    quantity: int

    def share(self, first: int, count: int) -> tuple[int, int]:
        """Subtotal and tax of `count` units after the `first`; all shares sum to the whole."""
        return self._cut(self.subtotal, first, count), self._cut(self.tax, first, count)

    def _cut(self, amount: int, first: int, count: int) -> int:
        last = min(first + count, self.quantity)
        return amount * last // self.quantity - amount * first // self.quantity


def worths(order: Order) -> dict[str, Worth]:
    """What each line came to when it was ordered, by the line's id; in all the subtotal and the tax."""
    shown, lines = totals(order), order.line_items
    goods = spread(shown.subtotal_price, [_after_discounts(line) for line in lines])
    taxes = _taxes(order, goods, max(0, shown.total_tax - shipping_tax(order)))
    return {
        line.id: Worth(subtotal, tax, line.quantity)
        for line, subtotal, tax in zip(lines, goods, taxes, strict=True)
    }


def _after_discounts(line: LineItem) -> int:
    return max(0, line.total - line.total_discount - sum(each.amount for each in line.allocations))


def _taxes(order: Order, goods: list[int], tax: int) -> list[int]:
    """The tax of each line: as its tax lines say, else spread over what is taxable."""
    own = [sum(each.price for each in line.tax_lines) for line in order.line_items]
    if sum(own) == tax:
        return own
    weights = [net if line.taxable else 0 for net, line in zip(goods, order.line_items, strict=True)]
    return spread(tax, weights if any(weights) else goods)


def unit_worth(order: Order, line: LineItem, count: int, *, worth: Worth) -> tuple[int, int]:
    """Subtotal and tax of the next `count` units that leave the order."""
    tally = order.tallies[line.id]
    return worth.share(line.quantity - tally.base + tally.removed, count)


def shipping_left(order: Order) -> int:
    """What can still be given back of shipping, with its tax where that was added to the price."""
    whole = order.worth_of(shipping_price(order), shipping_tax(order))
    return max(0, whole - sum(each.shipping for each in order.refunds if each.is_done))
