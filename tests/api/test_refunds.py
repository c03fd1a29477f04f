"""Giving back money and units: how much, of what, and what is left then (semantics.md §2.4)."""

from decimal import Decimal

import pytest

from builders import a_line
from steps import at, book, done, now, payloads, refund, refused, send_back, ship, trace, two_lines, units


def paid(till, **order):
    return till.create(**two_lines(financialStatus="paid") | order)


def quote(till, order, *quantities, **sent):
    return refund(till, order, *quantities, path="/refunds/calculate", **sent)


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["currentTotalPrice"], found["totalOutstanding"]


def left(till, order):
    """Of each line: what stands, and what can be shipped."""
    lines = now(till, order)["lineItems"]
    return [(line["currentQuantity"], line["fulfillableQuantity"]) for line in lines]


def test_a_refund_comes_back_as_it_was_asked_for(till):
    order = paid(till, customer={"id": "7", "email": "a@b.c"})
    [sale] = till.get(f"{at(order)}/transactions").json["transactions"]
    one, _ = order["lineItems"]
    reason = {"rightsReason": "torn", "rightsReasonType": 3, "locationId": "L1"}
    lines = [{"lineItemId": one["id"], "quantity": 2} | reason]
    shown = done(refund(till, order, lineItems=lines, note="sorry"))
    [unit], [back] = shown["lineItems"], shown["transactions"]
    moment = now(till, order)["updatedAt"]
    assert shown == {
        "refundId": shown["id"],
        "id": shown["id"],
        "orderId": order["id"],
        "customerId": now(till, order)["customer"]["id"],
        "status": 1,
        "lineItems": [
            reason
            | {
                "id": unit["id"],
                "lineItemId": one["id"],
                "lineItem": {"productId": "1", "variantId": "2"},
                "quantity": 2,
                "subtotal": "20.00",
                "totalTax": "0.00",
                "restockType": "no_restock",
            }
        ],
        "amount": "20.00",
        "currency": "USD",
        "shipping": {"amount": "0.00"},
        "rightsType": 1,
        "note": "sorry",
        "returnId": None,
        "transactions": [back],
        "createTime": moment,
        "updateTime": moment,
        "processedTime": moment,
    }
    assert (back["kind"], back["amount"], back["parentId"]) == ("refund", "20.00", sale["id"])
    assert till.get(f"/refunds/{shown['id']}").json == {"refund": shown}
    assert till.get(f"{at(order)}/refunds").json == till.get("/refunds").json == {"refunds": [shown]}
    assert till.topics()[2:] == ["refunds/create", "orders/update"]
    told = [(version, each["financialStatus"]) for *_, version, each in payloads(till)[2:]]
    assert told == [(2, "partially_refunded")] * 2


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize(
    "currency", [("USD", "3.34", "0.02", "1.00"), ("JPY", 4, 2, 1), ("KWD", "3.334", "0.002", "1")]
)
def test_shares_sum_to_the_cent(till, currency, included):
    code, price, less, tax = currency
    line = a_line(quantity=3, price=price, totalDiscount=less, taxLines=[{"title": "VAT", "price": tax}])
    order = paid(till, currency=code, lineItems=[line], taxesIncluded=included)
    made = [done(refund(till, order, 1)) for _ in range(3)]
    [parts] = [[each["lineItems"][0] for each in made]]
    assert sum(Decimal(each["subtotal"]) for each in parts) == Decimal(order["subtotalPrice"])
    assert sum(Decimal(each["totalTax"]) for each in parts) == Decimal(order["totalTax"])
    assert sum(Decimal(each["amount"]) for each in made) == Decimal(order["totalPrice"])
    nothing = {"USD": "0.00", "JPY": "0", "KWD": "0.000"}[code]
    assert money(till, order) == ("refunded", nothing, nothing)
    found = now(till, order)
    for name in ("currentSubtotalPrice", "currentTotalTax", "currentTotalDiscounts"):
        assert found[name] == nothing
    refused(till, refund(till, order, 1), found, "nothing_to_refund")


def test_a_code_is_shared_by_the_lines_and_by_every_way_back(till):
    order = paid(till, discountCodes=[{"code": "X", "amount": "0.50"}])  # 40.00 less 0.50
    shares = done(quote(till, order, 3, 2))["lineItems"]
    assert [each["subtotal"] for each in shares] == ["29.62", "9.88"]
    done(ship(till, order, 2))
    done(refund(till, order, 1, restock="cancel"))
    done(refund(till, order, 1, restock="return"))
    coming = done(send_back(till, order, 1, approved=True))
    done(till.post(f"/returns/{coming['id']}/receive"))
    done(refund(till, order, returnId=coming["id"]))
    made = till.get(f"{at(order)}/refunds").json["refunds"]
    assert sum(Decimal(each["amount"]) for each in made) == Decimal("29.62")
    assert money(till, order) == ("partially_refunded", "9.88", "0.00")
    assert done(refund(till, order, 0, 2))["amount"] == "9.88"
    assert money(till, order) == ("refunded", "0.00", "0.00")


def test_no_unit_is_given_back_twice(till):
    order = paid(till)
    one, two = order["lineItems"]
    done(ship(till, order, 2))
    before = now(till, order)
    for restock, count, most in (("no_restock", 4, 3), ("cancel", 2, 1), ("return", 3, 2)):
        reply = refund(till, order, count, restock=restock)
        refused(till, reply, before, "too_many_units", f"{most} of line item {one['id']}", str(count))
    done(refund(till, order, 1, 2, restock="cancel"))
    assert left(till, order) == [(2, 0), (0, 0)]
    assert now(till, order)["fulfillmentStatus"] == "fulfilled"
    done(refund(till, order, 1))  # of those that were shipped
    before = now(till, order)
    for restock in ("no_restock", "return", "cancel"):
        refused(till, refund(till, order, 2, restock=restock), before, "too_many_units")
    refused(till, refund(till, order, lineItems=[*units(order, 1), *units(order, 1)]), before, "double_line")
    gone = [{"lineItemId": two["id"]}]
    refused(till, refund(till, order, lineItems=gone), before, "too_many_units", "0 of")
    other = till.create()
    refused(till, refund(till, order, lineItems=units(other, 1)), before, "unknown_line", one["id"])


def test_without_a_quantity_all_of_the_line_goes(till):
    order = paid(till)
    done(refund(till, order, 1))
    shown = done(refund(till, order, lineItems=[{"id": order["lineItems"][0]["id"]}]))
    assert (shown["lineItems"][0]["quantity"], shown["amount"]) == (2, "20.00")


def test_no_more_money_goes_back_than_was_kept(till):
    order = till.create(**two_lines())
    done(book(till, order, "sale", amount="15.00"))
    before = now(till, order)
    reply = refund(till, order, amount="25.00")
    refused(till, reply, before, "refund_too_large", "25.00 USD", "15.00 USD")
    assert reply.json["errors"] == {"refund.amount": ["must be at most 15.00 USD"]}
    for nothing in ({}, {"amount": 0}, {"lineItems": []}, {"shipping": {}}, {"note": "x"}):
        refused(till, refund(till, order, **nothing), before, "empty_refund")
    # What is still due covers what the units were worth: nothing was paid too much.
    assert done(refund(till, order, 1))["amount"] == "0.00"
    assert money(till, order) == ("partially_paid", "30.00", "15.00")
    assert done(refund(till, order, 2))["amount"] == "5.00"
    assert money(till, order) == ("partially_refunded", "10.00", "0.00")
    assert done(refund(till, order, amount="10.00"))["lineItems"] == []
    assert money(till, order) == ("refunded", "0.00", "0.00")


def test_of_an_order_without_anything_left_nothing_is_refunded(till):
    order = till.create(lineItems=[a_line()])
    done(refund(till, order, 1))
    before = now(till, order)
    for sent in ({"amount": "1.00"}, {"note": "x"}, {"shipping": {"fullRefund": True}}):
        refused(till, refund(till, order, **sent), before, "nothing_to_refund")
    assert till.post(f"{at(order)}/mark_as_paid").order["financialStatus"] == "paid"


def test_payments_are_given_back_oldest_first_or_as_told(till):
    order = till.create(**two_lines())
    ids = [done(book(till, order, "sale", amount=each))["id"] for each in ("5.00", "35.00")]
    backs = done(refund(till, order, amount="7.00"))["transactions"]
    assert [(each["parentId"], each["amount"]) for each in backs] == list(
        zip(ids, ("5.00", "2.00"), strict=True)
    )
    before = now(till, order)

    def told(*pairs, **sent):
        wanted = [
            {"parentId": parent} | ({} if amount is None else {"amount": amount}) for parent, amount in pairs
        ]
        return refund(till, order, transactions=wanted, **sent)

    refused(till, told((ids[0], "1.00")), before, "unknown_parent", ids[0], ids[1], "33.00 USD")
    refused(till, told(("9", "1.00")), before, "unknown_parent", "9")
    refused(till, told((ids[1], "1.00"), amount="2.00"), before, "payments_disagree", "1.00 USD", "2.00 USD")
    refused(till, told((ids[1], "1.00"), (ids[1], "1.00")), before, "unknown_parent")
    refused(till, told((ids[1], None)), before, "empty_refund")
    shown = done(told((ids[1], "33.00")))
    assert (shown["amount"], shown["transactions"][0]["parentId"]) == ("33.00", ids[1])


def test_shipping_is_given_back_once_with_its_tax(till):
    tax = [{"title": "VAT", "price": "0.50"}]
    order = paid(till, shippingLines=[{"title": "Post", "price": "5.00", "taxLines": tax}])
    assert order["totalPrice"] == "45.50"
    reply = refund(till, order, shipping={"amount": "5.51"})
    refused(till, reply, order, "shipping_too_large", "5.50 USD", "5.51 USD")
    assert list(reply.json["errors"]) == ["refund.shipping.amount"]
    shown = done(refund(till, order, 1, shipping={"amount": "1.00"}))
    assert (shown["amount"], shown["shipping"]) == ("11.00", {"amount": "1.00"})
    shown = done(refund(till, order, shipping={"fullRefund": "true"}))
    assert (shown["amount"], shown["shipping"]) == ("4.50", {"amount": "4.50"})
    assert money(till, order) == ("partially_refunded", "30.00", "0.00")
    refused(till, refund(till, order, shipping={"fullRefund": True}), now(till, order), "empty_refund")


def test_a_quote_is_what_the_refund_then_is_and_writes_nothing(till):
    order = paid(till, shippingLines=[{"title": "Post", "price": "5.00"}])
    before = trace(till, order)
    told = done(quote(till, order, 1, 1, shipping={"fullRefund": True}))
    assert trace(till, order) == before
    assert (told["orderId"], told["amount"], told["maximumRefundable"]) == (order["id"], "20.00", "45.00")
    assert [each["kind"] for each in told["transactions"]] == ["suggested_refund"]
    shown = done(refund(till, order, 1, 1, shipping={"fullRefund": True}))
    same = {"amount", "currency", "shipping", "orderId"}
    assert {name: shown[name] for name in same} == {name: told[name] for name in same}
    bare = [[{**each, "id": ""} for each in one["lineItems"]] for one in (shown, told)]
    assert bare[0] == bare[1]
    refused(till, quote(till, order, 9), now(till, order), "too_many_units")
    refused(till, quote(till, order, amount="99.00"), now(till, order), "refund_too_large")


WRONG = (
    ({"orderId": None}, "refund.orderId"),
    ({"lineItem": []}, "refund.lineItem"),
    ({"lineItems": [{"quantity": 1}]}, "refund.lineItems[0].lineItemId"),
    ({"status": 2}, "refund.status"),
    ({"shipping": {"full": True}}, "refund.shipping.full"),
    ({"shipping": "5.00"}, "refund.shipping"),
    ({"transactions": [{"amount": "1.00"}]}, "refund.transactions[0].parentId"),
    ({"amount": "1.00", "currency": "EUR"}, "refund.currency"),
    ({"returnId": "9"}, "refund.returnId"),
)


def test_a_value_that_cannot_be_is_named(till):
    order = paid(till)
    for sent, field in WRONG:
        reply = refund(till, order, **sent)
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
    assert now(till, order) == order


def test_what_the_channel_gave_back_is_gone_already(till):
    order = till.create(financialStatus="partially_refunded", currentTotalPrice="6.00")
    assert money(till, order) == ("partially_refunded", "6.00", "0.00")
    refused(till, refund(till, order, amount="6.01"), order, "refund_too_large", "6.00 USD")
    done(refund(till, order, amount="2.00"))
    assert money(till, order) == ("partially_refunded", "4.00", "0.00")
    done(refund(till, order, amount="4.00"))
    assert money(till, order) == ("refunded", "0.00", "0.00")
    assert till.topics().count("refunds/create") == 2
    part = till.create(lineItems=[a_line(quantity=3, currentQuantity=2)], financialStatus="paid")
    refused(till, refund(till, part, 3), part, "too_many_units", "2 of")
    done(refund(till, part, 2))
    assert left(till, part) == [(0, 0)]


def test_a_cancelled_order_still_gives_back_what_was_kept(till):
    order = paid(till)
    done(ship(till, order, 2))
    over = till.post(f"{at(order)}/cancel").order
    assert done(refund(till, order, 2))["amount"] == "20.00"
    assert money(till, order) == ("partially_refunded", "0.00", "0.00")
    assert now(till, order)["fulfillmentStatus"] == over["fulfillmentStatus"] == "partial"
    assert done(refund(till, order, amount="20.00"))["amount"] == "20.00"
    assert money(till, order) == ("refunded", "0.00", "0.00")
    refused(till, refund(till, order, amount="0.01"), now(till, order), "refund_too_large", "0.00 USD")
