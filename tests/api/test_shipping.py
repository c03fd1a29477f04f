"""Shipping an order: what leaves, how it is followed, and what is taken back (semantics.md §2.3)."""

from builders import a_line
from steps import at, done, now, payloads, refund, refused, send_back, ship, timeline, trace, two_lines, units


def statuses(till, order):
    """Of the order, and what each line has left to ship and is called."""
    found = now(till, order)
    lines = [(line["fulfillableQuantity"], line["fulfillmentStatus"]) for line in found["lineItems"]]
    return found["fulfillmentStatus"], lines


def listed(till, order):
    return till.get(f"{at(order)}/fulfillments").json["fulfillments"]


def track(till, shipment, **sent):
    return till.put(f"/fulfillments/{shipment['id']}/update_tracking", {"fulfillment": sent})


def unship(till, shipment):
    return till.put(f"/fulfillments/{shipment['id']}/cancel")


def test_a_shipment_comes_back_as_it_was_asked_for(till):
    order = till.create(**two_lines())
    one, two = order["lineItems"]
    sent = {"trackingNumber": "N1", "trackingCompany": "DHL", "trackingUrl": "https://x.example/N1"}
    lines = [{"lineItemId": one["id"], "quantity": 2}, {"id": two["id"], "quantity": "1"}]
    more = {"locationId": 7, "message": "fragile", "notifyCustomer": "true"}
    shown = done(ship(till, order, lineItems=lines, **sent, **more))
    assert shown == sent | {
        "fulfillId": shown["id"],
        "id": shown["id"],
        "orderId": order["id"],
        "name": "#1001.1",
        "status": "success",
        "locationId": "7",
        "message": "fragile",
        "lineItems": [
            {"id": line["id"], "lineItemId": of["id"], "productId": "1", "variantId": "2", "quantity": count}
            for line, of, count in zip(shown["lineItems"], (one, two), (2, 1), strict=True)
        ],
        "createdAt": now(till, order)["updatedAt"],
        "updatedAt": now(till, order)["updatedAt"],
        "fulfillTime": now(till, order)["updatedAt"],
        "cancelledAt": None,
    }
    assert listed(till, order) == [shown]
    assert till.get(f"{at(order)}/fulfillments/{shown['id']}").json == {"fulfillment": shown}
    assert till.get(f"{at(order)}/fulfillments/count").json == {"count": 1}
    assert statuses(till, order) == ("partial", [(1, "partial"), (1, "partial")])


def test_what_is_left_is_shipped_where_nothing_is_named(till):
    order = till.create(**two_lines())
    ship(till, order, 1, 1)
    assert till.topics() == ["orders/create", "orders/partiallyFulfilled", "orders/update"]
    shown = done(ship(till, order, lineItems=[{"lineItemId": order["lineItems"][0]["id"]}]))
    assert [line["quantity"] for line in shown["lineItems"]] == [2]
    assert till.topics()[3:] == ["orders/partiallyFulfilled", "orders/update"]
    assert done(ship(till, order))["name"] == "#1001.3"
    assert till.topics()[5:] == ["orders/fulfilled", "orders/update"]
    assert statuses(till, order) == ("fulfilled", [(0, "fulfilled"), (0, "fulfilled")])
    refused(till, ship(till, order), now(till, order), "nothing_to_ship", "#1001")
    refused(till, ship(till, order, 1), now(till, order), "nothing_to_ship")
    for status, count in (("fulfilled", 1), ("partial", 0), ("unfulfilled", 0)):
        assert till.get(f"/orders/count?fulfillmentStatus={status}").json == {"count": count}
    assert [told[3]["fulfillmentStatus"] for told in payloads(till)[1:]] == [
        *["partial"] * 4,
        *["fulfilled"] * 2,
    ]


def test_no_unit_leaves_twice(till):
    order = till.create(**two_lines())
    done(ship(till, order, 2))
    before, line = now(till, order), order["lineItems"][0]["id"]
    reply = ship(till, order, 2)
    refused(till, reply, before, "too_many_units", f"1 of line item {line}", "2")
    assert reply.json["errors"] == {"fulfillment.lineItems[0].quantity": ["must be at most 1"]}
    refused(till, ship(till, order, 1, 3), before, "too_many_units")
    twice = [*units(order, 1), *units(order, 1)]
    refused(till, ship(till, order, lineItems=twice), before, "double_line", line)
    done(ship(till, order, 1))
    gone = [{"lineItemId": line}]
    refused(till, ship(till, order, lineItems=gone), now(till, order), "too_many_units", "0 of")


def test_a_line_of_another_order_is_no_line_of_this(till):
    order, other = till.create(), till.create()
    reply = ship(till, order, lineItems=units(other, 1))
    refused(till, reply, order, "unknown_line", order["lineItems"][0]["id"])
    assert list(reply.json["errors"]) == ["fulfillment.lineItems[0].lineItemId"]


NO_QUANTITY = (0, -1, 1.5, "x", True, 10**7, 10**30, [], "-1", "")


def test_what_is_no_quantity_moves_nothing(till):
    order = till.create(**two_lines(financialStatus="paid"))
    done(ship(till, order, 1))
    before = trace(till, order)
    for quantity in NO_QUANTITY:
        lines = [{"lineItemId": order["lineItems"][0]["id"], "quantity": quantity}]
        for reply in (
            ship(till, order, lineItems=lines),
            refund(till, order, lineItems=lines),
            till.post(f"{at(order)}/returns", {"return": {"lineItems": lines}}),
        ):
            assert reply.status == 422, quantity
            assert [field.endswith("lineItems[0].quantity") for field in reply.json["errors"]] == [True]
    assert trace(till, order) == before


WRONG = (
    ({"lineItems": [{"quantity": 1}]}, "fulfillment.lineItems[0].lineItemId"),
    ({"lineItems": [1]}, "fulfillment.lineItems[0]"),
    ({"lineItems": {}}, "fulfillment.lineItems"),
    ({"trackingNumbr": "1"}, "fulfillment.trackingNumbr"),
    ({"trackingInfo": {"numbr": "1"}}, "fulfillment.trackingInfo.numbr"),
    ({"trackingUrl": "x" * 2001}, "fulfillment.trackingUrl"),
    ({"orderId": None}, "fulfillment.orderId"),
    ({"notifyCustomer": "perhaps"}, "fulfillment.notifyCustomer"),
)


def test_a_value_that_cannot_be_is_named(till):
    order = till.create()
    for sent, field in WRONG:
        reply = ship(till, order, **sent)
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
        assert not field.endswith("Numbr") or "'trackingNumber'" in reply.json["error"]
    assert now(till, order) == order


def test_a_shipment_names_its_order_in_its_envelope(till):
    for body in (None, {}, {"fulfillment": None}, {"fulfillment": {}}, {"orderId": "1"}):
        for path in ("/fulfillments", "/fulfillment"):
            assert till.post(path, body).status in (400, 422), body


def test_tracking_is_changed_by_either_spelling_and_only_where_it_differs(till):
    order = till.create()
    shipment = done(ship(till, order, trackingInfo={"number": "N1", "company": "DHL", "url": "u"}))
    assert [shipment[f"tracking{name}"] for name in ("Number", "Company", "Url")] == ["N1", "DHL", "u"]
    before = trace(till, order)
    for same in ({}, {"trackingNumber": "N1"}, {"trackingInfo": {"company": "DHL"}}, {"trackingInfo": None}):
        assert done(track(till, shipment, **same)) == shipment
    assert trace(till, order) == before
    shown = done(track(till, shipment, trackingNumber="N2", trackingInfo={"number": "N3", "url": None}))
    assert [shown[f"tracking{name}"] for name in ("Number", "Company", "Url")] == ["N2", "DHL", None]
    assert till.topics()[-1:] == ["orders/update"]
    assert now(till, order)["version"] == before[0]["version"] + 1
    entry = timeline(till, order)[-1]
    assert (entry["kind"], entry["text"]) == (
        "tracking_updated",
        "The tracking of shipment #1001.1 changed, tracked as DHL N2.",
    )
    assert track(till, shipment, trackingnumber="N4").status == 422
    assert done(track(till, shipment, trackingNumber="007"))["trackingNumber"] == "007"


def test_a_cancelled_shipment_can_be_shipped_again_but_not_changed(till):
    order = till.create(**two_lines())
    first, second = done(ship(till, order, 3)), done(ship(till, order))
    shown = done(unship(till, first))
    assert (shown["status"], shown["cancelledAt"]) == ("cancelled", now(till, order)["updatedAt"])
    assert statuses(till, order) == ("partial", [(3, None), (0, "fulfilled")])
    assert till.topics()[-1:] == ["orders/update"]
    before = now(till, order)
    for reply in (unship(till, first), track(till, first, trackingNumber="1")):
        refused(till, reply, before, "fulfillment_cancelled", first["id"])
    assert till.get(f"{at(order)}/fulfillments/count").json == {"count": 2}
    done(unship(till, second))
    assert statuses(till, order) == (None, [(3, None), (2, None)])
    assert till.get("/orders/count?fulfillmentStatus=unfulfilled").json == {"count": 1}
    assert done(ship(till, order))["name"] == "#1001.3"
    assert till.topics().count("orders/fulfilled") == 2  # each time it became so


def test_what_came_back_keeps_its_shipment(till):
    order = till.create(**two_lines(financialStatus="paid"))
    one, two = done(ship(till, order, 3)), done(ship(till, order))
    done(refund(till, order, 1, restock="return"))
    coming = done(send_back(till, order, 0, 1))
    before = now(till, order)
    for each in (one, two):
        refused(till, unship(till, each), before, "units_came_back", each["id"])
    assert before["allowedActions"]["refused"]["cancel_shipment"] == "nothing_shipped"
    done(till.post(f"/returns/{coming['id']}/decline"))
    assert done(unship(till, two))["status"] == "cancelled"


def test_a_cancelled_order_ships_nothing_and_keeps_what_left(till):
    order = till.create(**two_lines())
    shipment = done(ship(till, order, 1))
    over = till.post(f"{at(order)}/cancel").order
    assert statuses(till, over) == ("partial", [(0, "partial"), (0, None)])
    refused(till, ship(till, over), over, "order_cancelled")
    refused(till, unship(till, shipment), over, "order_cancelled")
    assert done(track(till, shipment, trackingNumber="late"))["trackingNumber"] == "late"


def test_units_that_were_removed_are_not_to_be_shipped(till):
    order = till.create(**two_lines(financialStatus="paid"))
    done(refund(till, order, 1, 2, restock="cancel"))
    assert statuses(till, order) == (None, [(2, None), (0, None)])
    assert till.topics()[-2:] == ["refunds/create", "orders/update"]
    shown = done(ship(till, order))
    assert [line["quantity"] for line in shown["lineItems"]] == [2]
    assert statuses(till, order)[0] == "fulfilled"


def test_counting_starts_at_what_the_channel_stated(till):
    lines = [a_line(quantity=5, currentQuantity=4, fulfillableQuantity=2, fulfillmentStatus="partial")]
    order = till.create(lineItems=lines, fulfillmentStatus="partial")
    assert statuses(till, order) == ("partial", [(2, "partial")])
    refused(till, ship(till, order, 3), order, "too_many_units", "2 of")
    done(ship(till, order, 1))
    assert statuses(till, order) == ("partial", [(1, "partial")])
    done(ship(till, order))
    assert statuses(till, order) == ("fulfilled", [(0, "fulfilled")])
    whole = till.create(lineItems=[a_line(quantity=2)], fulfillmentStatus="fulfilled")
    refused(till, ship(till, whole), whole, "nothing_to_ship")
    [born] = listed(till, whole)
    done(unship(till, born))
    assert statuses(till, whole) == (None, [(2, None)])


def test_an_id_that_a_channel_gave_to_two_orders_is_refused_with_both(till):
    born = {"fulfillments": [{"fulfillId": "F1"}], "fulfillmentStatus": "fulfilled"}
    one, two = till.create(**born), till.create(**born)
    for reply in (unship(till, {"id": "F1"}), track(till, {"id": "F1"}, trackingNumber="1")):
        assert (reply.status, reply.json["code"]) == (422, "same_part")
        assert all(each["id"] in reply.json["error"] for each in (one, two))
    assert [now(till, each) for each in (one, two)] == [one, two]
    shown = till.get(f"{at(one)}/fulfillments/F1").json["fulfillment"]
    assert (shown["orderId"], shown["name"]) == (one["id"], "#1001.1")
    till.post(f"{at(two)}/cancel")
    assert till.run(till.ask("DELETE", at(two))).status == 200
    assert done(unship(till, {"id": "F1"}))["orderId"] == one["id"]


def test_another_orders_shipment_is_not_found_under_this_order(till):
    order, other = till.create(), till.create()
    shipment = done(ship(till, other))
    reply = till.get(f"{at(order)}/fulfillments/{shipment['id']}")
    assert (reply.status, reply.json["code"]) == (404, "fulfillment_not_found")
