"""Who is let in, how often, and how once stays once (rulings.md §1, §4.6, §6.5)."""

import asyncio

import pytest

from builders import a_line
from till.apps.life import Life
from till.apps.tokens import revoke
from till.db.port import Dialect
from till.shop import Rate

BODY = {"order": {"lineItems": [a_line()]}}


def test_a_token_that_is_missing_unknown_or_revoked_is_not_let_in(till):
    for token in ("", "nonsense", "ü"):
        assert till.get("/orders", token=token).status == 401
    gone = till.install(till.shop)
    assert till.get("/orders/count", token=gone).status == 200
    till.write(lambda tx: revoke(tx, gone, at=1))
    if till.parts.db.dialect is Dialect.SQLITE:
        assert till.get("/orders/count", token=gone).status == 401
    assert eventually(lambda: till.get("/orders/count", token=gone).status == 401, till)


def test_an_uninstalled_app_is_not_let_in_and_can_come_back(till):
    token, client_id = till.install(till.shop), till.client_id
    mint = till.parts.lease.minter
    till.write(lambda tx: Life(tx, till.shop, "test", 1, mint).uninstall(client_id))
    assert till.get("/orders/count", token=token).status == 401


def eventually(holds, till, seconds=3):
    """PostgreSQL servers believe a token for up to a second after it was last seen."""
    for _ in range(seconds * 10):
        if holds():
            return True
        till.run(asyncio.sleep(0.1))
    return False


def test_a_scope_that_was_not_granted_is_named(till):
    token = till.install(till.shop, scopes=frozenset({"read_orders"}))
    reply = till.post("/orders", BODY, token=token)
    assert (reply.status, reply.json["code"]) == (403, "missing_scope")
    assert "write_orders" in reply.json["error"]
    assert till.get("/orders", token=token).status == 200
    writer = till.install(till.shop, scopes=frozenset({"write_orders"}))
    assert till.get("/orders", token=writer).status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("demo.genmystore.com", 200),
        ("DEMO.genmystore.ai:443", 200),
        ("demo.localhost:8080", 200),
        ("shop.example.com", 200),
        ("other.genmystore.com", 401),
        ("other.localhost", 401),
        ("127.0.0.1:8080", 200),
    ],
)
def test_a_host_that_names_a_shop_must_name_the_tokens_shop(till, host, status):
    assert till.get("/orders/count", host=host).status == status


def test_another_shops_order_answers_like_an_unknown_one(till):
    order = till.create()
    token = till.install(till.found("other"))
    foreign = till.get(f"/orders/{order['orderId']}", token=token)
    unknown = till.get("/orders/1", token=token)
    assert foreign.status == unknown.status == 404
    assert foreign.json["error"].replace(order["orderId"], "1") == unknown.json["error"]


@pytest.mark.parametrize("version", ["202412", "202410"])
@pytest.mark.parametrize("suffix", ["", ".json"])
def test_both_versions_and_the_suffix_are_served(till, version, suffix):
    reply = till.get(f"/api/{version}/orders/count{suffix}")
    assert reply.status == 200
    assert reply.headers["x-genstore-api-version"] == version
    assert len(reply.headers["x-request-id"]) == 16


def test_an_unknown_version_and_an_unknown_path_say_which_they_are(till):
    assert till.get("/api/209912/orders").json["code"] == "unknown_version"
    assert till.get("/api/202412/odrers").json["code"] == "unknown_path"
    reply = till.run(till.ask("DELETE", "/orders/count"))
    assert (reply.status, reply.headers["allow"]) == (405, "GET")


def test_a_bucket_empties_refuses_and_fills_again(till):
    token = till.install(till.found("slow", rate=Rate.DEFAULT))
    replies = [till.get("/orders/count", token=token)]
    assert replies[0].headers["x-genstore-shop-api-rate-limit"] == "1/40"
    while replies[-1].status == 200 and len(replies) < 400:  # two come back each second
        replies.append(till.get("/orders/count", token=token))
    refused = replies[-1]
    assert (refused.status, refused.json["code"]) == (429, "rate_limited")
    assert len(replies) > 40
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["x-genstore-shop-api-rate-limit"] == "40/40"
    till.run(asyncio.sleep(1.1))
    assert till.get("/orders/count", token=token).status == 200


def test_what_is_not_modified_costs_nothing(till):
    token = till.install(till.found("slow", rate=Rate.DEFAULT))
    order = till.post("/orders", BODY, token=token).order
    path = f"/orders/{order['orderId']}"
    for _ in range(45):
        reply = till.get(path, token=token, if_none_match='"1"')
        assert reply.status == 304
    assert reply.headers["x-genstore-shop-api-rate-limit"] in ("0/40", "1/40")


def test_two_hundred_creations_with_one_key_make_one_order(till):
    async def flood():
        asks = (till.ask("POST", "/orders", BODY, idempotency_key="once") for _ in range(200))
        return await asyncio.gather(*asks)

    replies = till.run(flood())
    statuses = {reply.status for reply in replies}
    assert statuses <= {200, 409}
    made = {reply.order["orderId"] for reply in replies if reply.status == 200}
    assert len(made) == 1
    again = till.post("/orders", BODY, idempotency_key="once")
    assert again.headers["idempotency-replayed"] == "true"
    assert {again.order["orderId"]} == made
    assert till.get("/orders/count").json == {"count": 1}
    assert till.topics() == ["orders/create"]


def test_a_key_used_with_another_body_is_refused_and_a_refused_request_frees_it(till):
    bad = {"order": {"lineItems": []}}
    assert till.post("/orders", bad, idempotency_key="k").status == 422
    assert till.post("/orders", BODY, idempotency_key="k").status == 200
    reply = till.post("/orders", {"order": {"lineItems": [a_line(price="9.00")]}}, idempotency_key="k")
    assert (reply.status, reply.json["code"]) == (422, "key_reused")


def test_a_key_belongs_to_one_installation_and_one_path(till):
    order = till.post("/orders", BODY, idempotency_key="k").order
    other = till.post("/orders", BODY, idempotency_key="k", token=till.install(till.shop))
    assert other.order["orderId"] != order["orderId"]
    reply = till.post(f"/orders/{order['orderId']}/cancel", idempotency_key="k")
    assert reply.order["cancelledAt"]
    again = till.post(f"/orders/{order['orderId']}/cancel", idempotency_key="k")
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")


def test_a_key_means_the_same_request_in_every_version_and_spelling(till):
    first = till.post("/orders", BODY, idempotency_key="k").order
    for path in ("/api/202410/orders", "/api/202412/orders.json", "/api/202412/orders/"):
        assert till.post(path, BODY, idempotency_key="k").order == first
    assert till.get("/orders/count").json == {"count": 1}


def test_a_path_that_is_not_there_costs_a_token_too(till):
    token = till.install(till.found("slow", rate=Rate.DEFAULT))
    for used, path in ((1, "/odrers"), (2, "/orders/1/nothing")):
        assert till.get(path, token=token).headers["x-genstore-shop-api-rate-limit"] == f"{used}/40"
    assert "x-genstore-shop-api-rate-limit" not in till.get("/odrers", token="").headers


def test_a_key_that_is_empty_or_too_long_is_refused(till):
    for key in ("", "x" * 256):
        assert till.post("/orders", BODY, idempotency_key=key).json["code"] == "bad_key"


def test_concurrent_changes_of_one_order_all_happen_one_after_the_other(till):
    path = f"/orders/{till.create()['orderId']}"

    async def flood():
        edits = ({"order": {"note": f"edit {n}"}} for n in range(50))
        return await asyncio.gather(*(till.ask("PUT", path, edit) for edit in edits))

    versions = sorted(reply.order["version"] for reply in till.run(flood()))
    assert versions == list(range(2, 52))
    assert till.topics() == ["orders/create"] + ["orders/update"] * 50


def test_of_many_cancels_of_one_order_exactly_one_wins(till):
    path = f"/orders/{till.create(financialStatus='paid')['orderId']}/cancel"

    async def flood():
        return await asyncio.gather(*(till.ask("POST", path, {"refund": True}) for _ in range(30)))

    replies = till.run(flood())
    assert sorted(reply.status for reply in replies) == [200] + [422] * 29
    assert till.topics().count("refunds/create") == 1


def test_numbers_are_gap_free_however_many_create_at_once(till):
    async def flood():
        bodies = [BODY if n % 3 else {"order": {"lineItems": []}} for n in range(90)]
        return await asyncio.gather(*(till.ask("POST", "/orders", body) for body in bodies))

    replies = till.run(flood())
    numbers = sorted(reply.order["number"] for reply in replies if reply.status == 200)
    assert numbers == list(range(1001, 1061))
    assert [number for number, _ in till.events()] == list(range(1, 61))
