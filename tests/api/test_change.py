"""Changing and cancelling: who may change what, and what the world is told (rulings.md §5)."""

import asyncio

import pytest

from builders import a_line
from till.shop import CancelPolicy
from till.shops.store import Shops

CANCEL = "/orders/{}/cancel"


def place(order):
    return f"/orders/{order['orderId']}"


def test_an_update_changes_what_it_names_and_merges_the_address(till):
    address = {"firstName": "Bob", "lastName": "Norman", "city": "Ottawa", "zip": "K2P0V6"}
    order = till.create(note="a", tags="x", shippingAddress=address)
    sent = {"note": "b", "shippingAddress": {"city": "Drayton"}, "buyerAcceptsMarketing": "true"}
    reply = till.put(place(order), {"order": sent})
    assert reply.status == 200
    changed = reply.order
    assert (changed["note"], changed["tags"], changed["buyerAcceptsMarketing"]) == ("b", "x", True)
    assert changed["shippingAddress"] | {"city": "Ottawa"} == order["shippingAddress"]
    assert changed["shippingAddress"]["city"] == "Drayton"
    assert changed["version"] == 2
    assert reply.headers["etag"] == '"2"'
    assert till.topics() == ["orders/create", "orders/update"]


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [("note", "7", "007"), ("phone", "15551234567", "+15551234567"), ("tags", "1.0", "1"), ("note", "a", "")],
)
def test_a_text_that_only_looks_the_same_is_changed(till, field, old, new):
    order = till.create(**{field: old})
    assert till.put(place(order), {"order": {field: new}}).order[field] == new


def test_a_zip_keeps_its_zeros_and_a_composed_name_follows(till):
    order = till.create(shippingAddress={"firstName": "Ada", "lastName": "Bell", "zip": "1234"})
    sent = {"zip": "01234", "firstName": "Bob", "lastName": "Cole"}
    shown = till.put(place(order), {"order": {"shippingAddress": sent}}).order["shippingAddress"]
    assert (shown["zip"], shown["name"]) == ("01234", "Bob Cole")
    named = till.create(shippingAddress={"firstName": "Ada", "lastName": "Bell", "name": "A. Bell"})
    shown = till.put(place(named), {"order": {"shippingAddress": {"firstName": "Eve"}}}).order
    assert shown["shippingAddress"]["name"] == "A. Bell"


def test_an_id_has_one_spelling(till):
    order = till.create()
    assert till.get(f"/orders/0{order['orderId']}").status == 404


def test_what_nobody_said_was_received_is_not_refunded(till):
    order = till.create(financialStatus="partially_paid")
    reply = till.post(f"{place(order)}/cancel", {"refund": True})
    assert (reply.status, reply.json["code"]) == (422, "unknown_payment")
    assert till.post(f"{place(order)}/cancel").status == 200


def test_a_known_version_is_sent_again_when_the_shop_shows_it_otherwise(till):
    order = till.create()
    till.write(lambda tx: Shops(tx).change("demo", lambda shop: shop.change(timezone="Asia/Tokyo")))
    till.run(asyncio.sleep(1.1))
    reply = till.get(place(order), if_none_match='"1"')
    assert reply.status == 200
    assert reply.order["createdAt"].endswith("+09:00")


def test_an_update_may_clear_and_is_found_by_its_new_words(till):
    order = till.create(note="aardvark", email="a@b.c")
    assert till.put(place(order), {"order": {"note": None, "email": "x@y.z"}}).order["note"] is None
    assert till.get("/orders/count?q=aardvark").json == {"count": 0}
    assert till.get("/orders/count?email=x@y.z").json == {"count": 1}
    assert till.get("/orders/count?email=a@b.c").json == {"count": 0}


def test_an_update_that_changes_nothing_writes_and_tells_nothing(till):
    order = till.create(note="a")
    reply = till.put(place(order), {"order": {"note": "a"}})
    assert reply.order == order
    assert till.topics() == ["orders/create"]


@pytest.mark.parametrize("field", ["totalPrice", "currency", "lineItems", "financialStatus", "createdAt"])
def test_any_other_field_must_be_as_it_is(till, field):
    order = till.create()
    other = {"totalPrice": "11.00", "currency": "EUR", "lineItems": [a_line()], "financialStatus": "paid"}
    sent = other.get(field, "2020-01-01T00:00:00Z")
    if field == "lineItems":
        sent = [order["lineItems"][0] | {"quantity": 2}]
    reply = till.put(place(order), {"order": {field: sent}})
    assert reply.status == 422
    assert list(reply.json["errors"]) == [f"order.{field}"]
    assert till.put(place(order), {"order": {field: order[field]}}).status == 200


def test_an_unknown_field_is_refused_with_the_nearest_known_name(till):
    reply = till.put(place(till.create()), {"order": {"notes": "x"}})
    assert reply.status == 422
    assert "'note'" in reply.json["error"]


def test_a_stale_if_match_is_refused_and_shows_the_order(till):
    order = till.create()
    till.put(place(order), {"order": {"note": "b"}})
    reply = till.put(place(order), {"order": {"note": "c"}}, if_match='"1"')
    assert reply.status == 412
    assert reply.json["order"]["note"] == "b"
    assert till.put(place(order), {"order": {"note": "c"}}, if_match='"2"').status == 200
    assert till.post(f"{place(order)}/cancel", {}, if_match='"2"').status == 412


def test_a_get_of_a_known_version_answers_304_without_a_body(till):
    order = till.create()
    reply = till.get(place(order), if_none_match='"1"')
    assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", '"1"')
    assert till.get(place(order), if_none_match='"2"').status == 200


@pytest.mark.parametrize("body", [None, {}, {"reason": "fraud"}, {"order": {"reason": "fraud"}}])
def test_a_cancel_body_may_be_empty_plain_or_wrapped(till, body):
    order = till.create()
    reply = till.post(f"{place(order)}/cancel", body)
    assert reply.status == 200
    assert reply.order["cancelReason"] == ("fraud" if body else "other")
    assert reply.order["financialStatus"] == "voided"
    assert reply.order["currentTotalPrice"] == "0.00"


def test_a_cancel_of_another_order_than_the_paths_is_refused(till):
    order = till.create()
    reply = till.post(f"{place(order)}/cancel", {"orderId": "1"})
    assert reply.status == 422
    assert list(reply.json["errors"]) == ["orderId"]


def test_what_is_cancelled_is_not_cancelled_again(till):
    order = till.create()
    cancelled = till.post(f"{place(order)}/cancel").order
    reply = till.post(f"{place(order)}/cancel")
    assert reply.status == 422
    assert reply.json["code"] == "already_cancelled"
    assert reply.json["order"] == cancelled
    assert till.topics() == ["orders/create", "orders/cancelled", "orders/update"]


def test_paid_and_fulfilled_is_not_cancelled_but_either_alone_is(till):
    both = till.create(financialStatus="paid", fulfillmentStatus="fulfilled")
    reply = till.post(f"{place(both)}/cancel")
    assert (reply.status, reply.json["code"]) == (422, "paid_and_fulfilled")
    assert reply.json["order"] == both
    for only in ({"financialStatus": "paid"}, {"fulfillmentStatus": "fulfilled"}):
        assert till.post(f"{place(till.create(**only))}/cancel").status == 200


def test_a_strict_shop_cancels_only_what_nobody_paid_held_or_shipped(till):
    token = till.install(till.found("strict", cancel_policy=CancelPolicy.STRICT))

    def cancelled(**order):
        made = till.post("/orders", {"order": {"lineItems": [a_line()]} | order}, token=token).order
        return till.post(f"{place(made)}/cancel", token=token)

    assert cancelled().status == 200
    for touched in (
        {"financialStatus": "paid"},
        {"financialStatus": "authorized"},
        {"fulfillmentStatus": "partial"},
    ):
        reply = cancelled(**touched)
        assert (reply.status, reply.json["code"]) == (422, "cancel_policy_forbids")


def test_a_cancel_with_refund_gives_back_what_was_received(till):
    order = till.create(financialStatus="paid")
    shown = till.post(f"{place(order)}/cancel", {"refund": True, "restock": True}).order
    assert shown["financialStatus"] == "refunded"
    assert shown["totalOutstanding"] == "0.00"
    assert till.topics()[2:] == ["orders/cancelled", "refunds/create", "orders/update"]


def test_a_cancel_without_refund_leaves_paid_orders_paid_and_lets_go_of_held_money(till):
    paid = till.create(financialStatus="paid")
    assert till.post(f"{place(paid)}/cancel").order["financialStatus"] == "paid"
    held = till.create(financialStatus="authorized")
    shown = till.post(f"{place(held)}/cancel").order
    assert shown["financialStatus"] == "voided"
    bodies = [bytes(row[0]) for row in till.rows("SELECT body FROM orders ORDER BY number")]
    assert b'"void"' in bodies[1]


def test_a_partly_paid_order_is_not_told_paid_when_it_is_cancelled(till):
    order = till.create(financialStatus="partially_paid", totalOutstanding="4.00")
    shown = till.post(f"{place(order)}/cancel").order
    assert shown["financialStatus"] == "partially_paid"
    assert "orders/paid" not in till.topics()
