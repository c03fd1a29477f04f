"""Examples for the description of the API: what a client sends, and what it is answered."""

from itertools import count
from typing import Any

import msgspec

from till.clock import EPOCH, micros
from till.dialect.body import read
from till.orders.wire.answer import show
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Shop

AT = micros(EPOCH.replace(year=2026, month=3, day=14, hour=15, minute=9, second=26))
SHOP = Shop(id=1, handle="demo", currency="USD", timezone="America/New_York")
LINE = {
    "productId": "7513594",
    "variantId": "4264112",
    "title": "Walnut desk lamp",
    "price": "64.50",
    "quantity": 2,
}
WHOLE: dict[str, Any] = {
    "sourceName": "instagram",
    "sourceIdentifier": "ORDERID-123",
    "currency": "USD",
    "email": "ada@example.com",
    "phone": "+16135550100",
    "note": "Leave it with the neighbour.",
    "tags": "gift, vip",
    "financialStatus": "paid",
    "paymentGatewayNames": ["manual"],
    "totalTax": "10.32",
    "lineItems": [LINE | {"id": "669751112", "sku": "LAMP-W", "variantTitle": "Walnut", "grams": 900}],
    "discountCodes": [{"code": "SPRING", "amount": "9.00", "type": "fixed_amount"}],
    "shippingAddress": {
        "firstName": "Ada",
        "lastName": "Bell",
        "address1": "12 Mill Lane",
        "city": "Ottawa",
        "province": "Ontario",
        "provinceCode": "ON",
        "country": "Canada",
        "countryCode": "CA",
        "zip": "K2P0V6",
    },
    "customer": {"id": "207119551", "firstName": "Ada", "lastName": "Bell", "email": "ada@example.com"},
}
VAT = {"title": "VAT", "rate": "19"}
HISTORY = {
    "createdAt": "2025-03-01T09:00:00+01:00",
    "currency": "EUR",
    "lineItems": [LINE | {"id": "1", "taxLines": [VAT | {"price": "24.51"}]}],
    "shippingLines": [{"title": "Post", "price": "5.00", "taxLines": [VAT | {"price": "0.95"}]}],
    "transactions": [
        {"id": "A", "kind": "authorization", "amount": "159.46", "gateway": "stripe"},
        {"kind": "capture", "parentId": "A"},
    ],
    "fulfillments": [
        {"lineItems": [{"lineItemId": "1", "quantity": 2}], "trackingNumber": "00340434161094042557"}
    ],
    "refunds": [{"lineItems": [{"lineItemId": "1", "quantity": 1}], "note": "Arrived broken"}],
}
CREATE: dict[str, Any] = {
    "smallest": {"order": {"lineItems": [LINE]}},
    "whole": {"order": WHOLE},
    "with its history": {"order": HISTORY},
}
UPDATE: dict[str, Any] = {
    "note": {"order": {"note": "Ring twice.", "tags": "gift"}},
    "address": {"order": {"shippingAddress": {"address1": "14 Mill Lane"}}},
}
CANCEL: dict[str, Any] = {
    "plain": {"reason": "customer"},
    "with money": {"reason": "inventory", "refund": True, "restock": True},
}


def order() -> dict[str, Any]:
    """The answer to `CREATE["whole"]`."""
    ids = count(300_157_930_096_874)
    sent = read(OrderRequest, CREATE["whole"], "")
    made = to_order(sent.order, shop=SHOP, number=1001, mint=lambda: next(ids), at=AT)
    shown: dict[str, Any] = msgspec.to_builtins(show(made, SHOP))
    return {"order": shown}


def orders() -> dict[str, Any]:
    return {"orders": [order()["order"]]}
