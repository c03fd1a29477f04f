"""The pytest plug-in as its users have it: in a pytest process of its own, in a folder of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from running import environment, serve

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytest"
PATIENCE = 90
PYTEST = [sys.executable, "-m", "pytest", "-W", "error", "--strict-markers", "-p", "no:cacheprovider"]
# Another plug-in that is here, and takes seconds to load.
PYTEST += ["-p", "no:schemathesis"]


class Run:
    """A folder with tests, which pytest runs there."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, text, name="test_it.py"):
        (self.folder / name).write_text(text, encoding="utf-8")

    def start(self, *options):
        return subprocess.Popen(
            [*PYTEST, *options],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *options):
        """What pytest printed, and how it ended."""
        done = self.start(*options)
        printed, _ = done.communicate(timeout=PATIENCE)
        return printed, done.returncode


@pytest.fixture
def run(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return Run(tmp_path)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid):
    until = time.monotonic() + 15
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_alive(pid)


@pytest.mark.parametrize(
    "options",
    [["-p", "no:randomly"], ["-p", "randomly", "-p", "no:xdist"], ["-n", "2"]],
    ids=["in order", "in any order", "side by side"],
)
def test_the_example_passes(run, options):
    for each in EXAMPLE.glob("*.py"):
        shutil.copy(each, run.folder)
    printed, code = run(*options)
    assert code == 0, printed
    assert re.search(r"\b5 passed\b", printed), printed


def test_waiting_in_vain_says_what_came_what_is_on_its_way_and_what_the_server_said(run):
    run.write("""
def test_it(shop, webhooks):
    webhooks.subscribe("orders/create", "orders/paid")
    webhooks.respond(status=500, times=1)
    order = shop.create_order()
    webhooks.wait_for("orders/create", order=order)
    webhooks.settled()
    webhooks.wait_for("orders/paid", order=order, timeout=0.2)
""")
    printed, code = run("-p", "no:randomly")
    assert code == 1, printed
    (order,) = set(re.findall(r"orders/paid of order (\d+) did not come within 0.2 s", printed))
    lines = [line.removeprefix("E").strip() for line in printed.splitlines()]
    came = lines.index("Came:")
    assert lines[came + 1].startswith(f"orders/create of order {order}, attempt 1, id ")
    owed = lines.index("What the server has to deliver:")
    assert lines[owed + 1].startswith(
        f"orders/create of {order}: retry_wait, 1 attempt(s), the last: 500, next at "
    )
    told = lines.index("Events of the shop:")
    assert lines[told + 1] == f"orders/create of {order}"
    assert any('"path":"/orders"' in line for line in lines[lines.index("End of the server's log:") :])
    assert "src/till" not in printed.partition("AssertionError")[0]  # the test's own line, not our insides


def test_a_webhook_that_another_secret_signed_is_not_taken_for_ours(run):
    run.write("""
from dataclasses import replace
import pytest

def test_it(shop, webhooks):
    webhooks.subscribe("orders/create")
    order = shop.create_order()
    found = webhooks.wait_for(order=order)
    found.verify(shop.client_secret)
    with pytest.raises(AssertionError, match="X-Genstore-Hmac-Sha256"):
        found.verify(shop.client_secret + "x")
    with pytest.raises(AssertionError, match="X-Genstore-Hmac-Sha256"):
        replace(found, body=found.body + b"\\n").verify(shop.client_secret)
    with pytest.raises(AssertionError, match="webhook-signature"):
        replace(found, headers=found.headers | {"webhook-id": "another"}).verify(shop.client_secret)
""")
    printed, code = run()
    assert code == 0, printed


def test_each_wait_returns_another_webhook_and_silence_is_told_from_noise(run):
    run.write("""
import pytest

def test_it(shop, webhooks):
    assert len(webhooks.subscribe()) > 6
    order = shop.create_order(financialStatus="paid")
    made = webhooks.wait_for("orders/create")
    paid = webhooks.wait_for("orders/paid")
    assert made.event_id == paid.event_id
    assert made.webhook_id != paid.webhook_id
    assert made.order == paid.order == order["orderId"]
    assert made.json()["order"]["name"] == order["name"]
    webhooks.none_within(0.2)
    shop.put(f"/orders/{order['orderId']}", {"order": {"note": "x"}}).checked()
    with pytest.raises(AssertionError, match="but this did: orders/update"):
        webhooks.none_within(5)
    assert [each.topic for each in webhooks.received[2:]] == ["orders/update"]
    assert shop.delete("/orders/1").status == 404
    with pytest.raises(AssertionError, match="Till answered 404"):
        shop.get("/orders/1").checked()

@pytest.mark.till_shop(scopes=["read_orders", "write_orders", "write_apps"], currency="EUR")
def test_an_app_that_may_less(shop, webhooks):
    assert shop.create_order()["currency"] == "EUR"
    assert shop.get("/customers").status == 403

def test_what_the_tests_own_function_raises_is_told(shop, webhooks):
    def answer(received):
        raise ZeroDivisionError(received.topic)
    webhooks.subscribe("orders/create")
    webhooks.respond(answer)
    order = shop.create_order()
    with pytest.raises(AssertionError, match="respond.. failed") as told:
        webhooks.wait_for(order=order)
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    webhooks.settled()
    assert [each["lastStatus"] for each in webhooks.deliveries()] == [500]
""")
    printed, code = run()
    assert code == 0, printed


def test_the_clock_and_the_weather_of_one_test_are_not_those_of_the_next(run):
    run.write("""
from datetime import UTC, datetime, timedelta

def is_right(clock):
    return abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)

def test_1(clock):
    assert is_right(clock)
    assert clock.advance("4h") > datetime.now(UTC) + timedelta(hours=3)

def test_2_what_happened_in_the_future_goes_with_it(clock, shop, till):
    assert is_right(clock)
    clock.advance(timedelta(days=2))
    assert datetime.fromisoformat(shop.create_order()["createdAt"]) > datetime.now(UTC) + timedelta(days=1)

def test_3(clock, shop, webhooks, chaos):
    assert is_right(clock)
    chaos.fail(topics=["orders/create"])
    webhooks.subscribe("orders/create", "orders/paid")
    shop.create_order(financialStatus="paid")
    webhooks.wait_for("orders/paid")
    webhooks.none_within(0.5)
    clock.advance("10s")
    webhooks.settled()
    assert {each["topic"]: each["attempts"] for each in webhooks.deliveries()} == {
        "orders/create": 2, "orders/paid": 1
    }

def test_4(shop, webhooks):
    webhooks.subscribe("orders/create")
    shop.create_order()
    webhooks.wait_for("orders/create", attempt=1)
""")
    printed, code = run("-p", "no:randomly")
    assert code == 0, printed


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


def test_a_fresh_shop_is_there_at_once(run):
    run.write("""
import time
from till.testing import found_shop

def test_it(till):
    took = []
    for _ in range(30):
        began = time.perf_counter()
        found_shop(till)
        took.append(time.perf_counter() - began)
    assert sorted(took)[10] < 0.03, took
""")
    printed, code = run()
    assert code == 0, printed


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
    until = time.monotonic() + 5
    while threading.active_count() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.enumerate() == [threading.main_thread()]
""")
    printed, code = run("-p", "no:randomly", "-p", "no:xdist")
    assert code == 0, printed


def test_the_page_shows_the_example_as_it_is():
    page = (EXAMPLE.parents[1] / "docs" / "howto" / "test-your-app.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    example = (EXAMPLE / "test_loyalty.py").read_text(encoding="utf-8")
    assert len(shown) == 2
    assert [block for block in shown if block not in example] == []
