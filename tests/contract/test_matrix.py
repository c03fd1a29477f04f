"""Every operation of the table against everybody who must not get in."""

import json
import re

import pytest
from matrix import (
    HOOKS,
    LINE,
    NAMING_AN_ORDER,
    ON_ONE,
    ROOT,
    an_order_with_all,
    body_of,
    named,
    path_of,
    unknown,
)
from spare import fresh_token

from till.apps.scope import SCOPES
from till.slices import ENDPOINTS

SECRET = "nobody else may read this"


@pytest.fixture(scope="module")
def secret(ask, people):
    """The ids of an order of the other shop and of its parts, full of what nobody else may read."""
    words = dict.fromkeys(("note", "tags"), SECRET)
    return an_order_with_all(ask, people.other, email="secret@example.com", **words)


def refused(ask, endpoint, **given):
    """The answer to a request that is right in all but what is `given`."""
    path = given.pop("path", None) or path_of(endpoint)
    body = given.pop("body", None) or body_of(endpoint)
    return ask(endpoint.method, path, body=body, **given)


def must_be_alike(foreign, nothing, secret):
    """Both answers say the same of ids that differ: that there is nothing."""

    def plain(reply, ids):
        text = reply.body.decode().replace(reply.json["requestId"], "")
        for name, each in sorted(ids.items(), key=lambda pair: -len(pair[1])):
            text = text.replace(each, name)
        return json.loads(text)

    assert foreign.status == nothing.status == 404
    assert plain(foreign, secret) == plain(nothing, unknown(secret))
    assert set(foreign.headers) == set(nothing.headers)
    assert SECRET.encode() not in foreign.body


@pytest.mark.parametrize("who", ["nobody", "unknown", "revoked", "uninstalled", "expired"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_without_a_valid_token_nobody_gets_in(ask, people, endpoint, who):
    reply = refused(ask, endpoint, token=getattr(people, who, None))
    assert (reply.status, reply.json["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_every_dead_token_is_answered_in_the_same_words(ask, people, endpoint):
    told = {
        refused(ask, endpoint, token=each).json["error"]
        for each in (people.unknown, people.revoked, people.uninstalled, people.expired)
    }
    assert len(told) == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_host_of_another_shop_refuses_the_token(ask, server, people, endpoint):
    # Who takes itself out is nobody that is needed any more.
    token = fresh_token(server.folder) if named(endpoint) == "uninstall_app" else people.good
    for host in ("other.localhost", "OTHER.genmystore.com:443", "nosuch.genmystore.ai", "other.localhost."):
        assert refused(ask, endpoint, token=token, host=host).status == 401
    assert refused(ask, endpoint, token=token, host="demo.genmystore.com").status != 401


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_without_the_scope_the_answer_names_it(ask, people, endpoint):
    reply = refused(ask, endpoint, token=people.poor)
    assert (reply.status, reply.json["code"]) == (403, "missing_scope")
    assert all(scope in reply.json["error"] for scope in endpoint.scopes)


@pytest.mark.parametrize("granted", SCOPES)
def test_each_scope_opens_what_is_declared_for_it_and_nothing_else(ask, server, granted):
    token = fresh_token(server.folder, scopes=[granted])
    wrong = []
    # Whoever takes itself out comes last.
    for endpoint in sorted(ENDPOINTS, key=lambda each: named(each) == "uninstall_app"):
        reply = refused(ask, endpoint, token=token, body={"none": "such"})
        is_shut = reply.status == 403 and reply.json["code"] == "missing_scope"
        if is_shut is (granted in endpoint.scopes) or reply.status in (401, 500):
            wrong.append((named(endpoint), reply.status))
    assert wrong == []


@pytest.fixture(scope="module")
def others(ask, people):
    """The ids of what another app has in the same shop."""
    return an_order_with_all(ask, people.stranger, email="stranger@example.com", note="of another app")


OF_ONE_APP = [each for each in ON_ONE if "{webhookId}" in each.path]


@pytest.mark.parametrize("endpoint", OF_ONE_APP, ids=named)
def test_what_another_app_has_in_the_shop_is_answered_like_an_unknown_id(ask, people, others, endpoint):
    must_be_alike(
        *(
            refused(ask, endpoint, token=people.good, path=path_of(endpoint, ids))
            for ids in (others, unknown(others))
        ),
        others,
    )
    if endpoint.method == "GET":
        assert ask("GET", path_of(endpoint, others), token=people.stranger).status == 200


SHOW_NO_WORDS = ("/count", "/stats", "/deliveries", "/attempts", "/versions", "/package")
SHARED = [each for each in ON_ONE if "{orderId}" in each.path and each.method == "GET"]


@pytest.mark.parametrize("endpoint", SHARED, ids=named)
def test_what_the_shop_has_is_seen_by_all_its_apps(ask, people, others, endpoint):
    assert ask("GET", path_of(endpoint, others), token=people.good).status == 200


@pytest.mark.parametrize("path", ["/app/webhooks", "/app/deliveries", "/webhooks"])
def test_no_list_shows_what_another_app_has(ask, people, own, others, path):
    shown = ask("GET", f"{ROOT}{path}", token=people.good).body.decode()
    assert others["webhookId"] not in shown
    assert others["deliveryId"] not in shown


@pytest.mark.parametrize("endpoint", ON_ONE, ids=named)
def test_a_foreign_id_is_answered_like_an_unknown_one(ask, people, secret, endpoint):
    must_be_alike(
        *(
            refused(ask, endpoint, token=people.good, path=path_of(endpoint, ids))
            for ids in (secret, unknown(secret))
        ),
        secret,
    )


@pytest.mark.parametrize("endpoint", NAMING_AN_ORDER, ids=named)
def test_a_foreign_order_in_a_body_is_answered_like_an_unknown_one(ask, people, secret, endpoint):
    must_be_alike(
        *(
            refused(ask, endpoint, token=people.good, body=body_of(endpoint, ids["orderId"]))
            for ids in (secret, unknown(secret))
        ),
        secret,
    )


@pytest.mark.parametrize(
    "endpoint",
    [each for each in ON_ONE if "{orderId}/" in each.path and each.path.endswith("Id}")],
    ids=named,
)
def test_a_part_of_a_foreign_order_is_unknown_in_an_order_of_ones_own(ask, people, own, secret, endpoint):
    mixed = secret | {"orderId": own["orderId"]}
    nothing = unknown(secret) | {"orderId": own["orderId"]}
    must_be_alike(
        *(refused(ask, endpoint, token=people.good, path=path_of(endpoint, ids)) for ids in (mixed, nothing)),
        secret,
    )


@pytest.mark.parametrize("endpoint", [each for each in ON_ONE if each.method == "GET"], ids=named)
def test_what_is_foreign_there_is_to_be_had_in_its_own_shop(ask, people, secret, endpoint):
    reply = ask("GET", path_of(endpoint, secret), token=people.other)
    assert reply.status == 200
    shows_nothing = endpoint.path.endswith(SHOW_NO_WORDS)
    assert SECRET.encode() in reply.body or shows_nothing


@pytest.mark.parametrize("name", ["line", "parent", "return"])
def test_a_foreign_id_inside_a_body_is_unknown_to_the_order(ask, people, own, secret, name):
    sent = {
        "line": {"lineItems": [{"lineItemId": secret["lineItemId"], "quantity": 1}]},
        "parent": {"transactions": [{"parentId": secret["transactionId"], "amount": "1.00"}]},
        "return": {"returnId": secret["returnId"]},
    }[name]
    body = {"refund": sent | {"orderId": own["orderId"]}}
    reply = ask("POST", f"{ROOT}/refunds/calculate", token=people.good, body=body)
    assert reply.status == 422
    assert reply.json["code"] in ("unknown_line", "unknown_parent", "unknown_return")
    assert SECRET.encode() not in reply.body


@pytest.mark.parametrize("order_id", ["0", "abc", "1" * 40, "-1", "1.5", "%F0%9F%92%A5", "1'--"])
@pytest.mark.parametrize("endpoint", ON_ONE, ids=named)
def test_what_cannot_be_an_id_is_an_unknown_one(ask, people, endpoint, order_id):
    # In the shop that no test sends made up orders to: channels may give any id to a part of theirs.
    assert refused(ask, endpoint, token=people.other, path=path_of(endpoint, order_id)).status == 404


HOOK = f"?address={HOOKS}secret@example.com"
LISTS = {
    "/orders": ["", "?ids={orderId}", "?q={words}", "?email=secret@example.com", "?sinceId={before}"],
    "/orders/count": ["?ids={orderId}", "?q={words}", "?email=secret@example.com"],
    "/customers": ["", "?ids={customerId}"],
    "/customers/count": ["?ids={customerId}"],
    "/customers/search": ["?q={words}", "?email=secret@example.com"],
    "/refunds": ["", "?ids={refundId}", "?refundId={refundId}", "?orderId={orderId}"],
    "/events": ["", "?resourceId={orderId}", "?topic=orders/create"],
    "/app/logs": [""],
    "/app/requests": ["", "?path=/orders"],
    "/app/statistics": [""],
    "/app/health": [""],
    "/oauth2/access_scopes": [""],
    "/app/webhooks": ["", HOOK, "?sinceId={before}"],
    "/app/webhooks/count": [HOOK],
    "/app/webhooks/stats": [""],
    "/app/deliveries": ["", "?orderId={orderId}", "?topic=orders/create"],
    "/webhooks": ["", HOOK],
    "/webhooks/count": [HOOK],
    "/themes": [""],
    "/decoration/themes": [""],
}


OF_ITSELF = ("/app/logs", "/app/requests", "/app/statistics", "/app/health", "/oauth2/access_scopes")
WITHOUT_AN_ID = ("/customers", "/events", "/app/webhooks/stats", *OF_ITSELF)


@pytest.mark.parametrize(("path", "query"), [(path, query) for path in LISTS for query in LISTS[path]])
def test_no_list_and_no_count_shows_another_shop(ask, people, own, secret, path, query):
    words = {"words": SECRET.replace(" ", "+"), "before": str(int(secret["orderId"]) - 1)}
    reply = ask("GET", f"{ROOT}{path}{query.format(**words, **secret)}", token=people.good)
    assert reply.status == 200
    assert SECRET.encode() not in reply.body
    # The log of an app shows the paths that it asked for itself, whosever ids they name.
    assert path in OF_ITSELF or not [each for each in secret.values() if each in reply.body.decode()]
    assert "count" not in path or reply.json == {"count": 0}
    shown = reply.body.decode()
    is_own = any(own[name] in shown for name in ("orderId", "webhookId", "themeId"))
    assert query or is_own or path in WITHOUT_AN_ID


def test_every_list_is_held_against_another_shop():
    plain = {each.path for each in ENDPOINTS if each.method == "GET" and "{" not in each.path}
    assert plain == set(LISTS)


def test_a_page_token_of_another_shop_is_refused(ask, people):
    for _ in range(2):
        ask("POST", f"{ROOT}/orders", token=people.other, body={"order": {"lineItems": [LINE]}})
    link = ask("GET", f"{ROOT}/orders?limit=1", token=people.other).headers["link"]
    token = re.search(r"pageToken=([^&>]+)", link)[1]
    assert ask("GET", f"{ROOT}/orders?pageToken={token}", token=people.other).status == 200
    reply = ask("GET", f"{ROOT}/orders?pageToken={token}", token=people.good)
    assert (reply.status, reply.json["code"]) == (400, "bad_page_token")
