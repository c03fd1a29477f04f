"""A customer is erased: nothing of them is left anywhere, and everything of everybody else is."""

import asyncio
import json
import time

import msgspec
import pytest

from people import SCOPES, Marked, carry, erase, files_with, live, rows_of, settle, tables_with, words_of
from receiver import answer
from steps import at, done, now
from till.clock import DAY
from till.deliveries.signature import Secrets, sign
from till.orders.view import decode
from till.orders.wire.answer import show

ADA, BOB = Marked("qzada", "17005551", "70001"), Marked("qzbob", "18006662", "80001")
MONEY = ("totalPrice", "currentTotalPrice", "totalOutstanding", "financialStatus", "fulfillmentStatus")
TOPICS = ("orders/create", "orders/update", "orders/paid", "refunds/create")


def hook(till, address, topic, token=None, **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": address, "topic": topic} | more}, token=token)
    assert reply.status == 201, reply.body
    return reply.json["webhook"]["id"]


def echo(status):
    """A receiver that sends back all that it was sent, in its answer's body and head."""

    async def behave(received, writer):
        word = json.dumps(json.loads(received.body))[:4_000]
        said = answer(status, headers=[("X-Echo", word), ("Location", f"/{word[:900]}")], body=received.body)
        return await said(received, writer)

    return behave


def owed(till):
    sql = "SELECT state, COUNT(*) FROM deliveries WHERE shop_id = :s GROUP BY state"
    return {row[0]: row[1] for row in till.rows(sql, s=till.shop.id)}


@pytest.fixture
def lived(till, receiver):
    """Two lives, told to many kinds of listeners, of which some fail."""
    receiver.script("/good", echo(200))
    receiver.script("/cut", echo(200))
    receiver.script("/bad", echo(302))
    documented = till.install(till.shop, scopes=SCOPES, fidelity="documented")
    masked = till.install(till.shop, scopes=SCOPES, partner=True, protected=["name"])
    for topic in TOPICS:
        hook(till, receiver.url("/good"), topic)
        hook(till, receiver.url("/bad"), topic)
        hook(till, receiver.url("/good"), topic, token=documented)
        hook(till, receiver.url("/good"), topic, token=masked)
    cut = ["id", "email", "customer.firstName", "shippingAddress.city", "note"]
    hook(till, receiver.url("/cut"), "orders/update", token=documented, fields=cut)
    kept = {}
    for who in (ADA, BOB):
        kept[who] = live(till, who)
        reply = till.post("/orders", {"order": who.order()}, idempotency_key=f"key-{who.id}")
        kept[who].append(reply.order)
    settle(till, lambda: owed(till).get(1, 0) == 0 and _all_tried(till))
    return kept


def _all_tried(till):
    """All that is not left alone for its failures was delivered, and of that something was tried."""
    sql = "SELECT address, attempts FROM deliveries WHERE shop_id = :s"
    rows = [(address.endswith("/bad"), attempts) for address, attempts in till.rows(sql, s=till.shop.id)]
    return all(is_bad or attempts for is_bad, attempts in rows) and (True, 1) in rows


def test_nothing_of_the_erased_is_left_and_all_of_the_other(till, lived, store, receiver, clock):
    before = {order["id"]: now(till, order) for order in lived[ADA]}
    numbers = [number for number, _ in till.events()]
    standing = till.get(f"/customers/{ADA.id}").json["customer"]
    was = tables_with(till, BOB.marks)
    assert (
        set(was)
        == set(tables_with(till, ADA.marks))
        >= {
            "orders",
            "changes",
            "events",
            "event_forms",
            "attempts",
            "order_timeline",
            "customers",
            "customer_keys",
            "kept_answers",
            "deliveries",
        }
    )
    hook(till, receiver.url("/redact"), "customers/redact")
    erase(till, ADA, now=True, reason=ADA.word("reason"))
    assert carry(till) >= 1

    settle(till, lambda: receiver.seen("/redact") != [])
    (told,) = [json.loads(each.body)["customerRedact"] for each in receiver.seen("/redact")]
    assert told["customer"] == {"id": ADA.id, "email": ADA.email(), "phone": ADA.phone()}
    assert set(told["ordersToRedact"]) == set(before)
    # Only what apps were told just now names them, for as long as some may read it.
    assert set(tables_with(till, ADA.marks)) <= {"changes", "attempts"}

    for order in before.values():
        bare = now(till, order)
        assert {name: bare[name] for name in MONEY} == {name: order[name] for name in MONEY}
        lines = [{**each} for each in bare["lineItems"]]
        assert lines == order["lineItems"]
        assert bare["version"] == order["version"] + 1
        assert bare["email"] is bare["phone"] is bare["note"] is bare["shippingAddress"] is None
        timeline = till.get(f"{at(order)}/timeline").json["timeline"]
        assert timeline[-1]["kind"] == "erased"
    gone = till.get(f"/customers/{ADA.id}").json["customer"]
    assert gone["email"] is gone["firstName"] is None
    assert gone["addresses"] == []
    assert {gone[name] == standing[name] for name in ("ordersCount", "totalSpent", "createTime")} == {True}
    # The first request is not done again, and its answer tells of nobody.
    again = till.post("/orders", {"order": ADA.order()}, idempotency_key=f"key-{ADA.id}")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.order["id"] == lived[ADA][2]["id"]
    assert again.order["email"] is None
    assert [number for number, _ in till.events()][: len(numbers)] == numbers

    clock.move(DAY / 1_000_000 + 100)
    carry(till)
    assert tables_with(till, ADA.marks) == {}
    has = tables_with(till, BOB.marks)
    # Attempts go on meanwhile, and kept answers last for a day.
    still = set(was) - {"attempts", "deliveries", "kept_answers"}
    assert {table: has[table] for table in still} == {table: was[table] for table in still}
    assert has["attempts"] >= was["attempts"]
    assert reads(till, ADA) == []
    assert len(reads(till, BOB)) > 5
    if store["url"] is None:
        assert not [word for word in words_of(store["folder"]) if ADA.mark in word or ADA.digits in word]
        assert [word for word in words_of(store["folder"]) if BOB.mark in word]
        settle(till, lambda: files_with(store["folder"], ADA.marks) == {})
        assert "till.db" in files_with(store["folder"], BOB.marks)


def reads(till, who):
    """The reads of the API that show one of somebody's marks."""
    paths = ["/orders?limit=250", "/customers?limit=250", f"/customers/{who.id}", f"/customers/{who.id}/data"]
    paths += [f"/orders?q={who.mark}", f"/orders?email={who.email('new')}", f"/customers/search?q={who.mark}"]
    paths += ["/events?limit=250", "/deliveries?limit=250", "/app/webhooks"]
    orders = till.get("/orders?limit=250").json["orders"]
    for order in orders:
        paths += [f"{at(order)}/{each}" for each in ("timeline", "refunds", "returns", "fulfillments")]
    for number, _ in till.events():
        paths.append(f"/events/{number}")
    shown = []
    for path in paths:
        body = till.get(path).body.decode()
        if any(mark in body for mark in who.marks):
            shown.append(path)
    return shown


def test_what_is_still_owed_is_sent_as_it_reads_now(till, lived, receiver, clock):
    erase(till, ADA, now=True)
    carry(till)
    receiver.script("/bad", answer(200))
    seen = len(receiver.seen("/bad"))
    sql = "SELECT COUNT(*) FROM deliveries WHERE shop_id = :s AND state = 0 AND address LIKE '%/bad'"
    ((waiting,),) = till.rows(sql, s=till.shop.id)
    assert waiting > 10
    ends = time.monotonic() + 90
    unsent = sql.replace("state = 0", "state <= 1")
    while till.rows(unsent, s=till.shop.id)[0][0]:
        assert time.monotonic() < ends
        clock.move(60)
        till.run(asyncio.sleep(0.2))
    late = receiver.seen("/bad")[seen:]
    assert len(late) >= waiting
    assert not [each for each in late if any(mark.encode() in each.body for mark in ADA.marks)]
    assert [each for each in late if BOB.mark.encode() in each.body]
    for each in late:
        json.loads(each.body)
        stamp = int(each.header("webhook-timestamp"))
        signed = sign(Secrets(current="a client secret"), each.delivery_id, stamp, each.body)
        assert dict(signed)["webhook-signature"] == each.header("webhook-signature")


def test_the_books_are_as_true_as_before(till, lived):
    erase(till, ADA, now=True)
    carry(till)
    shop = {"s": till.shop.id}
    told = till.rows(
        "SELECT c.resource_id, COUNT(*) FROM events e JOIN changes c ON c.shop_id = e.shop_id"
        " AND c.number = e.change_number WHERE e.shop_id = :s AND e.topic = 'orders/update'"
        " GROUP BY c.resource_id",
        **shop,
    )
    updates = {row[0]: row[1] for row in told}
    rows = till.rows("SELECT id, version, body, answer, number FROM orders WHERE shop_id = :s", **shop)
    assert len(rows) == 6
    for order_id, version, body, stored, number in rows:
        order = decode(bytes(body))
        assert (order.version, order.number) == (version, number)
        assert version == 1 + updates.get(order_id, 0)
        assert msgspec.json.encode(show(order, till.shop)) == bytes(stored)
        seen = till.get(f"/orders/{order_id}")
        assert seen.headers["etag"] == f'"{version}"'
        (latest,) = till.rows(
            "SELECT payload FROM changes WHERE shop_id = :s AND resource_id = :id AND resource_version = :v",
            id=order_id,
            v=version,
            **shop,
        )
        assert json.loads(bytes(latest[0]))["order"]["totalPrice"] == seen.order["totalPrice"]
    counted = till.rows("SELECT SUM(n) FROM order_counts WHERE shop_id = :s AND day = -1", **shop)
    assert counted[0][0] == till.get("/orders/count").json["count"] == 6
    numbers = [number for number, _ in till.events()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_order_of_nobody_goes_with_whose_address_it_has(till):
    till.create(**ADA.order())
    till.create(**BOB.order())
    guest = till.create()
    done(till.put(at(guest), {"order": {"email": ADA.email().upper(), "note": ADA.word("guest")}}))
    phoned = till.create()
    done(till.put(at(phoned), {"order": {"phone": ADA.phone(), "note": ADA.word("phoned")}}))
    other = till.create()
    done(till.put(at(other), {"order": {"email": BOB.email(), "note": "kept"}}))
    erase(till, ADA, now=True)
    carry(till)
    assert (now(till, guest)["email"], now(till, guest)["note"]) == (None, None)
    assert (now(till, phoned)["phone"], now(till, phoned)["note"]) == (None, None)
    assert now(till, other)["note"] == "kept"
    assert set(tables_with(till, ADA.marks)) <= {"changes"}


def test_rows_are_looked_at_at_all(till, lived):
    tables = {table for table, _ in rows_of(till)}
    assert {"orders", "attempts", "event_forms", "customer_keys", "kept_answers"} <= tables
