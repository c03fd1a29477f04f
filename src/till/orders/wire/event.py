"""The webhook form of an order (genstore.md §8.4): another view of the same aggregate."""

from collections.abc import Callable
from typing import Any

import msgspec

from till.clock import iso
from till.customers.customer import Address, Customer, Standing
from till.money import spell, spread
from till.orders import totals
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.wire.answer import LineItemOut, OrderOut
from till.shop import Shop

When = Callable[[int | None], str | None]
Json = dict[str, Any]
Pair = Callable[[str], Json]


def tell(order: Order, shop: Shop, shown: OrderOut, standing: Standing | None) -> bytes:
    """The payload of every order event: the whole order as it is now, in its envelope.

    `shown` is the same order's REST form, whose amounts and addresses are not spelled twice; `standing`
    is what its customer has come to with it.
    """

    def when(micros: int | None) -> str | None:
        return None if micros is None else iso(micros, shop.timezone)

    return msgspec.json.encode(
        {"order": _order(order, shop, shown, when) | {"customer": _customer(order.customer, standing, when)}}
    )


def _money(order: Order) -> Pair:
    """An amount as a pair of shop and presentment money; Till holds one currency for an order."""

    def pair(amount: str) -> Json:
        money = {"amount": amount, "currencyCode": order.currency}
        return {"shopMoney": money, "presentmentMoney": money}

    return pair


def _order(order: Order, shop: Shop, shown: OrderOut, when: When) -> Json:
    pair, nothing = _money(order), spell(0, order.currency)
    paid = [each.created_at for each in order.transactions if each.kind in ("sale", "capture")]
    told: Json = {
        "id": str(order.id),
        "sourceIdentifier": order.source_identifier,
        "sourceName": order.source_name,
        "number": order.number,
        "name": order.name,
        "version": order.version,
        "note": order.note,
        "tags": order.tags,
        "email": order.email,
        "phone": order.phone,
        "type": 1,
        "paymentType": "online",
        "app": order.source_name,
        "userId": None,
        "i18n": None,
        "currency": order.currency,
        "shopCurrency": shop.currency,
        "convertRate": "1" if order.currency == shop.currency else None,
        "financialStatus": order.financial_status,
        "fulfillmentStatus": order.fulfillment_status,
        "cancelReason": order.cancel_reason,
        "createdTime": shown.created_at,
        "updatedTime": shown.updated_at,
        "processedTime": shown.processed_at,
        "paidTime": when(min(paid)) if paid else None,
        "closedTime": shown.closed_at,
        "cancelledTime": shown.cancelled_at,
        "totalWeight": shown.total_weight,
        "paymentGatewayNames": order.payment_gateway_names,
        "paymentTerms": _terms(order),
        "discountCodes": _codes(order),
        "discountApplications": _applications(order),
        "taxLines": [],
        "shippingLines": [],
        "totalShippingPrice": nothing,
        "totalShippingPriceSet": pair(nothing),
        "lineItems": [
            _line(line, seen, pair) | {"discountAllocations": share}
            for line, seen, share in zip(
                order.line_items, shown.line_items, _allocations(order, pair), strict=True
            )
        ],
        "fulfillments": _fulfillments(order, when),
        "refunds": _refunds(order, when),
        "shippingAddress": shown.shipping_address,
        "billingAddress": shown.billing_address,
    }
    for wire, amount in (
        ("totalPrice", shown.total_price),
        ("subtotalPrice", shown.subtotal_price),
        ("totalTax", shown.total_tax),
        ("totalDiscounts", shown.total_discounts),
    ):
        told[wire] = amount
        told[f"{wire}Set"] = pair(amount)
    return told


def _line(line: LineItem, seen: LineItemOut, pair: Pair) -> Json:
    shipped = line.quantity if seen.fulfillment_status == "fulfilled" else 0
    return {
        "id": line.id,
        "productId": line.product_id,
        "variantId": line.variant_id,
        "title": line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "locationId": None,
        "quantity": line.quantity,
        "currentQuantity": seen.current_quantity,
        "fulfillableQuantity": seen.fulfillable_quantity,
        "refundableQuantity": seen.current_quantity,
        "alreadyFulfillNum": shipped,
        "alreadyRightsNum": 0,
        "fulfillmentStatus": seen.fulfillment_status,
        "price": seen.price,
        "priceSet": pair(seen.price),
        "totalDiscount": seen.total_discount,
        "totalDiscountSet": pair(seen.total_discount),
        "taxLines": [],
        "shippingLines": [],
        "grams": line.grams,
        "requiresShipping": line.requires_shipping,
        "giftCard": line.gift_card,
    }


def _terms(order: Order) -> list[Json]:
    return [
        {
            "amount": spell(terms.amount, terms.currency),
            "currency": terms.currency,
            "paymentTermsName": terms.name,
            "paymentId": terms.payment_id,
            "channelTrxNo": terms.channel_trx_no,
        }
        for terms in order.payment_terms
    ]


def _codes(order: Order) -> list[Json]:
    return [
        {"code": each.code, "amount": spell(each.amount, order.currency), "type": each.type}
        for each in order.discount_codes
    ]


def _applications(order: Order) -> list[Json]:
    return [
        {
            "id": None,
            "code": each.code,
            "title": each.code,
            "targetType": "lineItem",
            "value": str(each.rate) if each.rate is not None else spell(each.amount, order.currency),
        }
        for each in order.discount_codes
    ]


def _allocations(order: Order, pair: Pair) -> list[Json | None]:
    """What the codes took off each line: in proportion to its price, no cent lost (semantics.md §1.2)."""
    lines = order.line_items
    by_code = totals.discounts(lines, order.discount_codes) - totals.lines_discount(lines)
    if by_code <= 0:
        return [None] * len(lines)
    shares = spread(by_code, [max(0, line.total - line.total_discount) for line in lines])
    amounts = [spell(share, order.currency) for share in shares]
    return [
        {"amount": amount, "amountSet": pair(amount), "discountApplicationIndex": 0} for amount in amounts
    ]


def _fulfillments(order: Order, when: When) -> list[Json]:
    return [
        {
            "fulfillId": each.id,
            "orderId": str(order.id),
            "status": each.status,
            "createdTime": when(each.created_at),
            "updatedTime": when(each.updated_at),
            "fulfillTime": when(each.created_at),
            "lineItems": [],
        }
        for each in order.fulfillments
    ]


def _refunds(order: Order, when: When) -> list[Json]:
    return [
        {
            "refundId": each.id,
            "status": 1,
            "processedTime": when(each.created_at),
            "totalRefundPrice": spell(each.amount, order.currency),
            "totalRefundShippingPrice": spell(0, order.currency),
            "refundLineItems": [],
        }
        for each in order.refunds
    ]


def _customer(customer: Customer | None, standing: Standing | None, when: When) -> Json | None:
    if customer is None:
        return None
    return {
        "ordersCount": standing.orders_count if standing else 0,
        "totalSpent": spell(standing.total_spent, standing.currency) if standing else None,
        "id": customer.id,
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "email": customer.email,
        "phone": customer.phone,
        "note": customer.note,
        "tags": customer.tags,
        "verifiedEmail": customer.verified_email,
        "taxExempt": customer.tax_exempt,
        "taxExemptions": customer.tax_exemptions,
        "createdTime": when(customer.created_at),
        "updatedTime": when(customer.updated_at),
        "addresses": [_address(each) for each in customer.addresses],
        "defaultAddress": None
        if customer.default_address is None
        else _address(customer.default_address) | {"id": None, "customerId": customer.id},
    }


def _address(address: Address) -> Json:
    return {
        "firstName": address.first_name,
        "lastName": address.last_name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "province": address.province,
        "provinceCode": address.province_code,
        "country": address.country,
        "countryName": address.country,
        "countryCode": address.country_code,
        "zip": address.zip,
        "phone": address.phone,
    }
