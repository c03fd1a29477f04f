"""The wish to be erased: its buffer, the half year after an order, taking it back; and the data request."""

import json

import pytest

from inside import ORDERS
from people import Marked, carry, erase, settle
from steps import now
from till.clock import DAY, SECOND

ADA, BOB = Marked("qzada", "17005551", "70001"), Marked("qzbob", "18006662", "80001")
DAYS = DAY // SECOND


def state(till, who):
    return till.get(f"/customers/{who.id}/redact").json["erasure"]["state"]


def is_there(till, who):
    return till.get(f"/customers/{who.id}").json["customer"]["email"] is not None


def long_ago(till, days):
    """An order that is some days old."""
    order = till.create(**ADA.order())

    async def work(tx):
        sql = "UPDATE orders SET created_at = created_at - :age WHERE shop_id = :s AND id = :id"
        await tx.execute(sql, age=days * DAY, s=till.shop.id, id=int(order["id"]))

    till.write(work)
    return order


def test_it_waits_for_ten_days_where_nothing_was_bought_lately(till, clock):
    order = long_ago(till, 300)
    assert erase(till, ADA, reason="asked")["state"] == "scheduled"
    clock.move(10 * DAYS - 60)
    carry(till)
    assert (state(till, ADA), is_there(till, ADA)) == ("scheduled", True)
    clock.move(60)
    carry(till)
    assert (state(till, ADA), is_there(till, ADA)) == ("erased", False)
    assert now(till, order)["email"] is None


def test_it_waits_for_half_a_year_after_the_last_order(till, clock):
    long_ago(till, 100)
    shown = erase(till, ADA)
    clock.move(79 * DAYS)
    carry(till)
    assert is_there(till, ADA)
    clock.move(1 * DAYS)
    carry(till)
    assert (state(till, ADA), is_there(till, ADA)) == ("erased", False)
    assert shown["dueTime"] > shown["requestTime"]


def test_who_buys_meanwhile_is_kept_for_another_half_year(till, clock):
    long_ago(till, 300)
    first = erase(till, ADA)["dueTime"]
    till.create(**ADA.order())
    clock.move(11 * DAYS)
    carry(till)
    later = till.get(f"/customers/{ADA.id}/redact").json["erasure"]
    assert (later["state"], later["dueTime"] > first, is_there(till, ADA)) == ("scheduled", True, True)
    clock.move(180 * DAYS)
    carry(till)
    assert not is_there(till, ADA)


def test_it_can_be_taken_back_until_it_is_carried_out(till, clock):
    long_ago(till, 300)
    erase(till, ADA, reason=ADA.word("why"))
    reply = till.run(till.ask("DELETE", f"/customers/{ADA.id}/redact"))
    assert (reply.status, reply.json["erasure"]["state"]) == (200, "revoked")
    assert reply.json["erasure"]["reason"] is None
    clock.move(400 * DAYS)
    carry(till)
    assert is_there(till, ADA)
    erase(till, ADA, now=True)
    carry(till)
    reply = till.run(till.ask("DELETE", f"/customers/{ADA.id}/redact"))
    assert (reply.status, reply.json["code"]) == (422, "cannot_revoke")


def test_it_is_recorded_who_took_it_back(till):
    till.create(**ADA.order())
    first = erase(till, ADA)
    mine = till.client_id
    other = till.install(till.shop, scopes=ORDERS | {"write_customers"})
    theirs = till.client_id
    assert (first["by"], first["revokedBy"]) == (mine, None)
    reply = till.run(till.ask("DELETE", f"/customers/{ADA.id}/redact", token=other))
    assert (reply.json["erasure"]["by"], reply.json["erasure"]["revokedBy"]) == (mine, theirs)
    till.run(till.ask("DELETE", f"/customers/{ADA.id}/redact"))
    assert till.get(f"/customers/{ADA.id}/redact").json["erasure"]["revokedBy"] == theirs
    shown = till.get(f"/customers/{ADA.id}/data").json["customerData"]["erasures"]
    assert [each["revokedBy"] for each in shown] == [theirs]


def test_asking_twice_is_one_wish_and_now_hastens_it(till):
    till.create(**ADA.order())
    first, again = erase(till, ADA), erase(till, ADA, reason="twice")
    assert first == again
    hastened = erase(till, ADA, now=True)
    assert (hastened["id"], hastened["now"]) == (first["id"], True)
    carry(till)
    assert not is_there(till, ADA)


def test_the_server_carries_it_out_by_itself(till):
    till.create(**ADA.order())
    erase(till, ADA, now=True)
    till.parts.wakes.turned.ring()
    settle(till, lambda: state(till, ADA) == "erased")


def test_who_buys_again_is_known_by_what_is_new_alone(till):
    till.create(**ADA.order())
    erase(till, ADA, now=True)
    carry(till)
    order = till.create(**ADA.order(note="again"))
    found = till.get(f"/customers/{ADA.id}").json["customer"]
    assert (found["ordersCount"], found["email"]) == (2, ADA.email())
    assert order["customer"]["email"] == ADA.email()
    erase(till, ADA, now=True)
    carry(till)
    assert not is_there(till, ADA)
    assert now(till, order)["customer"]["email"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "redact"), ("GET", "redact"), ("DELETE", "redact"), ("POST", "data_request"), ("GET", "data")],
)
def test_unknown_and_foreign_customers_are_refused_alike(till, method, path):
    till.create(**ADA.order())
    other = till.install(till.found("other"), scopes=ORDERS | {"write_customers"})
    foreign = till.run(till.ask(method, f"/customers/{ADA.id}/{path}", token=other))
    unknown = till.run(till.ask(method, f"/customers/123456/{path}"))
    assert foreign.status == unknown.status == 404
    assert foreign.json["code"] == unknown.json["code"] == "customer_not_found"


def test_no_wish_is_no_erasure(till):
    till.create(**ADA.order())
    for method in ("GET", "DELETE"):
        reply = till.run(till.ask(method, f"/customers/{ADA.id}/redact"))
        assert (reply.status, reply.json["code"]) == (404, "erasure_not_found")


def hook(till, topic, token=None):
    body = {"webhook": {"address": f"http://127.0.0.1:9999/{topic}", "topic": topic}}
    reply = till.post("/app/webhooks", body, token=token)
    assert reply.status == 201, reply.body


def told(till, topic):
    """The payloads of a topic as each subscription is owed them."""
    sql = """
        SELECT COALESCE(f.payload, c.payload) FROM deliveries d
        JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
        JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
        LEFT JOIN event_forms f ON f.shop_id = d.shop_id AND f.number = d.event_number AND f.form = d.form
        WHERE d.shop_id = :s AND d.topic = :topic ORDER BY d.subscription_id
    """
    return [json.loads(bytes(row[0])) for row in till.rows(sql, s=till.shop.id, topic=topic)]


def test_a_data_request_is_told_in_both_profiles_without_what_was_not_granted(till, clock):
    order = till.create(**ADA.order())
    scopes = {"read_customers", "write_apps"}
    hook(till, "customers/data_request")
    hook(till, "customers/data_request", till.install(till.shop, scopes=scopes, fidelity="documented"))
    hook(till, "customers/data_request", till.install(till.shop, scopes=scopes, partner=True))
    reply = till.post(f"/customers/{ADA.id}/data_request")
    assert reply.status == 200, reply.body
    request = reply.json["dataRequest"]
    typed, documented, masked = (each["customerDataRequest"] for each in told(till, "customers/data_request"))
    assert typed == {
        "shopId": till.shop.id,
        "shopDomain": "demo.genmystore.com",
        "customer": {"id": ADA.id, "email": ADA.email(), "phone": ADA.phone()},
        "ordersRequested": [order["id"]],
        "dataRequest": {"id": request["id"]},
    }
    assert documented == typed | {"shopId": str(till.shop.id)}
    assert masked == typed | {"customer": {"id": ADA.id, "email": None, "phone": None}}
    clock.move(30 * DAYS)
    carry(till)
    typed, documented, _ = (each["customerDataRequest"] for each in told(till, "customers/data_request"))
    assert typed["customer"] == {"id": ADA.id, "email": None, "phone": None}
    assert documented["customer"] == {"id": ADA.id, "email": "null", "phone": "null"}


def test_the_word_of_an_erasure_keeps_nobodys_address_for_ever(till, clock):
    till.create(**ADA.order())
    hook(till, "customers/redact")
    erase(till, ADA, now=True)
    carry(till)
    assert told(till, "customers/redact")[0]["customerRedact"]["customer"]["email"] == ADA.email()
    clock.move(29 * DAYS)
    carry(till)
    clock.move(1 * DAYS + 60)
    carry(till)
    assert told(till, "customers/redact")[0]["customerRedact"]["customer"] == {
        "id": ADA.id,
        "email": None,
        "phone": None,
    }


def test_all_that_is_held_is_one_document(till):
    order = till.create(**ADA.order())
    till.create(**BOB.order())
    till.post(f"/orders/{order['id']}/timeline", {"note": {"text": ADA.word("said")}})
    till.post(f"/customers/{ADA.id}/data_request")
    held = till.get(f"/customers/{ADA.id}/data").json["customerData"]
    assert held["customer"]["email"] == ADA.email()
    assert [each["order"]["id"] for each in held["orders"]] == [order["id"]]
    assert held["orders"][0]["timeline"][-1]["text"] == ADA.word("said")
    assert len(held["dataRequests"]) == 1
    assert held["nextOrderId"] is None
    assert BOB.mark not in json.dumps(held)
    partner = till.install(till.shop, scopes=ORDERS | {"write_customers"}, partner=True)
    reply = till.get(f"/customers/{ADA.id}/data", token=partner)
    assert (reply.status, reply.json["code"]) == (403, "personal_data")
