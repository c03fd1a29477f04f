"""Subscriptions as documented, and what Till offers beside (genstore.md §8.1)."""

import asyncio

import pytest

from inside import ORDERS, inside

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
DOCUMENTED = ("id", "address", "topic", "createTime", "updateTime")


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def subscribe(till, topic="orders/create", address=HERE, **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": address, "topic": topic} | more})
    assert reply.status == 201, reply.body
    return reply.json["webhook"]


def test_a_subscription_is_made_and_shown_with_the_documented_keys(till):
    made = subscribe(till)
    assert tuple(made)[:5] == DOCUMENTED
    assert isinstance(made["id"], int)
    assert made["createTime"] == made["updateTime"]
    assert made["createTime"][-6:] in ("-05:00", "-04:00")
    got = till.get(f"/app/webhooks/{made['id']}")
    assert (got.status, got.json) == (200, {"webhook": made})
    assert till.get("/app/webhooks").json == {"webhooks": [made]}
    assert till.get("/app/webhooks/count").json == {"count": 1}


def test_the_documented_profile_prints_every_scalar_as_a_string(till):
    made = subscribe(till)
    shown = till.get(f"/app/webhooks/{made['id']}", x_genstore_fidelity="documented").json["webhook"]
    assert {name: shown[name] for name in DOCUMENTED} == {name: str(made[name]) for name in DOCUMENTED}
    assert (shown["failures"], shown["reason"], shown["rate"]) == ("0", "null", "null")
    assert till.get("/app/webhooks/count", x_genstore_fidelity="documented").json == {"count": "1"}


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks.json", "/app/webhooks.json"])
def test_the_older_paths_do_the_same(till, path):
    reply = till.post(path, {"webhook": {"address": HERE, "topic": "orders/paid"}})
    assert reply.status == 201
    made = reply.json["webhook"]
    assert till.get(path).json == till.get("/app/webhooks").json == {"webhooks": [made]}
    assert till.get(f"/webhooks/{made['id']}").json == {"webhook": made}
    assert till.get("/webhooks/count").json == {"count": 1}
    changed = till.put(f"/webhooks/{made['id']}.json", {"webhook": {"timeout": 3}})
    assert changed.json["webhook"]["timeout"] == 3
    assert till.run(till.ask("DELETE", f"/webhooks/{made['id']}")).json == {}


def test_the_same_topic_and_address_again_is_refused_and_named(till):
    first = subscribe(till)
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": "orders/create"}})
    assert (reply.status, reply.json["code"]) == (422, "address_taken")
    assert str(first["id"]) in reply.json["error"]
    other = subscribe(till, "orders/paid")
    reply = till.put(f"/app/webhooks/{other['id']}", {"webhook": {"topic": "orders/create"}})
    assert (reply.status, reply.json["code"]) == (422, "address_taken")
    assert till.get("/app/webhooks/count?topic=orders/create").json == {"count": 1}


def test_the_same_address_twice_at_once_is_taken_once(till):
    body = {"webhook": {"address": HERE, "topic": "orders/create"}}

    async def both():
        return await asyncio.gather(*(till.ask("POST", "/app/webhooks", body) for _ in range(8)))

    replies = till.run(both())
    assert sorted(reply.status for reply in replies) == [201] + [422] * 7


def test_an_unknown_topic_is_refused_with_the_nearest(till):
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": "order/create"}})
    assert (reply.status, reply.json["code"]) == (422, "unknown_topic")
    assert "did you mean 'orders/create'?" in reply.json["error"]
    assert list(reply.json["errors"]) == ["webhook.topic"]


def test_a_topic_without_its_scope_is_refused_with_the_missing_one(till):
    token = till.install(till.shop, scopes=frozenset({"write_apps", "read_products"}))
    body = {"webhook": {"address": HERE, "topic": "orders/create"}}
    reply = till.post("/app/webhooks", body, token=token)
    assert (reply.status, reply.json["code"]) == (403, "missing_topic_scope")
    assert "read_orders or write_orders" in reply.json["error"]
    assert reply.json["errors"] == {"scope": ["read_orders is missing"]}
    assert till.get("/app/webhooks/count", token=token).json == {"count": 0}


@pytest.mark.parametrize(
    ("scopes", "get", "post"),
    [({"read_apps"}, 200, 403), ({"write_apps"}, 200, 201), (set(), 403, 403)],
)
def test_reading_needs_read_apps_and_writing_write_apps(till, scopes, get, post):
    token = till.install(till.shop, scopes=ORDERS | scopes)
    body = {"webhook": {"address": HERE, "topic": "orders/create"}}
    assert till.get("/app/webhooks", token=token).status == get
    assert till.post("/app/webhooks", body, token=token).status == post


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/x", "https://user@example.com/", "ftp://example.com", "nonsense", "", None]
)
def test_an_address_that_the_guard_refuses_is_a_422(till, address):
    reply = till.post("/app/webhooks", {"webhook": {"address": address, "topic": "orders/create"}})
    assert reply.status == 422
    assert list(reply.json["errors"]) == ["webhook.address"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"filter": "totalPrice"}, "webhook.filter"),
        ({"filter": "totalPrise:>100"}, "webhook.filter"),
        ({"filter": "(totalPrice:1"}, "webhook.filter"),
        ({"fields": ["id", "lineItem.sku"]}, "webhook.fields"),
        ({"headers": {"Host": "x"}}, "webhook.headers.Host"),
        ({"headers": {"X-A": 1}}, "webhook.headers"),
        ({"rate": 0}, "webhook.rate"),
        ({"rate": "fast"}, "webhook.rate"),
        ({"timeout": 31}, "webhook.timeout"),
        ({"ordering": "random"}, "webhook.ordering"),
        ({"schedule": "daily"}, "webhook.schedule"),
        ({"name": "a b"}, "webhook.name"),
        ({"adress": "x"}, "webhook.adress"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_its_name(till, sent, field):
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": "orders/create"} | sent})
    assert reply.status == 422
    assert list(reply.json["errors"]) == [field]
    assert till.get("/app/webhooks/count").json == {"count": 0}


def test_a_path_that_no_payload_has_is_answered_with_the_nearest(till):
    body = {"webhook": {"address": HERE, "topic": "orders/create", "filter": "totalPrise:>100"}}
    assert "did you mean 'totalPrice'?" in till.post("/app/webhooks", body).json["error"]


def test_options_are_kept_changed_and_taken_back(till):
    options = {
        "fields": ["id", "lineItems.sku"],
        "filter": "totalPrice:>100",
        "headers": {"X-Env": "test"},
        "ordering": "per_resource",
        "schedule": "long",
        "rate": 12.5,
        "timeout": 5,
        "name": "mine",
    }
    made = subscribe(till, **options)
    assert {name: made[name] for name in options} == options
    path = f"/app/webhooks/{made['id']}"
    changed = till.put(path, {"webhook": {"rate": 3, "filter": None}}).json["webhook"]
    assert (changed["rate"], changed["filter"], changed["name"]) == (3.0, None, "mine")
    plain = till.put(path, {"webhook": dict.fromkeys(options)}).json["webhook"]
    assert plain["fields"] == []
    assert plain["headers"] == {}
    assert (plain["ordering"], plain["schedule"], plain["timeout"]) == ("none", None, None)


def test_what_was_read_can_be_sent_back_and_changes_nothing(till):
    made = subscribe(till, filter="totalPrice:>100")
    version = till.rows("SELECT subscriptions_version FROM counters WHERE shop_id = :s", s=till.shop.id)
    reply = till.put(f"/app/webhooks/{made['id']}", {"webhook": made})
    assert (reply.status, reply.json["webhook"]) == (200, made)
    again = till.rows("SELECT subscriptions_version FROM counters WHERE shop_id = :s", s=till.shop.id)
    assert again == version


def test_a_list_is_filtered_cut_and_walked(till):
    made = [subscribe(till, address=f"{HERE}/{each}") for each in range(5)]
    paid = subscribe(till, "orders/paid")
    ids = [each["id"] for each in made]
    listed = till.get("/app/webhooks?topic=orders/create&fields=id").json["webhooks"]
    assert listed == [{"id": each} for each in reversed(ids)]
    assert till.get(f"/app/webhooks?address={HERE}").json["webhooks"] == [paid]
    assert till.get(f"/app/webhooks/count?address={HERE}/1").json == {"count": 1}
    since = till.get(f"/app/webhooks?sinceId={ids[2]}&limit=2").json["webhooks"]
    assert [each["id"] for each in since] == ids[3:]
    seen, path = [], "/app/webhooks?limit=4"
    while path:
        reply = till.get(path)
        seen += [each["id"] for each in reply.json["webhooks"]]
        link = reply.headers.get("link", "")
        path = link.rpartition("<")[2].partition(">")[0].partition("8080")[2] if 'rel="next"' in link else ""
    assert seen == [paid["id"], *reversed(ids)]


def test_an_installation_has_at_most_a_hundred(till):
    for each in range(100):
        subscribe(till, address=f"{HERE}/{each}")
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": "orders/create"}})
    assert (reply.status, reply.json["code"]) == (422, "too_many_webhooks")
    token = till.install(till.shop, scopes=APPS)
    body = {"webhook": {"address": HERE, "topic": "orders/create"}}
    assert till.post("/app/webhooks", body, token=token).status == 201


def test_another_apps_and_another_shops_are_answered_like_unknown_ones(till):
    made = subscribe(till)
    strangers = [till.install(till.shop, scopes=APPS), till.install(till.found("other"), scopes=APPS)]
    for token in strangers:
        for method, body in (("GET", None), ("PUT", {"webhook": {"timeout": 3}}), ("DELETE", None)):
            replies = [
                till.run(till.ask(method, f"/app/webhooks/{each}", body, token=token))
                for each in (made["id"], 42, "abc")
            ]
            assert {(each.status, each.json["code"]) for each in replies} == {(404, "webhook_not_found")}
        assert till.get("/app/webhooks", token=token).json == {"webhooks": []}
    assert till.get(f"/app/webhooks/{made['id']}").json["webhook"] == made
