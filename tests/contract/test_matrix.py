"""Every operation against everybody who must not get in, and against everything that is not a request."""

import gzip
import json
import re
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from running import answer, till, where
from till.slices import ENDPOINTS
from wire import Wire

ROOT = "/api/202412"
SHAPE = {"error", "code", "errors", "requestId"}
MOST_GROWTH = 20 * 1024 * 1024
LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "1.00", "quantity": 1}
SECRET = "nobody else may read this"
WRITES = [each for each in ENDPOINTS if each.reads is not None]
READS = [each for each in ENDPOINTS if each.reads is None]
ON_ONE = [each for each in ENDPOINTS if "{" in each.path]


def named(endpoint):
    return endpoint.handler.__name__


def resident(pid):
    """How much memory a process holds, in bytes."""
    with Path(f"/proc/{pid}/smaps_rollup").open(encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))


@pytest.fixture(scope="module")
def people(server):
    """Those who ask: with a good token, with a dead one, with too little, with none."""
    at = where(server.folder)

    def installed(scopes, shop="demo"):
        app = answer("app", "create", scopes, "--scopes", scopes, *at)
        told = answer("app", "install", app["clientId"], "--shop", shop, *at)
        return SimpleNamespace(**app, **told)

    revoked, gone, poor = (installed(each) for each in ("write_orders", "write_orders", "read_products"))
    till("token", "revoke", "-", *at, given=revoked.accessToken)
    till("app", "uninstall", gone.clientId, "--shop", "demo", *at)
    return SimpleNamespace(
        good=server.app.accessToken,
        other=server.other.accessToken,
        unknown="0" * 64,
        revoked=revoked.accessToken,
        uninstalled=gone.accessToken,
        poor=poor.accessToken,
    )


@pytest.fixture(scope="module")
def ask(server):
    """Send one request on a connection of its own, and hold each refusal against the one shape."""
    parts = urlsplit(server.url)

    def asked(method, path, *, token=None, body=None, raw=None, host="127.0.0.1", **headers):
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        lines = {"Host": host, "Content-Length": str(len(sent)), "Content-Type": "application/json"}
        lines |= {"X-Genstore-Access-Token": token} if token else {}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        began = time.perf_counter()
        with Wire((parts.hostname, parts.port)) as wire:
            reply = wire.say(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + sent).hear()
        if reply.status >= 400:
            assert time.perf_counter() - began < 1, (method, path)
            assert reply.headers["content-type"] == "application/json; charset=utf-8"
            assert set(reply.json) >= SHAPE, reply.body
            assert reply.json["error"].endswith((".", "}"))
            assert reply.json["requestId"] == reply.headers["x-request-id"]
            assert re.fullmatch("[a-z_]+", reply.json["code"])
        return reply

    return asked


@pytest.fixture(scope="module")
def secret(ask, people):
    """The id of an order of the other shop, full of what nobody else may read."""
    order = {"lineItems": [LINE | {"title": SECRET}], "note": SECRET, "email": SECRET, "tags": SECRET}
    reply = ask("POST", f"{ROOT}/orders", token=people.other, body={"order": order})
    return reply.json["order"]["orderId"]


def path_of(endpoint, order_id="300157930096874"):
    return ROOT + re.sub(r"{\w+}", order_id, endpoint.path)


def body_of(endpoint):
    """A body that would be taken, where the operation takes one."""
    return next(iter(endpoint.sends.values())) if endpoint.sends else None


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


BROKEN = {
    "nested 100,000 deep": b"[" * 100_000,
    "objects nested 100,000 deep": b'{"order":' * 100_000 + b"1" + b"}" * 100_000,
    "nested deep in a list's string": b'{"order":{"lineItems":"' + b"[" * 100_000 + b'"}}',
    "NaN": b'{"order":{"totalPrice":NaN}}',
    "Infinity": b'{"order":{"totalPrice":-Infinity}}',
    "a name twice": b'{"order":{"note":"a","note":"b"}}',
    "UTF-16": '{"order":{}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"order":{}}',
    "half a surrogate pair": rb'{"order":{"note":"\ud800"}}',
    "a raw surrogate": b'{"order":{"note":"\xed\xa0\x80"}}',
    "bytes after the end": b'{"order":{}} {}',
    "Latin-1": '{"order":{"note":"café"}}'.encode("latin-1"),
    "a number of a million digits": b'{"order":{"totalPrice":' + b"9" * 1_000_000 + b"}}",
    "a fraction of a million digits": b'{"order":{"totalPrice":1.' + b"9" * 1_000_000 + b"}}",
    "a huge exponent": b'{"order":{"totalPrice":1e999999999}}',
    "half a document": b'{"order":{"note":"',
    "a form": b"order[note]=a",
    "a list": b"[]",
    "a word": b'"order"',
    "a million unknown names": b'{"order":{' + b",".join(b'"n%d":1' % n for n in range(100_000)) + b"}}",
}


@pytest.fixture(scope="module")
def own(ask, people):
    """The id of an order of the shop that asks."""
    reply = ask("POST", f"{ROOT}/orders", token=people.good, body={"order": {"lineItems": [LINE]}})
    return reply.json["order"]["orderId"]


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_a_broken_body_is_refused(ask, people, own, endpoint, name):
    path = path_of(endpoint, own)
    reply = ask(endpoint.method, path, token=people.good, raw=BROKEN[name])
    assert reply.status in (400, 422)
    assert len(reply.body) < 20_000_000


@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_a_body_of_ten_megabytes_is_too_large(ask, people, own, endpoint):
    raw = b'{"order":{"note":"' + b"a" * 10_000_000 + b'"}}'
    assert ask(endpoint.method, path_of(endpoint, own), token=people.good, raw=raw).status == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/json; charset=utf-16"},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "br"},
    ],
)
@pytest.mark.parametrize("endpoint", WRITES, ids=named)
def test_only_plain_json_is_taken(ask, people, own, endpoint, headers):
    raw = gzip.compress(b"{}") if "Content_Encoding" in headers else b"{}"
    reply = ask(endpoint.method, path_of(endpoint, own), token=people.good, raw=raw, **headers)
    assert reply.status == 415


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_another_method_is_told_which_there_are(ask, people, endpoint):
    there = sorted(each.method for each in ENDPOINTS if each.path == endpoint.path)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - set(there):
        reply = ask(method, path_of(endpoint), token=people.good)
        assert (reply.status, reply.headers["allow"]) == (405, ", ".join(there))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_unknown_version_and_an_unknown_path_say_which_it_is(ask, people, endpoint):
    version = ask(endpoint.method, path_of(endpoint).replace("202412", "209901"), token=people.good)
    path = ask(endpoint.method, path_of(endpoint) + "/none/none", token=people.good)
    assert (version.status, version.json["code"]) == (404, "unknown_version")
    assert (path.status, path.json["code"]) == (404, "unknown_path")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_unknown_query_parameter_is_named_with_the_nearest(ask, people, own, endpoint):
    path = path_of(endpoint, own)
    reply = ask(endpoint.method, f"{path}?finacialStatus=paid", token=people.good, body=body_of(endpoint))
    assert (reply.status, set(reply.json["errors"])) == (400, {"finacialStatus"})
    assert (endpoint.query is not None) is ("'financialStatus'" in reply.json["error"])


@pytest.mark.parametrize(
    "query", ["status=open&status=open", "status=%ff", "&".join(f"p{n}=1" for n in range(200))]
)
@pytest.mark.parametrize("endpoint", READS, ids=named)
def test_a_query_that_is_none_is_refused(ask, people, own, endpoint, query):
    assert ask("GET", f"{path_of(endpoint, own)}?{query}", token=people.good).status == 400


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_header_that_cannot_be_read_is_refused(ask, people, own, endpoint):
    path = path_of(endpoint, own)
    wrong = [{"X_Genstore_Fidelity": "loud"}]
    wrong += [{"Idempotency_Key": "k" * 256}, {"Idempotency_Key": "\xe9"}] if endpoint.writes else []
    for headers in wrong:
        reply = ask(endpoint.method, path, token=people.good, body=body_of(endpoint), **headers)
        assert reply.status == 400, headers


def test_the_server_keeps_nothing_of_all_that(ask, people, own, server):
    def lot():
        for endpoint in WRITES:
            path = path_of(endpoint, own)
            for raw in BROKEN.values():
                ask(endpoint.method, path, token=people.good, raw=raw)
            raw = b'{"order":{"note":"' + b"a" * 10_000_000 + b'"}}'
            ask(endpoint.method, path, token=people.good, raw=raw)

    lot()
    before = resident(server.pid)
    for _ in range(3):
        lot()
    assert resident(server.pid) - before < MOST_GROWTH
