"""Shipments and refunds told with a new order: history that is counted once."""

import pytest
from handed import TWO, a_move, faults, moves, told

from builders import SHOP, a_line, an_order
from till.orders.wire import examples
from till.orders.wire.answer import show
from till.orders.words import RefundStatus


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
    [refund] = told(order)["refunds"]
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
    seen = show(order, SHOP)
    assert (seen.total_price, seen.current_total_price, seen.total_outstanding) == ("49.00", "36.00", "0.00")
    assert (seen.current_subtotal_price, seen.current_total_tax) == ("30.00", "3.00")


def test_a_refund_in_review_gives_nothing_back_yet():
    order = refunded(status=0, amount="10.00")
    assert order.refunds[0].status is RefundStatus.REVIEW
    assert moves(order) == [("sale", 4900, None)]
    seen = show(order, SHOP)
    assert (seen.financial_status, seen.current_total_price) == ("paid", "49.00")


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
    seen = show(order, SHOP)
    assert (seen.current_total_price, seen.current_subtotal_price) == ("20.00", "20.00")
    assert seen.line_items[0].current_quantity == 2
    assert told(order)["lineItems"][0]["alreadyRightsNum"] == 1
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


def test_the_example_of_a_history_is_taken():
    order = an_order(**examples.HISTORY)
    seen = show(order, SHOP)
    assert (seen.total_price, seen.financial_status, seen.fulfillment_status) == (
        "159.46",
        "partially_refunded",
        "fulfilled",
    )
    assert (seen.current_total_price, seen.total_outstanding, seen.warnings) == ("82.71", "0.00", ())
