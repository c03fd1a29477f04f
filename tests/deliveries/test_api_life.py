"""What is owed, shown, paused and cancelled, without anybody who sends it."""

import json

import pytest

from inside import inside
from owing import APPS, HERE, end, log, owed, subscribe
from till.apps.installations import Installations
from till.apps.life import Life
from till.clock import DAY
from till.shop import Fidelity


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def test_what_is_owed_is_listed_newest_first_with_its_event(till):
    path = subscribe(till)
    orders = [till.create()["orderId"] for _ in range(3)]
    listed = log(till, path)
    assert [each["resourceId"] for each in listed] == orders[::-1]
    first = listed[-1]
    assert (first["topic"], first["state"], first["attempts"]) == ("orders/create", "pending", 0)
    assert first["nextAttemptAt"] == first["createdAt"]
    event = till.get(f"/events/{first['cursor']}").json["event"]
    assert event["eventId"] == first["eventId"]
    shown = till.get(f"{path}/deliveries/{first['id']}").json["delivery"]
    assert json.loads(shown["request"]["body"]) == event["payload"]
    assert (shown["response"], shown["request"]["headers"]) == (None, [])
    assert till.get(f"{path}/deliveries/{first['id']}/attempts").json == {"attempts": []}
    assert till.get("/app/deliveries").json["deliveries"] == listed


def test_the_log_is_filtered_and_walked(till):
    path = subscribe(till)
    other = subscribe(till, "orders/paid")
    orders = [till.create(financialStatus="paid")["orderId"] for _ in range(5)]
    assert [each["resourceId"] for each in log(till, path, f"?orderId={orders[2]}")] == [orders[2]]
    assert len(log(till, other)) == 5
    assert len(till.get("/app/deliveries").json["deliveries"]) == 10
    assert len(till.get("/app/deliveries?topic=orders/paid").json["deliveries"]) == 5
    ids = [each["id"] for each in log(till, path)]
    end(till, 3, ids[0], ids[1])
    assert [each["id"] for each in log(till, path, "?state=exhausted")] == ids[:2]
    assert [each["id"] for each in log(till, path, "?state=pending,exhausted")] == ids
    assert log(till, path, "?state=blocked,cancelled") == []
    assert log(till, path, "?to=2001-01-01T00:00:00Z") == []
    assert len(log(till, path, "?from=2001-01-01T00:00:00Z&state=pending")) == 3
    seen, ahead = [], f"{path}/deliveries?limit=2"
    while ahead:
        reply = till.get(ahead)
        seen += [each["id"] for each in reply.json["deliveries"]]
        link = reply.headers.get("link", "")
        ahead = link.rpartition("<")[2].partition(">")[0].partition("8080")[2] if 'rel="next"' in link else ""
    assert seen == ids
    assert till.get(f"{path}/deliveries?state=lost").status == 400


def test_a_paused_subscription_is_owed_all_the_same_and_says_so(till):
    path = subscribe(till)
    till.create()
    assert till.post(f"{path}/disable").json["webhook"]["state"] == "paused"
    till.create()
    assert [each["state"] for each in log(till, path)] == ["paused", "paused"]
    assert len(log(till, path, "?state=paused")) == 2
    assert log(till, path, "?state=pending") == []
    enabled = till.post(f"{path}/enable").json["webhook"]
    assert (enabled["state"], enabled["reason"]) == ("active", None)
    assert [each["state"] for each in log(till, path)] == ["pending", "pending"]


@pytest.mark.parametrize(
    ("kept", "left"),
    [("all", ["pending"] * 3), ("last24h", ["pending", "pending", "cancelled"]), ("none", ["cancelled"] * 3)],
)
def test_enabling_sends_all_or_some_or_none_of_what_waited(till, kept, left):
    path = subscribe(till)
    till.post(f"{path}/disable")
    for _ in range(3):
        till.create()
    old = bytes.fromhex(log(till, path)[-1]["id"].replace("-", ""))
    sql = "UPDATE deliveries SET created_at = created_at - :ago WHERE shop_id = :s AND id = :id"

    async def age(tx):
        await tx.execute(sql, ago=2 * DAY, s=till.shop.id, id=old)

    till.write(age)
    assert till.post(f"{path}/enable", {"deliveries": kept}).status == 200
    listed = log(till, path)
    assert [each["state"] for each in listed] == left
    assert all(each["reason"] and each["endedAt"] for each in listed if each["state"] == "cancelled")
    assert till.post(f"{path}/enable", {"deliveries": "some"}).status == 422


def test_deleting_cancels_what_is_owed_and_keeps_the_record(till):
    path = subscribe(till)
    till.create()
    (delivery,) = log(till, path)
    assert till.run(till.ask("DELETE", path)).json == {}
    assert till.get(f"{path}/deliveries").status == 404
    (kept,) = till.get("/app/deliveries").json["deliveries"]
    assert (kept["id"], kept["state"]) == (delivery["id"], "cancelled")
    assert till.get(f"{path}/deliveries/{delivery['id']}").json["delivery"]["state"] == "cancelled"
    till.create()
    assert len(owed(till)) == 1


def test_a_new_address_is_that_of_new_events_only(till):
    path = subscribe(till)
    till.create()
    till.put(path, {"webhook": {"address": f"{HERE}/new"}})
    till.create()
    assert [row[3] for row in owed(till)] == [HERE, f"{HERE}/new"]


def test_uninstalling_takes_the_subscriptions_and_what_they_are_owed(till):
    subscribe(till)
    other = till.install(till.shop, scopes=APPS)
    client_id = till.client_id
    theirs = subscribe(till, address=f"{HERE}/theirs", token=other)
    till.create()

    async def leave(tx):
        await Life(tx, till.shop, "test", 2, till.parts.lease.minter).uninstall(client_id)

    till.write(leave)
    states = {row[3]: row[1] for row in owed(till)}
    assert states == {HERE: 0, f"{HERE}/theirs": 5}
    till.create()
    assert [row[3] for row in owed(till)].count(f"{HERE}/theirs") == 1
    assert till.get(theirs).status == 404


def test_a_test_sends_the_latest_event_or_the_example(till):
    path = subscribe(till, "orders/paid", fields=["note"])
    made = till.post(f"{path}/test").json["delivery"]
    assert (made["isTest"], made["eventId"], made["cursor"]) == (True, None, None)
    body = till.get(f"{path}/deliveries/{made['id']}").json["delivery"]["request"]["body"]
    assert json.loads(body) == {"order": {"note": "Leave it with the neighbour."}}
    till.create(note="real", financialStatus="paid")
    made = till.post(f"{path}/test").json["delivery"]
    body = till.get(f"{path}/deliveries/{made['id']}").json["delivery"]["request"]["body"]
    assert (made["isTest"], json.loads(body)) == (True, {"order": {"note": "real"}})
    till.post(f"{path}/disable")
    assert till.post(f"{path}/test").json["code"] == "not_served"


def test_a_lost_scope_hears_nothing_and_replays_nothing(till):
    path = subscribe(till)
    till.create()
    end(till, 3)

    async def narrow(tx):
        await tx.execute(
            "UPDATE installations SET scopes = 'write_apps' WHERE shop_id = :s AND client_id = :c",
            s=till.shop.id,
            c=till.client_id,
        )
        await Installations(tx, till.shop).set_fidelity(till.client_id, Fidelity.TYPED)

    till.write(narrow)
    till.get("/app/webhooks")
    for call in ("recover", "test"):
        assert till.post(f"{path}/{call}").json["code"] == "missing_topic_scope"


def test_strangers_find_no_delivery(till):
    path = subscribe(till)
    till.create()
    (delivery,) = log(till, path)
    stranger = till.install(till.shop, scopes=APPS)
    mine = subscribe(till, token=stranger)
    for at in (path, mine):
        for tail in ("", "/attempts"):
            reply = till.get(f"{at}/deliveries/{delivery['id']}{tail}", token=stranger)
            assert (reply.status, reply.json["code"]) == (404, "delivery_not_found")
    assert till.post(f"{path}/recover", token=stranger).json["code"] == "webhook_not_found"
    named = till.post(f"{mine}/recover", {"deliveryIds": [delivery["id"]]}, token=stranger)
    assert named.json["code"] == "unknown_delivery"
    assert till.get("/app/deliveries", token=stranger).json == {"deliveries": []}


def test_figures_of_a_subscription_that_nothing_was_sent_to(till):
    path = subscribe(till)
    till.create()
    stats = till.get(f"{path}/stats").json["stats"]
    assert (stats["pending"], stats["attempts"], stats["successRate"], stats["p95Ms"]) == (1, 0, None, None)
    assert stats["oldestPendingSeconds"] >= 0
    assert till.get("/app/webhooks/stats?by=hour").json["stats"]["pending"] == 1
