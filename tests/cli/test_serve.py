"""`till serve` as a real process: how it starts, whom it refuses, how it stops."""

import json
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import apsw
import pytest

from asking import ask
from running import PATIENCE, answer, command, environment, seed, serve, till, where

BODY = json.dumps(
    {
        "order": {
            "lineItems": [
                {"productId": "1", "variantId": "2", "title": "Tea", "price": "1.00", "quantity": 1}
            ]
        }
    }
).encode()


@pytest.fixture
def place(tmp_path):
    return tmp_path / "data"


def refused(place, *options, **more):
    """The exit code and the one sentence of a server that did not start."""
    done = till("serve", *where(place), "--port", "0", *options, check=False, **more)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.returncode, done.stderr


def test_it_says_in_one_json_line_where_it_is(place):
    with serve(place) as server:
        assert set(server.said) == {"url", "store", "pid", "setUp"}
        assert server.said["store"] == "sqlite"
        assert server.said["pid"] == server.pid
        assert ask(server.url, "/orders", "none")[0] == 401


def test_it_stays_small(place):
    with serve(place, within=("env",)) as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
    assert int(status.partition("VmRSS:")[2].split()[0]) <= 120_000


def test_a_second_server_of_the_same_folder_is_refused_with_the_reason(place):
    with serve(place) as server:
        code, sentence = refused(place)
    assert code == 1
    assert str(server.pid) in sentence
    assert "--database" in sentence


def test_a_server_that_was_killed_leaves_no_lock(place):
    with serve(place) as server:
        server.kill()
    with serve(place) as another:
        assert another.stop() == 0


def test_a_port_that_is_taken_is_refused(place, tmp_path):
    with serve(place) as server:
        port = server.url.rpartition(":")[2]
        done = till("serve", *where(tmp_path / "other"), "--port", port, check=False)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (["--workers", "2"], {}),
        (["--port", "70000"], {}),
        (["--fidelity", "loose"], {}),
        ([], {"TILL_STOP_TIMEOUT": "soon"}),
        (["--database", "mysql://x"], {}),
    ],
)
def test_a_bad_setting_ends_it_with_exit_code_2(place, options, more):
    done = till("serve", *where(place), *options, check=False, **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_another_key_is_refused(place):
    seed(place)
    (place / "till.key").unlink()
    code, sentence = refused(place)
    assert code == 1
    assert "sealed with another key" in sentence


def test_a_key_that_is_none_is_refused(place):
    place.mkdir()
    (place / "till.key").write_text("secret")
    code, sentence = refused(place)
    assert code == 1
    assert "64 hex digits" in sentence


def test_a_database_of_a_newer_release_is_refused(place):
    seed(place)
    connection = apsw.Connection(str(place / "till.db"))
    connection.execute("INSERT INTO migrations VALUES (9999, 'future', 'x', 0)")
    connection.close()
    code, sentence = refused(place)
    assert code == 1
    assert "newer release" in sentence


def test_a_store_that_cannot_be_reached_ends_it_with_exit_code_3(tmp_path):
    code, sentence = refused("postgresql://till@127.0.0.1:1/till", "--data", tmp_path)
    assert code == 3
    assert "cannot be reached" in sentence


def test_options_win_over_variables(place, tmp_path):
    with serve(
        place, "--fidelity", "typed", TILL_FIDELITY="documented", TILL_DATA=str(tmp_path / "no")
    ) as server:
        seeded = seed(place)
        assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": 0})
    assert not (tmp_path / "no").exists()


def test_a_base_domain_of_its_own_names_the_shop(place):
    seeded = seed(place)
    with serve(place, "--base-domain", "shops.example.com") as server:
        head = "GET /api/202412/orders HTTP/1.1\r\nConnection: close\r\n"
        head += f"X-Genstore-Access-Token: {seeded.accessToken}\r\nHost: "
        assert b" 401 " in said(server.url, f"{head}other.shops.example.com\r\n\r\n".encode())
        assert b" 200 " in said(server.url, f"{head}demo.shops.example.com\r\n\r\n".encode())


def test_a_stop_finishes_what_was_accepted(place):
    seeded = seed(place)
    with serve(place) as server:
        idle = connect(server.url)
        head = (
            "POST /api/202412/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"X-Genstore-Access-Token: {seeded.accessToken}\r\nContent-Length: {len(BODY)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        with connect(server.url) as busy, idle:
            busy.sendall(head.encode())
            assert busy.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"  # so it was accepted
            busy.sendall(BODY[:10])
            server.process.terminate()
            time.sleep(0.4)
            busy.sendall(BODY[10:])
            got = b""
            while chunk := busy.recv(65_536):
                got += chunk
        assert got.startswith(b"HTTP/1.1 200 ")
        assert server.process.wait(PATIENCE) == 0
    with serve(place) as server:
        assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": 1})


def test_an_interrupt_ends_it_with_exit_code_0(place):
    with serve(place) as server:
        server.process.send_signal(2)
        assert server.process.wait(PATIENCE) == 0


def test_without_json_it_says_a_sentence(place):
    call = command("serve", *where(place), "--port", "0")
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env=environment())
    line = process.stdout.readline()
    process.terminate()
    process.communicate()
    assert re.fullmatch(rf"Till is ready on http://127.0.0.1:\d+ \(SQLite in {place}\)\n", line)
    assert process.returncode == 0


def test_the_address_may_be_of_ipv6(place):
    with serve(place, "--host", "::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert ask(server.url, "/orders", "none")[0] == 401


def test_a_host_that_is_not_here_is_refused(place):
    assert refused(place, "--host", "no.such.host.invalid")[0] == 1
    assert refused(place, "--host", "192.0.2.1")[0] == 1


def test_a_shop_made_while_it_serves_is_served(place):
    with serve(place) as server:
        assert answer("shop", "list", *where(place)) == {"shops": []}
        seeded = seed(place, shop="late")
        assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": 0})


def connect(url):
    host, _, port = url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def said(url, request):
    with connect(url) as connection:
        connection.sendall(request)
        got = b""
        while chunk := connection.recv(65_536):
            got += chunk
    return got


@pytest.mark.parametrize(("proxies", "scheme"), [("127.0.0.0/8", "https"), ("10.0.0.0/8", "http")])
def test_a_proxy_that_was_not_named_is_not_believed_about_tls(place, proxies, scheme):
    shop = seed(place)
    with serve(place, TILL_PROXIES=proxies) as server:
        for _ in range(2):
            assert ask(server.url, "/orders", shop.accessToken, json.loads(BODY))[0] == 200
        asked = urllib.request.Request(
            f"{server.url}/api/202412/orders?limit=1",
            headers={"X-Genstore-Access-Token": shop.accessToken, "X-Forwarded-Proto": "https"},
        )
        with urllib.request.urlopen(asked) as reply:
            assert reply.headers["link"].startswith(f"<{scheme}://127.0.0.1")
