"""Cases at the edge of the rules: cents that do not divide, statements that contradict, who may see what."""

import pytest

from builders import a_line
from samples import sample
from steps import at, book, done, now, refused, ship, timeline

WEEK_AGO = "2020-01-01T00:00:00+00:00"


def sent_back(till, order, count):
    line = order["lineItems"][0]["id"]
    body = {"return": {"approved": True, "lineItems": [{"lineItemId": line, "quantity": count}]}}
    return done(till.post(f"{at(order)}/returns", body))


def come_in(till, order, returned, count):
    line = order["lineItems"][0]["id"]
    body = {"lineItems": [{"lineItemId": line, "quantity": count}]}
    done(till.post(f"/returns/{returned['id']}/receive", body))


def give(till, order, **wish):
    return till.post("/refunds", {"refund": {"orderId": order["orderId"], **wish}})


def test_no_refund_of_a_return_takes_money_back(till):
    order = till.create(lineItems=[a_line(price="1.00", quantity=6)], totalTax="0.02", financialStatus="paid")
    done(ship(till, order))
    line = order["lineItems"][0]["id"]
    returned = sent_back(till, order, 4)
    amounts = []
    for _ in range(4):
        come_in(till, order, returned, 1)
        wish = {"returnId": returned["id"], "lineItems": [{"lineItemId": line, "quantity": 1}]}
        amounts.append(done(give(till, order, **wish))["lineItems"][0])
    assert all(float(each["totalTax"]) >= 0 for each in amounts)
    assert now(till, order)["financialStatus"] == "partially_refunded"


def test_what_was_told_to_be_shipped_is_not_in_what_is_left(till):
    body = sample("order_create_request")
    order = done(till.post("/orders", body))
    done(till.post("/fulfillments", {"fulfillment": {"orderId": order["orderId"]}}))
    shipments = done(till.get(f"{at(order)}/fulfillments"))
    shipped = sum(unit["quantity"] for each in shipments for unit in each["lineItems"])
    assert shipped <= sum(line["quantity"] for line in order["lineItems"])
    assert now(till, order)["lineItems"][0]["fulfillableQuantity"] == 0


def test_what_a_told_shipment_holds_is_not_shipped_again_whatever_was_stated(till):
    line = a_line(quantity=2) | {"id": "7", "fulfillableQuantity": 2}
    units = [{"lineItemId": "7", "quantity": 2}]
    order = till.create(lineItems=[line], fulfillments=[{"status": "success", "lineItems": units}])
    assert order["allowedActions"]["refused"]["ship"] == "nothing_to_ship"
    refused(till, ship(till, order), order, "nothing_to_ship")


@pytest.mark.parametrize("status", ["pending", "voided", "authorized"])
def test_an_order_that_received_money_is_not_deleted_whatever_was_stated(till, status):
    order = till.create(financialStatus=status, transactions=[{"kind": "sale", "amount": "10.00"}])
    assert order["allowedActions"]["refused"]["delete"] == "cannot_delete"
    assert till.run(till.ask("DELETE", at(order))).status == 422


def test_who_ships_without_reading_orders_learns_of_nobody(till):
    order = till.create(
        email="ada@example.com", shippingAddress={"firstName": "Ada", "address1": "Mill Lane"}
    )
    token = till.install(till.shop, scopes=frozenset({"write_fulfillments"}))
    body = {"fulfillment": {"orderId": order["orderId"]}}
    stale = till.post("/fulfillments", body, token=token, if_match='"0"')
    done(till.post("/fulfillments", body, token=token))
    again = till.post("/fulfillments", body, token=token)
    for reply, status in ((stale, 412), (again, 422)):
        assert reply.status == status
        assert (reply.order["orderId"], reply.order["email"]) == (order["orderId"], None)
        assert b"Mill Lane" not in reply.body
        assert b"Ada" not in reply.body


def test_a_stated_time_of_payment_counts_once_the_order_is_paid(till):
    sales = [{"kind": "sale", "amount": "4.00"}]
    order = till.create(financialStatus="partially_paid", transactions=sales, paidAt="2026-01-01T00:00:00Z")
    assert (order["paidAt"], till.topics()) == (None, ["orders/create"])
    done(till.post(f"{at(order)}/mark_as_paid"))
    assert till.topics()[1:] == ["orders/paid", "orders/update"]


def test_a_told_shipment_that_failed_can_be_cancelled(till):
    line = a_line(quantity=2) | {"id": "7"}
    units = [{"lineItemId": "7", "quantity": 2}]
    order = till.create(lineItems=[line], fulfillments=[{"status": "failure", "lineItems": units}])
    assert "cancel_shipment" in order["allowedActions"]["open"]
    [shipment] = done(till.get(f"{at(order)}/fulfillments"))
    assert done(till.put(f"/fulfillments/{shipment['fulfillId']}/cancel"))["status"] == "cancelled"
    assert now(till, order)["lineItems"][0]["fulfillableQuantity"] == 2


def test_a_stale_version_is_told_before_what_else_is_wrong_and_with_the_order(till):
    order = till.create()
    body = {"transaction": {"kind": "sale", "currency": "EUR"}}
    assert till.post(f"{at(order)}/transactions", body, if_match='"9"').status == 412
    reply = till.post(f"{at(order)}/transactions", body)
    assert (reply.status, reply.order["orderId"]) == (422, order["orderId"])
    assert "must be USD" in reply.json["error"]


def test_a_hold_whose_week_is_over_is_not_captured(till):
    held = [{"kind": "authorization", "amount": "10.00", "processedAt": WEEK_AGO, "createdAt": WEEK_AGO}]
    order = till.create(createdAt=WEEK_AGO, transactions=held)
    reply = till.post(f"{at(order)}/transactions", {"transaction": {"kind": "capture"}})
    refused(till, reply, order, "nothing_authorized")


def test_no_more_is_taken_than_the_order_comes_to(till):
    order = till.create(totalOutstanding="500.00")
    done(till.post(f"{at(order)}/mark_as_paid"))
    [sale] = done(till.get(f"{at(order)}/transactions"))
    assert sale["amount"] == "10.00"


def test_the_gateway_of_a_payment_is_named_by_its_order(till):
    order = till.create()
    done(book(till, order, "sale", gateway="card"))
    assert now(till, order)["paymentGatewayNames"] == ["card"]


def test_a_timeline_is_read_in_parts(till):
    order = till.create()
    for text in "abc":
        done(till.post(f"{at(order)}/timeline", {"note": {"text": text}}))
    whole = timeline(till, order)
    assert done(till.get(f"{at(order)}/timeline?limit=2")) == whole[:2]
    after = done(till.get(f"{at(order)}/timeline?sinceId={whole[1]['id']}&limit=1"))
    assert after == whole[2:3]
