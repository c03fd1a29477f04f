"""What a channel stated is where the life of an order starts (rulings.md §4.3): stated first, then moved."""

import pytest

from builders import a_line
from steps import at, book, done, now, refund, refused, send_back, ship, trace, two_lines


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["currentTotalPrice"], found["totalOutstanding"]


def ledger(till, order):
    rows = till.get(f"{at(order)}/transactions").json["transactions"]
    return [(each["kind"], each["amount"]) for each in rows]


# Of an order of 10.00: what was stated, what that booked, what is then owed, and what is kept once paid.
BIRTHS = [
    ({"financialStatus": "pending"}, [], "10.00", "10.00"),
    ({"financialStatus": "voided"}, [], "10.00", "10.00"),
    ({"financialStatus": "partially_paid"}, [], "10.00", "10.00"),
    ({"financialStatus": "partially_paid", "totalOutstanding": "2.50"}, [("sale", "7.50")], "2.50", "10.00"),
    ({"financialStatus": "paid", "totalOutstanding": "1.00"}, [("sale", "9.00")], "1.00", "10.00"),
    ({"financialStatus": "paid"}, [("sale", "10.00")], None, "10.00"),
    (
        {"financialStatus": "partially_refunded", "currentTotalPrice": "6.00"},
        [("sale", "10.00"), ("refund", "4.00")],
        None,
        "6.00",
    ),
    ({"financialStatus": "refunded"}, [("sale", "10.00"), ("refund", "10.00")], None, "0.00"),
    ({"totalPrice": "12.00", "financialStatus": "paid"}, [("sale", "12.00")], None, "12.00"),
    ({"totalPrice": "8.00"}, [], "8.00", "8.00"),
    ({"currentTotalPrice": "4.00"}, [], "4.00", "4.00"),
]


@pytest.mark.parametrize(("stated", "booked", "owed", "kept"), BIRTHS)
def test_what_was_stated_is_paid_up_and_given_back_to_the_cent(till, stated, booked, owed, kept):
    order = till.create(**stated)
    assert ledger(till, order) == booked
    if owed is None:
        refused(till, book(till, order, "sale"), order, "nothing_outstanding")
    else:
        assert done(book(till, order, "sale"))["amount"] == owed
        assert money(till, order) == ("paid", kept, "0.00")
    if kept == "0.00":
        refused(till, refund(till, order, amount="0.01"), order, "refund_too_large", "0.00 USD")
        return
    before = now(till, order)
    refused(till, refund(till, order, amount=f"{float(kept) + 0.01:.2f}"), before, "refund_too_large", kept)
    done(refund(till, order, amount=kept))
    assert money(till, order) == ("refunded", "0.00", "0.00")
    assert till.topics().count("orders/paid") == (0 if "refunded" in stated.get("financialStatus", "") else 1)


def test_paid_is_told_once_in_a_life_however_often_it_becomes_so(till):
    born = {"createdAt": "2026-01-01T00:00:00Z", "totalOutstanding": "3.00"}
    order = till.create(financialStatus="paid", **born)
    done(book(till, order, "sale", amount="1.00"))
    assert money(till, order)[0] == "partially_paid"
    done(book(till, order, "sale"))
    assert money(till, order)[0] == "paid"
    assert till.topics() == ["orders/create", "orders/paid", "orders/update", "orders/update"]
    assert now(till, order)["paidAt"] == order["paidAt"] == order["createdAt"]


def test_units_are_counted_from_what_was_stated(till):
    line = a_line(quantity=6, currentQuantity=5, fulfillableQuantity=3)
    order = till.create(lineItems=[line], financialStatus="paid")
    refused(till, ship(till, order, 4), order, "too_many_units", "3 of")
    refused(till, refund(till, order, 6), order, "too_many_units", "5 of")
    refused(till, refund(till, order, 4, restock="cancel"), order, "too_many_units", "3 of")
    done(refund(till, order, 1, restock="cancel"))
    done(ship(till, order))
    [shown] = now(till, order)["lineItems"]
    assert (shown["currentQuantity"], shown["fulfillableQuantity"]) == (4, 0)
    assert done(refund(till, order, 2, restock="return"))["lineItems"][0]["quantity"] == 2
    refused(till, send_back(till, order, 1), now(till, order), "nothing_to_return")


def test_what_was_stated_of_the_current_totals_falls_with_what_leaves(till):
    sent = {"currentTotalPrice": "35.00", "currentSubtotalPrice": "34.00", "currentTotalTax": "1.00"}
    order = till.create(**two_lines(financialStatus="paid") | sent)
    done(refund(till, order, 1))
    found = now(till, order)
    assert [found[name] for name in sent] == ["25.00", "24.00", "1.00"]
    over = till.post(f"{at(order)}/cancel").order
    assert [over[name] for name in sent] == ["0.00", "0.00", "0.00"]


def test_a_shipment_that_was_told_is_followed_returned_and_cancelled(till):
    told = {"fulfillId": "F-1", "lineItems": [{"lineItemId": "A", "quantity": 2}], "trackingNumber": "N"}
    lines = [a_line(id="A", quantity=3), a_line(id="B")]
    order = till.create(lineItems=lines, fulfillments=[told], financialStatus="paid")
    assert [line["fulfillableQuantity"] for line in order["lineItems"]] == [1, 1]
    assert order["fulfillmentStatus"] == "partial"
    path = "/fulfillments/F-1"
    done(till.put(f"{path}/update_tracking", {"fulfillment": {"trackingNumber": "M"}}))
    coming = done(send_back(till, order, 2, approved=True))
    refused(till, till.put(f"{path}/cancel"), now(till, order), "units_came_back")
    done(till.post(f"/returns/{coming['id']}/cancel"))
    assert done(till.put(f"{path}/cancel"))["status"] == "cancelled"
    found = now(till, order)
    assert [line["fulfillableQuantity"] for line in found["lineItems"]] == [3, 1]
    assert found["fulfillmentStatus"] is None
    assert done(ship(till, order))["name"] == "#1001.2"


def test_a_refund_that_was_told_to_wait_is_reviewed_here(till):
    waiting = {
        "refundId": "R-1",
        "status": 0,
        "amount": "4.00",
        "lineItems": [{"lineItemId": "A", "quantity": 1}],
    }
    order = till.create(lineItems=[a_line(id="A", quantity=2)], refunds=[waiting], financialStatus="paid")
    assert money(till, order) == ("paid", "20.00", "0.00")
    shown = done(till.put("/refunds/R-1", {"refund": {"status": 1}}))
    assert (shown["id"], shown["amount"], shown["status"]) == ("R-1", "4.00", 1)
    assert money(till, order) == ("partially_refunded", "10.00", "0.00")
    assert till.topics()[2:] == ["refunds/create", "orders/update"]
    assert done(refund(till, order, 1))["amount"] == "10.00"
    assert money(till, order) == ("partially_refunded", "0.00", "0.00")
    assert done(refund(till, order, amount="6.00"))["amount"] == "6.00"
    assert money(till, order) == ("refunded", "0.00", "0.00")


def test_payments_of_a_channel_keep_their_ids_and_are_listed_in_order(till):
    told = [{"id": each, "kind": "sale", "amount": "3.00"} for each in ("T-9", "9999999999999999", "T-1")]
    order = till.create(transactions=told)
    last = done(book(till, order, "sale"))
    ids = ["T-9", "9999999999999999", "T-1", last["id"]]
    path = f"{at(order)}/transactions"
    for index, each in enumerate(ids):
        rows = till.get(f"{path}?sinceId={each}").json["transactions"]
        assert [row["id"] for row in rows] == ids[index + 1 :]
        assert till.get(f"{path}/count?sinceId={each}").json == {"count": 3 - index}
    assert done(refund(till, order, transactions=[{"parentId": "T-1", "amount": "2.00"}]))["amount"] == "2.00"


def test_every_payment_of_a_long_ledger_is_found(till):
    failed = [{"kind": "sale", "amount": "1.00", "status": "failure"}] * 998
    order = till.create(transactions=[*failed, *[{"kind": "sale", "amount": "5.00"}] * 2])
    rows = till.get(f"{at(order)}/transactions").json["transactions"]
    for each in (rows[0], *rows[-3:]):
        payment = till.get(f"/payment/{each['paymentId']}").json["payment"]
        assert payment["transactionId"] == each["id"]
    assert rows[-1]["paymentId"] == f"PI00{order['id']}1000"


def test_what_was_cancelled_elsewhere_is_over_here_too(till):
    when = {"createdAt": "2026-01-01T00:00:00Z", "cancelledAt": "2026-01-02T00:00:00Z"}
    order = till.create(**when, financialStatus="paid")
    for verb in ("confirm", "reopen", "cancel", "mark_as_paid"):
        assert till.post(f"{at(order)}/{verb}").status == 422
    refused(till, ship(till, order), order, "order_cancelled")
    assert done(till.post(f"{at(order)}/close")) == order
    assert done(refund(till, order, 1))["amount"] == "10.00"
    assert money(till, order) == ("refunded", "0.00", "0.00")


def test_an_order_that_lived_can_be_sent_back_whole_at_every_step(till):
    order = till.create(**two_lines(shippingLines=[{"title": "P", "price": "5.00"}], email="a@b.c"))
    steps = [
        lambda: book(till, order, "sale"),
        lambda: ship(till, order, 2, 1, trackingNumber="N"),
        lambda: refund(till, order, 1, restock="cancel"),
        lambda: refund(till, order, amount="1.00", status=0),
        lambda: send_back(till, order, 1, approved=True),
        lambda: till.post(f"/returns/{now_returned(till, order)}/receive"),
        lambda: till.post(f"{at(order)}/confirm"),
        lambda: till.post(f"{at(order)}/close"),
        lambda: till.post(f"{at(order)}/cancel", {"refund": True}),
    ]
    for step in steps:
        done(step())
        before = trace(till, order)
        for profile in ("typed", "documented"):
            whole = till.get(at(order), x_genstore_fidelity=profile).order
            assert done(till.put(at(order), {"order": whole})) == before[0]
        assert trace(till, order) == before


def now_returned(till, order):
    return till.get(f"{at(order)}/returns").json["returns"][-1]["id"]
