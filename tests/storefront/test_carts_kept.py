"""How many carts a shop keeps, and whose is given up when there are too many."""

import pytest

from engines import MovedClock
from inside import inside
from shopping import Visitor
from storefront_shops import themed
from till import clock
from till.storefront import carts_kept

AT = clock.now()
BUYER = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address1": "12 St James's Square",
    "zip": "SW1Y 4JH",
    "city": "London",
    "country": "United Kingdom",
}


class Shop:
    """A shop that keeps four open carts; a fifth makes it keep two."""

    def __init__(self, till, moved, thing):
        self.till, self.moved, self.thing = till, moved, thing
        self.visitors = 0

    def comes(self):
        """A visitor without a cookie, from an address of his own, a second later than the one before."""
        self.moved.move(1)
        self.visitors += 1
        return Visitor(self.till.parts, self.till.run, address=f"192.0.2.{self.visitors}")

    def buyer(self):
        visitor = self.comes()
        assert visitor.post("/cart/add.js", {"id": self.thing.id}).status == 200
        return visitor

    def carts(self):
        return len(self.till.rows("SELECT digest FROM carts"))


@pytest.fixture
def shop(run, store, goods, monkeypatch):
    monkeypatch.setattr(carts_kept, "MOST", 4)
    monkeypatch.setattr(carts_kept, "LEFT", 2)
    moved = MovedClock()
    with inside(run, **store, now=lambda: AT + moved.offset) as till:
        themed(till, till.shop)
        yield Shop(till, moved, goods[0])


def count(visitor):
    return visitor.get("/cart.js").json["item_count"]


def test_who_only_looks_has_no_cart(shop):
    visitor = shop.comes()
    for path in ("/", "/cart", "/cart.js", "/checkout"):
        visitor.get(path)
    visitor.post("/cart/clear.js", {})
    visitor.post("/cart/update.js", {"updates": {}})
    assert shop.carts() == 0


def test_of_too_many_carts_those_left_alone_for_longest_are_given_up(shop):
    visitors = [shop.buyer() for _ in range(4)]
    assert [count(each) for each in visitors] == [1, 1, 1, 1]
    shop.moved.move(1)
    visitors[0].post("/cart/add.js", {"id": shop.thing.id})
    last = shop.buyer()
    assert [count(each) for each in (*visitors, last)] == [2, 0, 0, 0, 1]
    for _ in range(20):
        shop.buyer()
    assert shop.carts() <= 4


def test_whoever_is_at_the_checkout_keeps_his_cart_for_an_hour(shop):
    early, later = shop.buyer(), shop.buyer()
    assert early.get("/checkout").status == 200
    shop.moved.move(1)
    later.get("/checkout")
    later.post("/cart/change.js", {"line": 1, "quantity": 2})
    for _ in range(12):
        shop.buyer()
    assert (count(early), count(later)) == (1, 2)
    shop.moved.move(3_601)
    shop.buyer()
    later.get("/checkout")
    for _ in range(6):
        shop.buyer()
    assert (count(early), count(later)) == (0, 2)


def test_what_became_an_order_is_not_given_up_and_the_form_sent_twice_is_still_one(shop):
    buyer = shop.buyer()
    key = buyer.get("/checkout").text.partition('name="key" value="')[2].partition('"')[0]
    assert buyer.post("/checkout", BUYER | {"key": key}).status == 200
    shop.moved.move(7_200)
    for _ in range(9):
        shop.buyer()
    assert buyer.post("/checkout", BUYER | {"key": key}).status == 200
    assert len(shop.till.rows("SELECT id FROM orders")) == 1


def test_those_who_have_ordered_stand_at_the_checkout_no_more(shop):
    for _ in range(5):
        buyer = shop.buyer()
        key = buyer.get("/checkout").text.partition('name="key" value="')[2].partition('"')[0]
        assert buyer.post("/checkout", BUYER | {"key": key}).status == 200
    assert count(shop.buyer()) == 1


def test_no_more_visitors_stand_at_the_checkout_than_carts_are_kept(shop):
    for _ in range(4):
        shop.buyer().get("/checkout")
    refused = shop.comes().post("/cart/add.js", {"id": shop.thing.id})
    assert (refused.status, refused.json["description"][:8]) == (503, "Too many")
    assert shop.carts() == 4
    shop.moved.move(3_601)
    assert count(shop.buyer()) == 1


def test_carts_of_other_shops_do_not_count(shop):
    other = themed(shop.till, shop.till.found("other"))
    first = shop.buyer()
    for _ in range(6):
        visitor = shop.comes()
        visitor.host = f"{other.handle}.store.localhost:8080"
        visitor.post("/cart/add.js", {"id": shop.thing.id})
    assert count(first) == 1
