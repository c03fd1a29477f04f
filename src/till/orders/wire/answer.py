"""The REST form of an order: all documented keys, always (genstore.md §7.1), and a few additive ones."""

from typing import Annotated, Any

import msgspec

from till.clock import iso
from till.dialect.schemas import StringInLists
from till.errors import code_of
from till.money import spell
from till.orders import totals, worth
from till.orders.moves import refusals
from till.orders.order import Order
from till.orders.wire.lines import (
    DiscountApplicationOut,
    DiscountCodeOut,
    LineItemOut,
    PaymentTermsOut,
    ShippingLineOut,
    TaxLineOut,
    show_applications,
    show_codes,
    show_lines,
    show_shipping,
    show_taxes,
    show_terms,
)
from till.orders.wire.out import Additive, Money, Out, Time
from till.orders.wire.people import AddressOut, CustomerOut, show_address, show_customer
from till.orders.wire.shipping import FulfillmentPartOut, show_fulfillments
from till.orders.words import (
    Action,
    CancelReason,
    FinancialStatus,
    FulfillmentStatus,
    ReturnStatus,
)
from till.shop import CancelPolicy, Shop


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
    fulfillments: tuple[FulfillmentPartOut, ...]
    shipping_address: AddressOut | None
    billing_address: AddressOut | None
    customer: CustomerOut | None
    warnings: Annotated[tuple[WarningOut, ...], Additive]
    confirmed_at: Annotated[Time | None, Additive]
    paid_at: Annotated[Time | None, Additive]
    return_status: Annotated[ReturnStatus | None, Additive]
    total_shipping_price: Annotated[Money, Additive]
    shipping_lines: Annotated[tuple[ShippingLineOut, ...], Additive]
    tax_lines: Annotated[tuple[TaxLineOut, ...], Additive]
    discount_applications: Annotated[tuple[DiscountApplicationOut, ...], Additive]
    more_payment_terms: Annotated[tuple[PaymentTermsOut, ...], Additive]
    type: Annotated[int, Additive]
    payment_type: Annotated[str | None, Additive]
    app: Annotated[str | None, Additive]
    user_id: Annotated[str | None, Additive]
    i18n: Annotated[str | None, Additive]
    convert_rate: Annotated[str | None, Additive]
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
    terms = tuple(show_terms(each) for each in order.payment_terms)
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
        payment_terms=terms[0] if terms else None,
        more_payment_terms=terms[1:],
        discount_codes=show_codes(order),
        discount_applications=show_applications(order),
        shipping_lines=show_shipping(order.shipping_lines, order.currency),
        tax_lines=show_taxes(worth.taxes_of_order(order), order.currency),
        line_items=show_lines(order),
        fulfillments=show_fulfillments(order, shop),
        shipping_address=show_address(order.shipping_address),
        billing_address=show_address(order.billing_address),
        customer=None if order.customer is None else show_customer(order.customer, when),
        warnings=_warnings(order, amounts),
        confirmed_at=when(order.confirmed_at),
        paid_at=when(order.paid_at),
        type=order.type,
        payment_type=order.payment_type,
        app=order.app,
        user_id=order.user_id,
        i18n=order.i18n,
        convert_rate=order.convert_rate,
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
