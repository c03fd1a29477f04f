"""`till proxy`: unmodified apps reach Till under Genstore's hosts, and everybody else as before."""

import json
import subprocess
import sys
import time

import pytest

from asking import ask
from proxied import HOST, NEW, ORDER, answer, before_till, heard, own, request
from running import PATIENCE
from till.deliveries.api.events import HEARTBEAT

URL = f"https://{HOST}/api/202412/orders"
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
    with before_till(tmp_path_factory.mktemp("proxied")) as found:
        yield found


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


def test_who_still_sends_a_body_that_was_refused_is_not_cut_off_from_the_answer(place):
    with place.proxy.secure() as link, link.makefile("rb") as file:
        lines = own(place, "POST", "/api/202412/orders", "Content-Length: 3000000")
        link.sendall("\r\n".join([*lines, "", ""]).encode())
        for _ in range(6):
            link.sendall(bytes(500_000))
            time.sleep(0.2)
        status, _, body = answer(file)
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
        assert time.monotonic() < said + HEARTBEAT  # with which it would come, were it kept back


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
