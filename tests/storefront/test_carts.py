"""Carts by their calls, as themes make them: in JSON, by forms, and within bounds."""

import pytest

from engines import MovedClock
from inside import inside
from shopping import Visitor
from storefront_shops import themed
from till import clock
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of

AT = clock.now()


@pytest.fixture
def some(goods):
    """Two things that never sell out."""
    return [each for each in goods if each.variant.inventory is None or each.variant.inventory > 9][:2]


def test_a_script_adds_changes_updates_and_clears(visitor, some):
    first, second = some
    added = visitor.post("/cart/add.js", {"id": first.id, "quantity": 2})
    assert added.status == 200, added.text
    assert (added.json["variant_id"], added.json["quantity"]) == (first.id, 2)
    assert added.json["final_line_price"] == 2 * first.price
    many = visitor.post("/cart/add.js", {"items": [{"id": first.id}, {"id": second.id, "quantity": 3}]})
    assert {each["quantity"] for each in many.json["items"]} == {3}
    cart = visitor.get("/cart.js").json
    assert cart["item_count"] == 6
    assert cart["total_price"] == 3 * first.price + 3 * second.price
    key = next(each["key"] for each in cart["items"] if each["variant_id"] == first.id)
    assert visitor.post("/cart/change.js", {"id": key, "quantity": 1}).json["item_count"] == 4
    assert visitor.post("/cart/change.js", {"line": 1, "quantity": 0}).json["item_count"] == 1
    updated = visitor.post(
        "/cart/update.js", {"updates": {str(first.id): 5}, "note": "Ring", "attributes": {"a": "b"}}
    )
    assert (updated.json["item_count"], updated.json["note"], updated.json["attributes"]) == (
        5,
        "Ring",
        {"a": "b"},
    )
    cleared = visitor.post("/cart/clear.js", {})
    assert (cleared.json["item_count"], cleared.json["note"]) == (0, "Ring")


def test_who_adds_is_told_of_the_line_that_grew(visitor, some):
    """A variant may stand in the cart twice, with different words."""
    for word in ("Ada", "Bob"):
        visitor.post("/cart/add.js", {"id": some[0].id, "properties": {"Engraving": word}})
    grown = visitor.post("/cart/add.js", {"id": some[0].id, "properties": {"Engraving": "Ada"}}).json
    assert (grown["properties"], grown["quantity"]) == ({"Engraving": "Ada"}, 2)


def test_a_form_adds_and_leads_to_the_cart(visitor, some):
    answer = visitor.post(
        "/cart/add", {"id": str(some[0].id), "properties[Engraving]": "Ada <3", "quantity": ""}
    )
    assert answer["location"] == "/cart"
    page = visitor.follow(answer)
    assert page.status == 200
    assert "Ada &lt;3" in page.text
    assert "Ada <3" not in page.text
    answer = visitor.post("/cart", {"updates[]": "3", "checkout": ""})
    assert answer["location"] == "/checkout"
    assert visitor.get("/cart.js").json["item_count"] == 3
    assert visitor.get("/cart/change?line=1&quantity=0", sec_fetch_site="cross-site").status == 403
    assert visitor.get("/cart/change?line=1&quantity=0", sec_fetch_site="same-origin").status == 303
    assert visitor.get("/cart.js").json["items"] == []


def test_a_form_of_parts(visitor, some):
    """`fetch` with FormData sends these."""
    body = (
        f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{some[0].id}\r\n'
        '--b\r\nContent-Disposition: form-data; name="properties[Größe]"\r\n\r\nµ\r\n--b--\r\n'
    )
    answer = visitor.run(
        visitor.ask(
            "POST", "/cart/add.js", body.encode(), {"content_type": "multipart/form-data; boundary=b"}
        )
    )
    assert answer.status == 200, answer.text
    assert answer.json["properties"] == {"Größe": "µ"}


def test_lines_with_other_words_are_other_lines(visitor, some):
    for words in ({}, {"Name": "Ada"}, {"Name": "Bob"}, {"Name": "Ada"}):
        visitor.post("/cart/add.js", {"id": some[0].id, "properties": words})
    items = visitor.get("/cart.js").json["items"]
    assert [each["quantity"] for each in items] == [1, 2, 1]
    assert len({each["key"] for each in items}) == 3


def test_sections_come_with_a_change(visitor, some):
    answer = visitor.post(
        "/cart/add.js", {"id": some[0].id, "sections": "no-such,main-cart", "sections_url": "/cart"}
    )
    assert set(answer.json["sections"]) == {"no-such", "main-cart"}
    assert answer.json["sections"]["no-such"] is None


@pytest.mark.parametrize("call", ["add", "change", "update", "clear"])
def test_who_asks_for_too_many_sections_changes_nothing(visitor, some, call):
    visitor.post("/cart/add.js", {"id": some[0].id, "quantity": 2})
    form = {"id": some[0].id, "quantity": 1, "updates": {str(some[0].id): 1}, "sections": "a,b,c,d,e,f"}
    answer = visitor.post(f"/cart/{call}.js", form)
    assert (answer.status, answer.json["status"]) == (400, 400)
    assert "6 sections" in answer.json["description"]
    assert visitor.get("/cart.js").json["item_count"] == 2


def test_the_cookie_is_for_this_host_and_for_no_script(visitor, some):
    (cookie,) = visitor.post("/cart/add.js", {"id": some[0].id}).cookies
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie
    https = Visitor(visitor.parts, visitor.run)
    answer = https.post(
        "/cart/add.js",
        {"id": some[0].id},
        x_forwarded_proto="https",
        origin="https://demo.store.localhost:8080",
    )
    assert answer.cookies[0].startswith("__Host-till_cart=")
    assert "Secure" in answer.cookies[0]
    assert https.get("/cart.js", x_forwarded_proto="https").json["item_count"] == 1
    tossed = Visitor(visitor.parts, visitor.run, cookies={"till_cart": https.cookies["__Host-till_cart"]})
    assert tossed.get("/cart.js", x_forwarded_proto="https").json["item_count"] == 0


def test_a_cart_is_of_one_shop_and_one_visitor(till, visitor, some):
    visitor.post("/cart/add.js", {"id": some[0].id})
    till.found("corner")
    for other in (
        Visitor(till.parts, till.run),
        Visitor(till.parts, till.run, host="corner.store.localhost:8080"),
    ):
        assert other.get("/cart.js").json["item_count"] == 0
    stolen = Visitor(till.parts, till.run, host="corner.store.localhost:8080", cookies=dict(visitor.cookies))
    assert stolen.get("/cart.js").json["item_count"] == 0


REFUSED = {
    "no variant": ({"id": 1}, "Cannot find variant"),
    "no number": ({"id": "x"}, "the number of a variant"),
    "nothing": ({"id": 0, "quantity": 0}, "quantity must be 1 or more"),
    "too many": ({"id": 0, "quantity": 10_000}, "You can only add"),
    "odd": ({"id": 0, "quantity": "1e3"}, "no whole number"),
    "long": ({"id": 0, "properties": {"a": "x" * 501}}, "at most 500"),
    "many": ({"id": 0, "properties": {str(each): "x" for each in range(21)}}, "at most 20"),
    "items": ({"items": [{"id": 0}] * 101}, "1 to 100 things"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_cart_does_not_take(visitor, some, name):
    form, said = REFUSED[name]
    visitor.post("/cart/add.js", {"id": some[0].id})

    def named(each):
        return each | {"id": some[0].id} if each.get("id") == 0 else each

    form = {"items": list(map(named, form["items"]))} if "items" in form else named(form)
    answer = visitor.post("/cart/add.js", form)
    assert answer.status == 422
    assert said in answer.json["description"]
    assert visitor.get("/cart.js").json["item_count"] == 1


def test_what_is_sold_out_cannot_be_added(visitor, goods):
    gone = [each for each in stock_of(shipped().raw, "en", "USD").goods.values() if not each.is_available]
    counted = [each for each in goods if each.variant.inventory]
    assert "sold out" in visitor.post("/cart/add.js", {"id": gone[0].id}).json["description"]
    most = counted[0].variant.inventory
    assert visitor.post("/cart/add.js", {"id": counted[0].id, "quantity": most}).status == 200
    answer = visitor.post("/cart/add.js", {"id": counted[0].id, "quantity": 1})
    assert f"You can only add {most}" in answer.json["description"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://corner.store.localhost:8080"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "null"},
    ],
)
def test_pages_of_others_change_no_cart(visitor, some, headers):
    answer = visitor.post("/cart/add.js", {"id": some[0].id}, **headers)
    assert answer.status == 403
    assert not answer.cookies


def test_forms_that_cannot_be_read(visitor):
    def send(body, kind):
        headers = {"content_type": kind, "origin": f"http://{visitor.host}"}
        return visitor.run(visitor.ask("POST", "/cart/add", body, headers)).status

    assert send(b"x" * 64_001, "application/x-www-form-urlencoded") == 413
    assert send(b"a=" + b"&a=" * 400, "application/x-www-form-urlencoded") == 400
    assert send(b"\xff=1", "application/x-www-form-urlencoded") == 400
    assert send(b"id[[]]=1&id=2", "application/x-www-form-urlencoded") == 400
    assert send(b"id=1&id[a]=2", "application/x-www-form-urlencoded") == 400
    assert send(b"[1]", "application/json") == 400
    assert send(b"[" * 50_000, "application/json") == 400
    assert send(b"x", "text/xml") == 415
    assert send(b"x", "multipart/form-data") == 400


def test_scripts_are_refused_in_json(visitor, some):
    """Themes call `response.json()` on whatever comes."""

    def send(body, path="/cart/add.js", **headers):
        own = {"content_type": "application/x-www-form-urlencoded", "origin": f"http://{visitor.host}"}
        return visitor.run(visitor.ask("POST", path, body, own | headers))

    answers = {
        400: send(b"\xff=1"),
        403: send(b"id=1", origin="https://evil.example"),
        413: send(b"x" * 64_001, path="/cart/update.js"),
        415: send(b"x", content_type="text/xml"),
    }
    for status, answer in answers.items():
        assert (answer.status, answer["content-type"]) == (status, "application/json")
        assert answer.json["status"] == status
        assert answer.json["message"]
        assert answer.json["description"].endswith(".")
    asked = send(b"\xff=1", path="/cart/add", accept="application/json")
    assert (asked.status, asked.json["status"]) == (400, 400)
    for page in (send(b"\xff=1", path="/cart/add", accept="text/html"), visitor.get("/assets/none.js")):
        assert page["content-type"].startswith("text/html")


def test_nobody_writes_faster_than_people_do(run, tmp_path):
    """By a clock that stands still and is then moved on."""
    moved = MovedClock()
    with inside(run, folder=tmp_path, url=None, now=lambda: AT + moved.offset) as till:
        themed(till, till.shop)
        visitor = Visitor(till.parts, till.run)
        assert [visitor.post("/cart/clear.js", {}).status for _ in range(60)] == [200] * 60
        slow = visitor.post("/cart/clear.js", {})
        assert (slow.status, slow["retry-after"], slow.json["status"]) == (429, "1", 429)
        assert visitor.get("/cart.js").status == 200
        other = Visitor(till.parts, till.run, address="192.0.2.1")
        assert other.post("/cart/clear.js", {}).status == 200
        moved.move(0.5)
        assert [visitor.post("/cart/clear.js", {}).status for _ in range(6)] == [200] * 5 + [429]


def test_the_way_to_the_checkout_keeps_the_language(visitor, some):
    answer = visitor.post("/de/cart/add", {"id": str(some[0].id), "checkout": ""})
    assert answer["location"] == "/de/checkout"
    page = visitor.follow(answer)
    assert (page.status, 'action="/de/checkout"' in page.text) == (200, True)


def test_nobody_is_led_to_another_host(visitor, some):
    for place in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/\n/evil"):
        answer = visitor.post("/cart/add", {"id": str(some[0].id), "return_to": place})
        assert answer["location"] == "/cart"
    answer = visitor.post("/cart/add", {"id": str(some[0].id), "return_to": "/collections/all?page=2"})
    assert answer["location"] == "/collections/all?page=2"


def test_small_forms(visitor):
    answer = visitor.post("/contact", {"form_type": "customer", "contact[email]": "a@example.com"})
    assert (
        answer["location"] == "/?customer_posted=true#customer_form"
        or "customer_posted" in answer["location"]
    )
    answer = visitor.post("/localization", {"language_code": "de", "return_to": "/collections/all"})
    assert answer["location"] == "/de/collections/all"
    answer = visitor.post("/localization", {"language_code": "en", "return_to": "/de/cart"})
    assert answer["location"] == "/cart"
    for place in ("/de//evil.example", "/de/\\evil.example", "//evil.example"):
        answer = visitor.post("/localization", {"language_code": "en", "return_to": place})
        assert answer["location"] == "/", place
    assert visitor.post("/account/login", {"customer[email]": "a@example.com"}).status == 200


def test_scripts_are_told_of_products_and_suggestions(visitor, some):
    product = some[0].product
    told = visitor.get(f"/products/{product.handle}.js").json
    assert told["handle"] == product.handle
    assert some[0].id in [each["id"] for each in told["variants"]]
    assert visitor.get(f"/products/{product.handle}.json").json["product"]["id"] == told["id"]
    assert visitor.get("/products/none.js").status == 404
    word = told["title"].split()[0].lower()
    found = visitor.get(f"/search/suggest.json?q={word}&resources[limit]=2").json["resources"]["results"]
    assert 1 <= len(found["products"]) <= 2
    near = visitor.get(f"/recommendations/products.json?product_id={told['id']}&limit=3").json["products"]
    assert 1 <= len(near) <= 3
    assert told["id"] not in [each["id"] for each in near]
