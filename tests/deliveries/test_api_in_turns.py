"""Subscriptions that come and go while orders are made: what is owed, and what is remembered, stay true."""

import asyncio
import contextlib

import pytest

from builders import a_line
from inside import ORDERS, inside
from till.db import postgres_writes
from till.db.port import StoreUnavailable

BODY = {"order": {"lineItems": [a_line()]}}
ORPHANS = """
    SELECT count(*) FROM deliveries d WHERE d.shop_id = :shop_id AND d.state <= 1
        AND NOT EXISTS (
            SELECT 1 FROM subscriptions s WHERE s.shop_id = d.shop_id AND s.id = d.subscription_id)
"""
OWED = "SELECT count(*) FROM deliveries WHERE shop_id = :shop_id AND subscription_id = :id"


@pytest.fixture
def till(run, store):
    """A server that sends nothing, so that what is owed stays to be seen."""
    with inside(run, work=False, **store) as found:
        found.token = found.install(found.shop, scopes=ORDERS | {"write_apps"})
        yield found


def subscribe(till, name):
    sent = {"webhook": {"address": f"https://example.com/{name}", "topic": "orders/create"}}
    return till.post("/app/webhooks", sent).json["webhook"]["id"]


def orders_beside(till, count, method, path):
    """So many orders at the same moment as one call of another kind."""

    async def all_of_them():
        orders = [till.ask("POST", "/orders", BODY) for _ in range(count)]
        return await asyncio.gather(*orders, till.ask(method, path))

    return [reply.status for reply in till.run(all_of_them())]


def test_nothing_is_owed_to_a_subscription_that_was_deleted_meanwhile(till):
    for number in range(20):
        hook = subscribe(till, number)
        till.create()
        assert orders_beside(till, 3, "DELETE", f"/app/webhooks/{hook}") == [200] * 4
    assert till.rows(ORPHANS, shop_id=till.shop.id)[0][0] == 0


@contextlib.contextmanager
def commits_lost(monkeypatch):
    """Every transaction of PostgreSQL that changes a shop comes to nothing at its end."""
    whole = postgres_writes.transact

    async def lost(link, runs, drive):
        if not any(run.job.shop_id for run in runs):
            return await whole(link, runs, drive)
        connection = await link.connection()
        await connection.execute("BEGIN")
        await connection.fetchval(postgres_writes.LOCK, [run.job.shop_id for run in runs])
        await drive(connection, runs)
        await connection.execute("ROLLBACK")
        raise StoreUnavailable("The server went away.")

    with monkeypatch.context() as patched:
        patched.setattr(postgres_writes, "transact", lost)
        yield


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_what_was_not_committed_is_not_remembered(run, postgres, migrated, tmp_path, monkeypatch, method):
    url = postgres.create_database(migrated)
    with inside(run, folder=tmp_path, url=url, work=False) as till:
        till.token = till.install(till.shop, scopes=ORDERS | {"write_apps"})
        for number in range(8):
            hook = subscribe(till, number)
            with commits_lost(monkeypatch):
                assert set(orders_beside(till, 2, "DELETE", f"/app/webhooks/{hook}")) == {503}
            till.create()
            assert till.rows(OWED, shop_id=till.shop.id, id=hook)[0][0] == 1
            if method == "PUT":
                put = {"webhook": {"topic": "orders/update"}}
                assert till.put(f"/app/webhooks/{hook}", put).status == 200
                till.create()
                assert till.rows(OWED, shop_id=till.shop.id, id=hook)[0][0] == 1
    postgres.drop_database(url)
