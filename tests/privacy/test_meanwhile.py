"""What comes in while somebody is erased is erased with them; and which orders their apps are told of."""

import json

import pytest

from builders import a_line
from people import Marked, carry, erase, tables_with
from steps import at, done, now
from till.privacy import carrying

ADA, BOB = Marked("qzada", "17005551", "70001"), Marked("qzbob", "18006662", "80001")


def state(till):
    return till.get(f"/customers/{ADA.id}/redact").json["erasure"]["state"]


def keys(till):
    sql = "SELECT kind, value FROM customer_keys WHERE shop_id = :s"
    return [(kind, bytes(value)) for kind, value in till.rows(sql, s=till.shop.id)]


class Busy:
    """Lets something happen in the midst of an erasure, after the orders that it knew are forgotten."""

    def __init__(self, monkeypatch, happens, times):
        self.left, real = times, carrying.Forgetting.orders

        async def orders(forgetting, db, found):
            await real(forgetting, db, found)
            if self.left:
                self.left -= 1
                await happens()

        monkeypatch.setattr(carrying.Forgetting, "orders", orders)


def place(till, **told):
    first = till.create(**ADA.order())

    async def happens():
        body = {"order": {"lineItems": [a_line()]} | told}
        reply = await till.ask("POST", "/orders", body)
        assert reply.status == 200, reply.body
        return reply.order

    return first, happens


@pytest.mark.parametrize("deletes", [False, True])
def test_an_order_that_comes_in_meanwhile_leaves_nothing(till, monkeypatch, deletes):
    new = {"email": ADA.email(), "phone": ADA.phone("77"), "note": ADA.word("late")}
    first, happens = place(till, **new)

    async def lives():
        order = await happens()
        if deletes:
            reply = await till.ask("DELETE", at(order))
            assert reply.status == 200

    busy = Busy(monkeypatch, lives, 1 if deletes else 2)
    erase(till, ADA, now=True)
    carry(till)
    assert (busy.left, state(till)) == (0, "erased")
    assert keys(till) == [("i", ADA.id.encode())]
    assert now(till, first)["note"] is None
    assert tables_with(till, [ADA.word("late"), ADA.phone("77")]) == {}


def test_what_an_order_is_given_meanwhile_goes_even_if_it_is_taken_away_again(till, monkeypatch):
    first, _ = place(till)

    async def happens():
        reply = await till.ask(
            "PUT", at(first), {"order": {"note": ADA.word("given"), "tags": ADA.word("tag")}}
        )
        assert reply.status == 200, reply.body
        reply = await till.ask("PUT", at(first), {"order": {"note": None, "tags": None}})
        assert reply.status == 200, reply.body

    Busy(monkeypatch, happens, 1)
    erase(till, ADA, now=True)
    carry(till)
    assert state(till) == "erased"
    assert tables_with(till, [ADA.word("given"), ADA.word("tag")]) == {}


def test_who_never_stops_is_still_being_erased(till, monkeypatch):
    _, happens = place(till, email=ADA.email(), note=ADA.word("late"))
    busy = Busy(monkeypatch, happens, carrying.ROUNDS)
    erase(till, ADA, now=True)
    carry(till)
    assert (busy.left, state(till)) == (0, "erasing")
    carry(till)
    assert state(till) == "erased"
    assert tables_with(till, [ADA.word("late")]) == {}


def test_a_data_request_names_the_orders_that_an_erasure_names_and_data_shows(till):
    own = till.create(customer={"id": ADA.id, "email": "ada@host.example"})
    again = till.create(customer={"id": ADA.id, "email": "ada2@host.example"})
    till.create(customer={"id": BOB.id, "email": "bob@host.example"}, email="ada@host.example")
    unlinked = till.create()
    done(till.put(at(unlinked), {"order": {"email": "ADA2@host.example"}}))
    till.post(f"/customers/{ADA.id}/data_request")
    held = till.get(f"/customers/{ADA.id}/data").json["customerData"]["orders"]
    erase(till, ADA, now=True)
    carry(till)
    told = {}
    for (payload,) in till.rows("SELECT payload FROM changes WHERE shop_id = :s", s=till.shop.id):
        told |= json.loads(bytes(payload))
    theirs = [own["id"], again["id"], unlinked["id"]]
    assert told["customerDataRequest"]["ordersRequested"] == theirs
    assert [each["order"]["id"] for each in held] == theirs
    assert told["customerRedact"]["ordersToRedact"] == theirs
