"""How the client of `till orders` bears a server that is slow, strict, broken, gone, or none at all."""

import http.server
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from asking import ask
from running import answer, seed, serve, where
from shopkeeper import Keeper
from till.cli.remote import Remote, Unreachable


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("remote")


@pytest.fixture(scope="module")
def keeper(place):
    seeded = seed(place)
    with serve(place) as server:
        yield Keeper(server.url, seeded.accessToken)


class Breaking:
    """A line to the server that breaks after the server has answered, before the client hears it."""

    def __init__(self, url, times):
        self._target = (urlsplit(url).hostname, urlsplit(url).port)
        self._times = times
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.passed = 0
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        while True:
            client, _ = self._listening.accept()
            with client, socket.create_connection(self._target) as server:
                server.sendall(self._request(client))
                said = b""
                while chunk := server.recv(65_536):
                    said += chunk
                self.passed += 1
                if self._times:
                    self._times -= 1
                else:
                    client.sendall(said)

    def _request(self, client):
        """One whole request; urllib asks the server to close after it."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += client.recv(65_536)
        head, _, body = got.partition(b"\r\n\r\n")
        told = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while told and len(body) < int(told[0].partition(b":")[2]):
            body += client.recv(65_536)
        return head + b"\r\n\r\n" + body


def test_a_write_over_a_broken_connection_is_done_once(keeper):
    line = Breaking(keeper.url, times=2)
    made = keeper.json("create", "--line", "Tea=1", "--tags", "broken", "--url", line.url)["order"]
    assert line.passed == 3
    listed = keeper.json("list", "--tag", "broken")["orders"]
    assert [each["id"] for each in listed] == [made["id"]]


def test_a_connection_that_stays_broken_ends_with_3_and_names_the_key(keeper):
    line = Breaking(keeper.url, times=100)
    refused = keeper.refused("create", "--line", "Tea=1", "--tags", "lost", "--url", line.url)
    assert refused.code == 3
    key = refused.sentence.rpartition("--key ")[2].strip(" .\n")
    again = keeper.json("create", "--line", "Tea=1", "--tags", "lost", "--key", key)
    assert keeper.json("list", "--tag", "lost")["orders"] == [again["order"]]
    reading = keeper.refused("list", "--url", line.url)
    assert (reading.code, "--key" in reading.sentence) == (3, False)


def test_too_many_requests_are_waited_for(keeper, place):
    for number in range(8):
        keeper.order(f"Tea={number + 1}", tags="many")
    answer("shop", "set", "demo", "--rate", "40@2", *where(place))
    try:
        while ask(keeper.url, "/orders/count", keeper.token)[0] != 429:
            pass
        began = time.monotonic()
        listed = keeper.json("list", "--tag", "many", "--limit", "1", "--all")["orders"]
        assert len(listed) == 8
        assert time.monotonic() - began >= 2.0  # eight pages at two a second
    finally:
        answer("shop", "set", "demo", "--rate", "off", *where(place))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://no.such.host.invalid"])
def test_a_server_that_is_not_there_ends_with_3(keeper, url):
    refused = keeper.refused("create", "--line", "Tea=1", "--url", url)
    assert refused.code == 3
    assert f"{url} cannot be reached" in refused.sentence
    assert "--key" not in refused.sentence
    assert len(refused.sentence.splitlines()) == 1


def test_a_server_that_says_nothing_is_not_waited_for_for_ever():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = Remote(f"http://127.0.0.1:{silent.getsockname()[1]}", "x", key="k", patience=0.2)
        with pytest.raises(Unreachable, match=r"did not answer within 0\.2 s") as reading:
            remote.get("/orders")
        with pytest.raises(Unreachable) as writing:
            remote.write("POST", "/orders")
    assert (reading.value.is_open, writing.value.is_open) == (False, True)


class Other(http.server.BaseHTTPRequestHandler):
    """Another server than Till: a gateway that is broken, or that sends its callers elsewhere."""

    seen = []  # noqa: RUF012 - all requests of one test

    def do_GET(self):
        self.seen.append(self.path)
        status = 301 if "elsewhere" in self.headers["X-Genstore-Access-Token"] else 502
        self.send_response(status)
        self.send_header("Location", f"http://{self.headers['Host']}/moved")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_):
        """Say nothing."""


@pytest.mark.parametrize("token", ["here", "elsewhere"])
def test_a_server_of_another_kind_ends_with_3_and_is_not_followed(keeper, token):
    Other.seen.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        refused = keeper.refused("list", "--url", f"http://127.0.0.1:{other.server_port}", "--token", token)
        other.shutdown()
    assert refused.code == 3
    assert "not with a JSON object: is it a Till or Genstore server?" in refused.sentence
    assert len(Other.seen) == 1


def test_a_server_that_stops_between_two_commands_ends_with_3(tmp_path):
    seeded = seed(tmp_path)
    with serve(tmp_path) as server:
        keeper = Keeper(server.url, seeded.accessToken)
        assert keeper.json("list") == {"orders": []}
        server.stop()
        assert keeper.refused("list").code == 3
