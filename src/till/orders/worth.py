"""What units of an order are worth, exact to the cent over all of them together (semantics.md §1.2)."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from till.money import spread
from till.orders.order import Order
from till.orders.parts import DiscountAllocation, LineItem, TaxLine
from till.orders.totals import discounts, lines_discount, shipping_price, shipping_tax, totals
from till.orders.words import DiscountType

Allocations = tuple[DiscountAllocation, ...]
TaxLines = tuple[TaxLine, ...]


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
    goods = _goods(order, shown.subtotal_price)
    taxes = _taxes(order, goods, max(0, shown.total_tax - shipping_tax(order)))
    return {
        line.id: Worth(subtotal, tax, line.quantity)
        for line, subtotal, tax in zip(lines, goods, taxes, strict=True)
    }


def _goods(order: Order, subtotal: int) -> list[int]:
    """`subtotal` by line, in proportion to what the lines cost after all discounts."""
    after = [
        max(0, line.total - line.total_discount - sum(each.amount for each in cut))
        for line, cut in zip(order.line_items, allocations(order), strict=True)
    ]
    return spread(subtotal, after)


def allocations(order: Order) -> list[Allocations]:
    """What applications took off each line: as it was told, else all codes in proportion to the prices."""
    lines = order.line_items
    if not order.discount_codes or any(line.allocations for line in lines):
        return [line.allocations for line in lines]
    by_code = discounts(lines, order.discount_codes) - lines_discount(lines)
    if by_code <= 0:
        return [()] * len(lines)
    first = next(
        index for index, code in enumerate(order.discount_codes) if code.type is not DiscountType.SHIPPING
    )
    shares = spread(by_code, [max(0, line.total - line.total_discount) for line in lines])
    return [(DiscountAllocation(amount=share, application=first),) for share in shares]


def taxes_of_lines(order: Order) -> list[TaxLines]:
    """The taxes of each line: as they were told, else each of the order's over what is taxable."""
    told = [line.tax_lines for line in order.line_items]
    if not order.tax_lines or any(told):
        return told
    return _spread_taxes(order, _goods(order, totals(order).subtotal_price))


def _spread_taxes(order: Order, goods: list[int]) -> list[TaxLines]:
    """Each tax of the order, less what of it is on shipping (semantics.md §1.2, golden F)."""
    weights = _taxable(order, goods)
    on_shipping = _summed(tax for line in order.shipping_lines for tax in line.tax_lines)
    rows: list[list[TaxLine]] = [[] for _ in goods]
    for tax in order.tax_lines:
        own = on_shipping.pop((tax.title, tax.rate), None)
        amount = max(0, tax.price - (own or 0))
        if own is not None and not amount:
            continue  # all of it is on shipping
        for row, weight, share in zip(rows, weights, spread(amount, weights), strict=True):
            if weight or share:
                row.append(replace(tax, price=share))
    return [tuple(row) for row in rows]


def taxes_of_order(order: Order) -> TaxLines:
    """The taxes of the order: as they were told, else those of its lines and shipping by title and rate."""
    if order.tax_lines:
        return order.tax_lines
    rows = [line.tax_lines for line in order.line_items]
    rows += [line.tax_lines for line in order.shipping_lines]
    sums = _summed(tax for row in rows for tax in row)
    return tuple(TaxLine(title=title, rate=rate, price=price) for (title, rate), price in sums.items())


def _summed(taxes: Iterable[TaxLine]) -> dict[tuple[str | None, Decimal | None], int]:
    sums: dict[tuple[str | None, Decimal | None], int] = {}
    for tax in taxes:
        key = (tax.title, tax.rate)
        sums[key] = sums.get(key, 0) + tax.price
    return sums


def _taxes(order: Order, goods: list[int], tax: int) -> list[int]:
    """The tax of each line: as its tax lines say, else the order's, else spread over what is taxable."""
    own = [line.tax_lines for line in order.line_items]
    if order.tax_lines and not any(own):
        own = _spread_taxes(order, goods)
    sums = [sum(each.price for each in row) for row in own]
    return sums if sum(sums) == tax else spread(tax, _taxable(order, goods))


def _taxable(order: Order, goods: list[int]) -> list[int]:
    """What taxes are in proportion to: the taxable goods, or all where none is taxable."""
    weights = [net if line.taxable else 0 for net, line in zip(goods, order.line_items, strict=True)]
    return weights if any(weights) else goods


def unit_worth(order: Order, line: LineItem, count: int, *, worth: Worth) -> tuple[int, int]:
    """Subtotal and tax of the next `count` units that leave the order."""
    tally = order.tallies[line.id]
    return worth.share(line.quantity - tally.base + tally.removed, count)


def shipping_left(order: Order) -> int:
    """What can still be given back of shipping, with its tax where that was added to the price."""
    whole = order.worth_of(shipping_price(order), shipping_tax(order))
    return max(0, whole - sum(each.shipping for each in order.refunds if each.is_done))
