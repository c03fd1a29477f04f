"""Money moved for an order: what may move, how much, and what it is told as (semantics.md §2.1, §2.2)."""

import pytest

from builders import a_line
from steps import at, book, done, now, refund, refused, timeline, trace

BAD_AMOUNTS = ["-1.00", -1, "1.001", "99999999999999999", 10**15, "abc", True, {}, [], "", "1,00", "1e1"]


def rows(till, order, query=""):
    return till.get(f"{at(order)}/transactions{query}").json["transactions"]


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["currentTotalPrice"], found["totalOutstanding"]


def counted(till, **status):
    [(name, value)] = status.items()
    return till.get(f"/orders/count?{name}={value}").json["count"]


def test_a_sale_comes_back_as_it_was_told(till):
    order = till.create(createdAt="2026-01-01T00:00:00Z", paymentGatewayNames=["card"])
    sent = {"amount": "4.00", "currency": "usd", "authorization": "A1", "channelTrxNo": "T1", "message": "m"}
    shown = done(book(till, order, "sale", processedAt="2026-01-01T12:00:00Z", **sent))
    assert shown == sent | {
        "id": shown["id"],
        "orderId": order["id"],
        "kind": "sale",
        "status": "success",
        "currency": "USD",
        "gateway": "card",
        "parentId": None,
        "paymentId": f"PI00{order['id']}001",
        "createdAt": now(till, order)["updatedAt"],
        "processedAt": "2026-01-01T07:00:00-05:00",
    }
    assert rows(till, order) == [shown]
    assert till.get(f"{at(order)}/transactions/{shown['id']}").json == {"transaction": shown}
    payment = till.get(f"/payment/{shown['paymentId']}").json["payment"]
    assert payment == {
        "paymentId": shown["paymentId"],
        "channelTrxNo": "T1",
        "amount": "4.00",
        "fee": "0.00",
        "currency": "USD",
        "status": "success",
        "kind": "sale",
        "gateway": "card",
        "orderId": order["id"],
        "transactionId": shown["id"],
        "successPaymentTime": "2026-01-01T07:00:00-05:00",
    }


def test_what_is_left_out_is_what_is_outstanding_and_paid_is_told_once(till):
    order = till.create()
    assert done(book(till, order, "sale", amount="4.00"))["gateway"] == "manual"
    assert money(till, order) == ("partially_paid", "10.00", "6.00")
    assert till.topics() == ["orders/create", "orders/update"]
    assert done(book(till, order, "sale", gateway="till"))["amount"] == "6.00"
    assert money(till, order) == ("paid", "10.00", "0.00")
    assert till.topics()[2:] == ["orders/paid", "orders/update"]
    refused(till, book(till, order, "sale"), now(till, order), "nothing_outstanding", "#1001")
    refused(till, book(till, order, "authorization"), now(till, order), "nothing_outstanding")
    assert [counted(till, financialStatus=each) for each in ("pending", "partially_paid", "paid")] == [
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("kind", ["sale", "authorization"])
def test_more_than_is_outstanding_and_nothing_at_all_are_refused(till, kind):
    order = till.create()
    reply = book(till, order, kind, amount="10.01")
    refused(till, reply, order, "amount_too_large", "10.00 USD", kind)
    assert reply.json["errors"] == {"transaction.amount": ["must be at most 10.00 USD"]}
    refused(till, book(till, order, kind, amount=0), order, "no_amount", "10.00 USD")


def test_what_is_no_amount_moves_nothing(till):
    order = till.create(financialStatus="paid")
    before = trace(till, order)
    for amount in BAD_AMOUNTS:
        for reply in (
            book(till, order, "sale", amount=amount),
            refund(till, order, amount=amount),
            refund(till, order, shipping={"amount": amount}),
            refund(till, order, amount="1.00", transactions=[{"parentId": "1", "amount": amount}]),
            refund(till, order, amount=amount, path="/refunds/calculate"),
        ):
            assert reply.status == 422, amount
            assert any(field.endswith("mount") for field in reply.json["errors"]), reply.body
    assert trace(till, order) == before


WRONG = (
    ({"kind": "sale", "currency": "EUR"}, "transaction.currency"),
    ({"kind": "sale", "currency": "XXX"}, "transaction.currency"),
    ({"kind": "gift"}, "transaction.kind"),
    ({"kind": None}, "transaction.kind"),
    ({}, "transaction.kind"),
    ({"kind": "sale", "status": "done"}, "transaction.status"),
    ({"kind": "sale", "processedAt": "2999-01-01T00:00:00Z"}, "transaction.processedAt"),
    ({"kind": "sale", "processedAt": "today"}, "transaction.processedAt"),
    ({"kind": "sale", "gateway": "x" * 256}, "transaction.gateway"),
    ({"kind": "sale", "ammount": "1.00"}, "transaction.ammount"),
)


def test_a_value_that_cannot_be_is_named(till):
    order = till.create()
    for sent, field in WRONG:
        reply = till.post(f"{at(order)}/transactions", {"transaction": sent})
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
    assert "'amount'" in reply.json["error"]  # the nearest to the last
    assert now(till, order) == order


def test_a_transaction_stands_in_its_envelope(till):
    order = till.create()
    for body in (None, {}, {"transaction": None}, {"transaction": []}, {"kind": "sale"}):
        assert till.post(f"{at(order)}/transactions", body).status in (400, 422), body
    assert now(till, order) == order


def test_held_money_is_taken_in_parts_and_the_rest_let_go(till):
    order = till.create(lineItems=[a_line(price="25.00")])
    held = done(book(till, order, "authorization", authorization="A9", gateway="card"))
    assert money(till, order) == ("authorized", "25.00", "0.00")
    taken = done(book(till, order, "capture", amount="10.00"))
    assert (taken["parentId"], taken["authorization"], taken["gateway"]) == (held["id"], "A9", "card")
    before = now(till, order)
    reply = book(till, order, "capture", amount="15.01")
    refused(till, reply, before, "amount_too_large", "15.00 USD", "capture")
    refused(till, book(till, order, "capture", amount="0.00"), before, "no_amount")
    for amount in ("14.99", "15.01", "0"):
        reply = book(till, order, "void", amount=amount)
        refused(till, reply, before, "voids_all", "15.00 USD", "leave the amount out")
    gone = done(book(till, order, "void", amount="15.00"))
    assert (gone["amount"], gone["parentId"], gone["paymentId"]) == ("15.00", held["id"], None)
    assert money(till, order) == ("partially_paid", "25.00", "15.00")
    before = now(till, order)
    for kind in ("capture", "void"):
        refused(till, book(till, order, kind), before, "nothing_authorized")
    assert [each["kind"] for each in timeline(till, order)][1:] == ["authorized", "captured", "voided"]


def test_of_several_holds_one_is_named(till):
    order = till.create(lineItems=[a_line(price="25.00")])
    one, two = (done(book(till, order, "authorization", amount=each))["id"] for each in ("5.00", "20.00"))
    before = now(till, order)
    for kind in ("capture", "void"):
        reply = book(till, order, kind)
        refused(till, reply, before, "which_authorization", one, two, "parentId")
        refused(till, book(till, order, kind, parentId="9"), before, "not_an_authorization", "9", one, two)
    reply = book(till, order, "capture", parentId=one, amount="5.01")
    refused(till, reply, before, "amount_too_large", "5.00 USD")
    assert done(book(till, order, "capture", parentId=int(two)))["amount"] == "20.00"
    assert money(till, order) == ("partially_paid", "25.00", "0.00")
    refused(till, book(till, order, "void", parentId=two), now(till, order), "not_an_authorization")
    assert done(book(till, order, "void"))["parentId"] == one


def test_no_more_is_captured_than_is_due(till):
    order = till.create(lineItems=[a_line(quantity=2)], financialStatus="authorized")
    done(refund(till, order, 1, amount="0"))
    assert money(till, order) == ("authorized", "10.00", "0.00")
    before = now(till, order)
    refused(till, book(till, order, "capture", amount="10.01"), before, "amount_too_large", "10.00 USD")
    assert done(book(till, order, "capture"))["amount"] == "10.00"
    assert money(till, order) == ("paid", "10.00", "0.00")
    refused(till, book(till, order, "capture"), now(till, order), "nothing_due", "void")
    assert done(book(till, order, "void"))["amount"] == "10.00"
    assert money(till, order) == ("paid", "10.00", "0.00")


@pytest.mark.parametrize("status", ["pending", "failure", "error"])
def test_what_did_not_succeed_is_kept_and_moves_nothing(till, status):
    order = till.create()
    shown = done(book(till, order, "sale", status=status, message="no funds"))
    assert (shown["status"], shown["amount"]) == (status, "10.00")
    found = now(till, order)
    assert money(till, order) == ("pending", "10.00", "10.00")
    assert (found["version"], till.topics()) == (2, ["orders/create", "orders/update"])
    payment = till.get(f"/payment/{shown['paymentId']}").json["payment"]
    assert (payment["status"], payment["successPaymentTime"]) == (status, None)
    assert done(book(till, order, "authorization", status=status))["paymentId"].endswith("002")
    refused(till, book(till, order, "capture"), now(till, order), "nothing_authorized")
    stated = till.create(financialStatus="partially_paid", totalOutstanding="4.00")
    done(book(till, stated, "sale", status=status))
    assert money(till, stated) == ("partially_paid", "10.00", "4.00")


def test_a_refund_and_a_cancelled_order_are_refused_here(till):
    order = till.create(financialStatus="paid")
    refused(till, book(till, order, "refund", amount="1.00"), order, "refunds_go_elsewhere", "POST /refunds")
    over = till.post(f"{at(till.create(financialStatus='authorized'))}/cancel").order
    for kind in ("sale", "authorization", "capture", "void"):
        refused(till, book(till, over, kind), over, "order_cancelled", "cancelled")
    refused(till, till.post(f"{at(over)}/mark_as_paid"), over, "order_cancelled")


@pytest.mark.parametrize("wrap", [dict, lambda sent: {"order": sent}])
def test_marked_as_paid_with_what_is_known_of_it(till, wrap):
    order = till.create(createdAt="2026-01-01T00:00:00Z")
    done(book(till, order, "sale", amount="2.50"))
    sent = {"gateway": "bank", "channelTrxNo": "N1", "processedAt": "2026-01-02T00:00:00Z"}
    shown = till.post(f"{at(order)}/mark_as_paid", wrap(sent)).order
    assert shown["financialStatus"] == "paid"
    sale = rows(till, order)[-1]
    assert (sale["amount"], sale["gateway"], sale["channelTrxNo"]) == ("7.50", "bank", "N1")
    assert sale["processedAt"] == "2026-01-01T19:00:00-05:00"
    assert till.topics()[2:] == ["orders/paid", "orders/update"]
    refused(till, till.post(f"{at(order)}/mark_as_paid"), shown, "nothing_outstanding")
    reply = till.post(f"{at(till.create())}/mark_as_paid", wrap({"processedAt": "2999-01-01T00:00:00Z"}))
    assert reply.status == 422
    assert any(field.endswith("processedAt") for field in reply.json["errors"])


def test_a_free_order_is_paid_by_nothing_and_only_once(till):
    order = till.create(lineItems=[a_line(price=0)])
    assert till.post(f"{at(order)}/mark_as_paid").order["financialStatus"] == "paid"
    assert [each["amount"] for each in rows(till, order)] == ["0.00"]
    refused(till, till.post(f"{at(order)}/mark_as_paid"), now(till, order), "nothing_outstanding")
    refused(till, book(till, order, "authorization"), now(till, order), "nothing_outstanding")


@pytest.mark.parametrize(
    ("currency", "price", "most", "too_fine"),
    [("KWD", "1.005", "1.005", "1.0001"), ("JPY", "500", "500", "0.5"), ("USD", "0.01", "0.01", "0.001")],
)
def test_each_currency_has_its_own_decimals(till, currency, price, most, too_fine):
    order = till.create(currency=currency, lineItems=[a_line(price=price)])
    reply = book(till, order, "sale", amount=too_fine)
    assert reply.status == 422
    assert "decimals" in reply.json["error"]
    assert done(book(till, order, "authorization", currency=currency))["amount"] == most
    assert money(till, order)[1:] == (most, {"KWD": "0.000", "JPY": "0", "USD": "0.00"}[currency])
    assert done(book(till, order, "capture"))["currency"] == currency


def test_what_was_stated_to_be_outstanding_stands_until_money_moves(till):
    order = till.create(financialStatus="partially_paid", totalOutstanding="4.00")
    assert rows(till, order)[0]["amount"] == "6.00"
    assert done(book(till, order, "sale"))["amount"] == "4.00"
    assert money(till, order) == ("paid", "10.00", "0.00")
    said_paid = till.create(financialStatus="paid", totalOutstanding="3.00")
    assert done(book(till, said_paid, "sale", amount="1.00"))["amount"] == "1.00"
    assert money(till, said_paid) == ("partially_paid", "10.00", "2.00")
    assert till.topics().count("orders/paid") == 2  # born so, and become so; never twice for one order


def test_transactions_are_listed_by_kind_and_from_one_on(till):
    order = till.create(financialStatus="authorized")
    for amount in ("1.00", "2.00"):
        done(book(till, order, "capture", amount=amount))
    done(refund(till, order, amount="0.50"))
    listed = rows(till, order)
    assert [each["kind"] for each in listed] == ["authorization", "capture", "capture", "refund"]
    assert rows(till, order, f"?sinceId={listed[1]['id']}") == listed[2:]
    assert rows(till, order, "?kind=capture") == listed[1:3]
    assert rows(till, order, f"?kind=capture&sinceId={listed[1]['id']}") == listed[2:3]
    count = till.get(f"{at(order)}/transactions/count").json
    assert count == {"count": 4}
    assert till.get(f"{at(order)}/transactions/count?kind=void").json == {"count": 0}
    for query in ("kind=gift", "sinceId=", "kinds=capture"):
        assert till.get(f"{at(order)}/transactions?{query}").status == 400
    other = till.create()
    reply = till.get(f"{at(other)}/transactions/{listed[0]['id']}")
    assert (reply.status, reply.json["code"]) == (404, "transaction_not_found")
    assert listed[3]["paymentId"] is None


def test_an_unknown_payment_answers_like_a_foreign_one(till):
    order = till.create(financialStatus="paid")
    known = rows(till, order)[0]["paymentId"]
    assert till.get(f"/payment/{known}").status == 200
    token = till.install(till.found("other"))
    texts = set()
    for name, asked_by in (
        (known, token),
        (f"PI00{order['id']}002", None),
        (f"PI00{order['id']}000", None),
        (f"PI00{order['id']}", None),
        (f"PI{order['id']}001", None),
        ("PI00", None),
        ("PI00x", None),
        ("001", None),
        (known.lower(), None),
        (known + "0", None),
    ):
        reply = till.get(f"/payment/{name}", token=asked_by)
        assert (reply.status, reply.json["code"]) == (404, "payment_not_found")
        texts.add(reply.json["error"].replace(name, "x"))
    assert len(texts) == 1
