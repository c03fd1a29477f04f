"""Every operation of the table against everybody who must not get in."""

import json
import re

import pytest
from matrix import LINE, ON_ONE, ROOT, body_of, named, path_of

from till.slices import ENDPOINTS

SECRET = "nobody else may read this"


@pytest.fixture(scope="module")
def secret(ask, people):
    """The id of an order of the other shop, full of what nobody else may read."""
    order = {"lineItems": [LINE | {"title": SECRET}], "note": SECRET, "email": SECRET, "tags": SECRET}
    reply = ask("POST", f"{ROOT}/orders", token=people.other, body={"order": order})
    return reply.json["order"]["orderId"]


def refused(ask, endpoint, **given):
    """The answer to a request that is right in all but what is `given`."""
    path = given.pop("path", None) or path_of(endpoint)
    return ask(endpoint.method, path, body=body_of(endpoint), **given)


@pytest.mark.parametrize("who", ["nobody", "unknown", "revoked", "uninstalled"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_without_a_valid_token_nobody_gets_in(ask, people, endpoint, who):
    reply = refused(ask, endpoint, token=getattr(people, who, None))
    assert (reply.status, reply.json["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_every_dead_token_is_answered_in_the_same_words(ask, people, endpoint):
    told = {
        refused(ask, endpoint, token=each).json["error"]
        for each in (people.unknown, people.revoked, people.uninstalled)
    }
    assert len(told) == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_host_of_another_shop_refuses_the_token(ask, people, endpoint):
    for host in ("other.localhost", "OTHER.genmystore.com:443", "nosuch.genmystore.ai", "other.localhost."):
        assert refused(ask, endpoint, token=people.good, host=host).status == 401
    assert refused(ask, endpoint, token=people.good, host="demo.genmystore.com").status != 401


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_without_the_scope_the_answer_names_it(ask, people, endpoint):
    reply = refused(ask, endpoint, token=people.poor)
    assert (reply.status, reply.json["code"]) == (403, "missing_scope")
    assert all(scope in reply.json["error"] for scope in endpoint.scopes)


@pytest.mark.parametrize("endpoint", ON_ONE, ids=named)
def test_a_foreign_id_is_answered_like_an_unknown_one(ask, people, secret, endpoint):
    unknown = str(int(secret) + 1)
    foreign, nothing = (
        refused(ask, endpoint, token=people.good, path=path_of(endpoint, each)) for each in (secret, unknown)
    )
    assert foreign.status == nothing.status == 404
    one, other = foreign.json, nothing.json
    assert json.dumps(one).replace(secret, "ID").replace(one["requestId"], "") == json.dumps(other).replace(
        unknown, "ID"
    ).replace(other["requestId"], "")
    assert set(foreign.headers) == set(nothing.headers)
    assert SECRET.encode() not in foreign.body


@pytest.mark.parametrize("order_id", ["0", "abc", "1" * 40, "-1", "1.5", "%F0%9F%92%A5", "1'--"])
@pytest.mark.parametrize("endpoint", ON_ONE, ids=named)
def test_what_cannot_be_an_id_is_an_unknown_one(ask, people, endpoint, order_id):
    assert refused(ask, endpoint, token=people.good, path=path_of(endpoint, order_id)).status == 404


def test_no_list_and_no_count_shows_another_shop(ask, people, secret):
    filters = ["", f"?ids={secret}", f"?q={SECRET.replace(' ', '+')}", f"?email={SECRET.replace(' ', '+')}"]
    for query in [*filters, f"?sinceId={int(secret) - 1}"]:
        page = ask("GET", f"{ROOT}/orders{query}", token=people.good)
        assert page.status == 200
        assert SECRET.encode() not in page.body
        assert secret not in page.body.decode()
        if query:
            count = (
                ask("GET", f"{ROOT}/orders/count{query}", token=people.good) if "since" not in query else None
            )
            assert count is None or count.json == {"count": 0}


def test_a_page_token_of_another_shop_is_refused(ask, people):
    for _ in range(2):
        ask("POST", f"{ROOT}/orders", token=people.other, body={"order": {"lineItems": [LINE]}})
    link = ask("GET", f"{ROOT}/orders?limit=1", token=people.other).headers["link"]
    token = re.search(r"pageToken=([^&>]+)", link)[1]
    assert ask("GET", f"{ROOT}/orders?pageToken={token}", token=people.other).status == 200
    reply = ask("GET", f"{ROOT}/orders?pageToken={token}", token=people.good)
    assert (reply.status, reply.json["code"]) == (400, "bad_page_token")
