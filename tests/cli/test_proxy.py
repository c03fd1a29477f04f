"""`till proxy`: unmodified apps reach Till under Genstore's hosts, and everybody else as before."""

import json
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme

from asking import ask
from proxied import HOST, answer, heard, other, proxy, request
from running import PATIENCE, seed, serve

URL = f"https://{HOST}/api/202412/orders"
NEW = {"lineItems": [{"productId": "1", "variantId": "2", "title": "Tea", "price": "1", "quantity": 1}]}
ORDER = json.dumps({"order": NEW}).encode()
# Apps as people write them: nothing in them knows of Till or of a proxy.
IN_PYTHON = f"import os\nurl, headers = '{URL}', {{'X-Genstore-Access-Token': os.environ['TOKEN']}}\n"
IN_NODE = f"const url = '{URL}', headers = {{'X-Genstore-Access-Token': process.env.TOKEN}};"
APPS = {
    "urllib": [
        sys.executable,
        "-c",
        IN_PYTHON
        + "from urllib.request import Request, urlopen\n"
        + "print(urlopen(Request(url, headers=headers)).read().decode())",
    ],
    "requests": [
        sys.executable,
        "-c",
        IN_PYTHON + "import requests\nprint(requests.get(url, headers=headers).text)",
    ],
    "aiohttp": [
        sys.executable,
        "-c",
        IN_PYTHON
        + "import asyncio, aiohttp\n"
        + "async def main():\n"
        + "  async with aiohttp.ClientSession(trust_env=True) as client:\n"
        + "    async with client.get(url, headers=headers) as answer: print(await answer.text())\n"
        + "asyncio.run(main())",
    ],
    "curl": ["bash", "-c", f'curl -sSf {URL} -H "X-Genstore-Access-Token: $TOKEN"'],
    "fetch": ["node", "-e", IN_NODE + "fetch(url, {headers}).then((a) => a.text()).then(console.log)"],
    "https": ["node", "-e", IN_NODE + "require('https').get(url, {headers}, (a) => a.pipe(process.stdout))"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxied")
    token = seed(folder / "data").accessToken
    with (
        serve(folder / "data") as running,
        proxy(running.url, folder / "files") as found,
    ):
        for _ in range(2):
            assert ask(running.url, "/orders", token, {"order": NEW})[0] == 200
        yield SimpleNamespace(token=token, running=running, proxy=found)


def own(place, method="GET", target="/api/202412/orders", *more, host=HOST):
    """The lines of a request with the app's token."""
    return (f"{method} {target} HTTP/1.1", f"Host: {host}", f"X-Genstore-Access-Token: {place.token}", *more)


@pytest.mark.parametrize("name", APPS)
def test_an_app_with_hard_coded_hosts_lists_orders(place, name):
    done = subprocess.run(
        APPS[name],
        env=place.proxy.variables | {"TOKEN": place.token},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["orders"]) >= 2


@pytest.mark.parametrize("host", ["demo.genmystore.com", "demo.genmystore.ai"])
def test_links_come_back_as_https_on_the_same_host(place, host):
    with place.proxy.secure(host) as link:
        lines = own(place, "GET", "/api/202412/orders?limit=1", "X-Forwarded-Proto: http", host=host)
        status, headers, _ = request(link, *lines)
    assert status == 200
    assert headers["link"].startswith(f"<https://{host}/api/202412/orders?")


def test_one_connection_carries_many_requests_also_such_as_are_sent_ahead(place):
    with place.proxy.secure() as link, link.makefile("rb") as file:
        for _ in range(3):
            link.sendall("\r\n".join([*own(place), "", ""]).encode())
            assert answer(file)[0] == 200
        link.sendall("\r\n".join([*own(place), *("", "")]).encode() * 3)
        assert [answer(file)[0] for _ in range(3)] == [200, 200, 200]


def test_bodies_go_through_in_every_framing(place):
    with place.proxy.secure() as link:
        whole = request(
            link, *own(place, "POST", "/api/202412/orders", f"Content-Length: {len(ORDER)}"), body=ORDER
        )
        pieces = [ORDER[:7], ORDER[7:8], ORDER[8:]]
        chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        lines = own(place, "POST", "/api/202412/orders", "Transfer-Encoding: chunked")
        chunked = request(link, *lines, body=chunks + b"0\r\nX-Trailer: 1\r\n\r\n")
        assert (whole[0], chunked[0]) == (200, 200)
        assert json.loads(chunked[2])["order"]["orderId"] != json.loads(whole[2])["order"]["orderId"]


def test_a_long_body_arrives_whole_and_one_that_is_too_long_is_refused_by_till(place):
    with place.proxy.secure() as link:
        long = json.dumps(json.loads(ORDER) | {"pad": "x" * 1_500_000}).encode()
        status, _, body = request(
            link, *own(place, "POST", "/api/202412/orders", f"Content-Length: {len(long)}"), body=long
        )
        assert status in (200, 422), body
    with place.proxy.secure() as link:
        lines = own(place, "POST", "/api/202412/orders", "Content-Length: 3000000")
        status, _, body = request(link, *lines, body=bytes(3_000_000))
        assert (status, json.loads(body)["code"]) == (413, "too_large")


def test_a_client_that_waits_for_100_gets_it(place):
    with place.proxy.secure() as link, link.makefile("rb") as file:
        lines = own(
            place, "POST", "/api/202412/orders", f"Content-Length: {len(ORDER)}", "Expect: 100-continue"
        )
        link.sendall("\r\n".join([*lines, "", ""]).encode())
        assert file.readline().startswith(b"HTTP/1.1 100")
        assert file.readline() == b"\r\n"
        link.sendall(ORDER)
        assert answer(file)[0] == 200


def test_the_stream_of_events_comes_as_it_happens(place):
    with place.proxy.secure() as link, link.makefile("rb") as file:
        target = "/api/202412/events?after=latest"
        link.sendall("\r\n".join([*own(place, "GET", target, "Accept: text/event-stream"), "", ""]).encode())
        assert file.readline().startswith(b"HTTP/1.1 200")
        assert ask(place.running.url, "/orders", place.token, {"order": NEW})[0] == 200
        said = time.monotonic()
        while b"orders/create" not in file.readline():
            assert time.monotonic() < said + PATIENCE
        assert time.monotonic() < said + 3


def test_an_offer_of_another_protocol_is_passed_over(place):
    with place.proxy.secure() as link:
        offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
        assert request(link, *own(place, "GET", "/api/202412/orders", *offer))[0] == 200
        body = own(place, "POST", "/api/202412/orders", *offer, f"Content-Length: {len(ORDER)}")
        assert request(link, *body, body=ORDER)[0] == 200
        link.sendall("\r\n".join([*own(place, host="evil.genmystore.com"), "", ""]).encode())
        assert heard(link) == b""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_whole_url_is_answered_too(place, scheme):
    with place.proxy.connect() as link:
        lines = own(place, "GET", f"{scheme}://{HOST}/api/202412/orders?limit=1", host="ignored.example")
        status, headers, _ = request(link, *lines)
        assert status == 200
        assert headers["link"].startswith(f"<{scheme}://{HOST}/")


def test_plain_http_goes_through_a_tunnel_to_port_80(place):
    with place.proxy.tunnel(f"{HOST}:80") as link:
        assert request(link, *own(place))[0] == 200


# Other hosts


def test_another_hosts_tls_is_its_own(place):
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with other(tls) as server:
        raw = place.proxy.tunnel(server.place)
        with trusting.wrap_socket(raw, server_hostname="127.0.0.1") as link:
            assert request(link, "GET /a HTTP/1.1", f"Host: {server.place}")[2] == b"other"
        assert server.seen[0][1] == {"host": server.place}


def test_another_hosts_plain_http_is_forwarded(place):
    with other() as server, place.proxy.connect() as link:
        lines = (
            f"GET http://{server.place}/a?b=%20c HTTP/1.1",
            "Host: demo.genmystore.com",
            "Proxy-Connection: keep-alive",
            "Proxy-Authorization: Basic eDp5",
            "X-Own: 1",
            "X-Forwarded-For: 192.0.2.1",
        )
        assert request(link, *lines)[2] == b"other"
        assert heard(link) == b""
    path, headers = server.seen[0]
    assert path == "/a?b=%20c"
    assert headers == {
        "host": server.place,
        "connection": "close",
        "x-own": "1",
        "x-forwarded-for": "192.0.2.1",
    }


def test_a_client_that_does_not_read_is_waited_for(place):
    with other() as server, place.proxy.connect() as link:
        before = memory(place.proxy.process.pid)
        link.sendall(f"GET http://{server.place}/many/50000000 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(1)
        assert memory(place.proxy.process.pid) - before < 20_000_000
        assert len(heard(link)) > 50_000_000


def memory(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


# Who is refused


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (["GET /api/202412/orders HTTP/1.1", f"Host: {HOST}"], 400, "bad_target"),
        (["GET https://example.com/ HTTP/1.1", "Host: example.com"], 501, "needs_a_tunnel"),
        (["GET ftp://demo.genmystore.com/ HTTP/1.1", "Host: x"], 400, "bad_target"),
        (["GET http://user@demo.genmystore.com/ HTTP/1.1", "Host: x"], 400, "bad_target"),
        (["GET http://127.0.0.1:1/ HTTP/1.1", "Host: x"], 502, "unreached"),
        (["GET http://nowhere.invalid/ HTTP/1.1", "Host: x"], 502, "unreached"),
        (["CONNECT demo.genmystore.com HTTP/1.1", "Host: x"], 400, "bad_target"),
        (["CONNECT 127.0.0.1:1 HTTP/1.1", "Host: x"], 502, "unreached"),
        (["CONNECT a:99999 HTTP/1.1", "Host: x"], 400, "bad_target"),
        (["NONSENSE"], 400, "malformed_request"),
        (["GET http://a/ HTTP/1.1", *["X: " + "y" * 8_000] * 30], 431, "head_too_large"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_sentence(place, lines, status, code):
    with place.proxy.connect() as link:
        found, headers, body = request(link, *lines)
        assert (found, json.loads(body)["code"]) == (status, code)
        assert headers["connection"] == "close"
        sentence = json.loads(body)["error"]
        assert sentence.endswith(".")
        assert "\n" not in sentence


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("/api/202412/orders", "evil.example", 421),
        ("/api/202412/orders", "other.genmystore.com", 421),
        ("/api/202412/orders", "demo.genmystore.com.evil.example", 421),
        ("https://evil.example/api/202412/orders", HOST, 400),
        ("http://demo.genmystore.com/api/202412/orders", HOST, 400),
        ("https://demo.genmystore.com/api/202412/orders", HOST, 200),
        ("/api/202412/orders", "DEMO.genmystore.com:443", 200),
    ],
)
def test_a_tunnel_leads_to_the_host_that_it_names(place, target, host, status):
    with place.proxy.secure() as link:
        assert request(link, *own(place, "GET", target, host=host))[0] == status


def test_a_second_request_for_another_host_ends_the_tunnel(place):
    with place.proxy.secure() as link:
        assert request(link, *own(place))[0] == 200
        link.sendall("\r\n".join([*own(place, host="other.genmystore.com"), "", ""]).encode())
        assert heard(link) == b""


@pytest.mark.parametrize("name", ["notgenmystore.com", "genmystore.com.evil.invalid", "genmystore.community"])
def test_a_name_that_only_resembles_is_not_answered_for(place, name):
    with place.proxy.connect() as link:
        assert request(link, f"GET http://{name}.invalid/ HTTP/1.1", "Host: x")[0] == 502


def test_bytes_that_run_ahead_of_the_tunnel_are_refused(place):
    with place.proxy.connect() as link:
        link.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: x\r\n\r\n".encode() + b"\x16\x03\x01")
        with link.makefile("rb") as file:
            assert answer(file)[0] == 400


def test_without_till_each_request_is_answered_502(place, tmp_path):
    with proxy("http://127.0.0.1:1", tmp_path / "files") as found:
        with found.secure() as link:
            status, _, body = request(link, *own(place, "POST", "/x", "Content-Length: 9"), body=b"123456789")
        assert status == 502
        assert json.loads(body)["error"] == "127.0.0.1:1 cannot be reached: nobody listens there."


def test_a_server_that_only_hangs_up_is_a_502_too(place, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with proxy(f"http://127.0.0.1:{port}", tmp_path / "files") as found, found.secure() as link:
            link.sendall("\r\n".join([*own(place), "", ""]).encode())
            accepted, _ = listening.accept()
            assert accepted.recv(10_000)
            accepted.close()
            with link.makefile("rb") as file:
                status, _, body = answer(file)
    assert status == 502
    assert "without an answer" in json.loads(body)["error"]


def test_who_does_not_trust_it_is_told_of_in_the_terminal(place):
    untrusting = ssl.create_default_context(cafile=None)
    with place.proxy.tunnel() as raw, pytest.raises(ssl.SSLError):
        untrusting.wrap_socket(raw, server_hostname=HOST)
    until = time.monotonic() + PATIENCE
    while "does not trust the certificate of demo.genmystore.com" not in place.proxy.told():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "Traceback" not in place.proxy.told()
