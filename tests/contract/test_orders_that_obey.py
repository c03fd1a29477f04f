"""What obeys the rules must be taken, and every answer must be exactly as the document says."""

import pytest
from described import Described, asker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orders_that_obey import orders

LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "1.00", "quantity": 1}
KEYS = ["orderId", "lineItems", "customer", "totalPrice", "tags", "warnings"]


@pytest.fixture(scope="module")
def validators(server):
    """Hold a value against a component of the served document."""
    return Described(server.url).component


@pytest.fixture(scope="module")
def ask(server):
    return asker(server.url, server.app.accessToken)


SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(body=orders(), profile=st.sampled_from(["typed", "documented"]))
def test_an_order_that_obeys_is_taken_and_shown_as_described(ask, validators, body, profile):
    validators("OrderRequest").validate(body)
    status, answer = ask("POST", "/orders", body, X_Genstore_Fidelity=profile)
    assert status == 200, answer
    shape = "Order" if profile == "typed" else "OrderDocumented"
    validators(shape).validate(answer["order"])
    order_id = answer["order"]["orderId"]
    assert ask("GET", f"/orders/{order_id}", X_Genstore_Fidelity=profile) == (200, answer)
    _, page = ask("GET", f"/orders?ids={order_id}", X_Genstore_Fidelity=profile)
    validators("Order" if profile == "typed" else "OrderListed").validate(page["orders"][0])


@SLOW
@given(body=orders(), profile=st.sampled_from(["typed", "documented"]))
def test_a_whole_order_may_be_sent_back_as_it_was_read(ask, validators, body, profile):
    _, answer = ask("POST", "/orders", body)
    order_id = answer["order"]["orderId"]
    _, read = ask("GET", f"/orders/{order_id}", X_Genstore_Fidelity=profile)
    validators("OrderUpdateRequest").validate(read)
    status, again = ask("PUT", f"/orders/{order_id}", read, X_Genstore_Fidelity=profile)
    assert (status, again) == (200, read)


@settings(max_examples=40, deadline=None)
@given(names=st.sets(st.sampled_from(KEYS), min_size=1))
def test_fields_chooses_the_keys_of_a_list(ask, validators, names):
    ask("POST", "/orders", {"order": {"lineItems": [LINE]}})
    _, page = ask("GET", f"/orders?limit=1&fields={','.join(names)}")
    assert set(page["orders"][0]) == names
    validators("OrderPicked").validate(page["orders"][0])
