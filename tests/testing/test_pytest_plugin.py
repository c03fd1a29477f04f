"""The pytest plug-in as its users have it: what waits, fails and is told."""

import re
import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytest"


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
    assert re.search(r"\b8 passed\b", printed), printed


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
    log = lines[lines.index("End of the server's log:") :]
    assert any('"path":"/orders"' in line for line in log)
    assert not [line for line in log if '"path":"/app/deliveries"' in line]  # which is asked over and over
    assert "src/till" not in printed.partition("AssertionError")[0]  # the test's own line, not our insides


def test_what_is_due_by_the_clock_is_not_settled_before_it_was_tried(run):
    run.write("""
from datetime import datetime, timedelta

def test_it(clock, shop, webhooks, chaos):
    chaos.fail()
    webhooks.subscribe("orders/create")
    shop.create_order()
    for attempt in range(1, 5):
        assert webhooks.settled()
        (found,) = webhooks.deliveries()
        assert (found["state"], found["attempts"]) == ("retry_wait", attempt), str(found)
        clock.advance(datetime.fromisoformat(found["nextAttemptAt"]) - clock.now() + timedelta(seconds=1))
""")
    printed, code = run("-p", "no:randomly")
    assert code == 0, printed


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


def test_the_page_shows_the_example_as_it_is():
    page = (EXAMPLE.parents[1] / "docs" / "howto" / "test-your-app.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    examples = [each.read_text(encoding="utf-8") for each in EXAMPLE.glob("test_*.py")]
    assert len(shown) == 3
    assert [block for block in shown if not any(block in example for example in examples)] == []
