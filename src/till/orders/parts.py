"""The parts of an order: line items, addresses, customer, discounts, fulfillments, money moved.

Amounts are minor units of the order's currency, times microseconds in UTC.
"""

from decimal import Decimal

from msgspec import Struct

from till.orders.words import (
    CustomerState,
    DiscountType,
    FulfillmentState,
    LineStatus,
    TransactionKind,
)


class Value(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has no identity of its own and never changes."""


class Address(Value, kw_only=True, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    country: str | None = None
    country_code: str | None = None
    zip: str | None = None
    phone: str | None = None
    latitude: str | None = None
    longitude: str | None = None


class StatedLine(Value, kw_only=True, frozen=True):
    """What the channel stated about a line's progress, until a command touches it (rulings.md §4.3)."""

    current_quantity: int | None = None
    fulfillable_quantity: int | None = None
    fulfillment_status: LineStatus | None = None

    def after_cancel(self) -> "StatedLine":
        """What still stands once the order was cancelled here: what was shipped was shipped."""
        return StatedLine(fulfillment_status=self.fulfillment_status)


class LineItem(Value, kw_only=True, frozen=True):
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
    """What is to be paid, in a currency of its own."""

    amount: int
    currency: str


class Fulfillment(Value, kw_only=True, frozen=True):
    id: str
    status: FulfillmentState
    created_at: int
    updated_at: int


class Transaction(Value, kw_only=True, frozen=True):
    """Money moved for an order; never changed once booked. All here succeeded."""

    id: str
    kind: TransactionKind
    amount: int
    gateway: str
    created_at: int
    parent_id: str | None = None


class Refund(Value, kw_only=True, frozen=True):
    """Money given back, and why."""

    id: str
    amount: int
    created_at: int
    note: str | None = None
    transaction_ids: tuple[str, ...] = ()


class Customer(Value, kw_only=True, frozen=True):
    """The customer as the channel told of them."""

    id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: str | None = None
    state: CustomerState | None = None
    verified_email: bool | None = None
    tax_exempt: bool | None = None
    tax_exemptions: tuple[str, ...] = ()
    currency: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    default_address: Address | None = None
    addresses: tuple[Address, ...] = ()
