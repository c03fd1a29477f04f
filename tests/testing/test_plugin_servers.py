"""The servers of the pytest plug-in: whose they are, what they keep, and that none is left behind."""

import os
import re
import signal
import time

from running import serve


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid):
    until = time.monotonic() + 60
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_alive(pid)


def test_a_server_of_somebody_elses_is_used_and_left_running(run, tmp_path):
    run.write("""
import pytest

def test_it(till, shop, webhooks):
    webhooks.subscribe("orders/create")
    webhooks.wait_for(order=shop.create_order())
    with pytest.raises(RuntimeError, match="--till-url"):
        till.restart()
""")
    with serve(tmp_path / "data", "--dev") as server:
        printed, code = run("--till-url", server.url)
        assert code == 0, printed
        assert server.process.poll() is None
    with serve(tmp_path / "data") as server:
        printed, code = run("--till-url", server.url)
        assert "is not in development mode: start it with `till serve --dev`" in printed


def test_the_servers_store_outlives_a_restart_and_its_log_is_kept_where_told(run):
    run.write("""
def test_it(till, shop):
    url, order = till.url, shop.create_order()
    till.restart()
    assert till.url == url
    assert shop.get(f"/orders/{order['orderId']}").json()["order"]["name"] == order["name"]
""")
    printed, code = run("-p", "no:xdist", "--till-log", "log.txt")
    assert code == 0, printed
    assert (run.folder / "log.txt").read_text().count('"path":"/orders"') == 1
    printed, code = run("-n", "1", "--till-log", "log.txt")
    assert code == 0, printed
    assert '"path":"/orders"' in (run.folder / "log-gw0.txt").read_text()


def test_no_server_is_left_by_tests_that_fail_and_none_by_tests_that_are_killed(run):
    run.write("""
import time

def test_it(till):
    print(f"pid={till.pid}", flush=True)
    assert False

def test_then_wait(till):
    time.sleep(600)
""")
    printed, code = run("-s", "-x", "-p", "no:randomly")
    assert code == 1, printed
    assert not is_alive(int(re.search(r"pid=(\d+)", printed)[1]))
    process = run.start("-s", "-p", "no:randomly")
    line = next(line for line in process.stdout if "pid=" in line)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert ends(int(re.search(r"pid=(\d+)", line)[1]))


def test_nothing_of_the_server_is_loaded_by_tests_that_do_not_ask_for_it(run):
    run.write("""
import sys

def test_it():
    assert "till.testing.plugin" in sys.modules
    assert not {"till.server", "uvicorn", "apsw", "till.slices"} & set(sys.modules)
""")
    printed, code = run()
    assert code == 0, printed


def test_an_endpoint_that_is_closed_leaves_no_thread_and_no_connection(run):
    run.write("""
import threading, time

def test_1(shop, webhooks):
    webhooks.subscribe("orders/create")
    webhooks.wait_for(order=shop.create_order())
    assert threading.active_count() > 2

def test_2():
    until = time.monotonic() + 30
    while threading.active_count() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.enumerate() == [threading.main_thread()]
""")
    printed, code = run("-p", "no:randomly", "-p", "no:xdist")
    assert code == 0, printed
