"""A server that is killed in the midst of an erasure, over and over: nothing is left, and nothing is lost."""

import json
import random
import time
import urllib.request
from collections import Counter

import pytest

from inside import inside
from people import Marked, carry, tables_with
from running import seed, serve

BOB = Marked("qzbob", "18006662", "80001")
# One after the other is erased, until one was so long enough for two kills.
VICTIMS = [
    Marked("qzada", "17005551", "70001"),
    Marked("qzcyd", "19007773", "90001"),
    Marked("qzdot", "16008884", "60001"),
    Marked("qzeve", "15009995", "50001"),
]
SCOPES = "read_orders,write_orders,read_customers,write_customers"
ORDERS = 60
MOST_KILLS, PATIENCE = 40, 60


def ask(url, token, method, path, body=None):
    headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
    raw = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/202412{path}", raw, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where a server keeps its things: its command's place, its options, and what opens the same here."""
    if request.param == "sqlite":
        yield tmp_path / "data", (), {"folder": tmp_path / "data", "url": None}
        return
    postgres = request.getfixturevalue("postgres")
    url = postgres.create_database()
    yield url, ("--data", tmp_path), {"folder": tmp_path, "url": url}
    postgres.drop_database(url)


def order_all(server, token, who):
    """The totals of new orders of somebody."""
    orders = [
        ask(server.url, token, "POST", "/orders", {"order": who.order()})["order"] for _ in range(ORDERS)
    ]
    return {order["id"]: order["totalPrice"] for order in orders}


def erased_through_kills(serving, token, who, chance):
    """Have the orders of somebody erased by servers that are killed; answers how many, and the totals."""
    kills, state = 0, "scheduled"
    with serving() as server:
        total = order_all(server, token, who)
        ask(server.url, token, "POST", f"/customers/{who.id}/redact", {"now": True})
        server.kill()
    while state != "erased" and kills < MOST_KILLS:
        with serving() as server:
            time.sleep(chance.uniform(0, 0.2 + 0.05 * kills))
            state = ask(server.url, token, "GET", f"/customers/{who.id}/redact")["erasure"]["state"]
            server.kill()
            kills += 1
    with serving() as server:  # on a slow machine it may not be done by then
        until = time.monotonic() + PATIENCE
        while state != "erased" and time.monotonic() < until:
            state = ask(server.url, token, "GET", f"/customers/{who.id}/redact")["erasure"]["state"]
            time.sleep(0.05)
    print(f"\nerased {ORDERS} orders through {kills} kills")
    assert state == "erased"
    return kills, total


def test_killing_it_over_and_over_only_delays_it(place, run):
    where, options, store = place
    shop = seed(where, shop="mortal", scopes=SCOPES, **({"key": options[1]} if options else {}))
    token, chance, kills, erased = shop.accessToken, random.Random("erase"), 0, []
    with serve(where, *options) as server:
        total = order_all(server, token, BOB)
    while kills < 2 and len(erased) < len(VICTIMS):
        erased.append(VICTIMS[len(erased)])
        kills, theirs = erased_through_kills(lambda: serve(where, *options), token, erased[-1], chance)
        total |= theirs
    assert kills >= 2
    with inside(run, **store) as till:
        till.token = token
        till.shop = _Shop(shop.shopId)
        carry(till)
        rows = till.rows("SELECT payload FROM changes WHERE shop_id = :s", s=shop.shopId)
        for who in erased:
            assert set(tables_with(till, who.marks)) <= {"changes"}
            left = [json.loads(bytes(row[0])) for row in rows if who.mark.encode() in bytes(row[0])]
            assert [list(each) for each in left] == [["customerRedact"]]
        assert "orders" in tables_with(till, BOB.marks)
        numbers = [number for number, _ in till.events()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert Counter(topic for topic in till.topics() if not topic.startswith("app/")) == {
            "orders/create": (1 + len(erased)) * ORDERS,
            "orders/update": len(erased) * ORDERS,
            "customers/redact": len(erased),
        }
        found = {order["id"]: order["totalPrice"] for order in _all_orders(till)}
        assert found == total


class _Shop:
    def __init__(self, shop_id):
        self.id = shop_id


def _all_orders(till):
    after = 0
    while page := till.get(f"/orders?limit=100&sinceId={after}").json["orders"]:
        yield from page
        after = page[-1]["id"]
