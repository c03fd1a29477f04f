"""What was recorded of real orders comes out of this server (semantics.md §1.2, §1.4, §2.2)."""

from builders import a_line


def at(order):
    return f"/orders/{order['id']}"


def pay(till, order, kind, amount=None):
    sent = {"kind": kind} | ({} if amount is None else {"amount": amount})
    reply = till.post(f"{at(order)}/transactions", {"transaction": sent})
    assert reply.status == 200, reply.body
    return reply.json["transaction"]


def ledger(till, order):
    rows = till.get(f"{at(order)}/transactions").json["transactions"]
    return [(each["kind"], each["amount"], each["status"]) for each in rows]


def money(till, order):
    """Status, current total and what is outstanding."""
    now = till.get(at(order)).order
    return now["financialStatus"], now["currentTotalPrice"], now["totalOutstanding"]


def test_a_paid_order_cancelled_with_refund_and_restock_is_refunded(till):
    order = till.create(lineItems=[a_line(price="20.00")], financialStatus="paid")
    gone = till.post(f"{at(order)}/cancel", {"refund": True, "restock": True}).order
    assert money(till, order) == ("refunded", "0.00", "0.00")
    assert gone["closedAt"] == gone["cancelledAt"] is not None
    assert gone["totalPrice"] == "20.00"
    assert ledger(till, order) == [("sale", "20.00", "success"), ("refund", "20.00", "success")]
    [refund] = till.get(f"{at(order)}/refunds").json["refunds"]
    assert (refund["amount"], refund["note"], refund["lineItems"][0]["quantity"]) == (
        "20.00",
        "Order cancelled",
        1,
    )


def test_an_unpaid_order_cancelled_owes_nothing_and_is_closed(till):
    order = till.create(lineItems=[a_line(price="14.00")])
    gone = till.post(f"{at(order)}/cancel").order
    assert money(till, order) == ("voided", "0.00", "0.00")
    assert gone["closedAt"] == gone["cancelledAt"] is not None


def test_a_paid_order_cancelled_without_refund_stays_paid(till):
    order = till.create(financialStatus="paid")
    till.post(f"{at(order)}/cancel")
    assert money(till, order) == ("paid", "0.00", "0.00")
    assert ledger(till, order) == [("sale", "10.00", "success")]


def test_one_line_refunded_lowers_what_stands_but_not_what_was_ordered(till):
    order = till.create(
        lineItems=[a_line(price="35.00"), a_line(price="10.00")], transactions=[a_sale("45.00")]
    )
    units = [{"lineItemId": order["lineItems"][1]["id"], "quantity": 1}]
    reply = till.post("/refunds", {"refund": {"orderId": order["id"], "lineItems": units}})
    assert reply.json["refund"]["amount"] == "10.00"
    assert money(till, order) == ("partially_refunded", "35.00", "0.00")
    now = till.get(at(order)).order
    assert now["totalPrice"] == "45.00"
    assert [line["currentQuantity"] for line in now["lineItems"]] == [1, 0]


def test_a_larger_total_than_was_paid_is_partly_paid(till):
    order = till.create(lineItems=[a_line(price="15.00")], transactions=[a_sale("10.00")])
    assert money(till, order) == ("partially_paid", "15.00", "5.00")


def test_what_is_authorized_is_covered_and_can_be_captured(till):
    order = till.create(lineItems=[a_line(price="18.00")], transactions=[a_hold("18.00")])
    assert money(till, order) == ("authorized", "18.00", "0.00")
    assert pay(till, order, "capture")["amount"] == "18.00"
    assert money(till, order) == ("paid", "18.00", "0.00")


def test_a_part_captured_leaves_the_rest_outstanding_and_to_be_captured(till):
    order = till.create(lineItems=[a_line(price="25.00")])
    pay(till, order, "authorization")
    pay(till, order, "capture", "10.00")
    assert money(till, order) == ("partially_paid", "25.00", "15.00")
    assert pay(till, order, "capture")["amount"] == "15.00"
    assert money(till, order) == ("paid", "25.00", "0.00")


def test_a_void_lets_go_of_the_whole_authorization(till):
    order = till.create(lineItems=[a_line(price="25.00")])
    pay(till, order, "authorization")
    assert pay(till, order, "void")["amount"] == "25.00"
    assert money(till, order) == ("voided", "25.00", "25.00")


def test_marked_as_paid_is_one_manual_sale_and_not_twice(till):
    order = till.create()
    assert till.post(f"{at(order)}/mark_as_paid").order["financialStatus"] == "paid"
    [sale] = till.get(f"{at(order)}/transactions").json["transactions"]
    assert (sale["kind"], sale["status"], sale["gateway"]) == ("sale", "success", "manual")
    again = till.post(f"{at(order)}/mark_as_paid")
    assert again.status == 422
    assert again.json["error"].endswith(".")
    assert again.json["order"] == till.get(at(order)).order


def a_sale(amount):
    return {"kind": "sale", "amount": amount}


def a_hold(amount):
    return {"kind": "authorization", "amount": amount}


# Born with these transactions (and a stated status): what §2.2 says of an order of 20.00, row by row.
ROWS = [
    ({}, [], "pending", "20.00"),
    ({}, [a_hold("20.00")], "authorized", "0.00"),
    ({}, [a_hold("5.00")], "authorized", "15.00"),
    ({}, [a_sale("5.00")], "partially_paid", "15.00"),
    ({}, [a_sale("5.00"), a_hold("15.00")], "partially_paid", "0.00"),
    ({}, [a_sale("20.00")], "paid", "0.00"),
    ({}, [a_sale("12.00"), a_sale("8.00")], "paid", "0.00"),
    ({"financialStatus": "paid"}, [], "paid", "0.00"),
    # The caller's word stands, what is outstanding comes from the transactions (golden C and E of §1.2).
    ({"financialStatus": "partially_paid"}, [a_hold("5.00")], "partially_paid", "15.00"),
    ({"financialStatus": "paid"}, [a_sale("5.00")], "paid", "15.00"),
]


def test_the_status_follows_from_what_was_moved(till):
    for stated, moved, status, outstanding in ROWS:
        order = till.create(lineItems=[a_line(price="20.00")], transactions=moved, **stated)
        assert money(till, order) == (status, "20.00", outstanding), (stated, moved)


# What is done to a paid order of 20.00 (two units), and what §2.2 says of it then.
BACK = [
    ([{"amount": "5.00"}], "partially_refunded", "15.00", "0.00"),
    ([{"amount": "20.00"}], "refunded", "0.00", "0.00"),
    ([{"amount": "5.00"}, {"amount": "15.00"}], "refunded", "0.00", "0.00"),
    ([{"quantity": 1}], "partially_refunded", "10.00", "0.00"),
    ([{"quantity": 1}, {"quantity": 1}], "refunded", "0.00", "0.00"),
    # A removed unit makes R greater than T: a refund is due, and the status stays paid until then.
    ([{"quantity": 1, "amount": "0.00"}], "paid", "10.00", "0.00"),
    ([{"quantity": 1, "amount": "0.00"}, {"amount": "10.00"}], "partially_refunded", "10.00", "0.00"),
]


def test_the_status_follows_from_what_was_given_back(till):
    for steps, status, total, outstanding in BACK:
        order = till.create(lineItems=[a_line(quantity=2)], financialStatus="paid")
        for step in steps:
            sent = {"orderId": order["id"]} | step
            if count := sent.pop("quantity", None):
                sent["lineItems"] = [{"lineItemId": order["lineItems"][0]["id"], "quantity": count}]
            reply = till.post("/refunds", {"refund": sent})
            assert reply.status == 200, reply.body
        assert money(till, order) == (status, total, outstanding), steps


def test_too_large_a_refund_names_what_is_left(till):
    order = till.create(lineItems=[a_line(price="15.00")], financialStatus="paid")
    reply = till.post("/refunds", {"refund": {"orderId": order["id"], "amount": "25.00"}})
    assert reply.status == 422
    assert "25.00" in reply.json["error"]
    assert "15.00" in reply.json["error"]
    assert reply.json["order"] == till.get(at(order)).order


TOTALS = [
    # 24.00 + tax 2.40 + shipping 5.00 + tax on shipping 0.50
    (
        {
            "lineItems": [a_line(price="24.00", taxLines=[{"title": "VAT", "rate": "10", "price": "2.40"}])],
            "shippingLines": [
                {
                    "title": "Post",
                    "price": "5.00",
                    "taxLines": [{"title": "VAT", "rate": "10", "price": "0.50"}],
                }
            ],
        },
        ("24.00", "2.90", "31.90"),
    ),
    # 30.00 less a code of 5.00, shipping 4.00: the discount does not touch shipping
    (
        {
            "lineItems": [a_line(price="30.00")],
            "discountCodes": [{"code": "FIVE", "amount": "5.00"}],
            "shippingLines": [{"title": "Post", "price": "4.00"}],
        },
        ("25.00", "0.00", "29.00"),
    ),
    # golden D
    (
        {
            "lineItems": [a_line(price="74.99", quantity=3, taxLines=[{"title": "Tax", "price": "13.50"}])],
            "transactions": [a_sale("238.47")],
        },
        ("224.97", "13.50", "238.47"),
    ),
]


def test_totals_come_out_as_recorded(till):
    for sent, sums in TOTALS:
        order = till.create(**sent)
        assert (order["subtotalPrice"], order["totalTax"], order["totalPrice"]) == sums
        assert order["warnings"] == []
