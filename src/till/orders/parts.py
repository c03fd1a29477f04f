"""What an order is made of when it is placed: line items, discounts, taxes, shipping, terms.

Amounts are minor units of the order's currency, times microseconds in UTC.
"""

from decimal import Decimal

from till.orders.words import DiscountType, LineStatus
from till.value import Value


class TaxLine(Value, kw_only=True, frozen=True):
    """One tax; `rate` is in per cent, `10` is a tenth (genstore.md §8.4)."""

    title: str | None
    price: int
    rate: Decimal | None = None


class ShippingLine(Value, kw_only=True, frozen=True):
    """One way of shipping and its price, before and after what was taken off it."""

    id: str
    price: int
    discounted_price: int
    title: str | None = None
    code: str | None = None
    source: str | None = None
    tax_lines: tuple[TaxLine, ...] = ()


class DiscountApplication(Value, kw_only=True, frozen=True):
    """Why something was taken off; `value` as it was told, an amount or a percentage."""

    id: str | None = None
    code: str | None = None
    title: str | None = None
    target_type: str | None = None
    value: str | None = None


class DiscountAllocation(Value, kw_only=True, frozen=True):
    """What one application took off one line."""

    amount: int
    application: int = 0


class StatedLine(Value, kw_only=True, frozen=True):
    """What the channel stated about a line's progress (rulings.md §4.3).

    The quantities are where counting starts; the status stands until a command touches the line.
    """

    current_quantity: int | None = None
    fulfillable_quantity: int | None = None
    fulfillment_status: LineStatus | None = None


class LineItem(Value, kw_only=True, frozen=True):
    """One variant in one quantity; `shipped_elsewhere` units left without a fulfillment of this order."""

    id: str
    product_id: str
    variant_id: str
    title: str
    quantity: int
    price: int
    variant_title: str | None = None
    sku: str | None = None
    total_discount: int = 0
    grams: int = 0
    taxable: bool = True
    requires_shipping: bool = True
    gift_card: bool = False
    location_id: str | None = None
    tax_lines: tuple[TaxLine, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    allocations: tuple[DiscountAllocation, ...] = ()
    shipped_elsewhere: int = 0
    stated: StatedLine = StatedLine()

    @property
    def total(self) -> int:
        """Price by quantity, before any discount."""
        return self.price * self.quantity


class DiscountCode(Value, kw_only=True, frozen=True):
    """A code and what it took off; for a percentage, `rate` is what was asked for."""

    code: str
    amount: int
    type: DiscountType = DiscountType.FIXED_AMOUNT
    rate: Decimal | None = None


class PaymentTerms(Value, kw_only=True, frozen=True):
    """What is to be paid, in a currency of its own, and by which payment."""

    amount: int
    currency: str
    name: str | None = None
    payment_id: str | None = None
    channel_trx_no: str | None = None
