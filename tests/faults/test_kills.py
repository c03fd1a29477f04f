"""Kill the server at random while it takes orders and delivers them: nothing is lost, nothing invented.

`make test` kills 10 times on each store, `make soak` (TILL_TEST_KILLS=1000) as often as the contract asks.
"""

import os
import random
import time
import urllib.request

import apsw
import pytest
from checker import Evidence, Listener, check, versions_told
from fault_clients import OrderLog, at_work
from fault_feed import getter, pages
from fault_receiver import recording

from asking import ask
from postgres import Server
from running import seed, serve

CYCLES = int(os.environ.get("TILL_TEST_KILLS", "10"))
POSTGRES_FALLS_EVERY = 5
SCOPES = "read_orders,write_orders,read_apps,write_apps"
LISTENERS = [
    Listener("/create", "orders/create"),
    Listener("/create/ordered", "orders/create", ordered=True),
    Listener("/update", "orders/update"),
    Listener("/update/ordered", "orders/update", ordered=True),
    Listener("/paid", "orders/paid"),
]
# What one process may have under way when it dies, all hosts together (delivery.md §8).
IN_FLIGHT = 256
PATIENCE = 120


def subscribe(server, shop, receiver):
    for each in LISTENERS:
        ordering = {"ordering": "per_resource"} if each.ordered else {}
        body = {"webhook": {"topic": each.topic, "address": receiver.url(each.path), **ordering}}
        status, said = ask(server.url, "/app/webhooks", shop.accessToken, body)
        assert status == 201, said


def end_leases(server):
    """Set the clock forward past what the dead had claimed, rather than wait for it."""
    headers = {"X-Till-Dev": "1", "Content-Type": "application/json"}
    wish = urllib.request.Request(f"{server.url}/dev/clock", data=b'{"advance": "1m"}', headers=headers)
    with urllib.request.urlopen(wish, timeout=30) as answer:
        assert answer.status == 200


def drained(get, receiver):
    """Wait until all that is owed was taken; answers the feed as it then is."""
    found = pages(get)
    owed = {
        (listener.path, *event.key)
        for _, events, _ in found
        for event in events
        for listener in LISTENERS
        if listener.wants(event)
    }
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        owed -= {(each.path, each.change, each.topic) for each in receiver.arrivals() if each.taken}
        if not owed:
            time.sleep(1)  # for what would come twice
            break
        time.sleep(0.2)
    return found


def kill_loop(place, arguments, shop, receiver, *, fall=None):
    """Answers the order log, the evidence, and the seconds from each start to readiness."""
    log, chance, ready, died = OrderLog(), random.Random("kill and deliver"), [], []
    with serve(place, *arguments) as server:
        subscribe(server, shop, receiver)
    for cycle in range(1, CYCLES + 1):
        began, before = time.monotonic(), log.acknowledged
        with serve(place, *arguments) as server:
            ready.append(time.monotonic() - began)
            with at_work(server.url, shop.accessToken, log, cycle):
                until = time.monotonic() + PATIENCE
                while log.acknowledged <= before + 1 and time.monotonic() < until:
                    time.sleep(0.005)
                time.sleep(chance.uniform(0.05, 0.4))
                if fall is not None and cycle % POSTGRES_FALLS_EVERY == 0:
                    died += fall(log)
                server.kill()
                receiver.catch_up()
                died.append(time.monotonic())
    with serve(place, *arguments, "--dev") as server:
        end_leases(server)
        found = drained(getter(server.url, shop.accessToken), receiver)
        for order, version in versions_told(each for _, events, _ in found for each in events).items():
            status, said = ask(server.url, f"/orders/{order}", shop.accessToken)
            assert (status, said["order"]["version"]) == (200, version)
    seen = Evidence(
        asked=log.all(),
        pages=found,
        arrivals=receiver.arrivals(),
        listeners=LISTENERS,
        kills=died,
        in_flight=IN_FLIGHT,
    )
    return log, seen, ready


def is_whole(store, log, seen, ready):
    """Hold it against the checker, and say what was seen; `-rP` shows it."""
    findings = check(seen)
    assert findings == [], f"{len(findings)} findings: {findings[:20]}"
    assert log.acknowledged > CYCLES
    taken = sum(each.taken for each in seen.arrivals)
    owed = sum(listener.wants(event) for listener in LISTENERS for event in seen.events)
    slow = sorted(ready)[int(len(ready) * 0.95)]
    print(
        f"\n{store}: {CYCLES} kills, {log.acknowledged} changes acknowledged, {len(seen.events)} events, "
        f"{owed} deliveries owed, {taken} taken, 0 missing, {taken - owed} twice and explained, "
        f"{len(seen.arrivals) - taken} refused; ready again after {slow:.2f} s (95 %); "
        f"refused {dict(log.refused)}"
    )


@pytest.mark.long
def test_01_whatever_kills_the_server_all_is_delivered_on_sqlite(stocked, copied, tmp_path):
    with recording(tmp_path) as receiver:
        log, seen, ready = kill_loop(copied, (), stocked.shop, receiver)
    is_whole("SQLite", log, seen, ready)
    database = apsw.Connection(str(copied / "till.db"))
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


@pytest.mark.long
def test_02_all_is_delivered_even_when_postgresql_falls_itself(tmp_path):
    with Server.started() as postgres, recording(tmp_path) as receiver:
        url = postgres.create_database()
        shop = seed(url, key=tmp_path, scopes=SCOPES)

        def fall(log):
            """The database falls and stands up again: meanwhile 503, and then all goes on by itself."""
            postgres.stop("immediate")
            fell, before = time.monotonic(), log.refused[503, True]
            time.sleep(0.3)
            until = time.monotonic() + PATIENCE
            while log.refused[503, True] == before and time.monotonic() < until:
                time.sleep(0.02)
            assert log.refused[503, True] > before
            postgres.start()
            acknowledged, until = log.acknowledged, time.monotonic() + PATIENCE
            while log.acknowledged <= acknowledged + 8 and time.monotonic() < until:
                time.sleep(0.02)
            assert log.acknowledged > acknowledged + 8
            return [fell, time.monotonic()]

        log, seen, ready = kill_loop(url, ("--data", tmp_path), shop, receiver, fall=fall)
        assert {status for status, _ in log.refused} <= {422, 503}
    is_whole("PostgreSQL", log, seen, ready)
