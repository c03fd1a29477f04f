"""Several serving processes on PostgreSQL, as one server to the world."""

import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from asking import ask
from channel import an_order
from running import PATIENCE, seed, serve


@pytest.fixture
def url(postgres, migrated):
    return postgres.create_database(migrated)


@pytest.fixture
def key(tmp_path):
    return tmp_path


def workers_of(server):
    """The process ids of the workers, which are children that hold the listening socket."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true):
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def figures(server):
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    taken = 'till_requests_total{method="POST",path="/orders"'
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(taken))


def test_workers_share_the_port_and_their_figures(url, key):
    seeded = seed(url, key=key)
    with serve(url, "--data", str(key), "--workers", "2") as server:
        assert server.said["store"] == "postgresql"
        assert len(workers_of(server)) == 2
        for number in range(20):
            assert ask(server.url, "/orders", seeded.accessToken, {"order": an_order(number)})[0] == 200
        wait_until(lambda: figures(server) == 20)  # a call is counted once its answer has left
        assert figures(server) == 20
        assert server.stop() == 0
        assert "worker died" not in server.logged()


def test_a_worker_that_dies_is_replaced(url, key):
    seeded = seed(url, key=key)
    with serve(url, "--data", str(key), "--workers", "2") as server:
        first = set(workers_of(server))
        os.kill(min(first), signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(server)) - first) == 1)
        assert "worker died" in server.logged()
        for _ in range(10):
            assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": 0})
        assert server.stop() == 0


def test_workers_end_with_their_parent_however_it_ends(url, key):
    with serve(url, "--data", str(key), "--workers", "2") as server:
        workers = workers_of(server)
        server.kill()
        wait_until(lambda: not any(map(is_alive, workers)))


def test_two_servers_may_serve_one_database(url, key):
    seeded = seed(url, key=key)
    with serve(url, "--data", str(key)) as one, serve(url, "--data", str(key)) as other:
        ask(one.url, "/orders", seeded.accessToken, {"order": an_order(1)})
        assert ask(other.url, "/orders/count", seeded.accessToken) == (200, {"count": 1})
