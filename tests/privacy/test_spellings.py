"""A person is found however they were written, in what was told of any order; and nobody else is."""

import json

from people import Marked, carry, erase, tables_with
from steps import at, done, now

ADA, BOB = Marked("qzada", "17005551", "70001"), Marked("qzbob", "18006662", "80001")
QUOTED = 'q"a1'


def forgotten(till, who=ADA):
    erase(till, who, now=True)
    carry(till)
    assert till.get(f"/customers/{who.id}/redact").json["erasure"]["state"] == "erased"


def delete(till, order):
    assert till.run(till.ask("DELETE", at(order))).status == 200


def told_of(till, order):
    """All that was told of an order, as it is kept."""
    sql = "SELECT payload FROM changes WHERE shop_id = :s AND resource_id = :id ORDER BY number"
    return [json.loads(bytes(row[0])) for row in till.rows(sql, s=till.shop.id, id=int(order["id"]))]


def guest(till, **told):
    order = till.create()
    done(till.put(at(order), {"order": told}))
    return order


def test_deleted_orders_of_guests_go_however_they_were_written(till):
    till.create(customer={"id": ADA.id, "email": "Qzada@Host.example", "phone": "+1 700 5551 00"})
    mixed = guest(till, email="QZADA@hOST.eXample", note=ADA.word("mixed"))
    grouped = guest(till, phone="+1 (700) 555-1/00", note=ADA.word("grouped"))
    other = guest(till, email="qzadah@host.example", phone="+1 700 5551 99", note="kept")
    for order in (mixed, grouped, other):
        delete(till, order)
    forgotten(till)
    for order in (mixed, grouped):
        assert {told["order"].get("note") for told in told_of(till, order)} == {None}
    assert "kept" in {told["order"].get("note") for told in told_of(till, other)}
    assert tables_with(till, [ADA.word("mixed"), ADA.word("grouped"), "QZADA@"]) == {}


def test_an_address_beyond_ascii_is_compared_without_its_case(till):
    till.create(customer={"id": ADA.id, "email": "qzadaß@bücher.example"})
    order = guest(till, email="QZADASS@BÜCHER.example", note=ADA.word("far"))
    delete(till, order)
    forgotten(till)
    assert tables_with(till, [ADA.word("far"), "QZADASS"]) == {}


def test_earlier_versions_of_an_order_that_is_another_s_now_go(till):
    till.create(**ADA.order())
    order = guest(till, email=ADA.email().upper(), note=ADA.word("once"))
    body = {"order": {"email": BOB.email(), "note": BOB.word("now")}}
    done(till.put(at(order), body))
    forgotten(till)
    assert now(till, order)["note"] == BOB.word("now")
    notes = [told["order"]["note"] for told in told_of(till, order)]
    assert notes == [None, None, BOB.word("now")]
    assert tables_with(till, [ADA.word("once"), ADA.mark.upper()]) == {}


def test_answers_that_told_of_them_once_go_and_the_others_of_that_order_stay(till):
    till.create(**ADA.order())
    order = till.create()
    for key, who in (("a", ADA), ("b", BOB)):
        told = {"order": {"email": who.email().title(), "note": who.word("kept")}}
        reply = till.run(till.ask("PUT", at(order), told, idempotency_key=key))
        assert reply.status == 200, reply.body
    forgotten(till)
    kept = {row[0]: bytes(row[1]) for row in till.rows("SELECT key, body FROM kept_answers")}
    assert b"qzada" not in kept["a"].lower()
    assert json.loads(kept["b"])["order"]["note"] == BOB.word("kept")


def test_ids_that_json_escapes_are_found(till):
    order = till.create(customer={"id": QUOTED, "firstName": ADA.word("first")})
    delete(till, order)
    who = Marked(ADA.mark, ADA.digits, QUOTED)
    forgotten(till, who)
    assert told_of(till, order)[0]["order"]["customer"]["firstName"] is None
    assert tables_with(till, ADA.marks) == {}


def test_the_reason_goes_from_the_answer_that_was_kept_and_nobody_else_s(till):
    long = Marked("qzeve", "19006662", f"{ADA.id}9")
    for who in (ADA, long):
        till.create(**who.order())
        body = {"reason": who.word("why"), "now": who is ADA}
        reply = till.post(f"/customers/{who.id}/redact", body, idempotency_key=f"key-{who.id}")
        assert reply.status == 200, reply.body
    carry(till)
    assert tables_with(till, [ADA.word("why")]) == {}
    kept = {row[0]: json.loads(bytes(row[1])) for row in till.rows("SELECT key, body FROM kept_answers")}
    assert kept[f"key-{ADA.id}"]["erasure"]["reason"] is None
    assert kept[f"key-{long.id}"]["erasure"]["reason"] == long.word("why")
