"""The published samples, posted as they are, come back as they were (rulings.md §4.3)."""

import json
from datetime import datetime

import pytest

from samples import paths, sample

SERVER_OWNED = {"updatedAt"}
ADDITIVE = {"id", "number", "name", "version", "processedAt", "warnings", "marketId"}


WORDS = {"": None, "null": None, "true": True, "false": False}


def normal(value):
    """What a sample's scalar means: `"1"` is 1, `"true"` is true, `"null"` is null, a time is its moment."""
    if not isinstance(value, str):
        return float(value) if type(value) is int else value
    if value in WORDS:
        return WORDS[value]
    try:
        return datetime.fromisoformat(value) if "T" in value else float(value)
    except ValueError:
        return value


def compare(sent, shown, at=""):
    """Assert that every key that was sent is shown with the same value."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            if name not in SERVER_OWNED and not (at.endswith("fulfillments[0]") and name == "orderId"):
                compare(value, shown[name], f"{at}.{name}")
    elif isinstance(sent, list):
        assert len(sent) == len(shown), at
        for index, value in enumerate(sent):
            compare(value, shown[index], f"{at}[{index}]")
    else:
        assert normal(sent) == normal(shown), at


def test_the_create_sample_comes_back_with_every_value_it_sent(till):
    sent = sample("order_create_request")
    reply = till.post("/orders", sent)
    assert reply.status == 200
    compare(sent["order"], reply.order)
    again = till.get(f"/orders/{reply.order['orderId']}")
    assert again.order == reply.order


def test_the_create_sample_comes_back_in_the_documented_profile_string_for_string(till):
    sent = sample("order_create_request")
    reply = till.post("/orders", sent, x_genstore_fidelity="documented")
    shown, printed = reply.order, sample("order_create_response")["order"]
    instants = {"createdAt", "updatedAt", "closedAt", "cancelledAt"}
    for name, value in printed.items():
        if name not in instants | {"orderId", "fulfillments", "lineItems", "customer"}:
            compare_strings(value, shown[name], name)
    compare_strings(printed["lineItems"], shown["lineItems"], "lineItems")
    assert shown["cancelledAt"] == "null"
    assert shown["createdAt"] == printed["createdAt"]
    assert shown["closedAt"] == printed["closedAt"]
    compare_strings(printed["customer"], shown["customer"], "customer")


def compare_strings(printed, shown, at):
    if isinstance(printed, dict):
        for name, value in printed.items():
            compare_strings(value, shown[name], f"{at}.{name}")
    elif isinstance(printed, list):
        for one, other in zip(printed, shown, strict=True):
            compare_strings(one, other, at)
    else:
        assert printed == shown, at


@pytest.mark.parametrize("name", ["order_get_response", "order_object", "order_list_response"])
def test_every_documented_key_path_is_in_the_answer(till, name):
    order = till.post("/orders", sample("order_create_request")).order
    printed = sample(name)
    want = printed["order"] if "order" in printed else printed["orders"][0]
    missing = set(paths(want)) - set(paths(order))
    assert not missing


def test_keys_are_there_even_when_nothing_was_sent(till):
    order = till.create()
    top = {f".{name}" for name in sample("order_object")["order"]}
    assert top <= set(paths(order))


def test_the_documented_list_prints_two_arrays_inside_strings(till):
    till.post("/orders", sample("order_create_request"))
    shown = till.get("/orders", x_genstore_fidelity="documented").json["orders"][0]
    printed = sample("order_list_response")["orders"][0]
    assert shown["paymentGatewayNames"] == printed["paymentGatewayNames"]
    assert shown["customer"]["taxExemptions"] == printed["customer"]["taxExemptions"]
    assert shown["customer"]["addresses"] == printed["customer"]["addresses"] == ""
    assert shown["customer"]["defaultAddress"] == ""


def test_documented_answers_hold_nothing_but_strings(till):
    till.post("/orders", sample("order_create_request"))

    def scalars(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [each for part in value for each in scalars(part)]
        return [value]

    for path in ("/orders", "/orders/count"):
        shown = till.get(path, x_genstore_fidelity="documented").json
        assert all(isinstance(value, str) for value in scalars(shown))
    assert till.get("/orders/count", x_genstore_fidelity="documented").json == {"count": "1"}


def test_the_typed_profile_has_the_types_of_the_ruling(till):
    order = till.post("/orders", sample("order_create_request")).order
    line = order["lineItems"][0]
    kinds = {
        "orderId": str,
        "totalPrice": str,
        "totalWeight": int,
        "taxesIncluded": bool,
        "cancelledAt": type(None),
        "paymentGatewayNames": list,
    }
    assert {name: type(order[name]) for name in kinds} == kinds
    assert [type(line[name]) for name in ("id", "quantity", "grams", "taxable", "price")] == [
        str,
        int,
        int,
        bool,
        str,
    ]
    assert type(till.get("/orders/count").json["count"]) is int


def test_the_update_sample_changes_nothing_on_the_created_sample(till):
    order = till.post("/orders", sample("order_create_request")).order
    sent = sample("order_update_request")
    sent["order"]["orderId"] = order["orderId"]
    reply = till.put(f"/orders/{order['orderId']}", sent)
    assert reply.status == 200
    assert reply.order == order
    assert till.topics() == ["orders/create", "orders/paid", "orders/partiallyFulfilled"]


def test_the_update_sample_with_another_order_in_its_body_is_refused_by_name(till):
    order = till.post("/orders", sample("order_create_request")).order
    reply = till.put(f"/orders/{order['orderId']}", sample("order_update_request"))
    assert reply.status == 422
    assert "order.orderId" in reply.json["errors"]


def test_the_cancel_sample_cancels_the_created_sample(till):
    order = till.post("/orders", sample("order_create_request")).order
    body = sample("order_cancel_request") | {"orderId": order["orderId"]}
    reply = till.post(f"/orders/{order['orderId']}/cancel", body)
    assert reply.status == 200
    shown = reply.order
    assert shown["cancelReason"] == "customer"
    assert shown["cancelledAt"] == shown["closedAt"] == shown["updatedAt"]
    assert shown["totalOutstanding"] == "0.00"
    assert shown["lineItems"][0]["fulfillableQuantity"] == 0
    assert shown["financialStatus"] == "paid"
    assert till.topics()[-2:] == ["orders/cancelled", "orders/update"]


def test_a_whole_answer_sent_back_is_an_update_that_changes_nothing(till):
    for profile in ("typed", "documented"):
        order = till.post("/orders", sample("order_create_request"), x_genstore_fidelity=profile).order
        before = len(till.events())
        reply = till.put(f"/orders/{order['orderId']}", {"order": order}, x_genstore_fidelity=profile)
        assert reply.status == 200, reply.body
        assert reply.order == order
        assert len(till.events()) == before


def test_the_samples_are_the_published_ones():
    assert json.dumps(sample("order_count_response")) == '{"count": "500"}'
