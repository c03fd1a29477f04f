"""Steps of an order's life as a client asks for them, and what must be true of each refusal."""

import json

from builders import a_line

PAYLOADS = """
    SELECT e.number, e.topic, c.resource_version, c.payload FROM events e
    JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id ORDER BY e.number
"""


def at(order):
    return f"/orders/{order['id']}"


def now(till, order):
    return till.get(at(order)).order


def units(order, *quantities, **more):
    """So many units of each line; a line of which 0 is named is left out."""
    pairs = zip(order["lineItems"], quantities, strict=False)
    return [{"lineItemId": line["id"], "quantity": count} | more for line, count in pairs if count]


def book(till, order, kind, **sent):
    return till.post(f"{at(order)}/transactions", {"transaction": {"kind": kind} | sent})


def ship(till, order, *quantities, **sent):
    """Ship so many units of each line, all that are left where none is named."""
    lines = {"lineItems": units(order, *quantities)} if quantities else {}
    return till.post("/fulfillments", {"fulfillment": {"orderId": order["id"]} | lines | sent})


def refund(till, order, *quantities, restock="no_restock", path="/refunds", **sent):
    lines = {"lineItems": units(order, *quantities, restockType=restock)} if quantities else {}
    return till.post(path, {"refund": {"orderId": order["id"]} | lines | sent})


def send_back(till, order, *quantities, **sent):
    """Ask for a return of so many units of each line."""
    return till.post(f"{at(order)}/returns", {"return": {"lineItems": units(order, *quantities)} | sent})


def done(reply):
    """The one thing that an answer shows."""
    assert reply.status == 200, reply.body
    [shown] = reply.json.values()
    return shown


def refused(till, reply, order, code, *words):
    """It was refused with this code and these words, told the order as it is, and changed nothing."""
    told = reply.json
    assert (reply.status, told["code"]) == (422, code), reply.body
    assert told["error"].endswith(".")
    assert all(word in told["error"] for word in words), told["error"]
    assert told["order"] == now(till, order) == order


def trace(till, order):
    """All that a change of this order would leave behind."""
    found = now(till, order), till.events(), timeline(till, order)
    return (*found, till.get(f"{at(order)}/transactions").json, till.get(f"{at(order)}/refunds").json)


def timeline(till, order, **query):
    tail = "".join(f"?{name}={value}" for name, value in query.items())
    return till.get(f"{at(order)}/timeline{tail}").json["timeline"]


def payloads(till):
    """Every event told: number, topic, version, and the order that it shows."""
    rows = till.rows(PAYLOADS, shop_id=till.shop.id)
    return [(row[0], row[1], row[2], json.loads(bytes(row[3]))["order"]) for row in rows]


def two_lines(**order):
    """Three units at 10.00 and two at 5.00."""
    return {"lineItems": [a_line(quantity=3), a_line(quantity=2, price="5.00")]} | order
