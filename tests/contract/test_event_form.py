"""The webhook form of an order, key by key as the published sample prints it (genstore.md §8.4)."""

import json
from copy import deepcopy

import pytest
from msgspec.structs import replace

from builders import SHOP, a_line, an_order
from inside import inside
from samples import paths, sample
from till.caller import Protected
from till.customers.customer import Standing
from till.orders.wire.answer import show
from till.orders.wire.event import documented_event, tell
from till.orders.wire.mask import mask_event

SHOP = replace(SHOP, id=123, timezone="Etc/GMT+5")  # where the sample's shop and its offset are
STANDING = Standing(orders_count=100, total_spent=54_275, currency="USD")

# Where the published sample contradicts itself, and what is sent in its place.
MENDED = {
    ("lineItems", 0, "fulfillableQuantity"): "0",  # printed 3, of a line of 2 that is fulfilled
    ("fulfillments", 0, "lineItems", 0, "lineItemId"): "987654",  # printed 789, no line of the order
    ("fulfillments", 0, "lineItems", 0, "productId"): "123456",  # printed 1001, not that line's
    ("fulfillments", 0, "lineItems", 0, "variantId"): "789012",  # printed 2002, not that line's
    ("refunds", 0, "refundLineItems", 0, "lineItemId"): "987654",  # printed 789, no line of the order
}
# What is told otherwise than it was sent: the order's own, or what another value of the sample says.
DERIVED = {
    ("id",): str,  # the server's own
    ("updatedTime",): str,
    ("fulfillments", 0, "orderId"): str,
    ("fulfillments", 0, "lineItems", 0, "fulfillmentOrderId"): str,
    # A set says the same as its plain amount.
    ("lineItems", 0, "totalDiscountSet", "shopMoney", "amount"): "3.50",
    ("lineItems", 0, "totalDiscountSet", "presentmentMoney", "amount"): "3.50",
    # A refunded line is the order's line.
    ("refunds", 0, "refundLineItems", 0, "lineItem", "id"): "987654",
    ("refunds", 0, "refundLineItems", 0, "lineItem", "locationId"): "456",
    ("refunds", 0, "refundLineItems", 0, "lineItem", "fulfillableQuantity"): "0",
    # The default address is the customer's.
    ("customer", "defaultAddress", "customerId"): "12345",
}
WHOLE = {
    "type",
    "quantity",
    "currentQuantity",
    "fulfillableQuantity",
    "refundableQuantity",
    "alreadyFulfillNum",
    "alreadyRightsNum",
    "grams",
    "totalWeight",
    "discountApplicationIndex",
    "rightsReasonType",
    "status",
    "shopId",
    "ordersCount",
}
WORDS = {("discountCodes", 0, "type"), ("fulfillments", 0, "status")}
FLAGS = {"requiresShipping", "giftCard", "taxExempt", "verifiedEmail", "isDefault"}
OBJECTS = {"shippingAddress", "billingAddress", "customer", "defaultAddress", "discountAllocations"}


def put(order, path, value):
    for step in path[:-1]:
        order = order[step]
    order[path[-1]] = value


def mended():
    order = deepcopy(sample("event_order")["order"])
    for path, value in MENDED.items():
        put(order, path, value)
    return order


def expected(told):
    """The sample as it must come back; what the server alone knows is taken from what it `told`."""
    order = mended()
    for path, value in DERIVED.items():
        put(order, path, at(told, path) if value is str else value)
    return order


def at(value, path):
    for step in path:
        value = value[step]
    return value


def told_of(order, standing=STANDING):
    return tell(order, SHOP, show(order, SHOP), standing)


def leaves(value, path=()):
    """Every value that holds no other, with its path; an empty list is one."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    rows = list(inner)
    if not rows:
        yield path, value
    for name, each in rows:
        yield from leaves(each, (*path, name))


def only(value, pattern):
    """`value` with the keys that `pattern` has."""
    if isinstance(pattern, dict):
        return {name: only(value[name], each) for name, each in pattern.items()}
    if isinstance(pattern, list) and pattern and isinstance(pattern[0], dict):
        return [only(one, other) for one, other in zip(value, pattern, strict=True)]
    return value


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        yield server


def test_the_published_event_handed_over_is_told_again_string_for_string():
    told = json.loads(documented_event(told_of(an_order(**mended()))))["order"]
    wanted = expected(told)
    assert only(told, wanted) == wanted


def test_the_published_event_in_the_typed_profile_means_the_same():
    told = json.loads(told_of(an_order(**mended())))["order"]
    wanted = expected(told)
    for path, text in leaves(wanted):
        value = at(told, path)
        if path == ("discountCodes", 0, "type"):
            assert (text, value) == ("1", "fixed_amount")
        elif isinstance(value, bool):
            assert json.dumps(value) == text, path
        else:
            assert str(value) == text, path


def test_an_app_that_hands_over_an_event_by_rest_makes_its_order(till):
    token = till.install(till.found("west", timezone="Etc/GMT+5"))
    reply = till.post("/orders", {"order": mended()}, token=token, x_genstore_fidelity="documented")
    assert reply.status == 200, reply.body
    shown, sent = reply.order, mended()
    same = ["note", "totalPrice", "subtotalPrice", "totalTax", "totalDiscounts", "totalShippingPrice"]
    same += ["financialStatus", "fulfillmentStatus", "type", "app", "userId", "i18n", "convertRate"]
    assert [shown[name] for name in same] == [sent[name] for name in same]
    for name in ("created", "closed", "cancelled", "processed", "paid"):
        assert shown[f"{name}At"] == sent[f"{name}Time"]
    sql = "SELECT payload FROM changes ORDER BY shop_id DESC LIMIT 1"
    told = json.loads(documented_event(bytes(till.rows(sql)[0][0])))["order"]
    assert told["refunds"][0]["totalRefundPrice"] == "29.99"
    assert told["id"] == shown["id"]


@pytest.mark.parametrize("standing", [None, STANDING])
def test_every_documented_key_has_its_json_type(standing):
    told = json.loads(told_of(an_order(**mended()), standing))["order"]
    missing = set(paths(sample("event_order")["order"])) - set(paths(told))
    assert missing == set()
    for path, value in leaves(only(told, mended())):
        name = next(step for step in reversed(path) if isinstance(step, str))
        if path in WORDS:
            assert type(value) is str, path
        elif name in WHOLE:
            assert type(value) is int or (standing is None and value is None), path
        elif name in FLAGS:
            assert type(value) is bool, path
        else:
            assert type(value) is str or (standing is None and value is None), path


def test_keys_are_there_even_when_nothing_was_said():
    told = json.loads(told_of(an_order(customer={"firstName": "Ada"})))["order"]
    printed = sample("event_order")["order"]
    assert set(printed) <= set(told)
    assert set(printed["lineItems"][0]) <= set(told["lineItems"][0])
    assert set(printed["customer"]) <= set(told["customer"])
    lists = {name for name, value in printed.items() if isinstance(value, list)}
    assert all(isinstance(told[name], list) for name in lists)
    assert {name for name in OBJECTS & set(told) if told[name] is not None} == {"customer"}
    assert told["lineItems"][0]["discountAllocations"] is None
    assert json.loads(told_of(an_order()))["order"]["customer"] is None


def test_the_documented_profile_holds_nothing_but_strings():
    codes = [{"code": code, "amount": "1.00", "type": code} for code in ("percentage", "shipping")]
    told = json.loads(documented_event(told_of(an_order(discountCodes=codes))))["order"]
    assert all(isinstance(value, str | list) for _, value in leaves(told))
    assert [code["type"] for code in told["discountCodes"]] == ["2", "3"]
    assert (told["customer"], told["note"], told["refunds"]) == ("null", "null", [])


PRIVATE = {
    "name": ["John", "Smith", "Christopher", "Gorski", "Doe"],
    "email": ["customer@example.com"],
    "phone": ["+1234567890", "(555)555-5555", "13800138000"],
    "address": ["456 Oak Street", "Drayton Valley", "10001", "No.1 Road", "XYZ Corporation", "-75.6868"],
}


@pytest.mark.parametrize("kind", PRIVATE)
def test_what_was_not_granted_is_nowhere_in_a_masked_event(kind):
    payload = json.loads(told_of(an_order(**mended())))
    before = deepcopy(payload)
    masked = mask_event(payload, frozenset({Protected(kind)}))
    assert payload == before
    assert set(paths(masked)) == set(paths(payload))
    assert all(at(masked, path) in (value, None) for path, value in leaves(payload))
    values = {value for _, value in leaves(masked)}
    assert values.isdisjoint(PRIVATE[kind])
    for other in PRIVATE.keys() - {kind}:
        assert values & set(PRIVATE[other])


def test_a_masked_event_keeps_what_is_nobodys_secret():
    payload = json.loads(told_of(an_order(**mended())))
    masked = mask_event(payload, frozenset(Protected))["order"]
    assert masked["customer"]["id"] == masked["customer"]["defaultAddress"]["customerId"] == "12345"
    assert masked["customer"]["defaultAddress"]["isDefault"] is True
    assert masked["totalPrice"] == "110.25"
    hidden = [masked["email"], masked["phone"], *masked["shippingAddress"].values()]
    assert set(hidden) == {None}


def test_an_event_without_people_is_masked_too():
    for payload in ({"order": {"id": "1", "name": "#1001"}}, json.loads(told_of(an_order()))):
        assert mask_event(payload, frozenset(Protected)) == payload


def test_a_customer_has_the_address_that_is_said_to_be_the_default():
    addresses = [{"city": "Ottawa", "isDefault": "false"}, {"city": "Bonn", "countryName": "Germany"}]
    told = json.loads(told_of(an_order(customer={"addresses": addresses})))["order"]["customer"]
    assert told["defaultAddress"] is None
    addresses[1]["isDefault"] = "true"
    told = json.loads(told_of(an_order(customer={"id": "7", "addresses": addresses})))["order"]["customer"]
    assert (told["defaultAddress"]["city"], told["defaultAddress"]["customerId"]) == ("Bonn", "7")
    assert [(each["isDefault"], each["country"]) for each in told["addresses"]] == [
        (False, None),
        (True, "Germany"),
    ]


def test_the_units_of_a_line_are_counted_from_what_happened():
    order = an_order(
        lineItems=[a_line(id="7", quantity=5)],
        financialStatus="paid",
        fulfillments=[{"lineItems": [{"lineItemId": "7", "quantity": 3}]}],
        refunds=[{"amount": "10.00", "lineItems": [{"lineItemId": "7", "quantity": 1}]}],
    )
    line = json.loads(told_of(order))["order"]["lineItems"][0]
    counted = {name: line[name] for name in sorted(WHOLE & set(line) - {"grams"})}
    assert counted == {
        "alreadyFulfillNum": 3,
        "alreadyRightsNum": 1,
        "currentQuantity": 4,
        "fulfillableQuantity": 2,
        "quantity": 5,
        "refundableQuantity": 4,
    }
