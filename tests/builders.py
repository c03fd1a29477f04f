"""Orders that are valid by default; a test names only what it is about."""

from till.dialect.body import read
from till.ids import Minter
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Shop

NOON = 1_767_268_800_000_000  # 2026-01-01T12:00:00Z
SHOP = Shop(id=1, handle="demo", currency="USD", timezone="America/New_York")
MINT = Minter(1)


def a_line(**line):
    return {"productId": "1", "variantId": "2", "title": "Mug", "price": "10.00", "quantity": 1} | line


def an_order(**order):
    """The order that a POST of these fields makes, one line of one unit at 10.00 if none is given."""
    body = {"order": {"lineItems": [a_line()]} | order}
    return to_order(read(OrderRequest, body, "").order, shop=SHOP, number=1001, mint=MINT, at=NOON)
