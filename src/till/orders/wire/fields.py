"""The shapes of what a request says about an order: every documented field, and what it may hold."""

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET

from till.customers.customer import CustomerState
from till.dialect import readers
from till.dialect.readers import Note
from till.orders.wire.kinds import (
    HEAVIEST,
    Amount,
    Currency,
    Flag,
    Id,
    Ignored,
    In,
    Line,
    OwnAmount,
    OwnFlag,
    OwnId,
    OwnIgnored,
    OwnLine,
    OwnText,
    Text,
    Time,
    Unset,
    Words,
)
from till.orders.wire.line_fields import (
    DiscountApplicationIn,
    DiscountCodeIn,
    LineItemIn,
    PaymentTermsIn,
    ShippingLineIn,
    TaxLineIn,
    counting,
)
from till.orders.wire.past_fields import PastFulfillmentIn, PastRefundIn, PastTransactionIn
from till.orders.words import CancelReason, FinancialStatus, FulfillmentStatus


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


class CustomerAddressIn(AddressIn, kw_only=True, frozen=True):
    """An address of a customer; the one that `isDefault` is the default where none is named."""

    id: OwnId = UNSET
    is_default: OwnFlag = UNSET
    country_name: OwnLine = UNSET
    customer_id: OwnIgnored = UNSET


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
    created_at: Annotated[Time, Note(also=("createdTime",))] = UNSET
    updated_at: Annotated[Time, Note(also=("updatedTime",))] = UNSET
    default_address: CustomerAddressIn | Unset | None = UNSET
    addresses: tuple[CustomerAddressIn, ...] | Unset | None = UNSET
    orders_count: OwnIgnored = UNSET
    total_spent: OwnIgnored = UNSET


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
    created_at: Annotated[Time, Note(also=("createdTime",))] = UNSET
    closed_at: Annotated[Time, Note(also=("closedTime",))] = UNSET
    cancelled_at: Annotated[Time, Note(also=("cancelledTime",))] = UNSET
    processed_at: Annotated[Time, Note(additive=True, also=("processedTime",))] = UNSET
    paid_at: Annotated[Time, Note(additive=True, also=("paidTime",))] = UNSET
    payment_gateway_names: Words = UNSET
    payment_terms: Annotated[tuple[PaymentTermsIn, ...] | Unset | None, Note(single=True)] = UNSET
    more_payment_terms: Annotated[tuple[PaymentTermsIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    discount_codes: tuple[DiscountCodeIn, ...] | Unset | None = UNSET
    discount_applications: Annotated[tuple[DiscountApplicationIn, ...] | Unset | None, readers.ADDITIVE] = (
        UNSET
    )
    shipping_lines: Annotated[tuple[ShippingLineIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    total_shipping_price: OwnAmount = UNSET
    tax_lines: Annotated[tuple[TaxLineIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    transactions: Annotated[tuple[PastTransactionIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    fulfillments: tuple[PastFulfillmentIn, ...] | Unset | None = UNSET
    refunds: Annotated[tuple[PastRefundIn, ...] | Unset | None, readers.ADDITIVE] = UNSET
    user_id: OwnId = UNSET
    app: OwnLine = UNSET
    type: Annotated[int | Unset | None, readers.whole(0, 1_000), readers.ADDITIVE] = UNSET
    payment_type: OwnLine = UNSET
    i18n: OwnText = UNSET
    convert_rate: Annotated[Decimal | Unset | None, counting(), readers.ADDITIVE] = UNSET
    shipping_address: AddressIn | Unset | None = UNSET
    billing_address: AddressIn | Unset | None = UNSET
    customer: CustomerIn | Unset | None = UNSET
    order_id: Ignored = UNSET
    updated_at: Annotated[Ignored, Note(also=("updatedTime",))] = UNSET
    id: OwnIgnored = UNSET
    shop_currency: OwnIgnored = UNSET
    total_price_set: OwnIgnored = UNSET
    subtotal_price_set: OwnIgnored = UNSET
    total_tax_set: OwnIgnored = UNSET
    total_discounts_set: OwnIgnored = UNSET
    total_shipping_price_set: OwnIgnored = UNSET
    version: OwnIgnored = UNSET
    number: OwnIgnored = UNSET
    name: OwnIgnored = UNSET
    warnings: OwnIgnored = UNSET
    confirmed_at: Annotated[Ignored, Note(additive=True, also=("confirmedTime",))] = UNSET
    return_status: OwnIgnored = UNSET
    allowed_actions: OwnIgnored = UNSET


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
