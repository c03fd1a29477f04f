"""What is counted of calls, against what the test itself counted as it sent them."""

import contextlib
import random
import re
import time
from collections import Counter

import apsw
import pytest
from monitored import an_entry

from inside import ORDERS, inside
from running import seed, serve
from till.db.open import open_database
from till.shop import Rate
from till.tallies import HOUR, percentile
from till.web.tally import MOST, SOON, Tally
from wire import Wire

COUNTS = """
    SELECT method, path, version, status, sum(n) FROM api_counts
    WHERE shop_id = :shop_id AND client_id = :client_id GROUP BY method, path, version, status
"""


def settled(till):
    """Write down what was counted; what stands there then of the app."""
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows(COUNTS, shop_id=till.shop.id, client_id=till.client_id)
    return Counter({tuple(row[:4]): int(row[4]) for row in rows})


def test_every_answered_call_is_counted_once_under_what_it_was(till):
    sent, dice = Counter(), random.Random(7)
    asked = (
        ("GET", "/orders", "/orders", "202412"),
        ("GET", "/api/202410/orders", "/orders", "202410"),
        ("GET", "/orders/12345", "/orders/{orderId}", "202412"),
        ("GET", "/webhooks", "/webhooks", "202412"),
        ("GET", "/nothing/here", "unmatched", "202412"),
        ("GET", "/customers", "/customers", "202412"),
        ("POST", "/orders", "/orders", "202412"),
        ("DELETE", "/orders", "unmatched", "202412"),
    )
    for _ in range(120):
        method, path, template, version = dice.choice(asked)
        reply = till.run(till.ask(method, path, {} if method == "POST" else None))
        sent[method, template, version, reply.status] += 1
        if dice.random() < 0.1:
            settled(till)  # however often it is written down
    assert {status for *_, status in sent} >= {200, 403, 404, 405}
    assert settled(till) == sent
    assert settled(till) == sent, "what was written down is not counted again"


def test_calls_of_nobody_are_nobodys(till):
    before = settled(till)
    assert till.get("/orders", token="0" * 64).status == 401
    assert till.run(till.ask("GET", "/orders", token="")).status == 401
    assert settled(till) == before


def test_apps_and_shops_are_told_apart(till):
    mine, client_id = till.token, till.client_id
    other = till.install(till.shop)
    other_id = till.client_id
    till.get("/orders", token=mine)
    for _ in range(3):
        till.get("/orders", token=other)
    assert settled(till) == {("GET", "/orders", "202412", 200): 3}
    till.client_id = client_id
    assert settled(till) == {("GET", "/orders", "202412", 200): 1}
    assert other_id != client_id


def test_what_was_counted_outlives_the_server(run, store):
    with inside(run, **store) as till:
        for _ in range(5):
            till.get("/orders")
        shop_id, client_id = till.shop.id, till.client_id
        # Nothing is written down by hand: the server stops, and that is enough.
    db = run(open_database(**store))
    try:
        rows = run(db.read(lambda tx: tx.fetch(COUNTS, shop_id=shop_id, client_id=client_id)))
    finally:
        run(db.close())
    assert [(row[1], int(row[4])) for row in rows] == [("/orders", 5)]


def test_a_tally_holds_so_many_requests_and_says_what_it_left_out():
    tally = Tally()
    for number in range(MOST + 10):
        assert bool(tally.full.rung) is (number >= SOON)
        tally.note(an_entry())
    batch = tally.take()
    batch.fold()
    assert (len(batch.entries), batch.left_out) == (MOST, 10)
    assert sum(n for n, _ in batch.counts.values()) == MOST + 10
    tally.give_back(batch)
    tally.note(an_entry())
    again = tally.take()
    again.fold()
    assert (len(again.entries), again.left_out) == (MOST, 11)
    assert sum(n for n, _ in again.counts.values()) == MOST + 11


def test_times_are_counted_in_steps_and_what_waits_by_design_has_none(till):
    for _ in range(20):
        till.get("/orders")
    till.get("/events?wait=1")
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows(
        "SELECT path, bucket, n, micros FROM api_counts WHERE shop_id = :s AND client_id = :c",
        s=till.shop.id,
        c=till.client_id,
    )
    timed = [row for row in rows if row[0] == "/orders"]
    total, micros = sum(row[2] for row in timed), sum(row[3] for row in timed)
    assert total == 20
    assert percentile([(row[1], row[2]) for row in timed], 1.0) <= micros * 1.05
    assert sum(row[2] * (1.05 ** row[1]) for row in timed) == pytest.approx(micros, rel=0.06)
    assert [row[1] for row in rows if row[0] == "/events"] == [-1]


def ask(server, token, path="/api/202412/orders"):
    host, port = re.fullmatch(r"http://([^:]+):(\d+)", server.url).groups()
    with Wire((host, int(port))) as wire:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Genstore-Access-Token: {token}\r\n\r\n"
        return wire.say(head.encode()).hear()


def counted(server, token):
    told = ask(server, token, "/api/202412/app/statistics").json["statistics"]["calls"]["byEndpoint"]
    return sum(each["total"] for each in told if each["path"] == "/orders")


def written(folder):
    """How many calls of `/orders` stand in the file; a server that is asked writes down all that it knows."""
    with contextlib.closing(apsw.Connection(str(folder / "till.db"))) as file:
        file.setbusytimeout(5_000)
        return file.execute("SELECT coalesce(sum(n), 0) FROM api_counts WHERE path = '/orders'").get


def test_a_stop_loses_nothing_and_a_crash_a_few_seconds(tmp_path):
    app = seed(tmp_path, scopes="read_orders,read_apps")
    with serve(tmp_path) as server:
        for _ in range(7):
            assert ask(server, app.accessToken).status == 200
        assert server.stop() == 0
    with serve(tmp_path) as server:
        assert counted(server, app.accessToken) == 7
        for _ in range(5):
            ask(server, app.accessToken)
        until = time.monotonic() + 30
        while written(tmp_path) != 12:
            assert time.monotonic() < until
            time.sleep(0.1)
        ask(server, app.accessToken)
        server.kill()
    with serve(tmp_path) as server:
        assert counted(server, app.accessToken) in (12, 13)


def of_orders(said):
    """The series of calls of `/orders` that Prometheus is told, of which there should be one."""
    series = [line for line in said.splitlines() if line.startswith("till_app_requests_total{")]
    return [float(line.split()[-1]) for line in series if 'path="/orders"' in line]


def test_several_processes_add_up(postgres, tmp_path):
    url = postgres.create_database()
    app = seed(url, scopes="read_orders,read_apps", key=tmp_path)
    with serve(url, "--data", str(tmp_path), "--workers", "2") as server:
        for _ in range(30):
            assert ask(server, app.accessToken).status == 200
        until = time.monotonic() + 30
        while counted(server, app.accessToken) != 30:
            assert time.monotonic() < until
            time.sleep(0.3)
        # Each process tells it to Prometheus once it stands in the database.
        while of_orders(said := ask(server, app.accessToken, "/metrics").body.decode()) != [30.0]:
            assert time.monotonic() < until, of_orders(said)
            time.sleep(0.1)
        assert re.search(r"^till_app_request_seconds_count\{[^}]*\} [3-9]\d", said, re.MULTILINE)


def test_a_version_that_is_not_there_costs_and_is_counted_under_no_name_of_its_own(till, ticking):
    ticking.stand()
    slow = till.found("slow", rate=Rate.DEFAULT)
    token = till.install(slow, scopes=ORDERS | {"read_apps"})
    replies = [till.get(f"/api/2099{n % 3}/orders", token=token) for n in range(45)]
    assert replies[0].headers["x-genstore-shop-api-rate-limit"] == "1/40"
    assert {reply.headers["x-genstore-api-version"] for reply in replies} == {"202412"}
    statuses = Counter(reply.status for reply in replies)
    assert (statuses[404], statuses[429]) == (40, 5)
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows(COUNTS, shop_id=slow.id, client_id=till.client_id)
    assert {tuple(row[:4]): int(row[4]) for row in rows} == {
        ("GET", "unmatched", "unknown", status): n for status, n in statuses.items()
    }
    assert till.get("/api/209912/orders", token="wrong").json["code"] == "unknown_version"


def test_the_hour_of_a_call_is_that_of_the_servers_clock(till, ticking):
    ticking.ahead = 5 * HOUR
    till.get("/orders")
    ticking.ahead += HOUR
    till.get("/orders")
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows(
        "SELECT hour FROM api_counts WHERE shop_id = :s AND client_id = :c ORDER BY hour",
        s=till.shop.id,
        c=till.client_id,
    )
    first, second = (row[0] for row in rows)
    assert second == first + 1
    assert abs((ticking() - HOUR) // HOUR - first) <= 1
