"""A whole shop without people, and an app that left; and that nothing half-done stays so."""

import pytest

from people import SCOPES, Marked, carry, erase, files_with, live, settle, tables_with
from receiver import answer
from steps import now
from till import clock as clocks
from till.privacy import forget_app, traces
from till.privacy.whole import Shopful

ADA, BOB, EVE = (
    Marked("qzada", "17005551", "70001"),
    Marked("qzbob", "18006662", "80001"),
    Marked("qzeve", "19006662", "90001"),
)
MONEY = ("totalPrice", "currentTotalPrice", "totalOutstanding", "financialStatus", "fulfillmentStatus")


def hook(till, address, topic, token=None, **more):
    reply = till.post("/app/webhooks", {"webhook": {"address": address, "topic": topic} | more}, token=token)
    assert reply.status == 201, reply.body


def delivered(till):
    return not till.rows("SELECT 1 FROM deliveries WHERE shop_id = :s AND state <= 1", s=till.shop.id)


def test_a_shop_forgets_everybody_and_says_so(till, receiver, store):
    hook(till, receiver.url("/orders"), "orders/update")
    hook(till, receiver.url("/redacted"), "shop/redact")
    orders = [*live(till, ADA), *live(till, BOB)]
    other = till.found("other")
    theirs = till.install(other, scopes=SCOPES)
    reply = till.post("/orders", {"order": EVE.order()}, token=theirs)
    assert reply.status == 200
    settle(till, lambda: delivered(till))
    assert erase(till, ADA, reason=ADA.word("why"))["state"] == "scheduled"
    seen = {}
    parts = till.parts
    work = Shopful(parts.db, till.shop.id, clocks.now(), parts.lease.minter, seen.__setitem__)
    till.run(work.forget())
    assert seen["orders"] == 4
    assert seen["customers"] == 2
    settle(till, lambda: delivered(till))
    (word,) = receiver.seen("/redacted")
    assert word.body == b'{"shopRedact":{"shopId":%d,"shopDomain":"demo.genmystore.com"}}' % till.shop.id
    assert tables_with(till, (*ADA.marks, *BOB.marks)) == {}
    assert "orders" in tables_with(till, EVE.marks)
    for order in orders:
        bare = now(till, order)
        assert {name: bare[name] for name in MONEY} == {name: order[name] for name in MONEY}
    assert till.get(f"/customers/{ADA.id}").json["customer"]["ordersCount"] == 2
    again = till.run(work.forget())
    assert again is None
    if store["url"] is None:
        settle(till, lambda: files_with(store["folder"], (*ADA.marks, *BOB.marks)) == {})
        assert files_with(store["folder"], EVE.marks)


def test_what_an_app_that_left_was_sent_goes_and_nobody_elses(till, receiver):
    receiver.script("/gone", answer(200, body=b"thanks"))
    receiver.script("/here", answer(200, body=b"thanks"))
    leaver = till.install(till.shop, scopes=SCOPES, fidelity="documented")
    client_id = till.client_id
    sql = "SELECT id FROM installations WHERE shop_id = :s AND client_id = :c"
    ((installation_id,),) = till.rows(sql, s=till.shop.id, c=client_id)
    hook(till, receiver.url("/gone"), "orders/create", token=leaver)
    hook(till, receiver.url("/here"), "orders/create")
    for _ in range(3):
        till.create(**ADA.order())
    till.post("/orders", {"order": ADA.order()}, token=leaver, idempotency_key="k")
    settle(till, lambda: delivered(till))

    async def some(tx):
        return await forget_app(
            tx, shop_id=till.shop.id, installation_id=installation_id, client_id=client_id
        )

    assert till.write(some) is False
    left = till.rows("SELECT installation_id FROM deliveries WHERE shop_id = :s", s=till.shop.id)
    assert len(left) == 4
    assert installation_id not in {row[0] for row in left}
    assert till.rows("SELECT COUNT(*) FROM attempts WHERE shop_id = :s", s=till.shop.id)[0][0] == 4
    assert till.rows("SELECT COUNT(*) FROM event_forms WHERE shop_id = :s", s=till.shop.id)[0][0] == 0
    assert not till.rows("SELECT 1 FROM kept_answers WHERE shop_id = :s", s=till.shop.id)


@pytest.mark.parametrize("fails_at", range(6))
def test_what_was_interrupted_anywhere_is_carried_on(till, monkeypatch, fails_at):
    """The parts stand on transactions of their own: whichever of them fails, the next time does the rest."""
    live(till, ADA)
    live(till, BOB)
    erase(till, ADA, now=True)
    met, real = set(), traces.forget_change

    async def failing(tx, **place):
        if place["number"] not in met and len(met) == fails_at:
            raise OSError("the power went")
        met.add(place["number"])
        await real(tx, **place)

    monkeypatch.setattr(traces, "forget_change", failing)
    with pytest.raises(OSError, match="the power went"):
        carry(till)
    assert till.get(f"/customers/{ADA.id}/redact").json["erasure"]["state"] == "erasing"
    monkeypatch.undo()
    carry(till)
    assert till.get(f"/customers/{ADA.id}/redact").json["erasure"]["state"] == "erased"
    assert set(tables_with(till, ADA.marks)) <= {"changes"}
    assert [topic for topic in till.topics() if topic == "customers/redact"] == ["customers/redact"]
