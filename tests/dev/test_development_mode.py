"""Development mode: there only when it was asked for, and only for who asks from this machine on purpose."""

import json
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from asking import ask as ask_api
from running import answer, seed, serve, till, where
from till.deliveries.mistakes import is_signed
from till.deliveries.signature import whsec

PROOF = {"X-Till-Dev": "1"}
PATHS = [("GET", "/clock"), ("POST", "/clock"), ("GET", "/chaos"), ("POST", "/shops"), ("GET", "/app")]
PATHS += [("POST", "/session-token"), ("POST", "/authorize")]


def call(url, method, path, body=None, headers=PROOF):
    raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(f"{url}/dev{path}", raw, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as found:
            return SimpleNamespace(status=found.status, json=json.load(found), headers=found.headers)
    except urllib.error.HTTPError as refused:
        with refused:
            return SimpleNamespace(status=refused.code, json=json.load(refused), headers=refused.headers)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("dev"), "--dev") as running:
        yield running.url


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    app = seed(folder)
    with serve(folder) as running:
        yield SimpleNamespace(url=running.url, app=app, folder=folder)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_it_there_is_nothing_of_it(plain, method, path):
    headers = PROOF | {"X-Genstore-Access-Token": plain.app.accessToken}
    reply = call(plain.url, method, path, {} if method == "POST" else None, headers)
    nothing = call(plain.url, method, "/nothing-at-all", {} if method == "POST" else None, headers)
    assert (reply.status, reply.json["code"], reply.json["error"]) == (
        nothing.status,
        nothing.json["code"],
        nothing.json["error"],
    )
    assert reply.status == 404


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Till-Dev": "0"}, PROOF | {"Host": "evil.example"}, PROOF | {"Host": "127.0.0.1.evil.example"}],
    ids=["no header", "another", "another host", "a host that looks like it"],
)
def test_who_does_not_ask_on_purpose_is_refused(url, method, path, headers):
    reply = call(url, method, path, {} if method == "POST" else None, headers)
    assert (reply.status, reply.json["code"]) == (403, "not_from_here")


def test_a_form_of_another_site_is_refused(url):
    headers = PROOF | {"Content-Type": "text/plain"}
    assert call(url, "POST", "/clock", b'{"advance": "1h"}', headers).status == 415
    assert call(url, "POST", "/clock", b"[1]").status == 400
    assert call(url, "POST", "/clock", b"{").status == 400
    assert call(url, "POST", "/shops", b" " * 70_000).status == 413
    assert call(url, "DELETE", "/clock").headers["allow"] == "GET, POST"
    assert call(url, "OPTIONS", "/clock").status == 405


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_is_refused_where_others_can_reach_the_server(tmp_path, host):
    done = till("serve", "--dev", "--host", host, *where(tmp_path), check=False)
    assert done.returncode != 0
    assert "can be reached from outside" in done.stderr
    done = till("serve", "--host", host, *where(tmp_path), check=False, TILL_DEV="yes")
    assert "can be reached from outside" in done.stderr


def test_it_is_one_process(tmp_path):
    database = ["--database", "postgresql://nobody@127.0.0.1:9/none"]
    done = till("serve", "--dev", "--workers", "2", *database, check=False)
    assert "one clock" in done.stderr
    assert "TILL_DEV is 'maybe'" in till("shop", "list", check=False, TILL_DEV="maybe").stderr


def test_a_shop_is_there_at_once_with_all_that_an_app_needs(url):
    told = call(url, "POST", "/shops", {}).json
    assert told["whsec"] == whsec(told["clientSecret"])
    status, order = ask_api(
        url,
        "/orders",
        told["accessToken"],
        {
            "order": {
                "lineItems": [
                    {"productId": "1", "variantId": "1", "title": "Tea", "price": "5", "quantity": 1}
                ]
            }
        },
    )
    assert (status, order["order"]["name"]) == (200, "#1001")
    event = ask_api(url, "/events?sign=true", told["accessToken"])[1]["events"][0]
    assert is_signed(told["clientSecret"], event["body"].encode(), event["headers"]["X-Genstore-Hmac-Sha256"])
    app = call(url, "GET", "/app", headers=PROOF | {"X-Genstore-Access-Token": told["accessToken"]}).json
    assert app == {name: told[name] for name in ("shop", "clientId", "clientSecret", "whsec")}
    assert call(url, "GET", "/app").status == 401


def test_a_shop_is_as_was_wished(url):
    wish = {
        "handle": "tea-house",
        "currency": "JPY",
        "timezone": "Asia/Tokyo",
        "scopes": ["read_orders"],
        "partner": True,
        "protected": ["name"],
        "fidelity": "documented",
        "rate": "40@2",
    }
    told = call(url, "POST", "/shops", wish).json
    assert told["shop"] == "tea-house"
    status, orders = ask_api(url, "/orders/count", told["accessToken"])
    assert (status, orders) == (200, {"count": "0"})
    assert ask_api(url, "/orders", told["accessToken"], {"order": {}})[0] == 403
    for wrong, words in (
        (wish, "tea-house"),
        ({"handle": "No Host"}, "cannot be a host name"),
        ({"currency": "XXX"}, "ISO 4217"),
        ({"timezone": "Mars"}, "IANA"),
        ({"scopes": ["read_order"]}, "did you mean 'read_orders'?"),
        ({"protected": ["shoe"]}, "name, email, phone, address"),
        ({"rate": "7@7"}, "must be one of"),
        ({"handel": "x"}, "did you mean 'handle'?"),
    ):
        reply = call(url, "POST", "/shops", wrong)
        assert (reply.status, words in reply.json["error"]) == (422, True), reply.json


def test_the_clock_is_kept_by_the_store(tmp_path):
    with serve(tmp_path, "--dev") as running:
        assert call(running.url, "GET", "/clock").json["offset"] == 0
        call(running.url, "POST", "/clock", {"advance": "4h"})
        assert call(running.url, "POST", "/clock", {"advance": "90s"}).json["offset"] == 14_490
    with serve(tmp_path, "--dev") as running:
        assert call(running.url, "GET", "/clock").json["offset"] == 14_490
        assert call(running.url, "POST", "/clock", {"reset": True}).json["offset"] == 0
        call(running.url, "POST", "/clock", {"advance": "1d"})
    with serve(tmp_path) as running:
        assert '"the clock was set ahead in development mode","seconds":86400' in _logged(running)


def _logged(running):
    end = time.monotonic() + 30
    while "set ahead" not in running.logged() and time.monotonic() < end:
        time.sleep(0.05)
    return running.logged()


def latest(to, began):
    """What a clock may say now that was set to a moment after `began`."""
    return to + timedelta(seconds=time.monotonic() - began)


def test_the_clock_goes_to_a_moment_and_never_back(url):
    to, began = datetime.fromisoformat("2031-03-01T12:00:00Z"), time.monotonic()
    told = call(url, "POST", "/clock", {"to": "2031-03-01T12:00:00Z"}).json
    assert to <= datetime.fromisoformat(told["now"]) <= latest(to, began)
    shop = call(url, "POST", "/shops", {}).json
    lines = [{"productId": "1", "variantId": "1", "title": "Tea", "price": "5", "quantity": 1}]
    order = ask_api(url, "/orders", shop["accessToken"], {"order": {"lineItems": lines}})[1]["order"]
    assert order["createdAt"].startswith("2031-03-01T07:")
    assert to <= datetime.fromisoformat(order["createdAt"]) <= latest(to, began)
    for wish, words in (
        ({"to": "2030-01-01T00:00:00Z"}, "forward only"),
        ({"advance": "4000d"}, "ten years"),
        ({"reset": True}, "cannot go back"),
        ({"advance": "-4h"}, "90s, 15m, 4h or 2d"),
        ({}, "Say one thing"),
        ({"advance": "4h", "reset": True}, "Say one thing"),
    ):
        reply = call(url, "POST", "/clock", wish)
        assert (reply.status, words in reply.json["error"]) == (422, True), reply.json


def test_lapses_follow_the_clock(tmp_path):
    """An authorization is let go of a week after it was made, as soon as the clock says so."""
    with serve(tmp_path, "--dev") as running:
        token = call(running.url, "POST", "/shops", {}).json["accessToken"]
        lines = [{"productId": "1", "variantId": "1", "title": "Tea", "price": "5", "quantity": 1}]
        order = ask_api(running.url, "/orders", token, {"order": {"lineItems": lines}})[1]["order"]
        path = f"/orders/{order['id']}"
        ask_api(running.url, f"{path}/transactions", token, {"transaction": {"kind": "authorization"}})
        assert ask_api(running.url, path, token)[1]["order"]["financialStatus"] == "authorized"
        call(running.url, "POST", "/clock", {"advance": "8d"})
        end = time.monotonic() + 30
        while ask_api(running.url, path, token)[1]["order"]["financialStatus"] == "authorized":
            assert time.monotonic() < end
            time.sleep(0.05)


def test_a_window_of_sixty_days_follows_the_clock_in_orders_and_in_the_feed(tmp_path):
    with serve(tmp_path, "--dev") as running:
        wish = {"partner": True, "scopes": ["read_orders", "write_orders"]}
        token = call(running.url, "POST", "/shops", wish).json["accessToken"]
        lines = [{"productId": "1", "variantId": "1", "title": "Tea", "price": "5", "quantity": 1}]
        ask_api(running.url, "/orders", token, {"order": {"lineItems": lines}})
        assert ask_api(running.url, "/orders/count", token)[1] == {"count": 1}
        assert len(ask_api(running.url, "/events", token)[1]["events"]) == 1
        call(running.url, "POST", "/clock", {"advance": "61d"})
        assert ask_api(running.url, "/orders/count", token)[1] == {"count": 0}
        assert ask_api(running.url, "/events", token)[1]["events"] == []


def test_the_demo_is_in_development_mode(tmp_path):
    with serve(tmp_path / "demo", "--orders", "1", verb="demo") as running:
        assert call(running.url, "GET", "/clock").status == 200
    assert answer("shop", "list", *where(tmp_path / "demo"))["shops"]
