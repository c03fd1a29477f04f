"""Orders to measure with: a hundred shops, and requests that differ in their words, lines and buyers."""

import json
import random
from itertools import count
from typing import Any

from till.dialect.body import parse_json, read
from till.orders.order import Order
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Rate, Settings, Shop

SHOPS = 100
# Shops have ids in a row, so that a script of pgbench can reckon with them. The second hundred belongs
# to the limits: their orders are in the same tables and indexes, but in nobody's list.
FIRST_SHOP = 300_000_000_000_000
VARIANTS = 64
# Stands in a request where requests differ, always seven digits.
NUMBER = 7_777_777
# Orders have from three lines to six.
LENGTHS = 4
FIRST_LINE = 660_000_000_000
FIRST = ("Ada", "Bo", "Carmen", "Dimitri", "Elif", "Farid", "Grace", "Hana")
FAMILY = ("Bell", "Novak", "Okafor", "Silva", "Tanaka", "Weber")
GOODS = ("Walnut desk lamp", "Linen shirt", "Stoneware mug", "Cork notebook", "Wool blanket", "Brass hook")
COLOURS = ("Natural", "Ink blue", "Moss green", "Rust", "Charcoal")


def shop_at(index: int) -> Shop:
    """The shop of this place in the row; it has no limit on requests, for that is not what is measured."""
    return Shop(
        id=FIRST_SHOP + index,
        handle=f"shop-{index:03}",
        currency="USD",
        timezone="America/New_York",
        settings=Settings(rate=Rate.OFF),
    )


def request(variant: int) -> bytes:
    """The body of a POST that makes an order; `NUMBER` stands where requests differ."""
    dice = random.Random(variant)
    first, last = dice.choice(FIRST), dice.choice(FAMILY)
    address = {
        "firstName": first,
        "lastName": last,
        "address1": f"{dice.randrange(1, 900)} Mill Lane",
        "city": "Ottawa",
        "province": "Ontario",
        "provinceCode": "ON",
        "country": "Canada",
        "countryCode": "CA",
        "zip": "K2P0V6",
        "phone": "+16135550100",
    }
    email = f"{first}.{last}.{NUMBER}@example.com".lower()
    order = {
        "sourceName": "storefront",
        "sourceIdentifier": f"WEB-{NUMBER}",
        "currency": "USD",
        "email": email,
        "note": dice.choice(("Leave it with the neighbour.", "Ring twice.", "A gift: no prices, please.")),
        "tags": dice.choice(("gift, vip", "wholesale", "first order")),
        "financialStatus": dice.choice(("paid", "paid", "pending")),
        "paymentGatewayNames": ["manual"],
        "lineItems": [_line(dice, index) for index in range(3 + variant % LENGTHS)],
        "discountCodes": [{"code": "SPRING", "amount": "3.00", "type": "fixed_amount"}],
        "shippingAddress": address,
        "billingAddress": address,
        "customer": {"id": str(NUMBER), "firstName": first, "lastName": last, "email": email}
        | {"defaultAddress": address},
    }
    return json.dumps({"order": order}, separators=(",", ":")).encode()


def _line(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "id": str(FIRST_LINE + index),
        "productId": str(dice.randrange(10**6, 10**7 - 10**6)),
        "variantId": str(dice.randrange(10**6, 10**7 - 10**6)),
        "title": dice.choice(GOODS),
        "variantTitle": dice.choice(COLOURS),
        "sku": f"SKU-{dice.randrange(100, 1000)}",
        "price": f"{dice.randrange(5, 90)}.50",
        "quantity": dice.randrange(1, 4),
        "grams": 100 * dice.randrange(1, 20),
    }


def requests() -> list[bytes]:
    return [request(variant) for variant in range(VARIANTS)]


# Those of which nothing was paid where they came from.
UNPAID = tuple(each for each in range(VARIANTS) if b'"financialStatus":"pending"' in request(each))


def order_of(body: bytes, *, shop: Shop, order_id: int, at: int) -> Order:
    """The order that a POST of `body` makes at the moment `at`."""
    sent = read(OrderRequest, parse_json(body), "").order
    return to_order(sent, shop=shop, number=0, mint=count(order_id).__next__, at=at)
