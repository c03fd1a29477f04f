"""Well-formed HTTP that an application may trip over."""

import json

import pytest


def test_a_length_of_thousands_of_digits_is_refused(wire, head):
    wire.say(head("POST", "/api/202412/orders", b"Content-Length: " + b"0" * 5_000 + b"2") + b"{}")
    assert wire.hear().status == 400


def test_the_longest_length_there_is_is_too_large(wire, head):
    wire.say(head("POST", "/api/202412/orders", b"Content-Length: 18446744073709551615"))
    assert wire.hear().status == 413


def test_two_tokens_are_none(wire, served, head):
    second = b"X-Genstore-Access-Token: " + served.token
    wire.say(head("GET", "/api/202412/orders", second))
    assert wire.hear().json["code"] == "invalid_token"


def test_two_content_types_are_not_taken(wire, head):
    twice = [b"Content-Type: text/plain", b"Content-Type: application/json", b"Content-Length: 2"]
    wire.say(head("POST", "/api/202412/orders", *twice) + b"{}")
    assert wire.hear().status == 415


def test_a_header_that_stands_twice_otherwise_does_no_harm(wire, head):
    wire.say(head("GET", "/api/202412/orders/count", b"Accept: a/b", b"Accept: c/d", b"Cookie: \xff\xfe"))
    assert wire.hear().status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/orders%2Fcount",
        "/orders%2fcount",
        "/orders/1%00",
        "/orders/%00",
        "/orders/%2e%2e/orders/1",
        "/orders/%FF%FE",
        "/orders/%C3%A9",
        "/orders/%EF%BC%91",
        "/orders/%D9%A1",
        "/orders/1%0d%0aX-Evil:%201",
        "/orders/" + "1" * 5_000,
        "/orders/-1",
        "/orders/1e3",
        "/orders" + "/x" * 2_000,
        "/%",
        "/orders/%zz",
    ],
)
def test_an_odd_path_finds_nothing(wire, head, path):
    reply = wire.say(head("GET", "/api/202412" + path)).hear()
    assert (reply.status, reply.headers["content-type"]) == (404, "application/json; charset=utf-8")
    assert "x-evil" not in reply.headers
    assert wire.is_open()


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"a{i}=1" for i in range(1_000)),
        "q=%00",
        "q=%FF",
        "ids=1&ids=2",
        "&&&=&=",
        "%00=1",
        "q=a%26%00b",
    ],
)
def test_an_odd_query_is_refused(wire, head, query):
    reply = wire.say(head("GET", f"/api/202412/orders?{query}")).hear()
    assert (reply.status, reply.json["code"]) == (400, "unreadable")


@pytest.mark.parametrize(
    ("told", "scheme"),
    [([], "http"), ([b"X-Forwarded-Proto: https"], "https"), ([b"X-Forwarded-Proto: evil://x"], "http")],
)
def test_a_proxy_on_this_machine_says_that_the_client_speaks_tls(wire, served, head, told, scheme):
    line = {"productId": "1", "variantId": "2", "title": "a", "price": "1", "quantity": 1}
    order = json.dumps({"order": {"lineItems": [line]}}).encode()
    for _ in range(2):
        wire.say(head("POST", "/api/202412/orders", b"Content-Length: %d" % len(order)) + order)
        assert wire.hear().status == 200
    link = wire.say(head("GET", "/api/202412/orders?limit=1", *told)).hear().headers["link"]
    assert link.startswith(f"<{scheme}://demo.localhost/api/202412/orders")
    link = wire.say(head("GET", "/api/202412/orders?limit=1")).hear().headers["link"]
    assert link.startswith("<http://demo.localhost/")  # it is said of one request


@pytest.mark.parametrize("host", [b"demo.localhost:8080", b"127.0.0.1:1", b"[::1]:80", b"a-b_c.example"])
def test_the_link_names_the_host_that_was_asked(wire, served, host):
    line = {"productId": "1", "variantId": "2", "title": "a", "price": "1", "quantity": 1}
    order = json.dumps({"order": {"lineItems": [line]}}).encode()
    lines = [
        b"Host: " + host,
        b"X-Genstore-Access-Token: " + served.token,
        b"Content-Length: %d" % len(order),
    ]
    for _ in range(2):
        wire.say(b"POST /api/202412/orders HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + order)
        assert wire.hear().status == 200
    wire.say(b"GET /api/202412/orders.json?limit=1 HTTP/1.1\r\n" + b"\r\n".join(lines[:2]) + b"\r\n\r\n")
    link = wire.hear().headers["link"]
    assert link.startswith(f"<http://{host.decode()}/api/202412/orders")
    assert link.count("<") == link.count(">") == 1
