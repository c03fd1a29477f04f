"""The shapes of what a request says about an order: every documented field, and what it may hold."""

from decimal import Decimal
from typing import Annotated, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till.customers.customer import CustomerState
from till.dialect import lists, readers
from till.orders.words import (
    CancelReason,
    DiscountType,
    FinancialStatus,
    FulfillmentState,
    FulfillmentStatus,
    LineStatus,
)

MOST = 1_000_000
GRAMS = 1_000_000_000
HEAVIEST = 1_000 * MOST * GRAMS  # a thousand lines, each at its most

Unset: TypeAlias = UnsetType
Line: TypeAlias = Annotated[str | Unset | None, readers.text(255)]
Text: TypeAlias = Annotated[str | Unset | None, readers.text(5_000)]
Id: TypeAlias = Annotated[str | Unset | None, readers.identifier()]
Amount: TypeAlias = Annotated[Decimal | Unset | None, readers.amount()]
Flag: TypeAlias = Annotated[bool | Unset | None, readers.flag()]
Time: TypeAlias = Annotated[int | Unset | None, readers.time()]
Currency: TypeAlias = Annotated[str | Unset | None, readers.currency()]
Units: TypeAlias = Annotated[int | Unset | None, readers.whole(0, MOST)]
Weight: TypeAlias = Annotated[int | Unset | None, readers.whole(0, GRAMS)]
Words: TypeAlias = Annotated[tuple[str, ...] | Unset | None, lists.words(255, 100)]
Ignored: TypeAlias = Annotated[Unset | None, readers.ignored()]
OwnIgnored: TypeAlias = Annotated[Unset | None, readers.ignored(), readers.ADDITIVE]
OwnFlag: TypeAlias = Annotated[bool | Unset | None, readers.flag(), readers.ADDITIVE]


class In(Struct, kw_only=True, frozen=True, rename="camel"):
    """What a request says; a field that it does not name is UNSET."""


class AddressIn(In, kw_only=True, frozen=True):
    first_name: Line = UNSET
    last_name: Line = UNSET
    name: Line = UNSET
    company: Annotated[str | Unset | None, readers.text(255), readers.ADDITIVE] = UNSET
    address1: Line = UNSET
    address2: Line = UNSET
    city: Line = UNSET
    province: Line = UNSET
    province_code: Line = UNSET
    country: Line = UNSET
    country_code: Line = UNSET
    zip: Line = UNSET
    phone: Line = UNSET
    latitude: Line = UNSET
    longitude: Line = UNSET


class LineItemIn(In, kw_only=True, frozen=True):
    product_id: Annotated[str, readers.identifier(nullable=False)]
    variant_id: Annotated[str, readers.identifier(nullable=False)]
    title: Annotated[str, readers.text(255, shortest=1, nullable=False)]
    price: Annotated[Decimal, readers.amount(nullable=False)]
    quantity: Annotated[int, readers.whole(1, MOST, nullable=False)]
    id: Id = UNSET
    variant_title: Line = UNSET
    sku: Line = UNSET
    current_quantity: Units = UNSET
    fulfillable_quantity: Units = UNSET
    fulfillment_status: Annotated[
        LineStatus | Unset | None, readers.one_of(LineStatus, none="unfulfilled")
    ] = UNSET
    total_discount: Amount = UNSET
    grams: Weight = UNSET
    taxable: Flag = UNSET
    requires_shipping: Flag = UNSET
    gift_card: Flag = UNSET


class DiscountCodeIn(In, kw_only=True, frozen=True):
    code: Annotated[str, readers.text(255, nullable=False)]
    amount: Annotated[Decimal, readers.amount(nullable=False)]
    type: Annotated[DiscountType | Unset | None, readers.one_of(DiscountType)] = UNSET


class PaymentTermsIn(In, kw_only=True, frozen=True):
    amount: Annotated[Decimal, readers.amount(nullable=False)]
    currency: Currency = UNSET


class FulfillmentIn(In, kw_only=True, frozen=True):
    fulfill_id: Id = UNSET
    order_id: Ignored = UNSET
    status: Annotated[FulfillmentState | Unset | None, readers.one_of(FulfillmentState)] = UNSET
    created_at: Time = UNSET
    updated_at: Time = UNSET


class CustomerIn(In, kw_only=True, frozen=True):
    id: Id = UNSET
    first_name: Line = UNSET
    last_name: Line = UNSET
    email: Line = UNSET
    phone: Line = UNSET
    note: Text = UNSET
    tags: Text = UNSET
    state: Annotated[CustomerState | Unset | None, readers.one_of(CustomerState)] = UNSET
    verified_email: Flag = UNSET
    tax_exempt: Flag = UNSET
    tax_exemptions: Words = UNSET
    currency: Currency = UNSET
    created_at: Time = UNSET
    updated_at: Time = UNSET
    default_address: AddressIn | Unset | None = UNSET
    addresses: tuple[AddressIn, ...] | Unset | None = UNSET


class OrderIn(In, kw_only=True, frozen=True):
    """A new order, as `POST /orders` takes it (rulings.md §4)."""

    line_items: Annotated[tuple[LineItemIn, ...], readers.Note(least=1)]
    source_name: Line = UNSET
    source_identifier: Line = UNSET
    market_id: Id = UNSET
    note: Text = UNSET
    tags: Text = UNSET
    email: Line = UNSET
    phone: Line = UNSET
    buyer_accepts_marketing: Flag = UNSET
    total_price: Amount = UNSET
    subtotal_price: Amount = UNSET
    total_tax: Amount = UNSET
    total_discounts: Amount = UNSET
    total_line_items_price: Amount = UNSET
    total_outstanding: Amount = UNSET
    current_total_price: Amount = UNSET
    current_subtotal_price: Amount = UNSET
    current_total_tax: Amount = UNSET
    current_total_discounts: Amount = UNSET
    currency: Currency = UNSET
    presentment_currency: Currency = UNSET
    taxes_included: Flag = UNSET
    duties_included: Flag = UNSET
    total_weight: Annotated[int | Unset | None, readers.whole(0, HEAVIEST)] = UNSET
    financial_status: Annotated[FinancialStatus | Unset | None, readers.one_of(FinancialStatus)] = UNSET
    fulfillment_status: Annotated[
        FulfillmentStatus | Unset | None, readers.one_of(FulfillmentStatus, none="unfulfilled")
    ] = UNSET
    cancel_reason: Annotated[CancelReason | Unset | None, readers.one_of(CancelReason)] = UNSET
    created_at: Time = UNSET
    closed_at: Time = UNSET
    cancelled_at: Time = UNSET
    processed_at: Annotated[int | Unset | None, readers.time(), readers.ADDITIVE] = UNSET
    payment_gateway_names: Words = UNSET
    payment_terms: PaymentTermsIn | Unset | None = UNSET
    discount_codes: tuple[DiscountCodeIn, ...] | Unset | None = UNSET
    fulfillments: tuple[FulfillmentIn, ...] | Unset | None = UNSET
    shipping_address: AddressIn | Unset | None = UNSET
    billing_address: AddressIn | Unset | None = UNSET
    customer: CustomerIn | Unset | None = UNSET
    order_id: Ignored = UNSET
    updated_at: Ignored = UNSET
    id: OwnIgnored = UNSET
    version: OwnIgnored = UNSET
    number: OwnIgnored = UNSET
    name: OwnIgnored = UNSET
    warnings: OwnIgnored = UNSET


class OrderRequest(In, kw_only=True, frozen=True):
    """The body of `POST /orders`."""

    order: OrderIn


class OrderEdit(In, kw_only=True, frozen=True):
    """What `PUT /orders/{orderId}` may change; any other field must be as it is (rulings.md §5.1)."""

    note: Text = UNSET
    tags: Text = UNSET
    email: Line = UNSET
    phone: Line = UNSET
    buyer_accepts_marketing: OwnFlag = UNSET
    shipping_address: AddressIn | Unset | None = UNSET
    billing_address: Annotated[AddressIn | Unset | None, readers.ADDITIVE] = UNSET


class CancelIn(In, kw_only=True, frozen=True):
    """How an order is cancelled; all of it may be left out (rulings.md §5.3)."""

    reason: Annotated[CancelReason | Unset | None, readers.one_of(CancelReason)] = UNSET
    order_id: Id = UNSET
    refund: OwnFlag = UNSET
    restock: OwnFlag = UNSET


class OrderUpdateIn(OrderEdit, kw_only=True, frozen=True):
    """The same beside the fields that may be sent back as they were read."""

    order_id: Ignored = UNSET
    updated_at: Ignored = UNSET
    id: OwnIgnored = UNSET


class OrderUpdateRequest(In, kw_only=True, frozen=True):
    """The body of `PUT /orders/{orderId}`."""

    order: OrderUpdateIn
