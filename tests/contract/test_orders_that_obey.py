"""What obeys the rules must be taken, and every answer must be exactly as the document says."""

import json
import urllib.request

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orders_that_obey import orders

PREFIX = "#/components/schemas/"
LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "1.00", "quantity": 1}
KEYS = ["orderId", "lineItems", "customer", "totalPrice", "tags", "warnings"]


def closed(schema):
    """`schema` with no room for keys that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(each) for name, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


@pytest.fixture(scope="module")
def validators(server):
    """Hold a value against a component of the served document; no key may be unknown to it."""
    with urllib.request.urlopen(f"{server.url}/openapi.json") as answer:
        components = closed(json.load(answer)["components"])

    def of(name):
        return jsonschema_rs.validator_for(
            {"$ref": PREFIX + name, "components": components}, validate_formats=True
        )

    names = ("OrderRequest", "OrderUpdateRequest", "Order", "OrderDocumented", "OrderListed", "OrderPicked")
    return {name: of(name) for name in names}


@pytest.fixture(scope="module")
def ask(server):
    """Ask the server for JSON; answers the status and the body."""

    def asked(method, path, body=None, **headers):
        sent = {"X-Genstore-Access-Token": server.app.accessToken, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        url = f"{server.url}/api/202412{path}"
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    return asked


SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(body=orders(), profile=st.sampled_from(["typed", "documented"]))
def test_an_order_that_obeys_is_taken_and_shown_as_described(ask, validators, body, profile):
    validators["OrderRequest"].validate(body)
    status, answer = ask("POST", "/orders", body, X_Genstore_Fidelity=profile)
    assert status == 200, answer
    shape = "Order" if profile == "typed" else "OrderDocumented"
    validators[shape].validate(answer["order"])
    order_id = answer["order"]["orderId"]
    assert ask("GET", f"/orders/{order_id}", X_Genstore_Fidelity=profile) == (200, answer)
    _, page = ask("GET", f"/orders?ids={order_id}", X_Genstore_Fidelity=profile)
    validators["Order" if profile == "typed" else "OrderListed"].validate(page["orders"][0])


@SLOW
@given(body=orders(), profile=st.sampled_from(["typed", "documented"]))
def test_a_whole_order_may_be_sent_back_as_it_was_read(ask, validators, body, profile):
    _, answer = ask("POST", "/orders", body)
    order_id = answer["order"]["orderId"]
    _, read = ask("GET", f"/orders/{order_id}", X_Genstore_Fidelity=profile)
    validators["OrderUpdateRequest"].validate(read)
    status, again = ask("PUT", f"/orders/{order_id}", read, X_Genstore_Fidelity=profile)
    assert (status, again) == (200, read)


@settings(max_examples=40, deadline=None)
@given(names=st.sets(st.sampled_from(KEYS), min_size=1))
def test_fields_chooses_the_keys_of_a_list(ask, validators, names):
    ask("POST", "/orders", {"order": {"lineItems": [LINE]}})
    _, page = ask("GET", f"/orders?limit=1&fields={','.join(names)}")
    assert set(page["orders"][0]) == names
    validators["OrderPicked"].validate(page["orders"][0])
