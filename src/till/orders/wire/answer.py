"""The REST form of an order: all documented keys, always (genstore.md §7.1), and a few additive ones."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from till.clock import iso
from till.customers.customer import Address, Customer, CustomerState
from till.dialect.schemas import Blank, BlankInLists, StringInLists
from till.errors import code_of
from till.money import spell
from till.orders import totals
from till.orders.moves import refusals
from till.orders.order import Order
from till.orders.words import (
    Action,
    CancelReason,
    DiscountType,
    FinancialStatus,
    FulfillmentState,
    FulfillmentStatus,
    LineStatus,
    ReturnStatus,
)
from till.shop import CancelPolicy, Shop

Additive = Meta(extra_json_schema={"x-source": "additive"})
Money = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["409.94"])]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T12:00:00-05:00"])]


class Out(Struct, kw_only=True, frozen=True, rename="camel"):
    """What an answer shows; every key is always there."""


class AddressOut(Out, kw_only=True, frozen=True):
    first_name: str | None
    last_name: str | None
    name: str | None
    company: Annotated[str | None, Additive]
    address1: str | None
    address2: str | None
    city: str | None
    province: str | None
    province_code: str | None
    country: str | None
    country_code: str | None
    zip: str | None
    phone: str | None
    latitude: str | None
    longitude: str | None


class LineItemOut(Out, kw_only=True, frozen=True):
    id: str
    product_id: str
    variant_id: str
    title: str
    variant_title: str | None
    sku: str | None
    quantity: int
    current_quantity: int
    fulfillable_quantity: int
    fulfillment_status: LineStatus | None
    price: Money
    total_discount: Money
    grams: int
    taxable: bool
    requires_shipping: bool
    gift_card: bool


class DiscountCodeOut(Out, kw_only=True, frozen=True):
    code: str
    amount: Money
    type: DiscountType


class PaymentTermsOut(Out, kw_only=True, frozen=True):
    amount: Money
    currency: str


class FulfillmentOut(Out, kw_only=True, frozen=True):
    fulfill_id: str
    order_id: str
    status: FulfillmentState
    created_at: Time
    updated_at: Time


class CustomerOut(Out, kw_only=True, frozen=True):
    id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    note: str | None
    tags: str | None
    state: CustomerState | None
    verified_email: bool | None
    tax_exempt: bool | None
    tax_exemptions: Annotated[tuple[str, ...], StringInLists]
    currency: str | None
    created_at: Time | None
    updated_at: Time | None
    default_address: Annotated[AddressOut | None, Blank]
    addresses: Annotated[tuple[AddressOut, ...], BlankInLists]


class WarningOut(Out, kw_only=True, frozen=True):
    """Something about the order that a person should look at."""

    code: str
    field: str
    message: str


class AllowedActionsOut(Out, kw_only=True, frozen=True):
    """Which moves are open now, and the code of what forbids each other one."""

    open: tuple[Action, ...]
    refused: dict[Action, str]


class OrderOut(Out, kw_only=True, frozen=True):
    order_id: str
    id: Annotated[str, Additive]
    number: Annotated[int, Additive]
    name: Annotated[str, Additive]
    version: Annotated[int, Additive]
    source_name: str | None
    source_identifier: str | None
    market_id: Annotated[str | None, Additive]
    note: str | None
    tags: str | None
    email: str | None
    phone: str | None
    buyer_accepts_marketing: bool
    total_price: Money
    subtotal_price: Money
    total_tax: Money
    total_discounts: Money
    total_line_items_price: Money
    total_outstanding: Money
    current_total_price: Money
    current_subtotal_price: Money
    current_total_tax: Money
    current_total_discounts: Money
    currency: str
    presentment_currency: str
    taxes_included: bool
    duties_included: bool
    total_weight: int
    financial_status: FinancialStatus
    fulfillment_status: FulfillmentStatus | None
    cancel_reason: CancelReason | None
    created_at: Time
    updated_at: Time
    processed_at: Annotated[Time, Additive]
    closed_at: Time | None
    cancelled_at: Time | None
    payment_gateway_names: Annotated[tuple[str, ...], StringInLists]
    payment_terms: PaymentTermsOut | None
    discount_codes: tuple[DiscountCodeOut, ...]
    line_items: tuple[LineItemOut, ...]
    fulfillments: tuple[FulfillmentOut, ...]
    shipping_address: AddressOut | None
    billing_address: AddressOut | None
    customer: CustomerOut | None
    warnings: Annotated[tuple[WarningOut, ...], Additive]
    confirmed_at: Annotated[Time | None, Additive]
    return_status: Annotated[ReturnStatus | None, Additive]
    allowed_actions: Annotated[AllowedActionsOut, Additive]


class OrderAnswer(Out, kw_only=True, frozen=True):
    """One order in its envelope."""

    order: OrderOut


class OrdersAnswer(Out, kw_only=True, frozen=True):
    """A page of orders; the `Link` header leads to the next."""

    orders: tuple[OrderOut, ...]


class CountAnswer(Out, kw_only=True, frozen=True):
    count: int


ORDER_FIELDS = frozenset(info.encode_name for info in msgspec.structs.fields(OrderOut))


def show(order: Order, shop: Shop) -> OrderOut:
    """`order` as an answer shows it in `shop`."""

    def when(micros: int | None) -> Any:
        return None if micros is None else iso(micros, shop.timezone)

    amounts = totals.totals(order)
    shown = {
        name: spell(getattr(amounts, name), order.currency)
        for name in amounts.__struct_fields__
        if name != "total_weight"
    }
    terms = next(iter(order.payment_terms), None)
    return OrderOut(
        order_id=str(order.id),
        id=str(order.id),
        number=order.number,
        name=order.name,
        version=order.version,
        source_name=order.source_name,
        source_identifier=order.source_identifier,
        market_id=order.market_id,
        note=order.note,
        tags=order.tags,
        email=order.email,
        phone=order.phone,
        buyer_accepts_marketing=order.buyer_accepts_marketing,
        currency=order.currency,
        presentment_currency=order.presentment_currency,
        taxes_included=order.taxes_included,
        duties_included=order.duties_included,
        total_weight=amounts.total_weight,
        financial_status=order.financial_status,
        fulfillment_status=order.fulfillment_status,
        cancel_reason=order.cancel_reason,
        created_at=when(order.created_at),
        updated_at=when(order.updated_at),
        processed_at=when(order.processed_at),
        closed_at=when(order.closed_at),
        cancelled_at=when(order.cancelled_at),
        payment_gateway_names=order.payment_gateway_names,
        payment_terms=None
        if terms is None
        else PaymentTermsOut(amount=spell(terms.amount, terms.currency), currency=terms.currency),
        discount_codes=tuple(
            DiscountCodeOut(code=each.code, amount=spell(each.amount, order.currency), type=each.type)
            for each in order.discount_codes
        ),
        line_items=_lines(order),
        fulfillments=tuple(
            FulfillmentOut(
                fulfill_id=each.id,
                order_id=str(order.id),
                status=each.status,
                created_at=when(each.created_at),
                updated_at=when(each.updated_at),
            )
            for each in order.fulfillments
        ),
        shipping_address=show_address(order.shipping_address),
        billing_address=show_address(order.billing_address),
        customer=None if order.customer is None else _customer(order.customer, when),
        warnings=_warnings(order, amounts),
        confirmed_at=when(order.confirmed_at),
        return_status=order.return_status,
        allowed_actions=_allowed(order, shop),
        **shown,
    )


def _allowed(order: Order, shop: Shop) -> AllowedActionsOut:
    why = refusals(order, strict=shop.settings.cancel_policy is CancelPolicy.STRICT)
    return AllowedActionsOut(
        open=tuple(action for action, refusal in why.items() if refusal is None),
        refused={action: code_of(refusal) for action, refusal in why.items() if refusal is not None},
    )


def _lines(order: Order) -> tuple[LineItemOut, ...]:
    return tuple(
        LineItemOut(
            id=line.id,
            product_id=line.product_id,
            variant_id=line.variant_id,
            title=line.title,
            variant_title=line.variant_title,
            sku=line.sku,
            quantity=line.quantity,
            current_quantity=order.current_quantity(line),
            fulfillable_quantity=order.fulfillable_quantity(line),
            fulfillment_status=order.line_status(line),
            price=spell(line.price, order.currency),
            total_discount=spell(line.total_discount, order.currency),
            grams=line.grams,
            taxable=line.taxable,
            requires_shipping=line.requires_shipping,
            gift_card=line.gift_card,
        )
        for line in order.line_items
    )


def show_address(address: Address | None) -> AddressOut | None:
    if address is None:
        return None
    return AddressOut(**{name: getattr(address, name) for name in AddressOut.__struct_fields__})


def _customer(customer: Customer, when: Any) -> CustomerOut:
    fields = {name: getattr(customer, name) for name in CustomerOut.__struct_fields__}
    fields |= {
        "created_at": when(customer.created_at),
        "updated_at": when(customer.updated_at),
        "default_address": show_address(customer.default_address),
        "addresses": tuple(show_address(each) for each in customer.addresses),
    }
    return CustomerOut(**fields)


def _warnings(order: Order, amounts: totals.Totals) -> tuple[WarningOut, ...]:
    return tuple(
        WarningOut(
            code="moneyMismatch",
            field=each.field,
            message=f"{each.field} was stated as {spell(each.stated, order.currency)}, "
            f"its parts come to {spell(each.computed, order.currency)}.",
        )
        for each in totals.mismatches(order, amounts)
    )
