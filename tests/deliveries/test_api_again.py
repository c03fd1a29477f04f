"""What may be sent again: how much at once, in which bytes, and nothing that may not be heard."""

import json
import uuid

import pytest

from builders import a_line
from inside import ORDERS, inside
from till.apps.installations import Installations
from till.clock import DAY, now
from till.deliveries import again, finding
from till.ids import uuid7

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
ALL = {"from": "2001-01-01T00:00:00Z"}
ADA = {"email": "ada@example.com", "customer": {"firstName": "Ada", "email": "ada@example.com"}}


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def subscribe(till, topic="orders/create", **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": HERE, "topic": topic} | more})
    assert reply.status == 201, reply.body
    return f"/app/webhooks/{reply.json['webhook']['id']}"


def log(till, path):
    return till.get(f"{path}/deliveries?limit=250").json["deliveries"]


def body_of(till, delivery_id):
    return json.loads(till.get(f"/app/deliveries/{delivery_id}").json["delivery"]["request"]["body"])


def change(till, sql, **params):
    """Alter what no request alters, in the test's own shop."""

    async def work(tx):
        await tx.execute(sql, s=till.shop.id, **params)
        await Installations(tx, till.shop).set_fidelity(till.client_id, None)

    till.write(work)


def end(till, state):
    sql = "UPDATE deliveries SET state = :state, ended_at = created_at WHERE shop_id = :s AND state <= 1"
    change(till, sql, state=state)


def grant(till, scopes=APPS, protected=""):
    """What the installation may do from now on."""
    sql = "UPDATE installations SET scopes = :scopes, protected = :protected WHERE shop_id = :s"
    change(till, sql, scopes=",".join(sorted(scopes)), protected=protected)


def partner(till, *protected, more=frozenset({"read_all_orders"})):
    till.token = till.install(till.shop, scopes=APPS | more, partner=True, protected=protected)


def replayed_by_pages(till, path):
    """How many each request sent, until there is no more."""
    seen, cursor = [], None
    while True:
        reply = till.post(f"{path}/replay-missing", ALL | {"cursor": cursor}).json
        seen.append(reply["redelivered"])
        cursor = reply["next"]
        if cursor is None:
            return seen


@pytest.mark.parametrize("more", [{"fields": ["id"]}, {"filter": "totalPrice:>1"}])
def test_one_request_reads_no_more_bytes_than_it_may(till, more):
    for _ in range(5):
        till.create(lineItems=[a_line()] * 500)
    path = subscribe(till, **more)
    size = till.rows("SELECT min(length(payload)) FROM changes WHERE shop_id = :s", s=till.shop.id)[0][0]
    first, *rest = replayed_by_pages(till, path)
    assert 1 <= first <= again.MOST_BYTES // size < 5
    assert first + sum(rest) == len(log(till, path)) == 5


def test_one_request_makes_no_more_events_anew_than_it_may(till):
    for _ in range(again.MOST_ANEW + 3):
        till.create()
    cut = subscribe(till, fields=["id"])
    assert replayed_by_pages(till, cut) == [again.MOST_ANEW, 3]
    plain = subscribe(till, address=f"{HERE}/plain")
    assert replayed_by_pages(till, plain) == [again.MOST_ANEW + 3], "of which nothing has to be read"


def test_recovering_what_is_made_anew_goes_by_pages_too(till):
    partner(till, "name", "email")
    path = subscribe(till)
    for _ in range(again.MOST_ANEW + 2):
        till.create(**ADA)
    end(till, 3)
    grant(till, APPS | {"read_all_orders"}, "name")
    ids = [each["id"] for each in log(till, path)]
    first = till.post(f"{path}/recover").json
    assert first["redelivered"] == again.MOST_ANEW
    assert till.post(f"{path}/recover", {"cursor": first["next"]}).json == {"redelivered": 2, "next": None}
    end(till, 3)
    rows = till.rows("SELECT id FROM deliveries WHERE shop_id = :s AND replay_of IS NULL", s=till.shop.id)
    every = [str(uuid.UUID(bytes=bytes(row[0]))) for row in rows]
    assert till.post(f"{path}/recover", {"deliveryIds": every}).json["code"] == "too_much_anew"
    assert till.post(f"{path}/recover", {"deliveryIds": ids[:3]}).json["redelivered"] == 3


@pytest.mark.parametrize("fields", [[], ["email", "customer.firstName"]])
def test_what_is_sent_again_hides_what_is_hidden_by_now(till, fields):
    partner(till, "name", "email")
    path = subscribe(till, fields=fields)
    till.create(**ADA)
    (first,) = log(till, path)
    tried = till.post(f"{path}/test").json["delivery"]
    end(till, 3)
    assert body_of(till, first["id"])["order"]["email"] == "ada@example.com"
    same = till.post(f"{path}/deliveries/{first['id']}/redeliver").json["delivery"]
    assert body_of(till, same["id"]) == body_of(till, first["id"])
    grant(till, APPS | {"read_all_orders"}, "name")
    for old in (first, tried):
        made = till.post(f"{path}/deliveries/{old['id']}/redeliver").json["delivery"]
        assert made["isTest"] == old["isTest"]
        order = body_of(till, made["id"])["order"]
        assert (order["email"], order["customer"]["firstName"]) == (None, "Ada")
    grant(till, APPS | {"read_all_orders"}, "name,email,phone,address")
    end(till, 3)
    again_same = till.post(f"{path}/deliveries/{made['id']}/redeliver").json["delivery"]
    assert body_of(till, again_same["id"])["order"]["email"] is None, "the same bytes, for they hide enough"


def test_what_may_be_heard_no_more_is_not_sent_again(till):
    path = subscribe(till)
    till.create()
    (first,) = log(till, path)
    end(till, 3)
    assert till.put(path, {"webhook": {"topic": "webhook/failing"}}).status == 200
    grant(till, {"write_apps", "read_apps"})
    reply = till.post(f"{path}/deliveries/{first['id']}/redeliver")
    assert (reply.status, reply.json["code"]) == (403, "missing_topic_scope")
    assert till.post(f"{path}/recover", {"deliveryIds": [first["id"]]}).status == 403
    assert till.post(f"{path}/recover").json == {"redelivered": 0, "next": None}
    assert len(log(till, path)) == 1


def test_sending_tells_nothing_of_events_that_may_not_be_heard(till):
    event = till.create() and till.get("/events").json["events"][0]
    till.token = till.install(till.shop, scopes=frozenset({"read_apps", "write_apps"}))
    path = subscribe(till, "webhook/failing")
    for named in (event["cursor"], event["id"], event["eventId"], "999", str(uuid.UUID(bytes=uuid7()))):
        reply = till.post(f"{path}/send", {"eventId": named})
        told = f"There is no event {named!r} in this shop."
        assert (reply.status, reply.json["code"], reply.json["error"]) == (404, "no_such_event", told)


def test_what_is_older_than_an_app_may_see_is_not_sent_again(till):
    partner(till, "name", more=frozenset())
    path = subscribe(till)
    till.create()
    (first,) = log(till, path)
    end(till, 3)
    change(till, "UPDATE changes SET occurred_at = :at WHERE shop_id = :s", at=now() - 61 * DAY)
    assert till.post(f"{path}/send", {"eventId": "1"}).json["code"] == "no_such_event"
    assert till.post(f"{path}/deliveries/{first['id']}/redeliver").json["code"] == "no_such_event"
    assert till.post(f"{path}/recover").json["redelivered"] == 0
    assert till.post(f"{path}/replay-missing", ALL).json["redelivered"] == 0
    assert till.post(f"{path}/test").json["delivery"]["cursor"] is None, "its example"
    change(till, "UPDATE changes SET occurred_at = :at WHERE shop_id = :s", at=now() - 59 * DAY)
    assert till.post(f"{path}/recover").json["redelivered"] == 1
    assert till.post(f"{path}/send", {"eventId": "1"}).status == 200


def test_one_event_that_failed_twice_is_sent_once(till):
    path = subscribe(till)
    till.create()
    till.post(f"{path}/send", {"eventId": "1"})
    end(till, 3)
    assert till.post(f"{path}/recover").json["redelivered"] == 1


def test_a_test_that_arrived_is_no_arrival_of_its_event(till):
    path = subscribe(till)
    till.create()
    end(till, 3)
    till.post(f"{path}/test")
    end(till, 2)
    assert till.post(f"{path}/recover").json["redelivered"] == 1


def test_events_are_found_by_the_time_in_their_ids(till, monkeypatch):
    for _ in range(20):
        till.create(financialStatus="paid")
    rows = till.rows("SELECT number, topic FROM events WHERE shop_id = :s ORDER BY number", s=till.shop.id)
    began = 1_767_268_800_000
    ids = {
        number: (began + (number + 1) // 2 * 10_000).to_bytes(6, "big") + uuid7()[6:] for number, _ in rows
    }
    for number, each in ids.items():
        change(till, "UPDATE events SET id = :id WHERE shop_id = :s AND number = :n", id=each, n=number)

    def find(named, topic="orders/create"):
        newest = len(ids)
        look = finding.number_named
        return till.write(lambda tx: look(tx, till.shop.id, named, topic=topic, newest=newest))

    monkeypatch.setattr(finding, "STRIDE", 0)
    assert [find(each) for each in ids.values()] == list(ids)
    assert find(uuid7()) is None
    changed = dict(map(tuple, till.rows("SELECT number, id FROM changes WHERE shop_id = :s", s=till.shop.id)))
    change(
        till, "UPDATE changes SET id = :id WHERE shop_id = :s AND number = 3", id=ids[3][:6] + changed[3][6:]
    )
    named = ids[3][:6] + bytes(changed[3])[6:]
    assert (find(named), find(named, "orders/paid"), find(named, "orders/update")) == (3, 4, None)
    late = (began - 10**6).to_bytes(6, "big") + uuid7()[6:]
    change(till, "UPDATE events SET id = :id WHERE shop_id = :s AND number = 39", id=late)
    assert find(late) is None
    monkeypatch.setattr(finding, "STRIDE", 10)
    assert find(late) == 39, "one that was made while the clock was set back is found among the last"
