"""The lives of the demo's orders, on both stores, seen from a fixed moment."""

from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

from inside import inside
from till import clock
from till.clock import DAY
from till.demo.stock import Stock, fill
from till.orders import ledger
from till.orders.history import Page
from till.orders.order import Order
from till.orders.words import Happening

NOW = clock.micros(datetime(2026, 3, 5, 18, 20, tzinfo=UTC))
PEOPLE = {("person", "Kim Abara"), ("person", "Tomás Rey"), ("person", "Jo Lindqvist")}


@pytest.fixture
def server(run, store):
    with inside(run, **store, now=lambda: NOW) as server:
        yield server


def live(server, shop, *, seed, count):
    stock = Stock(shop, server.parts.lease.minter, "the-demos-app")
    server.run(fill(server.parts.db, stock, seed=seed, count=count, now=NOW))
    return [
        (when, msgspec.json.decode(body, type=Page))
        for when, body in server.rows(
            "SELECT at, body FROM order_timeline WHERE shop_id = :shop_id ORDER BY id", shop_id=shop.id
        )
    ]


def orders_of(server, shop):
    sql = "SELECT body FROM orders WHERE shop_id = :shop_id ORDER BY number"
    return [msgspec.json.decode(bytes(row[0]), type=Order) for row in server.rows(sql, shop_id=shop.id)]


def test_all_that_can_happen_happens_to_some_order_in_the_order_of_time_and_by_somebody(server):
    timeline = live(server, server.shop, seed=1, count=1_000)
    moments = [at for at, _ in timeline]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    told = server.rows("SELECT occurred_at FROM changes ORDER BY number")
    assert [row[0] for row in told] == sorted(row[0] for row in told)
    kinds = Counter(entry.kind for _, page in timeline for entry in page.entries)
    notes = [page for _, page in timeline if page.note is not None]
    assert {*kinds, Happening.NOTE, Happening.ERASED} == set(Happening)
    assert {page.note.author for page in notes} == {name for _, name in PEOPLE}
    who = {(page.by.type, page.by.name) for _, page in timeline}
    assert who == PEOPLE | {("app", "Till demo"), ("system", "Till")}
    assert {page.by.id for _, page in timeline if page.by.type == "app"} == {"the-demos-app"}


def test_what_is_held_is_younger_than_a_week_and_what_was_older_was_taken_or_let_go(server):
    live(server, server.shop, seed=1, count=1_000)
    orders = orders_of(server, server.shop)
    held = [each for order in orders for each, _ in ledger.capturable(order.transactions)]
    assert held
    assert min(each.created_at for each in held) > NOW - 7 * DAY
    once = [each for each in orders if ledger.was_held(each.transactions)]
    assert len(once) > len(held)


def test_money_and_units_add_up_for_every_order(server):
    live(server, server.shop, seed=2, count=300)
    for order in orders_of(server, server.shop):
        assert 0 <= ledger.net(order.transactions) <= order.payable
        for line in order.line_items:
            tally = order.tallies[line.id]
            assert tally.shipped + tally.unshipped <= line.quantity
            assert tally.given_back <= tally.shipped or order.cancelled_at is not None


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_no_move_is_refused_whatever_the_seed(server, seed):
    assert len(live(server, server.shop, seed=seed, count=200)) > 400
    assert len(orders_of(server, server.shop)) == 200


def test_the_same_seed_is_the_same_year(server):
    shops = [server.found(handle) for handle in ("a", "b", "c")]
    years = [
        [
            (at, page.by.name, [entry.kind for entry in page.entries], page.note)
            for at, page in live(server, shop, seed=seed, count=150)
        ]
        for shop, seed in zip(shops, (7, 7, 8), strict=True)
    ]
    assert years[0] == years[1]
    assert years[0] != years[2]
