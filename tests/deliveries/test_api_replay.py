"""What is sent again: one delivery, a selection, a range, what was missed; each once a request."""

import asyncio
import json

import pytest

from inside import inside
from owing import APPS, HERE, end, log, owed, subscribe
from till.clock import DAY, iso, now
from till.deliveries import resend


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def test_a_redelivery_is_a_new_delivery_of_the_same_bytes(till):
    path = subscribe(till, fields=["id", "name"])
    till.create()
    (first,) = log(till, path)
    assert till.post(f"{path}/deliveries/{first['id']}/redeliver").json["code"] == "nothing_to_replay"
    end(till, 2)
    till.put(path, {"webhook": {"address": f"{HERE}/new", "fields": ["id"]}})
    made = till.post(f"{path}/deliveries/{first['id']}/redeliver").json["delivery"]
    assert (made["replayOf"], made["eventId"]) == (first["id"], first["eventId"])
    assert (made["id"] != first["id"], made["address"]) == (True, f"{HERE}/new")
    bodies = [
        till.get(f"{path}/deliveries/{each}").json["delivery"]["request"]["body"]
        for each in (first["id"], made["id"])
    ]
    assert bodies[0] == bodies[1]
    assert set(json.loads(bodies[0])["order"]) == {"id", "name"}


def test_26_a_range_replayed_twice_at_once_is_replayed_once_and_again_once_that_failed(till):
    path = subscribe(till)
    for _ in range(5):
        till.create()
    end(till, 3)
    originals = {each["id"]: each for each in log(till, path)}
    body = {"from": "2001-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}

    async def both():
        return await asyncio.gather(*(till.ask("POST", f"{path}/recover", body) for _ in range(2)))

    replies = till.run(both())
    assert sorted(reply.json["redelivered"] for reply in replies) == [0, 5]
    assert {reply.json["next"] for reply in replies} == {None}
    assert till.post(f"{path}/recover", body).json["redelivered"] == 0, "they are still on their way"
    new = [each for each in log(till, path, "?limit=100") if each["id"] not in originals]
    assert sorted(each["replayOf"] for each in new) == sorted(originals)
    for each in new:
        assert each["eventId"] == originals[each["replayOf"]]["eventId"]
        assert each["state"] == "pending"
        bodies = {
            till.get(f"{path}/deliveries/{one}").json["delivery"]["request"]["body"]
            for one in (each["id"], each["replayOf"])
        }
        assert len(bodies) == 1
    end(till, 3, *(each["id"] for each in new[:2]))
    end(till, 2, *(each["id"] for each in new[2:]))
    assert till.post(f"{path}/recover", body).json["redelivered"] == 2, "those that failed once more"
    last = log(till, path, "?limit=100")[:2]
    assert sorted(each["replayOf"] for each in last) == sorted(each["replayOf"] for each in new[:2])


def test_recovering_goes_by_pages_and_leaves_out_what_has_arrived(till):
    path = subscribe(till)
    for _ in range(5):
        till.create()
    end(till, 3)
    ids = [each["id"] for each in log(till, path)][::-1]
    seen, cursor = [], None
    while True:
        reply = till.post(f"{path}/recover", {"limit": 2, "cursor": cursor}).json
        seen.append(reply["redelivered"])
        cursor = reply["next"]
        if cursor is None:
            break
    assert seen == [2, 2, 1]
    new = [each for each in log(till, path) if each["replayOf"]]
    end(till, 2, *(each["id"] for each in new if each["replayOf"] in ids[:3]))
    end(till, 3, *(each["id"] for each in new if each["replayOf"] in ids[3:]))
    assert till.post(f"{path}/recover").json == {"redelivered": 2, "next": None}


def test_named_deliveries_are_sent_again_or_refused_together(till):
    path = subscribe(till)
    till.create()
    till.create()
    ids = [each["id"] for each in log(till, path)]
    end(till, 2, ids[0])
    reply = till.post(f"{path}/recover", {"deliveryIds": ids})
    assert (reply.status, reply.json["code"]) == (422, "nothing_to_replay")
    assert len(owed(till)) == 2
    end(till, 5, ids[1])
    assert till.post(f"{path}/recover", {"deliveryIds": ids}).json["redelivered"] == 2
    unknown = "0195963c-1f70-7c44-a1b2-5d3e8f90a1b2"
    assert till.post(f"{path}/recover", {"deliveryIds": [unknown]}).json["code"] == "unknown_delivery"
    beside = till.post(f"{path}/recover", {"deliveryIds": ids, "states": ["delivered"]})
    assert list(beside.json["errors"]) == ["states"]


def test_delivered_ones_are_replayed_only_where_that_is_asked(till):
    path = subscribe(till)
    till.create()
    end(till, 2)
    assert till.post(f"{path}/recover").json["redelivered"] == 0
    both = {"states": ["delivered", "exhausted"]}
    assert [till.post(f"{path}/recover", both).json["redelivered"] for _ in range(2)] == [1, 0]
    end(till, 2)
    assert till.post(f"{path}/recover", both).json["redelivered"] == 1, "nothing of it is on its way"


def test_what_a_subscription_missed_is_sent_by_its_topic_filter_and_form(till):
    for each in range(4):
        till.create(note=str(each), financialStatus="paid" if each % 2 else "pending")
    path = subscribe(till, filter="financialStatus:paid", fields=["note"])
    till.create(note="late", financialStatus="paid")
    body = {"from": "2001-01-01T00:00:00Z"}
    assert till.post(f"{path}/replay-missing", body | {"to": "2002-01-01T00:00:00Z"}).json["redelivered"] == 0
    assert till.post(f"{path}/replay-missing", body).json == {"redelivered": 2, "next": None}
    assert till.post(f"{path}/replay-missing", body).json == {"redelivered": 0, "next": None}
    told = [
        json.loads(till.get(f"{path}/deliveries/{each['id']}").json["delivery"]["request"]["body"])
        for each in log(till, path)
    ]
    assert sorted(each["order"]["note"] for each in told) == ["1", "3", "late"]
    assert {tuple(each["order"]) for each in told} == {("note",)}
    end(till, 3)
    again = till.post(f"{path}/replay-missing", body).json
    assert again["redelivered"] == 3
    assert all(each["replayOf"] for each in log(till, path)[:3])
    assert till.post(f"{path}/replay-missing", {}).status == 422


def test_nothing_is_missing_of_a_time_that_is_no_longer_on_record(till):
    path = subscribe(till)
    till.create()
    long_ago = {"from": "2026-01-01T00:00:00Z"}
    assert till.post(f"{path}/replay-missing", long_ago).json["redelivered"] == 0
    aged = "UPDATE subscriptions SET created_at = created_at - :days WHERE shop_id = :s"
    till.write(lambda tx: tx.execute(aged, days=8 * DAY, s=till.shop.id))
    refused = till.post(f"{path}/replay-missing", long_ago)
    assert (refused.status, refused.json["code"]) == (422, "no_longer_on_record")
    recent = {"from": iso(now() - 6 * DAY, "UTC")}
    assert till.post(f"{path}/replay-missing", recent).status == 200


def test_missing_events_are_sent_page_by_page(till):
    for _ in range(5):
        till.create()
    path = subscribe(till)
    counts, cursor = [], None
    while True:
        reply = till.post(
            f"{path}/replay-missing", {"from": "2001-01-01T00:00:00Z", "limit": 2, "cursor": cursor}
        ).json
        counts.append(reply["redelivered"])
        cursor = reply["next"]
        if cursor is None:
            break
    assert counts == [2, 2, 1]
    assert sorted(row[5] for row in owed(till)) == [1, 2, 3, 4, 5]


def test_one_event_is_sent_by_its_cursor_its_id_or_that_of_its_change(till):
    till.create(financialStatus="paid")
    path = subscribe(till, "orders/paid", filter="totalPrice:>1000000")
    event = next(each for each in till.get("/events").json["events"] if each["topic"] == "orders/paid")
    for name in (event["cursor"], event["id"], event["eventId"]):
        made = till.post(f"{path}/send", {"eventId": name}).json["delivery"]
        assert (made["cursor"], made["state"]) == (event["cursor"], "pending")
    other = till.get("/events?topic=orders/create").json["events"][0]
    assert till.post(f"{path}/send", {"eventId": other["cursor"]}).json["code"] == "other_topic"
    for name in ("999", "0195963c-1f70-7c44-a1b2-5d3e8f90a1b2", "no"):
        assert till.post(f"{path}/send", {"eventId": name}).json["code"] == "no_such_event"


def test_nothing_is_sent_again_while_too_much_waits(till, monkeypatch):
    monkeypatch.setattr(resend, "MOST_PENDING", 2)
    path = subscribe(till)
    for _ in range(3):
        till.create()
    first = log(till, path)[-1]["id"]
    end(till, 3, first)
    assert till.post(f"{path}/recover").json == {"redelivered": 1, "next": None}
    for call, body in (("recover", {}), ("replay-missing", {"from": "2001-01-01T00:00:00Z"})):
        reply = till.post(f"{path}/{call}", body)
        assert (reply.status, reply.json["code"]) == (503, "replays_held")
        assert reply.headers["retry-after"] == "60"
    assert len(owed(till)) == 4
    assert till.create()["orderId"]
