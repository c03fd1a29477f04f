"""Every total of an order as a sum over its parts, beside what the channel stated (rulings.md §4.2)."""

from decimal import Decimal

from till import money
from till.orders import ledger
from till.orders.order import Order
from till.orders.parts import DiscountCode, LineItem
from till.orders.words import DiscountType
from till.value import Value

KEPT = "totals"


class Totals(Value, kw_only=True, frozen=True):
    """The amounts that an order shows."""

    total_line_items_price: int
    total_discounts: int
    subtotal_price: int
    total_tax: int
    total_price: int
    total_shipping_price: int
    current_total_discounts: int
    current_subtotal_price: int
    current_total_tax: int
    current_total_price: int
    total_outstanding: int
    total_weight: int


class Mismatch(Value, kw_only=True, frozen=True):
    """A stated total that is not the sum of its parts."""

    field: str
    stated: int
    computed: int


def code_amount(kind: DiscountType, value: int | Decimal, lines: tuple[LineItem, ...]) -> int:
    """What a code takes off: its fixed amount, or its per cent of the lines after their own discounts."""
    if kind is DiscountType.PERCENTAGE:
        return money.percent(Decimal(value), max(0, lines_price(lines) - lines_discount(lines)))
    return int(value)


def lines_price(lines: tuple[LineItem, ...]) -> int:
    return sum(line.total for line in lines)


def lines_discount(lines: tuple[LineItem, ...]) -> int:
    return sum(line.total_discount for line in lines)


def discounts(lines: tuple[LineItem, ...], codes: tuple[DiscountCode, ...]) -> int:
    """All discounts on goods, never more than the goods cost; a shipping code takes nothing off goods.

    Beside their own discounts, lines have the part of each code, or without codes what was allocated.
    """
    if codes:
        more = sum(code.amount for code in codes if code.type is not DiscountType.SHIPPING)
    else:
        more = sum(each.amount for line in lines for each in line.allocations)
    return min(lines_discount(lines) + more, lines_price(lines))


def goods_tax(order: Order) -> int:
    """The tax on goods and shipping: the order's own tax lines, else those of its lines and shipping."""
    if order.tax_lines:
        return sum(tax.price for tax in order.tax_lines)
    return sum(tax.price for line in order.line_items for tax in line.tax_lines) + shipping_tax(order)


def shipping_tax(order: Order) -> int:
    return sum(tax.price for line in order.shipping_lines for tax in line.tax_lines)


def shipping_price(order: Order) -> int:
    """What shipping costs after what was taken off it; its tax stands apart."""
    if not order.shipping_lines:
        return order.stated.total_shipping_price or 0
    return sum(line.discounted_price for line in order.shipping_lines)


def shipping_before(order: Order) -> int:
    """What shipping costs before anything was taken off it."""
    return sum(line.price for line in order.shipping_lines)


def totals(order: Order) -> Totals:
    """What `order` shows, which is worked out once: every move asks for it."""
    known: dict[str, Totals] = order.__dict__  # where what is cached of an order lies; it is no part of it
    if KEPT not in known:
        known[KEPT] = _summed(order)
    return known[KEPT]


def _summed(order: Order) -> Totals:
    """Each stated total as stated, each other one from the shown ones before it."""
    said = order.stated
    price = _shown(said.total_line_items_price, lines_price(order.line_items))
    less = _shown(said.total_discounts, discounts(order.line_items, order.discount_codes))
    subtotal = _shown(said.subtotal_price, max(0, price - less))
    tax = _shown(said.total_tax, goods_tax(order))
    total = _shown(said.total_price, order.worth_of(subtotal, tax) + shipping_price(order))
    current = _current(order, total)
    gone = current == 0 and total > 0 and said.current_total_price is None
    here, past = (_Removed.of(order, born=born) for born in (False, True))
    return Totals(
        total_line_items_price=price,
        total_discounts=less,
        subtotal_price=subtotal,
        total_tax=tax,
        total_price=total,
        total_shipping_price=_shown(said.total_shipping_price, shipping_before(order)),
        current_total_discounts=_left(
            said.current_total_discounts, less, here.discounts, past.discounts, gone=gone
        ),
        current_subtotal_price=_left(
            said.current_subtotal_price, subtotal, here.subtotal, past.subtotal, gone=gone
        ),
        current_total_tax=_left(said.current_total_tax, tax, here.tax, past.tax, gone=gone),
        current_total_price=current,
        total_outstanding=_shown(said.total_outstanding, outstanding(order, current)),
        total_weight=_shown(said.total_weight, sum(line.grams * line.quantity for line in order.line_items)),
    )


def _current(order: Order, total: int) -> int:
    """What stands of `total`: nothing of a cancelled order, unless its channel said otherwise."""
    said = order.stated.current_total_price
    if order.cancelled_at is not None and said is None:
        return 0
    return max(0, _shown(said, total) - order.reduction)


class _Removed(Value, kw_only=True, frozen=True):
    """The parts of what left the order, with refunds and returns."""

    subtotal: int = 0
    tax: int = 0
    discounts: int = 0

    @classmethod
    def of(cls, order: Order, *, born: bool) -> "_Removed":
        """What left it here, or what had left it when it was `born`."""
        if not order.refunds and not order.returns:
            return NOTHING_REMOVED
        prices = {line.id: line.price for line in order.line_items}
        rows = [
            (prices[unit.line_id] * unit.quantity, unit.subtotal, unit.tax)
            for refund in order.refunds
            if refund.is_done and refund.return_id is None and refund.born is born
            for unit in refund.units
        ]
        rows += [
            (prices[unit.line_id] * unit.received, unit.subtotal, unit.tax)
            for unit in order.received_back
            if not born
        ]
        subtotal = sum(row[1] for row in rows)
        return cls(
            subtotal=subtotal,
            tax=sum(row[2] for row in rows),
            discounts=sum(row[0] for row in rows) - subtotal,
        )


NOTHING_REMOVED = _Removed()


def _left(stated: int | None, whole: int, here: int, past: int, *, gone: bool) -> int:
    """What is left of a total; nothing where all of the order is `gone`, unless it was stated.

    What the channel removed before, it left out of what it stated.
    """
    if stated is not None:
        return max(0, stated - max(0, here))
    return 0 if gone else max(0, whole - max(0, here + past))


def outstanding(order: Order, current: int) -> int:
    """What is still to be paid of the `current` total; open authorizations count as covered."""
    return max(0, current - ledger.net(order.transactions) - ledger.authorized(order.transactions))


def mismatches(order: Order, shown: Totals) -> tuple[Mismatch, ...]:
    """The stated totals that are not the sums of the `shown` parts below them."""
    said = order.stated
    price, less = shown.total_line_items_price, shown.total_discounts
    whole = order.worth_of(shown.subtotal_price, shown.total_tax) + shipping_price(order)
    rows = (
        ("totalLineItemsPrice", said.total_line_items_price, lines_price(order.line_items)),
        ("totalDiscounts", said.total_discounts, discounts(order.line_items, order.discount_codes)),
        ("subtotalPrice", said.subtotal_price, max(0, price - less)),
        ("totalTax", said.total_tax, goods_tax(order) if _is_itemized(order) else said.total_tax or 0),
        ("totalPrice", said.total_price, whole),
        ("totalShippingPrice", said.total_shipping_price, _itemized_shipping(order)),
    )
    return tuple(
        Mismatch(field=field, stated=stated, computed=computed)
        for field, stated, computed in rows
        if stated is not None and stated != computed
    )


def _itemized_shipping(order: Order) -> int:
    """What the shipping lines cost; without them, what was stated."""
    return shipping_before(order) if order.shipping_lines else order.stated.total_shipping_price or 0


def _is_itemized(order: Order) -> bool:
    """True where taxes were told one by one, so that their sum can be compared."""
    own = [*(line.tax_lines for line in order.line_items), *(line.tax_lines for line in order.shipping_lines)]
    return bool(order.tax_lines) or any(own)


def _shown(stated: int | None, computed: int) -> int:
    return computed if stated is None else stated
