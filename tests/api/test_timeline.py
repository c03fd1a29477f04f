"""The timeline of an order: what happened, by whom, told as which events; and notes with their history."""

import asyncio

from builders import a_line
from steps import at, book, done, now, payloads, refund, send_back, ship, timeline, trace, two_lines, units


def write(till, order, **note):
    return till.post(f"{at(order)}/timeline", {"note": note})


def edit(till, order, entry, **note):
    return till.put(f"{at(order)}/timeline/{entry['id']}", {"note": note})


def whole_life(till):
    """An order to which everything happens; the kinds that its timeline tells then."""
    order = till.create(**two_lines(sourceName="web"))
    path = at(order)
    done(till.put(path, {"order": {"note": "n", "shippingAddress": {"city": "Rome"}}}))
    done(till.post(f"{path}/confirm"))
    done(book(till, order, "authorization", amount="30.00", gateway="card"))
    done(book(till, order, "capture", amount="20.00"))
    done(book(till, order, "void"))
    done(book(till, order, "sale", status="failure", amount="20.00"))
    done(book(till, order, "sale"))
    shipment = done(ship(till, order, 2, trackingCompany="DHL", trackingNumber="N1"))
    done(
        till.put(f"/fulfillments/{shipment['id']}/update_tracking", {"fulfillment": {"trackingNumber": "2"}})
    )
    done(till.put(f"/fulfillments/{shipment['id']}/cancel"))
    done(ship(till, order))
    filed = [done(refund(till, order, amount="1.00", status=0)) for _ in range(2)]
    done(till.put(f"/refunds/{filed[0]['id']}", {"refund": {"status": 1}}))
    done(till.put(f"/refunds/{filed[1]['id']}", {"refund": {"status": 2}}))
    for verb in ("decline", "cancel"):
        coming = done(send_back(till, order, 1))
        done(till.post(f"/returns/{coming['id']}/{verb}"))
    coming = done(send_back(till, order, 2, 1))
    done(till.post(f"/returns/{coming['id']}/approve"))
    done(till.post(f"/returns/{coming['id']}/receive", {"lineItems": units(order, 1)}))
    done(till.post(f"/returns/{coming['id']}/close"))
    done(refund(till, order, returnId=coming["id"]))
    done(till.post(f"{path}/close"))
    done(till.post(f"{path}/reopen"))
    return order


LIFE = [
    "created",
    "edited",
    "confirmed",
    "authorized",
    "captured",
    "voided",
    "payment_failed",
    "paid",
    "shipped",
    "tracking_updated",
    "shipment_cancelled",
    "shipped",
    "refund_requested",
    "refund_requested",
    "refunded",
    "refund_declined",
    "return_requested",
    "return_declined",
    "return_requested",
    "return_cancelled",
    "return_requested",
    "return_approved",
    "return_received",
    "return_closed",
    "refunded",
    "closed",
    "reopened",
]
TEXTS = """
The order was placed through web.
Changed: note, shipping address.
The order was confirmed.
30.00 USD was authorized (card).
20.00 USD was captured (card).
10.00 USD that was held was let go (card).
A payment of 20.00 USD failed (card).
20.00 USD was paid (card).
2 units shipped as #1001.1, tracked as DHL N1.
The tracking of shipment #1001.1 changed, tracked as DHL 2.
Shipment #1001.1 was cancelled.
5 units shipped as #1001.2.
A refund of 1.00 USD waits for review.
A refund of 1.00 USD waits for review.
1.00 USD was refunded.
A refund of 1.00 USD was declined.
Return #1001-R1 was requested: 1 unit.
Return #1001-R1 was declined.
Return #1001-R2 was requested: 1 unit.
Return #1001-R2 was cancelled.
Return #1001-R3 was requested: 3 units.
Return #1001-R3 was approved: 3 units.
Of return #1001-R3, 1 unit came in.
Return #1001-R3 was closed.
10.00 USD was refunded for 1 unit.
The order was closed.
The order was reopened.
""".strip().splitlines()


def test_a_whole_life_is_told_once_each_with_its_real_events(till):
    order = whole_life(till)
    told = timeline(till, order)
    assert [each["kind"] for each in told] == LIFE
    assert [each["text"] for each in told] == TEXTS
    assert [each["version"] for each in told] == list(range(1, len(told) + 1))
    assert len({each["id"] for each in told}) == len(told)
    events = {number: (topic, version, shown) for number, topic, version, shown in payloads(till)}
    named = {event["number"]: (event["topic"], each["version"]) for each in told for event in each["events"]}
    assert {number: row[:2] for number, row in events.items()} == named
    assert all(shown["version"] == version for _, version, shown in events.values())
    assert sorted(events) == list(range(1, len(events) + 1))
    by = {"type": "app", "id": till.client_id, "name": "Test"}
    for each in told:
        assert each["by"] == by
        assert (each["author"], each["pinned"], each["history"]) == (None, False, [])
        topics = [event["topic"] for event in each["events"]]
        assert topics[-1] == ("orders/create" if each["version"] == 1 else "orders/update")
    assert [each["at"] for each in told] == sorted(each["at"] for each in told)


def test_what_happened_in_one_change_is_told_together(till):
    order = till.create(financialStatus="paid")
    done(book(till, till.create(), "authorization"))
    till.post(f"{at(order)}/cancel", {"refund": True, "restock": True, "reason": "fraud"})
    _, given, ended = timeline(till, order)
    assert (given["kind"], ended["kind"]) == ("refunded", "cancelled")
    assert ended["text"] == "The order was cancelled (fraud), its units put back."
    assert ended["id"] == f"{given['id']}-1"
    assert given["events"] == ended["events"]
    assert ended["details"] == {"reason": "fraud", "restock": True}
    [made] = till.get(f"{at(order)}/refunds").json["refunds"]
    assert given["details"] == {
        "refundId": made["id"],
        "amount": "10.00",
        "units": [{"lineItemId": order["lineItems"][0]["id"], "quantity": 1}],
    }


def test_details_name_what_was_moved_and_nothing_personal(till):
    order = till.create(email="secret@x.y", shippingAddress={"firstName": "Secret"})
    done(till.put(at(order), {"order": {"email": "hidden@x.y", "phone": "+1"}}))
    sale = done(book(till, order, "sale", message="thanks", gateway="card"))
    shipment = done(ship(till, order))
    edited, paid, left = timeline(till, order)[1:]
    assert edited["details"] == {"fields": ["email", "phone"]}
    assert paid["details"] == {
        "transactionId": sale["id"],
        "kind": "sale",
        "amount": "10.00",
        "gateway": "card",
        "message": "thanks",
    }
    assert left["details"]["fulfillmentId"] == shipment["id"]
    raw = b"".join(bytes(row[0]) for row in till.rows("SELECT body FROM order_timeline"))
    assert not [word for word in (b"secret", b"hidden", b"Secret") if word in raw]


def test_a_timeline_is_narrowed_to_kinds(till):
    order = whole_life(till)
    assert [each["kind"] for each in timeline(till, order, kind="paid,created")] == ["created", "paid"]
    assert timeline(till, order, kind="lapsed") == []
    for query in ("kind=gone", "kind=paid,gone", "kinds=paid", "kind="):
        assert till.get(f"{at(order)}/timeline?{query}").status == 400, query


def test_a_note_is_kept_as_it_was_said_at_each_time(till):
    order = till.create()
    before, events = now(till, order), till.events()
    shown = done(write(till, order, text="Called.", author="Ada", pinned=True))
    assert shown == {
        "id": shown["id"],
        "at": shown["at"],
        "kind": "note",
        "text": "Called.",
        "by": {"type": "app", "id": till.client_id, "name": "Test"},
        "version": None,
        "events": [],
        "details": {},
        "author": "Ada",
        "pinned": True,
        "history": [],
    }
    changed = done(edit(till, order, shown, text="Called twice."))
    assert (changed["text"], changed["pinned"], changed["author"]) == ("Called twice.", True, "Ada")
    changed = done(edit(till, order, shown, pinned="false"))
    assert (changed["id"], changed["text"], changed["pinned"]) == (shown["id"], "Called twice.", False)
    older = [(each["text"], each["pinned"], each["by"]["name"]) for each in changed["history"]]
    assert older == [("Called.", True, "Test"), ("Called twice.", True, "Test")]
    assert timeline(till, order)[1:] == [changed]
    assert (now(till, order), till.events()) == (before, events)
    for same in ({}, {"text": "Called twice."}, {"pinned": None}, {"pinned": False}):
        assert done(edit(till, order, shown, **same)) == changed
    assert timeline(till, order, kind="note") == [changed]


WRONG = (
    ({}, "note.text"),
    ({"text": None}, "note.text"),
    ({"text": "  "}, "note.text"),
    ({"text": "x" * 5001}, "note.text"),
    ({"text": "a\0b"}, "note.text"),
    ({"text": ["a"]}, "note.text"),
    ({"text": "a", "pinned": "perhaps"}, "note.pinned"),
    ({"text": "a", "autor": "b"}, "note.autor"),
)


def test_a_note_that_cannot_be_is_not_written(till):
    order = till.create()
    known = done(write(till, order, text="a"))
    before = trace(till, order)
    for note, field in WRONG:
        reply = write(till, order, **note)
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
        assert not note or edit(till, order, known, **note).status == 422
    for body in (None, {}, {"text": "a"}, {"note": "a"}):
        assert till.post(f"{at(order)}/timeline", body).status in (400, 422)
    assert trace(till, order) == before


def test_only_a_note_of_this_order_can_be_edited(till):
    order, other = till.create(), till.create()
    note = done(write(till, order, text="a"))
    done(edit(till, order, note, text="b"))
    done(till.post(f"{at(order)}/confirm"))
    created, confirmed = (each for each in timeline(till, order) if each["kind"] != "note")
    hidden = {str(row[0]) for row in till.rows("SELECT id FROM order_timeline")}
    hidden -= {each["id"] for each in timeline(till, order) + timeline(till, other)}
    assert len(hidden) == 1  # the edit itself
    for of, entry in (
        (other, note["id"]),
        (order, created["id"]),
        (order, confirmed["id"]),
        (order, f"{note['id']}-0"),
        (order, f"0{note['id']}"),
        (order, "x"),
        (order, hidden.pop()),
    ):
        reply = edit(till, of, {"id": entry}, text="c")
        assert (reply.status, reply.json["code"]) == (404, "note_not_found"), entry
    assert [each["text"] for each in timeline(till, order, kind="note")] == ["b"]


def test_notes_written_at_once_are_all_there(till):
    order = till.create()

    async def flood():
        path = f"{at(order)}/timeline"
        return await asyncio.gather(*(till.ask("POST", path, {"note": {"text": f"{n}"}}) for n in range(20)))

    ids = [done(reply)["id"] for reply in till.run(flood())]
    told = timeline(till, order, kind="note")
    assert {each["id"] for each in told} == set(ids)
    assert {each["text"] for each in told} == {str(n) for n in range(20)}


def test_times_are_the_shops_and_amounts_the_orders(till):
    order = till.create(currency="KWD", lineItems=[a_line(price="1.005")])
    done(book(till, order, "sale"))
    created, paid = timeline(till, order)
    assert paid["text"] == "1.005 KWD was paid (manual)."
    assert created["at"] == now(till, order)["createdAt"]
    assert paid["at"] == now(till, order)["updatedAt"]


def test_what_is_pending_or_failed_is_told_as_that_and_a_note_on_a_refund_too(till):
    order = till.create(financialStatus="paid", lineItems=[a_line(price="9.00")], totalOutstanding="4.00")
    for kind, status in (("sale", "pending"), ("sale", "failure"), ("authorization", "error")):
        done(till.post(f"{at(order)}/transactions", {"transaction": {"kind": kind, "status": status}}))
    body = {"refund": {"orderId": order["orderId"], "amount": "1.00", "status": 0}}
    refund = done(till.post("/refunds", body))
    done(till.put(f"/refunds/{refund['refundId']}", {"refund": {"note": "Ask Kim."}}))
    told = [(each["kind"], each["text"]) for each in timeline(till, order)][1:]
    assert told == [
        ("payment_pending", "A payment of 4.00 USD is pending (manual)."),
        ("payment_failed", "A payment of 4.00 USD failed (manual)."),
        ("payment_failed", "An authorization of 4.00 USD failed (manual)."),
        ("refund_requested", "A refund of 1.00 USD waits for review."),
        ("refund_edited", "The note of a refund of 1.00 USD changed."),
    ]
