"""The webhook form of an order (genstore.md §8.4): another view of the same aggregate."""

from collections.abc import Callable
from typing import Any

import msgspec

from till.clock import iso
from till.money import spell, spread
from till.orders import totals
from till.orders.order import Order
from till.orders.parts import Address, Customer, LineItem
from till.orders.wire.answer import show_address
from till.shop import Shop

When = Callable[[int | None], str | None]
Json = dict[str, Any]
SET_FIELDS = ("total_price", "subtotal_price", "total_tax", "total_discounts")


def tell(order: Order, shop: Shop) -> bytes:
    """The payload of every order event: the whole order as it is now, in its envelope."""

    def when(micros: int | None) -> str | None:
        return None if micros is None else iso(micros, shop.timezone)

    return msgspec.json.encode({"order": _order(order, shop, when)})


def _money(order: Order, shop: Shop) -> Callable[[int], Json]:
    """An amount as a pair of shop and presentment money; Till holds one currency for an order."""

    def pair(minor: int) -> Json:
        money = {"amount": spell(minor, order.currency), "currencyCode": order.currency}
        return {"shopMoney": money, "presentmentMoney": money}

    del shop
    return pair


def _order(order: Order, shop: Shop, when: When) -> Json:
    amounts = totals.totals(order)
    pair = _money(order, shop)
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
        "createdTime": when(order.created_at),
        "updatedTime": when(order.updated_at),
        "processedTime": when(order.processed_at),
        "paidTime": when(min(paid)) if paid else None,
        "closedTime": when(order.closed_at),
        "cancelledTime": when(order.cancelled_at),
        "totalWeight": amounts.total_weight,
        "paymentGatewayNames": order.payment_gateway_names,
        "paymentTerms": _terms(order),
        "discountCodes": _codes(order),
        "discountApplications": _applications(order),
        "taxLines": [],
        "shippingLines": [],
        "totalShippingPrice": spell(0, order.currency),
        "totalShippingPriceSet": pair(0),
        "lineItems": [
            _line(order, line, pair) | {"discountAllocations": share}
            for line, share in zip(order.line_items, _allocations(order, pair), strict=True)
        ],
        "fulfillments": _fulfillments(order, when),
        "refunds": _refunds(order, when),
        "shippingAddress": show_address(order.shipping_address),
        "billingAddress": show_address(order.billing_address),
        "customer": None if order.customer is None else _customer(order.customer, when),
    }
    for name in SET_FIELDS:
        wire = _camel(name)
        told[wire] = spell(getattr(amounts, name), order.currency)
        told[f"{wire}Set"] = pair(getattr(amounts, name))
    return told


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _line(order: Order, line: LineItem, pair: Callable[[int], Json]) -> Json:
    shipped = line.quantity if order.line_status(line) == "fulfilled" else 0
    return {
        "id": line.id,
        "productId": line.product_id,
        "variantId": line.variant_id,
        "title": line.title,
        "variantTitle": line.variant_title,
        "sku": line.sku,
        "locationId": None,
        "quantity": line.quantity,
        "currentQuantity": order.current_quantity(line),
        "fulfillableQuantity": order.fulfillable_quantity(line),
        "refundableQuantity": order.current_quantity(line),
        "alreadyFulfillNum": shipped,
        "alreadyRightsNum": 0,
        "fulfillmentStatus": order.line_status(line),
        "price": spell(line.price, order.currency),
        "priceSet": pair(line.price),
        "totalDiscount": spell(line.total_discount, order.currency),
        "totalDiscountSet": pair(line.total_discount),
        "taxLines": [],
        "shippingLines": [],
        "grams": line.grams,
        "requiresShipping": line.requires_shipping,
        "giftCard": line.gift_card,
    }


def _terms(order: Order) -> list[Json]:
    terms = order.payment_terms
    if terms is None:
        return []
    return [
        {
            "amount": spell(terms.amount, terms.currency),
            "currency": terms.currency,
            "paymentTermsName": None,
            "paymentId": None,
            "channelTrxNo": None,
        }
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


def _allocations(order: Order, pair: Callable[[int], Json]) -> list[Json | None]:
    """What the codes took off each line: in proportion to its price, no cent lost (semantics.md §1.2)."""
    lines = order.line_items
    by_code = totals.discounts(lines, order.discount_codes) - totals.lines_discount(lines)
    if by_code <= 0:
        return [None] * len(lines)
    shares = spread(by_code, [max(0, line.total - line.total_discount) for line in lines])
    return [
        {"amount": spell(share, order.currency), "amountSet": pair(share), "discountApplicationIndex": 0}
        for share in shares
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


def _customer(customer: Customer, when: When) -> Json:
    return {
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
