"""From a cart to an order: the same rules, the same events, and one order however often the form is sent."""

import asyncio
import html
import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from shopping import Visitor
from till.shop import Totals
from till.storefront.shipped import Catalogue, shipped

BUYER = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address1": "12 St James's Square",
    "address2": "",
    "zip": "SW1Y 4JH",
    "city": "London",
    "country": "United Kingdom",
    "phone": "",
}


@pytest.fixture
def thing(goods):
    return goods[0]


def key_on(page):
    return html.unescape(re.search(r'name="key" value="([^"]+)"', page.text)[1])


def filled(visitor, thing, quantity=2, **form):
    visitor.post("/cart/add.js", {"id": thing.id, "quantity": quantity, **form})
    return {"key": key_on(visitor.get("/checkout"))} | BUYER


def test_checkout_makes_a_real_order(till, visitor, thing):
    form = filled(visitor, thing, properties={"Engraving": "To Charles", "_hidden": "no"})
    visitor.post("/cart/update.js", {"note": "Ring twice", "attributes": {"Gift": "yes"}})
    form["key"] = key_on(visitor.get("/checkout"))
    page = visitor.post("/checkout", form)
    assert page.status == 200, page.text
    name = re.search(r'id="order-name">([^<]+)<', page.text)[1]
    (order,) = till.get("/orders").json["orders"]
    assert order["name"] == name
    assert order["sourceName"] == "web"
    assert order["financialStatus"] == "pending"
    assert order["totalPrice"] == f"{2 * thing.price // 100}.{2 * thing.price % 100:02}"
    (line,) = order["lineItems"]
    assert (line["variantId"], line["quantity"], line["sku"]) == (str(thing.id), 2, thing.variant.sku)
    assert order["email"] == "ada@example.com"
    assert order["shippingAddress"]["city"] == "London"
    assert order["customer"]["lastName"] == "Lovelace"
    assert "Ring twice" in order["note"]
    assert "Gift: yes" in order["note"]
    assert "Engraving: To Charles" in order["note"]
    assert "_hidden" not in order["note"]
    assert "orders/create" in till.topics()
    assert visitor.get("/cart.js").json["item_count"] == 0
    told = till.get(f"/orders/{order['orderId']}/timeline").json
    assert "Storefront" in str(told)


def test_a_form_that_is_sent_twice_makes_one_order(till, visitor, thing):
    form = filled(visitor, thing)
    first = visitor.post("/checkout", form)
    second = visitor.post("/checkout", form)
    assert first.text == second.text
    assert len(till.get("/orders").json["orders"]) == 1


def test_two_at_once_make_one_order(till, visitor, thing):
    form = filled(visitor, thing)
    other = Visitor(till.parts, till.run, cookies=dict(visitor.cookies))

    async def both():
        headers = {
            "content_type": "application/x-www-form-urlencoded",
            "origin": f"http://{visitor.host}",
            "sec_fetch_site": "same-origin",
        }
        asked = [
            each.ask("POST", "/checkout", urlencode(form).encode(), headers) for each in (visitor, other) * 4
        ]
        return await asyncio.gather(*asked)

    pages = till.run(both())
    assert len({page.text for page in pages}) == 1
    assert len(till.get("/orders").json["orders"]) == 1


def test_the_same_things_again_are_another_order(till, visitor, thing):
    forms = []
    for _ in range(2):
        forms.append(filled(visitor, thing))
        visitor.post("/checkout", forms[-1])
    assert forms[0]["key"] != forms[1]["key"]
    assert len(till.get("/orders").json["orders"]) == 2


def test_a_form_for_another_cart_is_not_taken(till, visitor, thing, goods):
    form = filled(visitor, thing)
    visitor.post("/cart/add.js", {"id": goods[1].id})
    page = visitor.post("/checkout", form)
    assert page.status == 422
    assert "Your cart or its prices have changed meanwhile" in page.text
    assert till.get("/orders").json["orders"] == []
    assert visitor.post("/checkout", form | {"key": key_on(page)}).status == 200


def test_nobody_pays_another_total_than_he_saw(till, visitor, thing, monkeypatch):
    """The catalogue is another when the form is sent than it was when the page was shown."""
    form = filled(visitor, thing)
    assert shown(2 * thing.price) in visitor.get("/checkout").text
    world = json.loads(shipped().raw)
    for product in world["products"]:
        for variant in product["variants"]:
            variant["price"] = "777.00"
    dearer = Catalogue(json.dumps(world).encode(), "dearer", {})
    parts = till.parts.storefronts.site._parts
    monkeypatch.setattr(till.parts.storefronts.site, "_parts", replace(parts, catalogue=lambda: dearer))
    page = visitor.post("/checkout", form)
    assert page.status == 422
    assert "prices have changed meanwhile" in page.text
    assert shown(2 * 77_700) in page.text
    assert till.get("/orders").json["orders"] == []
    assert visitor.post("/checkout", form | {"key": key_on(page)}).status == 200
    assert till.get("/orders").json["orders"][0]["totalPrice"] == "1554.00"
    monkeypatch.undo()
    again = visitor.post("/checkout", form | {"key": key_on(page)})
    assert (again.status, len(till.get("/orders").json["orders"])) == (200, 1)


def shown(minor):
    return f"${minor / 100:.2f} USD"


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(till, visitor, thing):
    form = filled(visitor, thing)
    page = visitor.post(
        "/checkout", form | {"email": "ada", "city": " ", "last_name": '"><script>alert(1)</script>'}
    )
    assert page.status == 422
    assert 'id="email-wrong"' in page.text
    assert 'aria-describedby="city-wrong"' in page.text
    assert "<script>" not in page.text
    assert 'value="12 St James&#39;s Square"' in page.text
    assert till.get("/orders").json["orders"] == []
    assert visitor.get("/cart.js").json["item_count"] == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec_fetch_site": "same-site"},
        {"origin": None, "sec_fetch_site": None},
    ],
)
def test_only_this_page_can_send_the_form(till, visitor, thing, headers):
    form = filled(visitor, thing)
    assert visitor.post("/checkout", form, **headers).status == 403
    assert till.get("/orders").json["orders"] == []


def test_the_key_of_another_visitor_is_of_no_use(till, visitor, thing):
    mine = filled(visitor, thing)
    other = Visitor(till.parts, till.run)
    other.post("/cart/add.js", {"id": thing.id, "quantity": 2})
    assert other.post("/checkout", mine).status == 422
    assert till.get("/orders").json["orders"] == []


def test_an_empty_cart_has_nothing_to_pay(visitor):
    page = visitor.get("/checkout")
    assert page.status == 422
    assert "cart is empty" in page.text


def test_checkout_is_a_page_of_our_own(visitor, thing):
    filled(visitor, thing)
    page = visitor.get("/checkout")
    policy = page["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert page["cache-control"] == "no-store"


def test_orders_obey_the_settings_of_the_shop(till, thing):
    """A shop that is strict takes these orders, for their sums are right; amounts are in its own currency."""
    till.found("corner", currency="JPY", totals=Totals.STRICT)
    corner = Visitor(till.parts, till.run, host="corner.store.localhost:8080")
    assert corner.post("/checkout", filled(corner, thing)).status == 200
    (row,) = till.rows("SELECT answer FROM orders")
    assert b'"currency":"JPY"' in bytes(row[0])


def test_a_cart_that_nobody_touches_is_forgotten(till, visitor, thing):
    filled(visitor, thing)
    carts = till.parts.storefronts.carts
    till.run(carts.forget_old())
    assert len(till.rows("SELECT digest FROM carts")) == 1
    till.write(
        lambda tx: tx.execute("UPDATE carts SET updated_at = updated_at - :days", days=15 * 86_400_000_000)
    )
    till.run(carts.forget_old())
    assert till.rows("SELECT digest FROM carts") == []
    assert visitor.get("/cart.js").json["item_count"] == 0
