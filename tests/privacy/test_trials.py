"""What was sent as a test of a webhook is forgotten like what happened, and so is what is sent of it."""

import pytest

from people import Marked, carry, erase, settle, tables_with
from receiver import answer
from till import clock as clocks
from till.privacy.whole import Shopful

ADA = Marked("qzada", "17005551", "70001")


def hook(till, receiver, **more):
    receiver.script("/test", answer(200))
    told = {"address": receiver.url("/test"), "topic": "orders/create"} | more
    reply = till.post("/app/webhooks", {"webhook": told})
    assert reply.status == 201, reply.body
    return reply.json["webhook"]["id"]


def sent_as_test(till, receiver, hook_id):
    """Send a test of a webhook; answers the id of its delivery."""
    before = len(receiver.seen("/test"))
    assert till.post(f"/app/webhooks/{hook_id}/test").status == 200
    settle(till, lambda: len(receiver.seen("/test")) > before)
    sql = "SELECT COUNT(*) FROM deliveries WHERE shop_id = :s AND state <= 1"
    settle(till, lambda: till.rows(sql, s=till.shop.id)[0][0] == 0)
    return till.get(f"/app/webhooks/{hook_id}/deliveries").json["deliveries"][0]["id"]


def forget_customer(till):
    erase(till, ADA, now=True)
    carry(till)


def forget_shop(till):
    parts = till.parts
    till.run(Shopful(parts.db, till.shop.id, clocks.now(), parts.lease.minter, lambda *_: None).forget())


@pytest.mark.parametrize("forget", [forget_customer, forget_shop])
@pytest.mark.parametrize("more", [{}, {"fields": ["id", "email", "note", "customer.firstName"]}])
def test_a_test_of_what_happened_keeps_nobody(till, receiver, forget, more):
    till.create(**ADA.order())
    hook_id = hook(till, receiver, **more)
    named = sent_as_test(till, receiver, hook_id)
    seen = receiver.seen("/test")
    assert ADA.mark.encode() in seen[-1].body
    forget(till)
    assert set(tables_with(till, ADA.marks)) <= {"changes"}
    reply = till.post(f"/app/webhooks/{hook_id}/deliveries/{named}/redeliver")
    assert reply.status < 300, reply.body
    settle(till, lambda: len(receiver.seen("/test")) > len(seen))
    late = receiver.seen("/test")[len(seen) :]
    assert not [each for each in late if any(mark.encode() in each.body for mark in ADA.marks)]
    assert b'"id":' in late[-1].body


def test_an_example_stays_as_it_is(till, receiver):
    hook_id = hook(till, receiver)
    sent_as_test(till, receiver, hook_id)
    sql = "SELECT number, form, payload FROM event_forms WHERE shop_id = :s"
    ((number, form, payload),) = till.rows(sql, s=till.shop.id)
    assert (number, form.startswith("test-")) == (0, True)
    till.create(**ADA.order())
    forget_customer(till)
    forget_shop(till)
    ((_, _, after),) = till.rows(f"{sql} AND number = 0", s=till.shop.id)
    assert bytes(after) == bytes(payload)
