"""Subscriptions, tests, replays and the log with the engine at work: what is answered is what arrived."""

import asyncio
import json
import time

import pytest

from inside import ORDERS, inside
from receiver import Receiver, answer

APPS = ORDERS | {"write_apps"}
PATIENCE = 60


@pytest.fixture
def till(run, store):
    with inside(run, **store, work=True) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def subscribe(till, address, topic="orders/create", **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": address, "topic": topic} | more})
    assert reply.status == 201, reply.body
    return f"/app/webhooks/{reply.json['webhook']['id']}"


def until(till, path, *states):
    """The deliveries once they are in these states, newest first."""
    ends = time.monotonic() + PATIENCE
    while True:
        found = till.get(f"{path}/deliveries").json["deliveries"]
        if [each["state"] for each in found] == list(states):
            return found
        assert time.monotonic() < ends, found
        till.run(_pause())


async def _pause():
    await asyncio.sleep(0.02)


def test_what_is_shown_of_a_delivery_is_what_arrived(till, receiver):
    receiver.script("/hook", answer(201, headers=[("X-Told", "yes")], body=b"thanks \xff"))
    path = subscribe(till, receiver.url("/hook"), headers={"X-Env": "test"})
    till.create(note="\u2028 \U0001f99c")
    (listed,) = until(till, path, "delivered")
    (got,) = receiver.seen()
    assert (listed["attempts"], listed["failures"], listed["lastStatus"]) == (1, 0, 201)
    shown = till.get(f"{path}/deliveries/{listed['id']}").json["delivery"]
    assert shown["request"]["body"].encode() == got.body
    sent = {each["name"].lower(): each["value"] for each in shown["request"]["headers"]}
    arrived = {name.decode().lower(): value.decode() for name, value in got.headers}
    assert {name: arrived[name] for name in sent} == sent
    assert (sent["x-env"], sent["x-genstore-webhook-id"]) == ("test", listed["id"])
    assert shown["response"] == {
        "status": 201,
        "headers": shown["response"]["headers"],
        "body": "dGhhbmtzIP8=",
        "encoding": "base64",
    }
    assert {"name": "X-Told", "value": "yes"} in shown["response"]["headers"]
    (attempt,) = till.get(f"{path}/deliveries/{listed['id']}/attempts").json["attempts"]
    assert (attempt["number"], attempt["status"], attempt["error"], attempt["counted"]) == (
        1,
        201,
        None,
        False,
    )
    assert attempt["dialled"] == f"127.0.0.1:{receiver.port}"
    assert attempt["timings"]["totalMs"] >= attempt["timings"]["firstByteMs"] > 0
    webhook = till.get(path).json["webhook"]
    assert (webhook["failures"], webhook["lastSuccessAt"] is not None) == (0, True)
    stats = till.get(f"{path}/stats?by=hour").json["stats"]
    assert (stats["attempts"], stats["delivered"], stats["failed"], stats["successRate"]) == (1, 1, 0, 1.0)
    assert stats["p50Ms"] == stats["p99Ms"] == pytest.approx(stats["averageMs"], rel=0.03)
    assert sum(each["delivered"] for each in stats["hours"]) == 1


def test_a_failure_waits_for_its_next_attempt_and_says_so(till, receiver):
    receiver.script("/hook", answer(500, body=b"no"))
    path = subscribe(till, receiver.url("/hook"))
    till.create()
    (waiting,) = until(till, path, "retry_wait")
    assert (waiting["failures"], waiting["lastStatus"], waiting["lastError"]) == (1, 500, "status")
    assert waiting["nextAttemptAt"] > waiting["createdAt"]
    assert waiting["reason"]
    assert till.get(path).json["webhook"]["failures"] == 1
    stats = till.get("/app/webhooks/stats").json["stats"]
    assert (stats["failed"], stats["pending"], stats["failureRate"]) == (1, 1, 1.0)
    assert till.post(f"{path}/disable").status == 200
    until(till, path, "paused")
    receiver.script("/hook", answer(200))
    till.post(f"{path}/enable")
    (done,) = until(till, path, "delivered")
    assert done["attempts"] == 2


def test_what_waited_while_it_was_paused_is_sent_once_it_is_served(till, receiver):
    receiver.script("/hook", answer(200))
    path = subscribe(till, receiver.url("/hook"))
    till.post(f"{path}/disable")
    for _ in range(3):
        till.create()
    until(till, path, "paused", "paused", "paused")
    assert receiver.seen() == []
    till.post(f"{path}/enable")
    until(till, path, "delivered", "delivered", "delivered")


def test_20_what_was_given_up_is_recovered_after_the_repair(till, receiver):
    receiver.script("/hook", answer(500))
    path = subscribe(till, receiver.url("/hook"))
    till.create(note="kept")
    until(till, path, "retry_wait")

    async def seven_failures(tx):
        await tx.execute("UPDATE deliveries SET failures = 7, run_at = 0 WHERE shop_id = :s", s=till.shop.id)

    till.write(seven_failures)
    (gone,) = until(till, path, "exhausted")
    event = till.get(f"/events/{gone['cursor']}").json["event"]
    assert event["payload"]["order"]["note"] == "kept"
    receiver.script("/hook", answer(200))
    assert till.post(f"{path}/recover").json == {"redelivered": 1, "next": None}
    new, old = until(till, path, "delivered", "exhausted")
    assert (new["replayOf"], new["eventId"]) == (old["id"], old["eventId"])
    bodies = {got.body for got in receiver.seen()}
    assert len(bodies) == 1
    assert [got.header("x-genstore-event-id") for got in receiver.seen()] == [old["eventId"]] * 3
    assert till.post(f"{path}/recover").json["redelivered"] == 0


def test_a_test_says_that_it_is_one_and_tells_nothing_of_health(till, receiver):
    receiver.script("/hook", answer(500, body=b"secret of the network"))
    path = subscribe(till, receiver.url("/hook"))
    assert till.post(f"{path}/test").status == 200
    (failed,) = until(till, path, "exhausted")
    (got,) = receiver.seen()
    assert (got.header("x-genstore-test"), got.attempt) == ("true", 1)
    assert got.header("x-genstore-event-id") == failed["id"]
    assert json.loads(got.body)["order"]["note"] == "Leave it with the neighbour."
    shown = till.get(f"{path}/deliveries/{failed['id']}").json["delivery"]
    assert (shown["response"]["status"], shown["response"]["body"]) == (500, None)
    (attempt,) = till.get(f"{path}/deliveries/{failed['id']}/attempts").json["attempts"]
    assert (attempt["response"]["body"], attempt["counted"]) == (None, False)
    webhook = till.get(path).json["webhook"]
    assert (webhook["failures"], webhook["lastSuccessAt"]) == (0, None)
    assert till.get(f"{path}/stats").json["stats"]["attempts"] == 0
    assert [each["topic"] for each in till.get("/events").json["events"]] == []
    receiver.script("/hook", answer(200))
    till.post(f"{path}/test")
    until(till, path, "delivered", "exhausted")
    assert till.get(path).json["webhook"]["lastSuccessAt"] is None
    assert till.post(f"{path}/recover", {"states": ["exhausted", "delivered"]}).json["redelivered"] == 0


def test_what_was_never_sent_arrives_by_replaying_what_is_missing(till, receiver):
    receiver.script("/hook", answer(200))
    names = [till.create()["name"] for _ in range(5)]
    path = subscribe(till, receiver.url("/hook"), fields=["name"])
    assert till.post(f"{path}/replay-missing", {"from": "2001-01-01T00:00:00Z"}).json["redelivered"] == 5
    until(till, path, *["delivered"] * 5)
    assert sorted(json.loads(got.body)["order"]["name"] for got in receiver.seen()) == names


def test_a_deleted_subscription_gets_nothing_more(till, receiver):
    receiver.script("/hook", answer(500))
    path = subscribe(till, receiver.url("/hook"))
    till.create()
    until(till, path, "retry_wait")
    till.run(till.ask("DELETE", path))
    (kept,) = till.get("/app/deliveries").json["deliveries"]
    assert (kept["state"], kept["nextAttemptAt"]) == ("cancelled", None)
    assert till.get(f"{path}/deliveries/{kept['id']}/attempts").json["attempts"][0]["status"] == 500
