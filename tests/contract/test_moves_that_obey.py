"""Whole lives of orders: what is open for one is done when it is asked for, and answered as described."""

import re
from collections import Counter

import pytest
from described import Described, asker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moves_that_obey import plain_orders, possible
from seen_orders import SHOWN, Seen

from till.slices import ENDPOINTS

TABLE = {each.id: each for each in ENDPOINTS}
LISTS = {
    "transactions": "listTransactions",
    "fulfillments": "listFulfillments",
    "refunds": "listOrderRefunds",
    "returns": "listReturns",
}
done = Counter()


@pytest.fixture(scope="module")
def described(server):
    return Described(server.url)


@pytest.fixture(scope="module")
def send(server, described):
    """Ask for an operation: it must be done, and its answer as described. Answers what is in the envelope."""
    ask = asker(server.url, server.app.accessToken)

    def sent(name, body=None, *, query="", profile="typed", **named):
        endpoint = TABLE[name]
        path = re.sub(r"{(\w+)}", lambda found: named[found[1]], endpoint.path)
        if body is not None:
            described.body(name).validate(body)
        status, answer = ask(endpoint.method, path + query, body, X_Genstore_Fidelity=profile)
        assert status == 200, (endpoint.method, path, body, answer)
        described.answer(name).validate(answer)
        done[name] += 1
        return next(iter(answer.values())) if len(answer) == 1 else answer

    return sent


def look(send, order_id, **profile):
    """The order and all its parts as they are shown."""
    parts = {name: send(LISTS[name], orderId=order_id, **profile) for name in SHOWN}
    for name in ("getTimeline", "countTransactions", "countFulfillments"):
        send(name, orderId=order_id, **profile)
    return Seen(send("getOrder", orderId=order_id, **profile), parts)


@pytest.fixture(scope="module")
def lived(send):
    """Let orders live, each a life of its own; answers how often each operation was asked for."""

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(body=plain_orders(), data=st.data())
    def live(body, data):
        order_id = send("createOrder", body)["orderId"]
        if data.draw(st.booleans()):
            send("createFulfillment", {"fulfillment": {"orderId": order_id}})
        steps = data.draw(st.integers(4, 14))
        for step in range(steps):
            seen = look(send, order_id)
            moves = possible(seen, last=step == steps - 1)
            data.draw(st.sampled_from(moves))(data.draw, seen, send)
        seen = look(send, order_id, profile="documented")
        for each in seen.transactions:
            send("getTransaction", orderId=order_id, transactionId=each["id"], profile="documented")
            if each["paymentId"] != "null":
                send("getPayment", paymentId=each["paymentId"], profile="documented")
        if "delete" in seen.open:
            send("deleteOrder", orderId=order_id)

    live()
    return done


OF_ONE = {each.id for each in ENDPOINTS if "{orderId}" in each.path} | {
    each.id for each in ENDPOINTS if each.group in ("Fulfillments", "Refunds", "Returns", "Timeline")
}


@pytest.mark.parametrize("name", sorted(OF_ONE - {"updateOrder", "listRefunds"}))
def test_what_is_open_for_an_order_is_done(lived, name):
    assert lived[name] > 0
