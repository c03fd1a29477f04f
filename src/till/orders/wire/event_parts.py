"""The parts of the webhook form of an order (genstore.md §8.4), made of those of its REST form."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from till.customers.customer import Address, Customer, Standing
from till.money import spell
from till.orders.movements import Refund
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.tally import Tally
from till.orders.wire.lines import DiscountAllocationOut, LineItemOut, ShippingLineOut, TaxLineOut
from till.orders.wire.shipping import FulfillmentPartOut
from till.shop import Shop

When = Callable[[int | None], str | None]
Json = dict[str, Any]
Pair = Callable[[str], Json]

REFUNDED_LINE = (
    "id",
    "productId",
    "variantId",
    "title",
    "sku",
    "locationId",
    "quantity",
    "currentQuantity",
    "fulfillableQuantity",
    "refundableQuantity",
    "alreadyFulfillNum",
    "alreadyRightsNum",
    "fulfillmentStatus",
    "price",
    "totalDiscount",
    "grams",
    "requiresShipping",
)


def money_of(currency: str) -> Pair:
    """An amount as a pair of shop and presentment money; Till holds one currency for an order."""

    def pair(amount: str) -> Json:
        money = {"amount": amount, "currencyCode": currency}
        return {"shopMoney": money, "presentmentMoney": money}

    return pair


def tell_line(line: LineItem, seen: LineItemOut, tally: Tally, currency: str, pair: Pair) -> Json:
    return {
        "id": seen.id,
        "productId": seen.product_id,
        "variantId": seen.variant_id,
        "title": seen.title,
        "variantTitle": seen.variant_title,
        "sku": seen.sku,
        "locationId": seen.location_id,
        "quantity": seen.quantity,
        "currentQuantity": seen.current_quantity,
        "fulfillableQuantity": seen.fulfillable_quantity,
        "refundableQuantity": tally.refundable,
        "alreadyFulfillNum": tally.shipped,
        "alreadyRightsNum": tally.removed,
        "fulfillmentStatus": seen.fulfillment_status,
        "price": seen.price,
        "priceSet": pair(seen.price),
        "totalDiscount": seen.total_discount,
        "totalDiscountSet": pair(seen.total_discount),
        "discountAllocations": _allocation(line, seen.discount_allocations, currency, pair),
        "taxLines": tell_taxes(seen.tax_lines, pair),
        "shippingLines": tell_shipping(seen.shipping_lines, pair),
        "grams": seen.grams,
        "taxable": seen.taxable,
        "requiresShipping": seen.requires_shipping,
        "giftCard": seen.gift_card,
    }


def tell_taxes(taxes: tuple[TaxLineOut, ...], pair: Pair) -> list[Json]:
    return [
        {"title": each.title, "rate": each.rate, "price": each.price, "priceSet": pair(each.price)}
        for each in taxes
    ]


def tell_shipping(lines: tuple[ShippingLineOut, ...], pair: Pair) -> list[Json]:
    return [
        {
            "id": each.id,
            "title": each.title,
            "code": each.code,
            "source": each.source,
            "price": each.price,
            "priceSet": pair(each.price),
            "discountedPrice": each.discounted_price,
            "discountedPriceSet": pair(each.discounted_price),
            "taxLines": tell_taxes(each.tax_lines, pair),
        }
        for each in lines
    ]


def _allocation(
    line: LineItem, seen: tuple[DiscountAllocationOut, ...], currency: str, pair: Pair
) -> Json | None:
    """What was taken off a line, as the one object that is documented: several are summed."""
    if not seen:
        return None
    amount = seen[0].amount
    if len(seen) > 1:
        amount = spell(sum(each.amount for each in line.allocations), currency)
    index = seen[0].discount_application_index
    return {"amount": amount, "amountSet": pair(amount), "discountApplicationIndex": index}


def tell_fulfillment(shown: FulfillmentPartOut, shop: Shop) -> Json:
    return {
        "fulfillId": shown.fulfill_id,
        "orderId": shown.order_id,
        "name": shown.name,
        "status": shown.status,
        "createdTime": shown.created_at,
        "updatedTime": shown.updated_at,
        "fulfillTime": shown.fulfill_time,
        "trackingNumber": shown.tracking_number,
        "trackingCompany": shown.tracking_company,
        "trackingUrl": shown.tracking_url,
        "locationId": shown.location_id,
        "message": shown.message,
        "lineItems": [
            {
                "id": unit.id,
                "lineItemId": unit.line_item_id,
                "productId": unit.product_id,
                "variantId": unit.variant_id,
                "quantity": unit.quantity,
                "fulfillmentOrderId": shown.order_id,
                "shopId": shop.id,
            }
            for unit in shown.line_items
        ],
    }


def tell_refunds(order: Order, lines: Iterable[Json], when: When) -> list[Json]:
    """The refunds; `lines` are those of the order as they are told."""
    if not order.refunds:
        return []
    known = {line["id"]: {name: line[name] for name in REFUNDED_LINE} for line in lines}
    return [_refund(order, each, known, when) for each in order.refunds]


def _refund(order: Order, refund: Refund, lines: dict[str, Json], when: When) -> Json:
    return {
        "refundId": refund.id,
        "status": refund.status,
        "processedTime": when(refund.processed_at),
        "createTime": when(refund.created_at),
        "totalRefundPrice": spell(refund.amount, order.currency),
        "totalRefundShippingPrice": spell(refund.shipping, order.currency),
        "note": refund.note,
        "rightsType": refund.rights_type,
        "refundLineItems": [
            {
                "id": unit.id,
                "lineItemId": unit.line_id,
                "lineItem": lines[unit.line_id],
                "quantity": unit.quantity,
                "subtotal": spell(unit.subtotal, order.currency),
                "totalTax": spell(unit.tax, order.currency),
                "rightsReason": unit.reason.text,
                "rightsReasonType": unit.reason.type,
                "restockType": unit.restock,
                "locationId": unit.location_id,
            }
            for unit in refund.units
        ],
    }


def tell_customer(customer: Customer, standing: Standing | None, when: When) -> Json:
    """The customer; what they have come to is null where nobody counted."""
    default = customer.default_address
    return {
        "id": customer.id,
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "email": customer.email,
        "phone": customer.phone,
        "note": customer.note,
        "tags": customer.tags,
        "state": customer.state,
        "verifiedEmail": customer.verified_email,
        "taxExempt": customer.tax_exempt,
        "taxExemptions": customer.tax_exemptions,
        "currency": customer.currency,
        "createdTime": when(customer.created_at),
        "updatedTime": when(customer.updated_at),
        "ordersCount": None if standing is None else standing.orders_count,
        "totalSpent": None if standing is None else spell(standing.total_spent, standing.currency),
        "addresses": [_address(each, is_default=is_same(each, default)) for each in customer.addresses],
        "defaultAddress": None
        if default is None
        else _address(default, is_default=True) | {"customerId": customer.id},
    }


def is_same(one: Address, other: Address | None) -> bool:
    """True when two addresses differ in nothing but their ids."""
    return other is not None and replace(one, id=None) == replace(other, id=None)


def _address(address: Address, *, is_default: bool) -> Json:
    return {
        "id": address.id,
        "firstName": address.first_name,
        "lastName": address.last_name,
        "name": address.name,
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
        "latitude": address.latitude,
        "longitude": address.longitude,
        "isDefault": is_default,
    }
