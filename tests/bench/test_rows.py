"""The rows that the bench prints, and those that its limits write, are those that the store would make."""

import sys
from pathlib import Path

import msgspec
import pytest

# The bench lies beside the tests, and is installed nowhere.
sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.cluster import pgbench
from bench.directory import found
from bench.limit_postgres import PostgresLimit
from bench.limit_sqlite import SqliteLimit
from bench.marks import Marks
from bench.moves import WRITES
from bench.recorder import scratch
from bench.samples import FIRST_SHOP, SHOPS, UNPAID, request, shop_at
from bench.template import prove, template

from bench import bulk
from till.cli.store import opened
from till.customers.store import Customers
from till.orders import journal
from till.orders.state import status_of
from till.orders.store import Orders
from till.orders.view import decode
from till.orders.wire.answer import show
from till.settings import Settings

PRINTED = 150
MARKS = Marks(id=123_456_789, shop_id=FIRST_SHOP, at=1_750_000_000_000_000, number=1_005, event=9)
EVENTS = "SELECT number, topic FROM events WHERE shop_id = :shop_id ORDER BY number"
COUNTED = "SELECT sum(n) FROM order_counts WHERE shop_id = :shop_id AND day = -1"
COUNTERS = "SELECT order_number, event_number FROM counters WHERE shop_id = :shop_id"
ORDERS = "SELECT id, version, status, body FROM orders WHERE shop_id >= :first AND version > 1"
LONE_PARTS = """
    SELECT count(*) FROM order_parts p WHERE NOT EXISTS
        (SELECT 1 FROM orders o WHERE o.shop_id = p.shop_id AND o.id = p.order_id)
"""
BUYERS = "SELECT count(*), min(orders_count), max(orders_count) FROM customers WHERE shop_id >= :first"


@pytest.fixture
def place(store, run):
    """Say where two hundred shops are that have no orders."""
    settings = Settings(data=store["folder"], database=store["url"])

    async def prepare():
        async with opened(settings) as opened_store:
            await found(opened_store)

    run(prepare())
    return settings


def asked(run, settings, work):
    async def ask():
        async with opened(settings) as store:
            return await store.db.read(work, heavy=True)

    return run(ask())


def test_printed_orders_are_as_if_they_had_been_created(place, run):
    ids = run(bulk.fill(place, PRINTED, lambda _: None))
    assert len(ids) == PRINTED

    async def look(tx):
        for index in {index for index, _ in ids}:
            shop = shop_at(index)
            orders, told = Orders(tx, shop), {}
            own = [order_id for at, order_id in ids if at == index]
            for order_id in own:
                row = await orders.get(order_id)
                order = decode(row.body)
                buyer = await Customers(tx, shop).get(order.customer_id)
                (page,) = await journal.pages(tx, shop_id=shop.id, order_id=order_id)
                told |= page.page.events
                assert row.answer == msgspec.json.encode(show(order, shop))
                assert (buyer.last_order_id, buyer.standing.orders_count) == (order_id, 1)
                assert buyer.profile.email == order.email
            assert (await tx.fetch(COUNTED, shop_id=shop.id))[0][0] == len(own)
            events = await tx.fetch(EVENTS, shop_id=shop.id)
            counters = await tx.fetch(COUNTERS, shop_id=shop.id)
            assert dict(events) == told
            assert [number for number, _ in events] == list(range(1, len(events) + 1))
            assert tuple(counters[0]) == (1_000 + len(own), len(events))

    asked(run, place, look)


def test_what_the_store_would_not_make_is_refused(run):
    async def tamper():
        async with scratch(None) as db:
            right = await template(db, 0)
            await prove(db, right, 0, MARKS)
            right.writes["create"][-1].statement.params["at"] += 1
            right.writes["create"][-1].numbers.pop("at")
            await prove(db, right, 0, MARKS)

    with pytest.raises(AssertionError, match="not those that the store would make"):
        run(tamper())


def test_only_an_unpaid_sample_has_a_life(run):
    async def record():
        async with scratch(None) as db:
            return [await template(db, each) for each in range(6)]

    for variant, made in enumerate(run(record())):
        assert ("pay" in made.writes) is (variant in UNPAID) is (b'"pending"' in request(variant))


def test_a_limit_writes_what_the_server_would_write(place, run):
    """Every order of it has come as far as it was moved, with events without a gap and buyers of its own."""
    limit = SqliteLimit(place.data) if place.database is None else PostgresLimit(pgbench(), place.database)
    limit.ready(0.02)
    done = {what: limit.write(what, 0.02).done for what in WRITES}
    limit.close()
    assert min(done.values()) > 0

    async def look(tx):
        first = FIRST_SHOP + SHOPS
        moved = await tx.fetch(ORDERS, first=first)
        versions = [version for _, version, _, _ in moved]
        # A refund comes after payment and shipment; a cancellation after nothing.
        assert versions.count(4) == done["refund"]
        assert len(versions) == done["pay"] + done["cancel"]
        if place.database is None:  # on PostgreSQL the documents are those that were recorded
            assert all(
                (order.id, order.version, status_of(order)) == (order_id, version, status)
                for order_id, version, status, body in moved
                for order in [decode(body)]
            )
        for shop_id in range(first, first + SHOPS):
            events = [number for number, _ in await tx.fetch(EVENTS, shop_id=shop_id)]
            assert events == list(range(1, len(events) + 1))
        assert (await tx.fetch(LONE_PARTS))[0][0] == 0
        buyers, least, most = (await tx.fetch(BUYERS, first=first))[0]
        assert (least, most) == (1, 1)
        assert (
            buyers
            == (await tx.fetch("SELECT count(*) FROM orders WHERE shop_id >= :first", first=first))[0][0]
        )

    asked(run, place, look)
