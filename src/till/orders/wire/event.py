"""The webhook form of an order (genstore.md §8.4): another view of the same aggregate."""

from typing import Any

import msgspec

from till.caller import Protected
from till.clock import iso
from till.customers.customer import Standing
from till.dialect.scalars import documented
from till.orders.order import Order
from till.orders.wire.answer import OrderOut
from till.orders.wire.event_parts import (
    Json,
    When,
    money_of,
    tell_customer,
    tell_fulfillment,
    tell_line,
    tell_refunds,
    tell_shipping,
    tell_taxes,
)
from till.orders.wire.mask import mask_event
from till.orders.words import DiscountType
from till.shop import Fidelity, Shop

TYPE_NUMBERS = {DiscountType.FIXED_AMOUNT: "1", DiscountType.PERCENTAGE: "2", DiscountType.SHIPPING: "3"}


def tell(order: Order, shop: Shop, shown: OrderOut, standing: Standing | None = None) -> bytes:
    """The payload of every order event: the whole order as it is now, in its envelope.

    `shown` is the same order's REST form, whose parts are not spelled twice; `standing` is what its
    customer has come to.
    """

    def when(micros: int | None) -> str | None:
        return None if micros is None else iso(micros, shop.timezone)

    return msgspec.json.encode({"order": _order(order, shop, shown, standing, when)})


def documented_event(typed: bytes) -> bytes:
    """A payload of an order or a refund as the published sample prints it: every scalar a string."""
    return render(typed, Fidelity.DOCUMENTED, frozenset())


def render(typed: bytes, fidelity: Fidelity, hidden: frozenset[Protected]) -> bytes:
    """A payload of an order or a refund in a profile, without the data that its reader was not granted."""
    payload = msgspec.json.decode(typed)
    if hidden and "order" in payload:  # a refund tells of goods and money, not of people
        payload = mask_event(payload, hidden)
    if fidelity is Fidelity.DOCUMENTED:
        for code in payload.get("order", {}).get("discountCodes", ()):
            code["type"] = TYPE_NUMBERS[DiscountType(code["type"])]
        payload = documented(payload)
    return msgspec.json.encode(payload)


def _order(order: Order, shop: Shop, shown: OrderOut, standing: Standing | None, when: When) -> Json:
    pair = money_of(order.currency)
    lines = [
        tell_line(line, seen, order.tallies[line.id], order.currency, pair)
        for line, seen in zip(order.line_items, shown.line_items, strict=True)
    ]
    terms = () if shown.payment_terms is None else (shown.payment_terms, *shown.more_payment_terms)
    told: Json = {
        **_itself(order, shop, shown),
        "paymentGatewayNames": order.payment_gateway_names,
        "paymentTerms": terms,
        "discountCodes": shown.discount_codes,
        "discountApplications": shown.discount_applications,
        "taxLines": tell_taxes(shown.tax_lines, pair),
        "shippingLines": tell_shipping(shown.shipping_lines, pair),
        "lineItems": lines,
        "fulfillments": [tell_fulfillment(each, shop) for each in shown.fulfillments],
        "refunds": tell_refunds(order, lines, when),
        "shippingAddress": shown.shipping_address,
        "billingAddress": shown.billing_address,
        "customer": None if order.customer is None else tell_customer(order.customer, standing, when),
        "totalOutstanding": shown.total_outstanding,
        "totalLineItemsPrice": shown.total_line_items_price,
        "currentTotalPrice": shown.current_total_price,
        "currentSubtotalPrice": shown.current_subtotal_price,
        "currentTotalTax": shown.current_total_tax,
        "currentTotalDiscounts": shown.current_total_discounts,
    }
    for wire, amount in (
        ("totalPrice", shown.total_price),
        ("subtotalPrice", shown.subtotal_price),
        ("totalTax", shown.total_tax),
        ("totalDiscounts", shown.total_discounts),
        ("totalShippingPrice", shown.total_shipping_price),
    ):
        told[wire] = amount
        told[f"{wire}Set"] = pair(amount)
    return told


def _itself(order: Order, shop: Shop, shown: OrderOut) -> dict[str, Any]:
    """The scalars of an order that are no amounts."""
    same = order.currency == shop.currency
    return {
        "id": shown.id,
        "sourceIdentifier": order.source_identifier,
        "sourceName": order.source_name,
        "marketId": order.market_id,
        "number": order.number,
        "name": shown.name,
        "version": order.version,
        "note": order.note,
        "tags": order.tags,
        "email": order.email,
        "phone": order.phone,
        "buyerAcceptsMarketing": order.buyer_accepts_marketing,
        "type": order.type,
        "paymentType": order.payment_type,
        "app": order.app or order.source_name,
        "userId": order.user_id,
        "i18n": order.i18n,
        "currency": order.currency,
        "presentmentCurrency": order.presentment_currency,
        "shopCurrency": shop.currency,
        "convertRate": order.convert_rate or ("1" if same else None),
        "taxesIncluded": order.taxes_included,
        "dutiesIncluded": order.duties_included,
        "totalWeight": shown.total_weight,
        "financialStatus": shown.financial_status,
        "fulfillmentStatus": shown.fulfillment_status,
        "returnStatus": shown.return_status,
        "cancelReason": order.cancel_reason,
        "createdTime": shown.created_at,
        "updatedTime": shown.updated_at,
        "processedTime": shown.processed_at,
        "paidTime": shown.paid_at,
        "confirmedTime": shown.confirmed_at,
        "closedTime": shown.closed_at,
        "cancelledTime": shown.cancelled_at,
    }
