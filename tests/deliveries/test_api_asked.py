"""How what is odd is asked for: of what is deleted, by another spelling, backwards, or in no object."""

import json
from types import SimpleNamespace

import pytest

from engines import pile_up
from inside import ORDERS, inside
from till.clock import DAY, iso, now
from till.db.port import Dialect
from till.deliveries import log as log_of

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
ALL = {"from": "2001-01-01T00:00:00Z"}


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def subscribe(till, topic="orders/create", **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": topic} | more})
    assert reply.status == 201, reply.body
    return f"/app/webhooks/{reply.json['webhook']['id']}"


def log(till, path):
    return till.get(f"{path}/deliveries?limit=250").json["deliveries"]


def test_what_was_owed_to_a_deleted_subscription_is_shown_to_its_own_app(till):
    path = subscribe(till)
    till.create()
    till.run(till.ask("DELETE", path))
    (owed,) = till.get("/app/deliveries").json["deliveries"]
    assert owed["state"] == "cancelled"
    assert till.get(f"{path}/deliveries").status == 404
    shown = till.get(f"/app/deliveries/{owed['id']}").json["delivery"]
    assert (shown["id"], shown["reason"]) == (owed["id"], "The subscription was deleted.")
    assert json.loads(shown["request"]["body"])["order"]["name"] == "#1001"
    assert till.get(f"/app/deliveries/{owed['id']}/attempts").json == {"attempts": []}
    # What the guide says: subscribe anew, and have sent what is missing.
    path = subscribe(till)
    assert till.post(f"{path}/replay-missing", ALL).json["redelivered"] == 1
    till.token = till.install(till.shop, scopes=APPS)
    for tail in ("", "/attempts"):
        reply = till.get(f"/app/deliveries/{owed['id']}{tail}")
        assert (reply.status, reply.json["code"]) == (404, "delivery_not_found")
    assert till.get("/app/deliveries/1").status == 404


def test_a_wish_for_what_waits_is_heeded_though_the_subscription_is_active(till):
    path = subscribe(till)
    till.create()
    assert till.post(f"{path}/enable").status == 200
    assert till.post(f"{path}/enable", {"deliveries": "all"}).status == 200
    assert till.post(f"{path}/enable", {"deliveries": "last24h"}).status == 200
    assert [each["state"] for each in log(till, path)] == ["pending"]
    reply = till.post(f"{path}/enable", {"deliveries": "none"})
    assert (reply.status, reply.json["webhook"]["state"]) == (200, "active")
    assert [each["state"] for each in log(till, path)] == ["cancelled"]


def test_subscriptions_are_found_by_any_spelling_of_their_address(till):
    subscribe(till, address="HTTP://127.0.0.1:9999")
    for asked in ("http://127.0.0.1:9999/", "HTTP://127.0.0.1:9999"):
        assert till.get(f"/app/webhooks/count?address={asked}").json == {"count": 1}
        assert len(till.get(f"/app/webhooks?address={asked}").json["webhooks"]) == 1
    sql = "UPDATE subscriptions SET address = 'http://10.0.0.1/x' WHERE shop_id = :s"
    till.write(lambda tx: tx.execute(sql, s=till.shop.id))
    assert till.get("/app/webhooks/count?address=http://10.0.0.1/x").json == {"count": 1}, "refused by now"
    assert till.get("/app/webhooks/count?address=nonsense").json == {"count": 0}


@pytest.mark.parametrize("tail", ["/stats", "/deliveries"])
def test_between_two_moments_lies_the_same_time_whichever_is_named_first(till, tail):
    path = subscribe(till)
    till.create()
    late, soon = iso(now() + DAY, "UTC"), iso(now() - DAY, "UTC")
    everyone = "/app/webhooks/stats" if tail == "/stats" else "/app/deliveries"
    for asked in (f"{path}{tail}", everyone):
        swapped = till.get(f"{asked}?from={late}&to={soon}".replace("+", "%2B"))
        straight = till.get(f"{asked}?from={soon}&to={late}".replace("+", "%2B"))
        assert (swapped.status, swapped.json) == (200, straight.json)
        assert tail == "/stats" or len(swapped.json["deliveries"]) == 1


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"true"])
def test_a_body_that_is_no_object_is_named_as_the_body(till, body):
    reply = till.post("/app/webhooks", body)
    assert (reply.status, reply.json["error"]) == (422, "The body must be a JSON object.")
    assert reply.json["errors"] == {"body": ["must be a JSON object"]}


def test_a_quiet_apps_deliveries_are_found_by_an_index_of_its_own(till):
    """As both stores plan it where there are many of others; so it costs what the app has, not the shop."""
    path = subscribe(till)
    till.create()
    (one,) = log(till, path)
    other = SimpleNamespace(db=till.parts.db, shop=till.shop, installation_id=2, clock=now)
    till.run(pile_up(other, int(path.rpartition("/")[2]), HERE, 3_000))
    till.write(lambda tx: tx.execute("ANALYZE deliveries"))
    wanted = log_of.Wanted()
    sql = (
        f"SELECT {log_of.COLUMNS} FROM {log_of.TABLES} WHERE d.shop_id = :shop_id AND {wanted.clause}"
        " ORDER BY d.id DESC LIMIT 50"
    )
    own = {"shop_id": till.shop.id, "installation_id": 1}

    async def plan(tx):
        if tx.dialect is Dialect.SQLITE:
            return await tx.fetch(f"EXPLAIN QUERY PLAN {sql}", **own)
        return await tx.fetch(f"EXPLAIN {sql}", **own)

    told = " ".join(str(part) for row in till.write(plan) for part in row)
    assert one["id"]
    assert "deliveries_of_installation" in told
    assert "TEMP B-TREE" not in told
