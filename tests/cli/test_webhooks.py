"""`till webhooks` as a person uses it: against a real server that really sends."""

import json
import time

import pytest

from asking import ask
from receiver import Receiver, answer
from running import seed, serve
from shopkeeper import Keeper

SCOPES = "read_orders,write_orders,write_apps"


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    place = tmp_path_factory.mktemp("webhooks")
    seeded = seed(place, scopes=SCOPES)
    with serve(place) as server:
        yield Keeper(server.url, seeded.accessToken, verb="webhooks")


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def subscribe(keeper, address, **more):
    body = {"webhook": {"address": address, "topic": "orders/create"} | more}
    status, reply = ask(keeper.url, "/app/webhooks", keeper.token, body)
    assert status == 201, reply
    return str(reply["webhook"]["id"])


def order(keeper):
    return Keeper(keeper.url, keeper.token).order()


def until(keeper, webhook, state, count=1):
    ends = time.monotonic() + 60
    while len(found := keeper.json("deliveries", webhook, "--state", state)["deliveries"]) < count:
        assert time.monotonic() < ends, keeper.says("deliveries", webhook)
    return found


def test_subscriptions_are_listed_and_shown(keeper, receiver):
    receiver.script("/hook", answer(200))
    webhook = subscribe(keeper, receiver.url("/hook"), name="mine", filter="totalPrice:>1", timeout=3)
    order(keeper)
    (delivered,) = until(keeper, webhook, "delivered")
    listed = keeper.says("list")
    assert f"{webhook}  orders/create  active" in listed
    assert receiver.url("/hook") in listed
    shown = keeper.says("show", webhook)
    assert "filter        totalPrice:>1\n" in shown
    assert "timeout       3 s\n" in shown
    assert delivered["id"] in shown
    assert keeper.json("show", webhook)["webhook"]["name"] == "mine"
    assert keeper.json("list", "--topic", "orders/paid") == {"webhooks": []}
    assert keeper.says("list", "--topic", "orders/paid") == "There is no subscription.\n"
    assert keeper.refused("show", "42").sentence == "till: There is no webhook 42 of this app in this shop.\n"


def test_what_failed_is_seen_paused_and_sent_again(keeper, receiver):
    receiver.script("/away", answer(503))
    webhook = subscribe(keeper, receiver.url("/away"))
    made = order(keeper)
    (failed,) = until(keeper, webhook, "retry_wait")
    assert f"{failed['id']}  " in keeper.says("deliveries", "--order", made["id"], "--from", "1h")
    assert " (100.0%)\n" in keeper.says("stats", webhook).partition("\nfailed ")[2]
    assert keeper.says("disable", webhook) == f"Webhook {webhook} is paused.\n"
    receiver.script("/away", answer(200))
    assert keeper.says("enable", webhook, "--deliveries", "none") == f"Webhook {webhook} is active.\n"
    until(keeper, webhook, "cancelled")
    assert keeper.says("recover", webhook) == "No event is sent again.\n"
    assert keeper.says("recover", webhook, "--state", "cancelled") == "1 event is sent again.\n"
    until(keeper, webhook, "delivered")
    assert keeper.json("redeliver", webhook, failed["id"]) == {"redelivered": 1}
    again = until(keeper, webhook, "delivered", 2)
    assert {each["replayOf"] for each in again} == {failed["id"]}
    assert len({got.body for got in receiver.seen()}) == 1
    assert keeper.json("stats", webhook, "--by-hour")["stats"]["delivered"] == 2
    assert "By hour" in keeper.says("stats", "--by-hour")


def test_what_was_before_a_subscription_is_sent_by_pages_of_which_each_is_done_once(keeper, receiver):
    receiver.script("/late", answer(200))
    for _ in range(3):
        order(keeper)
    webhook = subscribe(keeper, receiver.url("/late"))
    count = keeper.json("replay-missing", webhook, "--from", "1h", "--key", "once")["redelivered"]
    assert count >= 3
    assert keeper.json("replay-missing", webhook, "--from", "1h")["redelivered"] == 0
    until(keeper, webhook, "delivered", count)
    assert keeper.refused("replay-missing", webhook).code == 2


def test_a_test_is_sent(keeper, receiver):
    receiver.script("/test", answer(204))
    webhook = subscribe(keeper, receiver.url("/test"))
    assert keeper.says("test", webhook).endswith(" is on its way.\n")
    (sent,) = until(keeper, webhook, "delivered")
    assert sent["isTest"]
    assert "order" in json.loads(receiver.seen()[0].body)
