"""Kill the server at random under four writers: nothing acknowledged is lost, no event missing or invented.

`make test` kills 25 times on each store, beside the kills of `tests/faults` that deliver; `make soak`
(TILL_TEST_KILLS=1000) does so a thousand times.
"""

import os
import random
import time

import apsw
import pytest

from crash_ledger import Ledger, audit, retire, writers
from postgres import Server
from running import seed, serve

CYCLES = int(os.environ.get("TILL_TEST_KILLS", "25"))
AUDIT_EVERY = 5
POSTGRES_FALLS_EVERY = 5
PATIENCE = 60


def report(store, cycles, orders, events, ready, ledger):
    """Say what was seen; a terminal shows it with -s or in the report of passed tests."""
    slow = sorted(ready)[int(len(ready) * 0.95)]
    print(
        f"\n{store}: {cycles} kills, {len(ledger.versions)} orders acknowledged, {orders} stored, "
        f"{events} events, 0 lost; ready again after {slow:.2f} s (95 %); refused {dict(ledger.refused)}"
    )


def kill_loop(place, arguments, store, folder, shop, *, fall=None):
    ledger, chance, ready = Ledger(), random.Random("kill"), []
    orders = events = 0
    for cycle in range(1, CYCLES + 1):
        began, before = time.monotonic(), len(ledger.versions)
        with serve(place, *arguments) as server:
            ready.append(time.monotonic() - began)
            busy = writers(server.url, shop.accessToken, ledger, cycle)
            until = time.monotonic() + PATIENCE
            while len(ledger.versions) <= before + 1 and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(chance.uniform(0.05, 0.4))
            if fall is not None and cycle % POSTGRES_FALLS_EVERY == 0:
                fall(server, shop, ledger)
            server.kill()
            retire(busy)
        if cycle % AUDIT_EVERY == 0:
            orders, events = audit(folder, shop.shopId, ledger)
    assert len(ledger.versions) > CYCLES
    report(store, CYCLES, orders, events, ready, ledger)


@pytest.mark.long
def test_sqlite_loses_nothing_and_invents_nothing_however_often_it_is_killed(tmp_path):
    folder = tmp_path / "data"
    shop = seed(folder)
    kill_loop(folder, (), "SQLite", {"folder": folder, "url": None}, shop)
    database = apsw.Connection(str(folder / "till.db"))
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


@pytest.mark.long
def test_postgresql_loses_nothing_and_invents_nothing_even_when_it_falls_itself(tmp_path):
    with Server.started() as postgres:
        url = postgres.create_database()
        shop = seed(url, key=tmp_path)

        def fall(server, shop, ledger):
            """The database falls and stands up again; the server answers 503 and recovers by itself."""
            postgres.stop("immediate")
            before = len(ledger.versions)
            time.sleep(0.3)
            postgres.start()
            until = time.monotonic() + 30
            while len(ledger.versions) <= before + 8 and time.monotonic() < until:
                time.sleep(0.02)
            assert len(ledger.versions) > before, server.logged()[-2000:]

        kill_loop(
            url,
            ("--data", tmp_path),
            "PostgreSQL",
            {"folder": tmp_path, "url": url},
            shop,
            fall=fall,
        )
