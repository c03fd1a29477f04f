"""Every total of an order as a sum over its parts, beside what the channel stated (rulings.md §4.2)."""

from decimal import Decimal

from till import money
from till.orders import ledger
from till.orders.order import Order
from till.orders.parts import DiscountCode, LineItem, Value
from till.orders.words import DiscountType, FinancialStatus, State


class Totals(Value, kw_only=True, frozen=True):
    """The amounts that an order shows."""

    total_line_items_price: int
    total_discounts: int
    subtotal_price: int
    total_tax: int
    total_price: int
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
    """All discounts on goods, never more than the goods cost; a shipping code takes nothing off goods."""
    by_code = sum(code.amount for code in codes if code.type is not DiscountType.SHIPPING)
    return min(lines_discount(lines) + by_code, lines_price(lines))


def totals(order: Order) -> Totals:
    """What `order` shows: each stated total as stated, each other one from the shown ones before it."""
    said = order.stated
    price = _shown(said.total_line_items_price, lines_price(order.line_items))
    less = _shown(said.total_discounts, discounts(order.line_items, order.discount_codes))
    subtotal = _shown(said.subtotal_price, max(0, price - less))
    tax = _shown(said.total_tax, 0)
    total = _shown(said.total_price, subtotal + (0 if order.taxes_included else tax))
    # Nothing stands of what was cancelled or wholly given back, unless the channel stated otherwise.
    gone = order.state is State.CANCELLED or order.financial_status is FinancialStatus.REFUNDED
    current = _shown(said.current_total_price, 0 if gone else total)
    return Totals(
        total_line_items_price=price,
        total_discounts=less,
        subtotal_price=subtotal,
        total_tax=tax,
        total_price=total,
        current_total_discounts=_shown(said.current_total_discounts, 0 if gone else less),
        current_subtotal_price=_shown(said.current_subtotal_price, 0 if gone else subtotal),
        current_total_tax=_shown(said.current_total_tax, 0 if gone else tax),
        current_total_price=current,
        total_outstanding=_shown(said.total_outstanding, outstanding(order, current)),
        total_weight=_shown(said.total_weight, sum(line.grams * line.quantity for line in order.line_items)),
    )


def outstanding(order: Order, current: int) -> int:
    """What is still to be paid of the `current` total; open authorizations count as covered."""
    net = ledger.received(order.transactions) - ledger.refunded(order.transactions)
    return max(0, current - net - ledger.authorized(order.transactions))


def mismatches(order: Order, shown: Totals) -> tuple[Mismatch, ...]:
    """The stated totals that are not the sums of the `shown` parts below them."""
    said = order.stated
    price, less = shown.total_line_items_price, shown.total_discounts
    tax = 0 if order.taxes_included else shown.total_tax
    rows = (
        ("totalLineItemsPrice", said.total_line_items_price, lines_price(order.line_items)),
        ("totalDiscounts", said.total_discounts, discounts(order.line_items, order.discount_codes)),
        ("subtotalPrice", said.subtotal_price, max(0, price - less)),
        ("totalPrice", said.total_price, shown.subtotal_price + tax),
    )
    return tuple(
        Mismatch(field=field, stated=stated, computed=computed)
        for field, stated, computed in rows
        if stated is not None and stated != computed
    )


def _shown(stated: int | None, computed: int) -> int:
    return computed if stated is None else stated
