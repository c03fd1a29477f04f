"""Sending shipped units back: asked for, decided, received, refunded, closed (semantics.md §2.5)."""

import pytest

from builders import a_line
from steps import at, done, now, payloads, refund, refused, send_back, ship, timeline, trace, two_lines, units


def shipped(till, *quantities, **order):
    found = till.create(**two_lines(financialStatus="paid") | order)
    done(ship(till, found, *quantities))
    return found


def move(till, found, verb, **sent):
    return till.post(f"/returns/{found['id']}/{verb}", sent or None)


def read(till, found):
    return till.get(f"/returns/{found['id']}").json["return"]


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["currentTotalPrice"], found["totalOutstanding"]


def standing(till, order):
    return [line["currentQuantity"] for line in now(till, order)["lineItems"]]


def test_a_return_comes_back_as_it_was_asked_for(till):
    order = shipped(till)
    one, two = (line["id"] for line in order["lineItems"])
    reason = {"reason": "too small", "reasonType": 2, "note": "worn once"}
    lines = [{"lineItemId": one, "quantity": 2} | reason, {"id": two}]
    shown = done(send_back(till, order, lineItems=lines, note="please"))
    first, second = shown["lineItems"]
    nothing = {"receivedQuantity": 0, "refundedQuantity": 0, "restock": False}
    moment = now(till, order)["updatedAt"]
    assert shown == {
        "id": shown["id"],
        "orderId": order["id"],
        "name": "#1001-R1",
        "status": "requested",
        "lineItems": [
            nothing | reason | {"id": first["id"], "lineItemId": one, "quantity": 2},
            nothing
            | {"id": second["id"], "lineItemId": two, "quantity": 2}
            | {"reason": None, "reasonType": 0, "note": None},
        ],
        "note": "please",
        "declineReason": None,
        "createdAt": moment,
        "updatedAt": moment,
        "approvedAt": None,
        "receivedAt": None,
        "closedAt": None,
    }
    assert till.get(f"{at(order)}/returns").json == {"returns": [shown]}
    assert read(till, shown) == shown
    found = now(till, order)
    assert (found["returnStatus"], found["currentTotalPrice"]) == ("requested", "40.00")
    assert till.topics()[-1:] == ["orders/update"]
    approved = done(send_back(till, order, 1, approved="true"))
    assert (approved["status"], approved["name"]) == ("open", "#1001-R2")
    assert approved["approvedAt"] == approved["createdAt"]
    assert now(till, order)["returnStatus"] == "requested"  # the more pressing of the two


def test_only_shipped_units_that_are_not_back_can_come(till):
    order = shipped(till, 2)
    one, _ = order["lineItems"]
    before = now(till, order)
    refused(till, send_back(till, order, 3), before, "too_many_units", f"2 of line item {one['id']}", "3")
    reply = send_back(till, order, 0, 1)
    refused(till, reply, before, "too_many_units", "0 of")
    assert list(reply.json["errors"]) == ["return.lineItems[0].quantity"]
    twice = [*units(order, 1), *units(order, 1)]
    refused(till, send_back(till, order, lineItems=twice), before, "double_line")
    refused(till, send_back(till, order, lineItems=units(till.create(), 1)), before, "unknown_line")
    done(send_back(till, order, 1))
    refused(till, send_back(till, order, 2), now(till, order), "too_many_units", "1 of")
    done(refund(till, order, 1, restock="return"))
    refused(till, send_back(till, order, 1), now(till, order), "nothing_to_return", "#1001")
    unshipped = till.create()
    refused(till, send_back(till, unshipped, 1), unshipped, "nothing_to_return")


WRONG = (
    ({"lineItems": []}, "return.lineItems"),
    ({"lineItems": None}, "return.lineItems"),
    ({"lineItems": [{"quantity": 1}]}, "return.lineItems[0].lineItemId"),
    ({"approve": True}, "return.approve"),
    ({"approved": "perhaps"}, "return.approved"),
    ({"note": "x" * 5001}, "return.note"),
)


def test_a_value_that_cannot_be_is_named(till):
    order = shipped(till)
    before = now(till, order)
    for sent, field in WRONG:
        reply = till.post(f"{at(order)}/returns", {"return": {"lineItems": units(order, 1)} | sent})
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
    assert now(till, order) == before
    for body in (None, {}, {"lineItems": units(order, 1)}):
        assert till.post(f"{at(order)}/returns", body).status in (400, 422)


# Each move, and from which statuses it is open; from some others it is no move at all.
MOVES = {
    "approve": ({"requested"}, {"open"}),
    "decline": ({"requested"}, set()),
    "receive": ({"open"}, set()),
    "cancel": ({"requested", "open"}, set()),
    "close": ({"open", "received"}, {"closed"}),
}
# How a return gets into a status.
WAYS = {
    "requested": (),
    "open": ("approve",),
    "declined": ("decline",),
    "cancelled": ("cancel",),
    "received": ("approve", "receive"),
    "closed": ("approve", "close"),
}
AFTER = {
    "approve": "open",
    "decline": "declined",
    "receive": "received",
    "cancel": "cancelled",
    "close": "closed",
}


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("verb", MOVES)
def test_a_return_moves_only_from_where_it_may(till, status, verb):
    order = shipped(till)
    found = done(send_back(till, order, 2))
    for each in WAYS[status]:
        found = done(move(till, found, each))
    assert found["status"] == status
    before, (open_to, idle) = trace(till, order), MOVES[verb]
    reply = move(till, found, verb)
    if status in open_to:
        assert done(reply)["status"] == AFTER[verb]
        assert now(till, order)["version"] == before[0]["version"] + 1
        assert len(till.events()) == len(before[1]) + 1
        assert (
            timeline(till, order)[-1]["kind"] == f"return_{done(reply)['status'].replace('open', 'approved')}"
        )
    elif status in idle:
        assert done(reply) == found
        assert trace(till, order) == before
    else:
        refused(till, reply, before[0], "return_not_open", found["id"], status)
        assert trace(till, order) == before


def test_received_units_leave_the_order_and_the_money_waits(till):
    order = shipped(till)
    coming = done(send_back(till, order, 2, 1, approved=True))
    one, two = (line["id"] for line in order["lineItems"])
    part = done(move(till, coming, "receive", lineItems=[{"lineItemId": one, "quantity": 1}], restock=True))
    assert (part["status"], part["receivedAt"]) == ("open", None)
    assert [(each["receivedQuantity"], each["restock"]) for each in part["lineItems"]] == [
        (1, True),
        (0, False),
    ]
    assert (standing(till, order), money(till, order)) == ([2, 2], ("paid", "30.00", "0.00"))
    assert now(till, order)["fulfillmentStatus"] == "fulfilled"
    entry = timeline(till, order)[-1]
    assert (entry["kind"], entry["text"]) == ("return_received", "Of return #1001-R1, 1 unit came in.")
    before = now(till, order)
    for lines in ([{"lineItemId": one, "quantity": 2}], [{"lineItemId": "9"}], units(order, 1) * 2):
        assert move(till, coming, "receive", lineItems=lines).status == 422
    refused(till, move(till, coming, "cancel"), before, "return_not_open", "received in part")
    refused(till, move(till, coming, "decline"), before, "return_not_open")
    whole = done(move(till, coming, "receive", lineItems=[{"id": two}, {"id": one}]))
    assert (whole["status"], whole["receivedAt"]) == ("received", now(till, order)["updatedAt"])
    assert (standing(till, order), money(till, order)) == ([1, 1], ("paid", "15.00", "0.00"))
    assert now(till, order)["returnStatus"] == "received"
    assert payloads(till)[-1][3]["lineItems"][0]["currentQuantity"] == 1


@pytest.mark.parametrize("body", [None, {}, {"return": {}}, {"lineItems": []}, {"lineItems": None}])
def test_a_receipt_without_lines_is_of_all_that_was_to_come(till, body):
    order = shipped(till)
    coming = done(send_back(till, order, 2, 1, approved=True))
    shown = done(till.post(f"/returns/{coming['id']}/receive", body))
    assert (shown["status"], [each["receivedQuantity"] for each in shown["lineItems"]]) == (
        "received",
        [2, 1],
    )


def test_what_came_in_is_refunded_once_and_then_closed(till):
    order = shipped(till)
    coming = done(send_back(till, order, 2, 1, approved=True))
    done(move(till, coming, "receive", restock=True))
    one, _ = (line["id"] for line in order["lineItems"])
    first = done(refund(till, order, 1, returnId=coming["id"]))
    assert (first["amount"], first["returnId"], first["rightsType"]) == ("10.00", coming["id"], 2)
    assert [each["refundedQuantity"] for each in read(till, coming)["lineItems"]] == [1, 0]
    before = now(till, order)
    refused(till, refund(till, order, 2, returnId=coming["id"]), before, "too_many_units", "1 of", one)
    rest = done(refund(till, order, returnId=int(coming["id"])))
    assert [(each["quantity"], each["restockType"]) for each in rest["lineItems"]] == [
        (1, "return"),
        (1, "return"),
    ]
    assert rest["amount"] == "15.00"
    over = read(till, coming)
    assert (over["status"], over["closedAt"]) == ("closed", now(till, order)["updatedAt"])
    assert timeline(till, order)[-1]["kind"] == "return_closed"
    # The goods had left the total when they came in, so the money lowers it no second time.
    assert money(till, order) == ("partially_refunded", "15.00", "0.00")
    assert standing(till, order) == [1, 1]
    refused(till, refund(till, order, returnId=coming["id"]), now(till, order), "empty_refund")


def test_units_outside_a_return_are_not_refunded_in_it(till):
    order = shipped(till)
    coming = done(send_back(till, order, 1, approved=True))
    before = now(till, order)
    refused(till, refund(till, order, 1, returnId=coming["id"]), before, "too_many_units", "0 of")
    refused(till, refund(till, order, returnId=coming["id"]), before, "empty_refund")
    refused(till, refund(till, order, 0, 1, returnId=coming["id"]), before, "not_in_return")
    reply = refund(till, order, 1, returnId="9")
    refused(till, reply, before, "unknown_return", "9")
    assert list(reply.json["errors"]) == ["refund.returnId"]
    other = shipped(till)
    refused(till, refund(till, other, 1, returnId=coming["id"]), now(till, other), "unknown_return")
    refused(till, refund(till, order, 3, restock="return"), before, "too_many_units", "2 of")


def test_what_is_on_its_way_holds_up_the_rest(till):
    order = shipped(till)
    [shipment] = till.get(f"{at(order)}/fulfillments").json["fulfillments"]
    for approved in (False, True):
        coming = done(send_back(till, order, 3, approved=approved))
        before = now(till, order)
        refused(till, till.post(f"{at(order)}/cancel"), before, "return_in_progress", "#1001")
        reply = till.put(f"/fulfillments/{shipment['id']}/cancel")
        refused(till, reply, before, "units_came_back")
        refused(till, refund(till, order, 1), before, "too_many_units", "0 of")
        done(move(till, coming, "cancel"))
        assert now(till, order)["returnStatus"] is None
    assert till.post(f"{at(order)}/cancel").status == 422  # paid and fulfilled
    assert done(till.put(f"/fulfillments/{shipment['id']}/cancel"))["status"] == "cancelled"


def test_a_declined_return_says_why_and_can_be_asked_for_again(till):
    order = shipped(till)
    for wrap in (dict, lambda sent: {"return": sent}):
        coming = done(send_back(till, order, 3, 2))
        shown = done(till.post(f"/returns/{coming['id']}/decline", wrap({"reason": "worn"})))
        assert (shown["status"], shown["declineReason"]) == ("declined", "worn")
        assert (standing(till, order), money(till, order)[1]) == ([3, 2], "40.00")


def test_a_return_closed_early_keeps_what_came_and_lets_go_of_the_rest(till):
    order = shipped(till)
    coming = done(send_back(till, order, 3, approved=True))
    done(move(till, coming, "receive", lineItems=units(order, 1)))
    assert done(move(till, coming, "close"))["closedAt"] is not None
    assert standing(till, order) == [2, 2]
    assert done(send_back(till, order, 2))["status"] == "requested"  # those that had not come
    assert done(refund(till, order, returnId=coming["id"]))["amount"] == "10.00"


def test_a_cancelled_order_still_takes_its_goods_back(till):
    order = till.create(**two_lines(financialStatus="paid"))
    done(ship(till, order, 2))
    till.post(f"{at(order)}/cancel", {"refund": False})
    coming = done(send_back(till, order, 2, approved=True))
    done(move(till, coming, "receive"))
    assert done(refund(till, order, returnId=coming["id"]))["amount"] == "20.00"
    assert money(till, order) == ("partially_refunded", "0.00", "0.00")
    assert now(till, order)["fulfillmentStatus"] == "partial"


@pytest.mark.parametrize("included", [False, True])
def test_what_came_in_by_parts_is_worth_the_whole_to_the_cent(till, included):
    line = a_line(
        quantity=3, price="3.34", totalDiscount="0.02", taxLines=[{"title": "VAT", "price": "1.00"}]
    )
    order = shipped(till, lineItems=[line], taxesIncluded=included)
    coming = done(send_back(till, order, 3, approved=True))
    totals = []
    for _ in range(3):
        done(move(till, coming, "receive", lineItems=units(order, 1)))
        totals.append(now(till, order)["currentTotalPrice"])
    assert totals == (["6.67", "3.34", "0.00"] if included else ["7.34", "3.68", "0.00"])
    amounts = [done(refund(till, order, 1, returnId=coming["id"]))["amount"] for _ in range(3)]
    assert amounts == (["3.33", "3.33", "3.34"] if included else ["3.66", "3.66", "3.68"])
    assert money(till, order) == ("refunded", "0.00", "0.00")
