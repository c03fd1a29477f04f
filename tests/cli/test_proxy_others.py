"""`till proxy` and whoever is not Genstore; and who is refused, in one sentence."""

import json
import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from proxied import HOST, answer, before_till, heard, other, own, proxy, request
from running import PATIENCE


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with before_till(tmp_path_factory.mktemp("proxied")) as found:
        yield found


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
