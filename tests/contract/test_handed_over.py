"""A complete order in one call: what a channel tells of it is kept, completed, or refused by name."""

import json

import pytest

from builders import NOON, SHOP, a_line, an_order
from till.errors import Invalid
from till.orders import ledger
from till.orders.totals import mismatches, totals
from till.orders.wire.answer import show
from till.orders.wire.event import tell
from till.orders.words import RefundStatus


def shown(order):
    return json.loads(tell(order, SHOP, show(order, SHOP)))["order"]


def a_move(kind, amount=None, **more):
    return {"kind": kind} | ({} if amount is None else {"amount": amount}) | more


def moves(order):
    ids = [each.id for each in order.transactions]
    return [
        (str(each.kind), each.amount, ids.index(each.parent_id) if each.parent_id else None)
        for each in order.transactions
    ]


def faults(**order):
    """The fields that are refused."""
    with pytest.raises(Invalid) as refused:
        an_order(**order)
    return dict(refused.value.fields)


# Money


def test_golden_c_a_part_that_is_held_leaves_the_rest_outstanding():
    order = an_order(
        lineItems=[a_line(price="199.00")],
        financialStatus="partially_paid",
        transactions=[a_move("authorization", "50.00")],
    )
    told = show(order, SHOP)
    assert (told.financial_status, told.total_outstanding) == ("partially_paid", "149.00")
    assert moves(order) == [("authorization", 5000, None)]


def test_golden_d_a_sale_of_the_total_pays_it():
    order = an_order(
        lineItems=[a_line(price="74.99", quantity=3, taxLines=[{"title": "Tax", "price": "13.50"}])],
        totalTax="13.50",
        transactions=[a_move("sale", "238.47")],
    )
    told = show(order, SHOP)
    assert (told.total_price, told.financial_status, told.total_outstanding) == ("238.47", "paid", "0.00")
    assert mismatches(order, totals(order)) == ()


def test_a_stated_status_stands_beside_transactions_that_say_otherwise():
    order = an_order(financialStatus="paid", transactions=[a_move("sale", "4.00")])
    told = show(order, SHOP)
    assert (told.financial_status, told.total_outstanding) == ("paid", "6.00")
    assert moves(order) == [("sale", 400, None)]


def test_what_follows_refers_to_what_was_sent_before_it():
    order = an_order(
        lineItems=[a_line(price="30.00")],
        transactions=[
            a_move("authorization", "10.00", id="A", authorization="auth-1", gateway="stripe"),
            a_move("authorization", "20.00", id="B"),
            a_move("capture", "10.00", parentId="A"),
            a_move("void", parentId="B"),
            a_move("refund", "2.50"),
        ],
    )
    assert moves(order) == [
        ("authorization", 1000, None),
        ("authorization", 2000, None),
        ("capture", 1000, 0),
        ("void", 2000, 1),
        ("refund", 250, 2),
    ]
    held, other, taken, _, back = order.transactions
    assert (held.id, other.id) == ("A", "B")
    assert {taken.gateway, back.gateway} == {"stripe"}
    assert taken.authorization == "auth-1"
    assert order.financial_status == "partially_refunded"
    assert [(each.amount, each.transaction_ids) for each in order.refunds] == [(250, (back.id,))]
    assert order.payment_gateway_names == ("stripe",)


def test_a_capture_without_amount_takes_all_that_is_left():
    order = an_order(
        transactions=[a_move("authorization", "10.00"), a_move("capture", "4.00"), a_move("capture")]
    )
    assert moves(order)[1:] == [("capture", 400, 0), ("capture", 600, 0)]
    assert order.financial_status == "paid"


def test_what_failed_is_kept_and_moves_nothing():
    failed = [a_move("sale", "99.00", status="failure", message="card declined"), a_move("sale", "10.00")]
    order = an_order(transactions=failed)
    assert order.transactions[0].message == "card declined"
    assert ledger.received(order.transactions) == 1000
    assert order.financial_status == "paid"


def test_ids_that_are_told_twice_are_minted_anew():
    order = an_order(transactions=[a_move("sale", "1.00", id="7"), a_move("sale", "2.00", id="7")])
    assert "7" not in {each.id for each in order.transactions}
    assert faults(transactions=[a_move("sale", "1.00", id="7")] * 2 + [a_move("refund", "1", parentId="7")])


def test_money_that_was_held_lapses_from_when_it_was_held():
    dated = a_move("authorization", "5.00", createdAt="2025-12-01T00:00:00Z")
    order = an_order(transactions=[dated, a_move("authorization", "5.00")])
    first, second = order.transactions
    assert ledger.lapses_at(first) == first.created_at + ledger.HELD_FOR
    assert ledger.lapses_at(second) == NOON + ledger.HELD_FOR


REFUSED_MOVES = [
    ([a_move("authorization", "5.00"), a_move("capture", "5.01")], 1, "amount"),
    ([a_move("authorization", "5.00"), a_move("void", "4.00")], 1, "amount"),
    ([a_move("sale", "5.00"), a_move("refund", "3.00"), a_move("refund", "3.00")], 2, "amount"),
    ([a_move("sale")], 0, "amount"),
    ([a_move("authorization")], 0, "amount"),
    ([a_move("capture", "1.00")], 0, "parentId"),
    ([a_move("sale", "5.00"), a_move("void")], 1, "parentId"),
    ([a_move("sale", "5.00"), a_move("sale", "5.00"), a_move("refund", "1.00")], 2, "parentId"),
    ([a_move("sale", "5.00", id="1"), a_move("capture", "1.00", parentId="1")], 1, "parentId"),
    ([a_move("sale", "5.00", id="1"), a_move("refund", "1.00", parentId="2")], 1, "parentId"),
    ([a_move("refund", "1.00", parentId="1"), a_move("sale", "5.00", id="1")], 0, "parentId"),
    ([a_move("sale", "5.00", parentId="1")], 0, "parentId"),
    (
        [
            a_move("authorization", "5.00", id="1", status="failure"),
            a_move("capture", "1.00", parentId="1"),
        ],
        1,
        "parentId",
    ),
    ([a_move("sale", "5.00", currency="EUR")], 0, "currency"),
    ([a_move("sale", "5.00", createdAt="2999-01-01T00:00:00Z")], 0, "createdAt"),
    ([a_move("sale", "5.00", processedAt="2999-01-01T00:00:00Z")], 0, "processedAt"),
    ([a_move("sale", "5.001")], 0, "amount"),
    ([{"amount": "5.00"}], 0, "kind"),
    ([a_move("payout", "5.00")], 0, "kind"),
]


@pytest.mark.parametrize(("sent", "index", "field"), REFUSED_MOVES)
def test_transactions_that_cannot_be_are_refused_by_name(sent, index, field):
    assert f"order.transactions[{index}].{field}" in faults(transactions=sent)


def test_another_currency_is_refused_in_a_clear_sentence():
    with pytest.raises(Invalid, match="must be USD: all money of an order is in the order's own currency"):
        an_order(transactions=[a_move("sale", "5.00", currency="EUR")])


# Goods


def test_a_shipment_is_taken_with_its_units_and_how_it_is_followed():
    order = an_order(
        lineItems=[a_line(id="1", quantity=2), a_line(id="2", variantId="9", quantity=3)],
        fulfillments=[
            {
                "fulfillId": "F1",
                "lineItems": [{"id": "1"}, {"variantId": "9", "quantity": 1}],
                "trackingNumber": "1Z",
                "trackingCompany": "UPS",
                "trackingUrl": "https://ups.example/1Z",
                "locationId": "L1",
                "fulfillTime": "2025-12-31T10:00:00-05:00",
            },
            {"status": "failure", "lineItems": [{"lineItemId": "2", "quantity": 3}]},
        ],
    )
    first, second = show(order, SHOP).fulfillments
    assert [(unit.line_item_id, unit.quantity) for unit in first.line_items] == [("1", 2), ("2", 1)]
    assert (first.fulfill_id, first.name, first.tracking_number) == ("F1", "#1001.1", "1Z")
    assert (first.tracking_company, first.location_id) == ("UPS", "L1")
    assert first.fulfill_time == "2025-12-31T10:00:00-05:00"
    assert second.status == "failure"
    assert [line.fulfillable_quantity for line in show(order, SHOP).line_items] == [0, 2]
    assert order.fulfillment_status == "partial"


TWO = [a_line(id="1", quantity=2), a_line(id="2")]
SAME = [a_line(id="1"), a_line(id="1")]
AT = "order.fulfillments[0].lineItems[0]"


@pytest.mark.parametrize(
    ("lines", "units", "field"),
    [
        (TWO, [{"lineItemId": "3"}], f"{AT}.lineItemId"),
        (TWO, [{"quantity": 1}], f"{AT}.lineItemId"),
        (TWO, [{"variantId": "2"}], f"{AT}.lineItemId"),
        (TWO, [{"variantId": "5"}], f"{AT}.lineItemId"),
        (SAME, [{"lineItemId": "1"}], f"{AT}.lineItemId"),
        (TWO, [{"lineItemId": "1", "quantity": 3}], f"{AT}.quantity"),
        (
            TWO,
            [{"lineItemId": "1", "quantity": 2}, {"lineItemId": "1", "quantity": 1}],
            "order.fulfillments[0].lineItems[1].quantity",
        ),
    ],
)
def test_shipments_that_cannot_be_are_refused_by_name(lines, units, field):
    assert list(faults(lineItems=lines, fulfillments=[{"lineItems": units}])) == [field]


# What was given back


def refunded(**refund):
    return an_order(
        lineItems=[a_line(id="1", quantity=4, taxLines=[{"title": "VAT", "price": "4.00"}])],
        shippingLines=[{"title": "Post", "price": "5.00"}],
        financialStatus="paid",
        refunds=[refund],
    )


def test_a_refund_is_history_with_the_money_behind_it():
    units = [{"lineItemId": "1", "quantity": 1, "rightsReason": "Broken", "rightsReasonType": 3}]
    order = refunded(
        refundId="R1", lineItems=units, totalRefundShippingPrice="2.00", processedTime="2025-12-30T00:00:00Z"
    )
    [refund] = shown(order)["refunds"]
    assert refund["refundId"] == "R1"
    assert (refund["status"], refund["processedTime"]) == (1, "2025-12-29T19:00:00-05:00")
    assert (refund["totalRefundPrice"], refund["totalRefundShippingPrice"]) == ("13.00", "2.00")
    [line] = refund["refundLineItems"]
    assert (line["subtotal"], line["totalTax"], line["rightsReason"], line["rightsReasonType"]) == (
        "10.00",
        "1.00",
        "Broken",
        3,
    )
    assert line["lineItem"]["currentQuantity"] == 3
    assert moves(order) == [("sale", 4900, None), ("refund", 1300, 0)]
    told = show(order, SHOP)
    assert (told.total_price, told.current_total_price, told.total_outstanding) == ("49.00", "36.00", "0.00")
    assert (told.current_subtotal_price, told.current_total_tax) == ("30.00", "3.00")


def test_a_refund_in_review_gives_nothing_back_yet():
    order = refunded(status=0, amount="10.00")
    assert order.refunds[0].status is RefundStatus.REVIEW
    assert moves(order) == [("sale", 4900, None)]
    told = show(order, SHOP)
    assert (told.financial_status, told.current_total_price) == ("paid", "49.00")


def test_a_refund_and_the_transaction_that_gave_it_back_are_one():
    order = an_order(
        transactions=[a_move("sale", "10.00"), a_move("refund", "3.00", id="b"), a_move("refund", "1.00")],
        refunds=[{"amount": "4.00"}],
    )
    assert [refund.transaction_ids[0] for refund in order.refunds] == ["b"]
    assert len(order.refunds[0].transaction_ids) == 2
    assert show(order, SHOP).total_outstanding == "0.00"


def test_what_was_refunded_before_is_not_taken_twice_off_what_was_stated_to_stand():
    order = an_order(
        lineItems=[a_line(id="1", quantity=3, currentQuantity=2, fulfillableQuantity=0)],
        financialStatus="paid",
        fulfillmentStatus="fulfilled",
        currentTotalPrice="20.00",
        currentSubtotalPrice="20.00",
        refunds=[{"amount": "10.00", "lineItems": [{"lineItemId": "1", "quantity": 1}]}],
    )
    told = show(order, SHOP)
    assert (told.current_total_price, told.current_subtotal_price) == ("20.00", "20.00")
    assert told.line_items[0].current_quantity == 2
    assert shown(order)["lineItems"][0]["alreadyRightsNum"] == 1
    assert order.tallies["1"].refundable == 2


def test_units_that_came_back_are_the_shipped_ones_first():
    order = an_order(
        lineItems=[a_line(id="1", quantity=4)],
        financialStatus="paid",
        fulfillments=[{"lineItems": [{"lineItemId": "1", "quantity": 1}]}],
        refunds=[{"amount": "20.00", "lineItems": [{"lineItemId": "1", "quantity": 2}]}],
    )
    assert order.refunds[0].units[0].unshipped == 1
    assert order.fulfillable_quantity(order.line_items[0]) == 2
    told = {"restockType": "cancel", "lineItemId": "1", "quantity": 2}
    order = an_order(
        lineItems=[a_line(id="1", quantity=4)],
        financialStatus="paid",
        fulfillments=[{"lineItems": [{"lineItemId": "1", "quantity": 1}]}],
        refunds=[{"amount": "20.00", "lineItems": [told]}],
    )
    assert order.fulfillable_quantity(order.line_items[0]) == 1


@pytest.mark.parametrize(
    ("status", "sale"), [("refunded", 600), ("partially_refunded", 1000), ("paid", 1000)]
)
def test_a_stated_status_and_refunds_make_one_ledger(status, sale):
    order = an_order(financialStatus=status, refunds=[{"amount": "6.00"}])
    assert order.financial_status == status
    assert moves(order) == [("sale", sale, None), ("refund", 600, 0)]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"financialStatus": "paid", "refunds": [{"amount": "10.01"}]}, "order.refunds"),
        ({"refunds": [{"amount": "1.00"}]}, "order.refunds"),
        (
            {
                "transactions": [a_move("sale", "10.00"), a_move("refund", "2.00")],
                "refunds": [{"amount": "3.00"}],
            },
            "order.refunds",
        ),
        (
            {"lineItems": TWO, "refunds": [{"lineItems": [{"lineItemId": "9"}]}]},
            "order.refunds[0].lineItems[0].lineItemId",
        ),
        (
            {"lineItems": TWO, "refunds": [{"lineItems": [{"lineItemId": "1", "quantity": 3}]}]},
            "order.refunds[0].lineItems[0].quantity",
        ),
        ({"refunds": [{"amount": "1.00", "currency": "EUR"}]}, "order.refunds[0].currency"),
        (
            {"refunds": [{"shipping": {"amount": "1.00"}, "totalRefundShippingPrice": "2.00"}]},
            "order.refunds[0].totalRefundShippingPrice",
        ),
        ({"refunds": [{"amount": "1.00", "totalRefundPrice": "2.00"}]}, "order.refunds[0].totalRefundPrice"),
        ({"refunds": [{"status": 3}]}, "order.refunds[0].status"),
        ({"refunds": [{"processedTime": "2999-01-01T00:00:00Z"}]}, "order.refunds[0].processedTime"),
        (
            {"fulfillments": [{"createdTime": "2999-01-01T00:00:00Z"}]},
            "order.fulfillments[0].createdAt",
        ),
        ({"paidTime": "2025-12-30T00:00:00Z"}, "order.paidAt"),
        ({"financialStatus": "paid", "paidTime": "2999-01-01T00:00:00Z"}, "order.paidAt"),
        ({"createdAt": "2025-12-30T00:00:00Z", "createdTime": "2025-12-31T00:00:00Z"}, "order.createdTime"),
    ],
)
def test_a_history_that_cannot_be_is_refused_by_name(order, field):
    assert field in faults(**order)


# Taxes, shipping and discounts


F_LINES = [
    a_line(price="129.99"),
    a_line(price="85.95", taxable=False),
    a_line(price="19.99", quantity=2),
]
F_TAXES = [{"title": "State", "rate": "6", "price": "10.20"}, {"title": "City", "price": "4.25"}]


def test_golden_f_the_taxes_of_an_order_are_spread_over_its_taxable_lines():
    order = an_order(lineItems=F_LINES, taxLines=F_TAXES)
    told = shown(order)
    assert (told["subtotalPrice"], told["totalTax"], told["totalPrice"]) == ("255.92", "14.45", "270.37")
    assert [[tax["price"] for tax in line["taxLines"]] for line in told["lineItems"]] == [
        ["7.81", "3.26"],
        [],
        ["2.39", "0.99"],
    ]
    assert [(tax["title"], tax["rate"]) for tax in told["lineItems"][0]["taxLines"]] == [
        ("State", "6"),
        ("City", None),
    ]


def test_the_taxes_of_lines_and_shipping_are_summed_for_the_order_by_title_and_rate():
    vat = {"title": "VAT", "rate": "19"}
    order = an_order(
        lineItems=[a_line(taxLines=[vat | {"price": "1.90"}]), a_line(taxLines=[vat | {"price": "1.90"}])],
        shippingLines=[{"price": "5.00", "taxLines": [vat | {"price": "0.95"}, {"price": "0.10"}]}],
    )
    told = shown(order)
    assert [(tax["title"], tax["rate"], tax["price"]) for tax in told["taxLines"]] == [
        ("VAT", "19", "4.75"),
        (None, None, "0.10"),
    ]
    assert (told["totalTax"], told["totalPrice"]) == ("4.85", "29.85")


def test_the_taxes_of_the_order_are_the_authority_where_lines_have_some_too():
    order = an_order(
        lineItems=[a_line(taxLines=[{"title": "VAT", "price": "9.00"}])],
        taxLines=[{"title": "VAT", "price": "1.00"}],
    )
    told = shown(order)
    assert (told["totalTax"], told["lineItems"][0]["taxLines"][0]["price"]) == ("1.00", "9.00")


def test_tax_on_shipping_is_not_spread_over_goods():
    vat = {"title": "VAT", "rate": "10"}
    order = an_order(
        lineItems=[a_line(), a_line()],
        taxLines=[vat | {"price": "2.50"}],
        shippingLines=[{"price": "5.00", "taxLines": [vat | {"price": "0.50"}]}],
    )
    assert [line["taxLines"][0]["price"] for line in shown(order)["lineItems"]] == ["1.00", "1.00"]


def test_shipping_costs_what_is_left_of_its_price():
    order = an_order(shippingLines=[{"title": "Post", "price": "9.99", "discountedPrice": "7.99"}])
    told = show(order, SHOP)
    assert (told.total_shipping_price, told.total_price) == ("9.99", "17.99")
    assert show(an_order(totalShippingPrice="4.00"), SHOP).total_price == "14.00"
    wrong = an_order(totalShippingPrice="4.00", shippingLines=[{"price": "5.00"}])
    assert [each.field for each in show(wrong, SHOP).warnings] == ["totalShippingPrice"]
    assert faults(shippingLines=[{"price": "5.00", "discountedPrice": "6.00"}]) == {
        "order.shippingLines[0].discountedPrice": ["is more than the price"]
    }


def test_what_was_taken_off_without_a_code_is_what_was_allocated():
    order = an_order(
        lineItems=[a_line(discountAllocations={"amount": "2.50"}), a_line()],
        discountApplications=[{"title": "Summer Sale", "targetType": "lineItem", "value": "2.50"}],
    )
    told = show(order, SHOP)
    assert (told.total_discounts, told.total_price) == ("2.50", "17.50")
    assert [len(line.discount_allocations) for line in told.line_items] == [1, 0]
    line = shown(order)["lineItems"][0]
    assert line["discountAllocations"]["amount"] == "2.50"
    assert line["discountAllocations"]["discountApplicationIndex"] == 0


def test_several_allocations_of_a_line_are_one_object_in_events():
    cuts = [{"amount": "1.00", "discountApplicationIndex": 1}, {"amount": "0.50"}]
    order = an_order(lineItems=[a_line(discountAllocations=cuts)])
    assert [each.amount for each in show(order, SHOP).line_items[0].discount_allocations] == ["1.00", "0.50"]
    told = shown(order)["lineItems"][0]["discountAllocations"]
    assert (told["amount"], told["discountApplicationIndex"]) == ("1.50", 1)


def test_terms_may_be_one_or_several():
    one, two = {"amount": "70", "currency": "CAD"}, {"amount": "5.00", "paymentTermsName": "Later"}
    assert show(an_order(paymentTerms=one), SHOP).payment_terms.amount == "70.00"
    order = an_order(paymentTerms=[one, two])
    told = show(order, SHOP)
    assert (told.payment_terms.currency, told.more_payment_terms[0].payment_terms_name) == ("CAD", "Later")
    assert [each["amount"] for each in shown(order)["paymentTerms"]] == ["70.00", "5.00"]
    assert list(faults(paymentTerms={"amount": "70.001"})) == ["order.paymentTerms.amount"]
    assert list(faults(paymentTerms=[one, {"amount": "1.001"}])) == ["order.paymentTerms[1].amount"]


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"taxLines": [{"title": "VAT"}]}, "order.taxLines[0].price"),
        ({"taxLines": [{"price": "1.001"}]}, "order.taxLines[0].price"),
        ({"taxLines": [{"price": "1.00"}] * 21}, "order.taxLines"),
        ({"taxLines": [{"price": "1.00", "rate": "ten"}]}, "order.taxLines[0].rate"),
        ({"lineItems": [a_line(taxLines=[{"price": "1.001"}])]}, "order.lineItems[0].taxLines[0].price"),
        ({"shippingLines": [{"title": "Post"}]}, "order.shippingLines[0].price"),
        (
            {"shippingLines": [{"price": "1.00", "taxLines": [{"price": "0.001"}]}]},
            "order.shippingLines[0].taxLines[0].price",
        ),
        (
            {"lineItems": [a_line(discountAllocations={"amount": "-1"})]},
            "order.lineItems[0].discountAllocations.amount",
        ),
        ({"discountCodes": [{"code": "A", "amount": "1", "type": "4"}]}, "order.discountCodes[0].type"),
        ({"convertRate": "-1"}, "order.convertRate"),
        ({"type": "one"}, "order.type"),
    ],
)
def test_parts_that_cannot_be_are_refused_by_name(order, field):
    assert list(faults(**order)) == [field]
