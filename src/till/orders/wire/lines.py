"""The lines of an order, and what is added to them or taken off, as answers show them."""

from decimal import Decimal
from typing import Annotated

from till.money import spell
from till.orders import worth
from till.orders.order import Order
from till.orders.parts import DiscountAllocation, PaymentTerms, ShippingLine, TaxLine
from till.orders.wire.out import Additive, Money, Out
from till.orders.words import DiscountType, LineStatus


class TaxLineOut(Out, kw_only=True, frozen=True):
    """One tax; its rate is in per cent."""

    title: str | None
    rate: str | None
    price: Money


class ShippingLineOut(Out, kw_only=True, frozen=True):
    id: str
    title: str | None
    code: str | None
    source: str | None
    price: Money
    discounted_price: Money
    tax_lines: tuple[TaxLineOut, ...]


class DiscountApplicationOut(Out, kw_only=True, frozen=True):
    id: str | None
    code: str | None
    title: str | None
    target_type: str | None
    value: str | None


class DiscountAllocationOut(Out, kw_only=True, frozen=True):
    amount: Money
    discount_application_index: int


class DiscountCodeOut(Out, kw_only=True, frozen=True):
    code: str
    amount: Money
    type: DiscountType
    rate: Annotated[str | None, Additive]


class PaymentTermsOut(Out, kw_only=True, frozen=True):
    amount: Money
    currency: str
    payment_terms_name: Annotated[str | None, Additive]
    payment_id: Annotated[str | None, Additive]
    channel_trx_no: Annotated[str | None, Additive]


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
    location_id: Annotated[str | None, Additive]
    tax_lines: Annotated[tuple[TaxLineOut, ...], Additive]
    shipping_lines: Annotated[tuple[ShippingLineOut, ...], Additive]
    discount_allocations: Annotated[tuple[DiscountAllocationOut, ...], Additive]


def show_lines(order: Order) -> tuple[LineItemOut, ...]:
    currency = order.currency
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
            price=spell(line.price, currency),
            total_discount=spell(line.total_discount, currency),
            grams=line.grams,
            taxable=line.taxable,
            requires_shipping=line.requires_shipping,
            gift_card=line.gift_card,
            location_id=line.location_id,
            tax_lines=show_taxes(taxes, currency),
            shipping_lines=show_shipping(line.shipping_lines, currency),
            discount_allocations=_allocations(cuts, currency),
        )
        for line, taxes, cuts in zip(
            order.line_items, worth.taxes_of_lines(order), worth.allocations(order), strict=True
        )
    )


def show_taxes(taxes: tuple[TaxLine, ...], currency: str) -> tuple[TaxLineOut, ...]:
    if not taxes:
        return ()
    return tuple(
        TaxLineOut(
            title=each.title,
            rate=_rate(each.rate),
            price=spell(each.price, currency),
        )
        for each in taxes
    )


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:f}"


def show_shipping(lines: tuple[ShippingLine, ...], currency: str) -> tuple[ShippingLineOut, ...]:
    if not lines:
        return ()
    return tuple(
        ShippingLineOut(
            id=each.id,
            title=each.title,
            code=each.code,
            source=each.source,
            price=spell(each.price, currency),
            discounted_price=spell(each.discounted_price, currency),
            tax_lines=show_taxes(each.tax_lines, currency),
        )
        for each in lines
    )


def _allocations(
    allocations: tuple[DiscountAllocation, ...], currency: str
) -> tuple[DiscountAllocationOut, ...]:
    if not allocations:
        return ()
    return tuple(
        DiscountAllocationOut(
            amount=spell(each.amount, currency), discount_application_index=each.application
        )
        for each in allocations
    )


def show_codes(order: Order) -> tuple[DiscountCodeOut, ...]:
    return tuple(
        DiscountCodeOut(
            code=each.code,
            amount=spell(each.amount, order.currency),
            type=each.type,
            rate=_rate(each.rate),
        )
        for each in order.discount_codes
    )


def show_applications(order: Order) -> tuple[DiscountApplicationOut, ...]:
    """Why something was taken off: as it was told, else one for each code."""
    if order.discount_applications:
        return tuple(
            DiscountApplicationOut(**{name: getattr(each, name) for name in each.__struct_fields__})
            for each in order.discount_applications
        )
    return tuple(
        DiscountApplicationOut(
            id=None,
            code=each.code,
            title=each.code,
            target_type="shippingLine" if each.type is DiscountType.SHIPPING else "lineItem",
            value=_rate(each.rate) or spell(each.amount, order.currency),
        )
        for each in order.discount_codes
    )


def show_terms(terms: PaymentTerms) -> PaymentTermsOut:
    return PaymentTermsOut(
        amount=spell(terms.amount, terms.currency),
        currency=terms.currency,
        payment_terms_name=terms.name,
        payment_id=terms.payment_id,
        channel_trx_no=terms.channel_trx_no,
    )
