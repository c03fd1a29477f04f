"""The pull side: every event of a shop in the order of its commits, by pages, waited for, or as a stream."""

import asyncio
import json
import time
import uuid

import pytest

from builders import a_line
from inside import ORDERS, inside
from till import clock, keys
from till.apps.store import Apps
from till.deliveries import feed
from till.deliveries.mistakes import is_signed
from till.keys import Sealer
from till.settings import Settings
from till.vault import key_of

NUMBER = {"lineItems": [a_line()]}
DATED = "UPDATE changes SET occurred_at = :at WHERE number = :number"


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server


def pages(till, query="", **headers):
    return till.get(f"/events{query}", **headers).json


def cursors(told):
    return [int(each["cursor"]) for each in told["events"]]


def changes(till, count, shop_token=None):
    """Requests that make `count` orders, to be awaited."""
    return [till.ask("POST", "/orders", {"order": NUMBER}, token=shop_token) for _ in range(count)]


def test_an_event_tells_what_its_webhook_would_and_where_it_stands(till):
    order = till.create(financialStatus="paid")
    told = pages(till)
    assert [each["topic"] for each in told["events"]] == ["orders/create", "orders/paid"]
    first, second = told["events"]
    assert (first["cursor"], second["cursor"], told["cursor"], told["more"]) == ("1", "2", "2", False)
    assert first["eventId"] == second["eventId"] != first["id"] != second["id"]
    assert first["resourceId"] == order["id"]
    assert first["resourceVersion"] == 1
    assert first["payload"]["order"]["name"] == order["name"]
    assert first["occurredAt"].endswith("Z")


def test_a_cursor_goes_on_where_it_stood(till):
    for _ in range(5):
        till.create()
    seen, after = [], "0"
    while True:
        told = pages(till, f"?after={after}&limit=2")
        seen += cursors(told)
        after = told["cursor"]
        if not told["more"]:
            break
    assert seen == [1, 2, 3, 4, 5]
    assert pages(till, f"?after={after}") == {"events": [], "cursor": "5", "more": False}
    assert pages(till, "?after=latest") == {"events": [], "cursor": "5", "more": False}


def test_the_cursor_moves_past_what_was_not_asked_for(till):
    till.create(financialStatus="paid")
    till.create()
    told = pages(till, "?topic=orders/paid")
    assert cursors(told) == [2]
    assert (told["cursor"], told["more"]) == ("3", False)


def test_what_is_rare_is_looked_for_step_by_step(till, monkeypatch):
    monkeypatch.setattr(feed, "STRIDE", 3)
    for _ in range(7):
        till.create()
    till.create(financialStatus="paid")
    assert cursors(pages(till, "?topic=orders/paid")) == [9]
    monkeypatch.setattr(feed, "STRIDES", 1)
    told = pages(till, "?topic=orders/paid")
    assert told == {"events": [], "cursor": "3", "more": True}
    assert cursors(pages(till, "?topic=orders/paid&after=6")) == [9]


def test_only_one_order_is_told_of_where_it_is_named(till):
    orders = [till.create() for _ in range(3)]
    till.put(f"/orders/{orders[1]['id']}", {"order": {"note": "x"}})
    told = pages(till, f"?resourceId={orders[1]['id']}")
    assert cursors(told) == [2, 4]


def test_shops_do_not_hear_each_other(till):
    till.create()
    other = till.found("other")
    token = till.install(other)
    assert pages(till, token=token) == {"events": [], "cursor": "0", "more": False}
    till.post("/orders", {"order": NUMBER}, token=token)
    assert len(pages(till, token=token)["events"]) == len(pages(till)["events"]) == 1


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("topic=orders/payed", 400, "did you mean 'orders/paid'?"),
        ("topic=webhook/failing", 403, "read_apps or write_apps"),
        ("topic=orders/paid,webhook/failing", 403, "webhook/failing"),
        ("after=2", 400, "no event 2 yet, the newest is 1"),
        ("after=-1", 400, "the cursor of an event"),
        ("after=x", 400, "the cursor of an event"),
        ("limit=0", 400, "from 1 to 250"),
        ("limit=251", 400, "from 1 to 250"),
        ("wait=61", 400, "from 0 to 60"),
        ("sign=perhaps", 400, "true or false"),
        ("topics=orders/paid", 400, "did you mean 'topic'?"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(till, query, status, words):
    till.create()
    reply = till.get(f"/events?{query}")
    assert reply.status == status, reply.body
    assert words in reply.json["error"]


def test_a_partner_hears_no_more_than_it_was_granted(till):
    till.create(email="ada@example.com", customer={"firstName": "Ada", "lastName": "Bell"})
    token = till.install(till.shop, partner=True, protected=("name",))
    order = pages(till, token=token)["events"][0]["payload"]["order"]
    assert (order["email"], order["customer"]["firstName"]) == (None, "Ada")
    everything = pages(till)["events"][0]["payload"]["order"]
    assert everything["email"] == "ada@example.com"


def test_the_documented_profile_tells_strings(till):
    till.create()
    event = pages(till, x_genstore_fidelity="documented")["events"][0]
    assert event["resourceVersion"] == "1"
    assert event["payload"]["order"]["number"] == "1001"
    assert event["payload"]["order"]["note"] == "null"


def signing(till, store):
    """The secret of an app of the shop, which is sealed as it must be; and its token."""
    token, secret = till.install(till.shop), keys.mint_secret()
    sealer = Sealer(key_of(Settings(data=store["folder"], database=store["url"])))
    sealed, client_id = sealer.seal(secret, about=till.client_id), till.client_id
    statement = "UPDATE apps SET secret = :sealed WHERE client_id = :client_id"
    till.write(lambda tx: tx.execute(statement, sealed=sealed, client_id=client_id))
    assert till.run(till.parts.db.read(lambda tx: Apps(tx).sealed_secret(client_id))) == sealed
    return secret, token


@pytest.mark.parametrize("profile", ["typed", "documented"])
def test_signed_events_carry_the_very_bytes_and_headers_of_a_webhook(till, store, profile):
    till.create(note="naïve ☕")
    secret, token = signing(till, store)
    event = pages(till, "?sign=true", token=token, x_genstore_fidelity=profile)["events"][0]
    told, body = event["headers"], event["body"].encode()
    assert json.loads(body) == event["payload"]
    assert is_signed(secret, body, told["X-Genstore-Hmac-Sha256"])
    signed = (told["webhook-id"], int(told["webhook-timestamp"]))
    assert is_signed(secret, body, told["webhook-signature"], signed=signed)
    assert abs(int(told["webhook-timestamp"]) - time.time()) < 10
    assert told["webhook-id"] == told["X-Genstore-Webhook-Id"] == event["id"]
    assert told["X-Genstore-Event-Id"] == event["eventId"]
    assert told["X-Genstore-Topic"] == "orders/create"
    assert told["X-Genstore-Shop-Domain"] == "demo.genmystore.com"
    assert told["X-Genstore-Resource-Version"] == "1"
    assert "body" not in pages(till, token=token)["events"][0]


def test_one_event_is_named_by_its_number_or_its_id(till):
    till.create(financialStatus="paid")
    event = pages(till)["events"][1]
    assert till.get("/events/2").json == till.get(f"/events/{event['id']}").json == {"event": event}
    assert till.get(f"/events/{event['id'].upper()}").json == {"event": event}
    for nothing in ("3", "0", str(uuid.uuid4()), "x", "1" * 17, event["id"] + "0"):
        reply = till.get(f"/events/{nothing}")
        assert (reply.status, reply.json["code"]) == (404, "event_not_found")


def test_numbers_have_no_gap_and_none_appears_below_one_that_was_seen(till):
    """While many write at once, whoever reads on from his cursor sees each number once, in order."""

    async def main():
        seen, after, writing = [], 0, asyncio.gather(*changes(till, 120))
        while not writing.done() or len(seen) < 120:
            told = (await till.ask("GET", f"/events?after={after}&limit=7")).json
            seen += cursors(told)
            after = int(told["cursor"])
            await asyncio.sleep(0)
        assert all(reply.status == 200 for reply in await writing)
        return seen

    assert till.run(asyncio.wait_for(main(), 60)) == list(range(1, 121))


def test_a_partner_without_all_orders_reads_the_events_of_sixty_days(till):
    """Told from the shop's whole past, it would see orders that it may not read (rulings.md §6.4)."""
    for _ in range(3):
        till.create()
    own, partner = till.token, till.install(till.shop, partner=True)
    every = till.install(till.shop, partner=True, scopes=ORDERS | {"read_all_orders"})
    old, young = clock.now() - 61 * clock.DAY, clock.now() - 59 * clock.DAY
    for number, at in ((1, old), (2, young)):
        till.write(lambda tx, at=at, number=number: tx.execute(DATED, at=at, number=number))
    assert cursors(pages(till, token=own)) == cursors(pages(till, token=every)) == [1, 2, 3]
    assert cursors(pages(till, token=partner)) == [2, 3]
    first = pages(till, "?limit=1", token=own)["events"][0]
    for named in ("1", first["id"]):
        assert till.get(f"/events/{named}", token=own).status == 200
        hidden = till.get(f"/events/{named}", token=partner)
        assert (hidden.status, hidden.json["code"]) == (404, "event_not_found")
    assert till.get("/events/2", token=partner).status == 200


def test_a_cursor_moves_past_events_that_are_too_old(till):
    for _ in range(3):
        till.create()
    partner = till.install(till.shop, partner=True)
    till.write(lambda tx: tx.execute("UPDATE changes SET occurred_at = :at", at=clock.now() - 61 * clock.DAY))
    assert pages(till, token=partner) == {"events": [], "cursor": "3", "more": False}
    till.create()
    assert cursors(pages(till, "?after=3", token=partner)) == [4]
