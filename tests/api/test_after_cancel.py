"""A cancelled order that was shipped in part: what never left and what the customer has stay apart."""

from builders import a_line


def test_a_refund_of_what_never_left_takes_nothing_from_the_customer(till):
    order = till.create(lineItems=[a_line(quantity=2)])
    line = order["lineItems"][0]["id"]
    of = {"orderId": order["id"]}
    one = {"lineItemId": line, "quantity": 1}
    assert till.post("/fulfillments", {"fulfillment": of | {"lineItems": [one]}}).status == 200
    assert till.post(f"/orders/{order['id']}/cancel").status == 200
    unshipped = of | {"lineItems": [one | {"restockType": "cancel"}], "amount": "0.00"}
    assert till.post("/refunds", {"refund": unshipped}).status == 200
    now = till.get(f"/orders/{order['id']}").order
    assert now["fulfillmentStatus"] == "partial"
    assert "return" in now["allowedActions"]["open"]
    back = till.post(f"/orders/{order['id']}/returns", {"return": {"lineItems": [one], "approved": True}})
    assert back.status == 200, back.body
