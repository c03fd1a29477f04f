"""Money told with a new order: a ledger that adds up, or a refusal that names what does not."""

import pytest
from handed import a_move, faults, moves

from builders import NOON, SHOP, a_line, an_order
from till.errors import Invalid
from till.orders import ledger
from till.orders.totals import mismatches, totals
from till.orders.wire.answer import show


def test_golden_c_a_part_that_is_held_leaves_the_rest_outstanding():
    order = an_order(
        lineItems=[a_line(price="199.00")],
        financialStatus="partially_paid",
        transactions=[a_move("authorization", "50.00")],
    )
    seen = show(order, SHOP)
    assert (seen.financial_status, seen.total_outstanding) == ("partially_paid", "149.00")
    assert moves(order) == [("authorization", 5000, None)]


def test_golden_d_a_sale_of_the_total_pays_it():
    order = an_order(
        lineItems=[a_line(price="74.99", quantity=3, taxLines=[{"title": "Tax", "price": "13.50"}])],
        totalTax="13.50",
        transactions=[a_move("sale", "238.47")],
    )
    seen = show(order, SHOP)
    assert (seen.total_price, seen.financial_status, seen.total_outstanding) == ("238.47", "paid", "0.00")
    assert mismatches(order, totals(order)) == ()


def test_a_stated_status_stands_beside_transactions_that_say_otherwise():
    order = an_order(financialStatus="paid", transactions=[a_move("sale", "4.00")])
    seen = show(order, SHOP)
    assert (seen.financial_status, seen.total_outstanding) == ("paid", "6.00")
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
