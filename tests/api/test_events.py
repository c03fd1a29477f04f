"""What is told: the events of a change, in its own transaction, with the state at its own version."""

import json
from decimal import Decimal

from builders import a_line
from samples import paths, sample

PAYLOADS = """
    SELECT e.topic, c.resource_version, c.payload FROM events e
    JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id ORDER BY e.number
"""


def told(till):
    rows = till.rows(PAYLOADS, shop_id=till.shop.id)
    return [(topic, version, json.loads(bytes(payload))["order"]) for topic, version, payload in rows]


def test_each_event_shows_the_order_as_it_was_at_its_own_version(till):
    path = f"/orders/{till.create(note='one')['orderId']}"
    till.put(path, {"order": {"note": "two"}})
    till.post(f"{path}/cancel", {"reason": "fraud"})
    seen = [(topic, version, order["note"], order["cancelReason"]) for topic, version, order in told(till)]
    assert seen == [
        ("orders/create", 1, "one", None),
        ("orders/update", 2, "two", None),
        ("orders/cancelled", 3, "two", "fraud"),
        ("orders/update", 3, "two", "fraud"),
    ]
    assert all(order["version"] == version for _, version, order in told(till))


def test_events_of_one_change_share_its_number_and_its_one_payload(till):
    path = f"/orders/{till.create(financialStatus='paid')['orderId']}"
    till.post(f"{path}/cancel", {"refund": True})
    sql = "SELECT change_number, topic FROM events WHERE shop_id = :shop_id ORDER BY number"
    told_as = {}
    for change, topic in till.rows(sql, shop_id=till.shop.id):
        told_as.setdefault(change, []).append(topic)
    assert told_as == {
        1: ["orders/create", "orders/paid"],
        3: ["orders/cancelled", "refunds/create", "orders/update"],
    }
    stored = till.rows("SELECT number FROM changes WHERE shop_id = :shop_id", shop_id=till.shop.id)
    assert [row[0] for row in stored] == [1, 3]


def test_the_webhook_form_has_the_documented_top_level_keys(till):
    till.post("/orders", sample("order_create_request"))
    _, _, order = told(till)[0]
    assert set(sample("event_order")["order"]) <= set(order)
    line = {path for path in paths(sample("event_order")["order"]["lineItems"][0]) if path.count(".") == 1}
    assert line <= set(paths(order["lineItems"][0]))


def test_a_code_is_allocated_to_the_lines_without_losing_a_cent(till):
    lines = [a_line(price="1.00"), a_line(price="1.00"), a_line(price="1.00")]
    till.create(lineItems=lines, discountCodes=[{"code": "ONE", "amount": "1.00"}])
    _, _, order = told(till)[0]
    shares = [Decimal(line["discountAllocations"]["amount"]) for line in order["lineItems"]]
    assert shares == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


def test_a_refused_change_tells_nothing(till):
    path = f"/orders/{till.create()['orderId']}"
    before = told(till)
    assert till.put(path, {"order": {"totalPrice": "1.00"}}).status == 422
    assert till.put(path, {"order": {"note": "x"}}, if_match='"9"').status == 412
    assert told(till) == before


def test_shops_are_told_of_their_own_orders_only(till):
    till.create()
    token = till.install(till.found("other"))
    till.post("/orders", {"order": {"lineItems": [a_line()]}}, token=token)
    assert till.events() == [(1, "orders/create")]


def test_a_refund_is_told_as_a_refund_and_its_order_as_an_order(till):
    order = till.create(lineItems=[a_line(price="10.00")], financialStatus="paid")
    body = {"refund": {"orderId": order["orderId"], "amount": "4.00"}}
    refund = till.post("/refunds", body).json["refund"]
    sql = """
        SELECT e.topic, e.payload, c.payload FROM events e
        JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number ORDER BY e.number
    """
    *_, made, updated = till.rows(sql)
    assert (made[0], json.loads(made[1])) == ("refunds/create", {"refund": refund})
    assert (updated[0], updated[1]) == ("orders/update", None)
    assert json.loads(updated[2])["order"]["refunds"][0]["refundId"] == refund["refundId"]
