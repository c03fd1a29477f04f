"""Taxes, shipping, discounts and terms told with a new order: what they come to, line by line."""

import pytest
from handed import faults, told

from builders import SHOP, a_line, an_order
from till.orders.wire.answer import show

F_LINES = [
    a_line(price="129.99"),
    a_line(price="85.95", taxable=False),
    a_line(price="19.99", quantity=2),
]
F_TAXES = [{"title": "State", "rate": "6", "price": "10.20"}, {"title": "City", "price": "4.25"}]


def test_golden_f_the_taxes_of_an_order_are_spread_over_its_taxable_lines():
    order = an_order(lineItems=F_LINES, taxLines=F_TAXES)
    event = told(order)
    assert (event["subtotalPrice"], event["totalTax"], event["totalPrice"]) == ("255.92", "14.45", "270.37")
    assert [[tax["price"] for tax in line["taxLines"]] for line in event["lineItems"]] == [
        ["7.81", "3.26"],
        [],
        ["2.39", "0.99"],
    ]
    assert [(tax["title"], tax["rate"]) for tax in event["lineItems"][0]["taxLines"]] == [
        ("State", "6"),
        ("City", None),
    ]


def test_the_taxes_of_lines_and_shipping_are_summed_for_the_order_by_title_and_rate():
    vat = {"title": "VAT", "rate": "19"}
    order = an_order(
        lineItems=[a_line(taxLines=[vat | {"price": "1.90"}]), a_line(taxLines=[vat | {"price": "1.90"}])],
        shippingLines=[{"price": "5.00", "taxLines": [vat | {"price": "0.95"}, {"price": "0.10"}]}],
    )
    event = told(order)
    assert [(tax["title"], tax["rate"], tax["price"]) for tax in event["taxLines"]] == [
        ("VAT", "19", "4.75"),
        (None, None, "0.10"),
    ]
    assert (event["totalTax"], event["totalPrice"]) == ("4.85", "29.85")


def test_the_taxes_of_the_order_are_the_authority_where_lines_have_some_too():
    order = an_order(
        lineItems=[a_line(taxLines=[{"title": "VAT", "price": "9.00"}])],
        taxLines=[{"title": "VAT", "price": "1.00"}],
    )
    event = told(order)
    assert (event["totalTax"], event["lineItems"][0]["taxLines"][0]["price"]) == ("1.00", "9.00")


def test_tax_on_shipping_is_not_spread_over_goods():
    vat = {"title": "VAT", "rate": "10"}
    order = an_order(
        lineItems=[a_line(), a_line()],
        taxLines=[vat | {"price": "2.50"}],
        shippingLines=[{"price": "5.00", "taxLines": [vat | {"price": "0.50"}]}],
    )
    assert [line["taxLines"][0]["price"] for line in told(order)["lineItems"]] == ["1.00", "1.00"]


def test_shipping_costs_what_is_left_of_its_price():
    order = an_order(shippingLines=[{"title": "Post", "price": "9.99", "discountedPrice": "7.99"}])
    seen = show(order, SHOP)
    assert (seen.total_shipping_price, seen.total_price) == ("9.99", "17.99")
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
    seen = show(order, SHOP)
    assert (seen.total_discounts, seen.total_price) == ("2.50", "17.50")
    assert [len(line.discount_allocations) for line in seen.line_items] == [1, 0]
    line = told(order)["lineItems"][0]
    assert line["discountAllocations"]["amount"] == "2.50"
    assert line["discountAllocations"]["discountApplicationIndex"] == 0


def test_several_allocations_of_a_line_are_one_object_in_events():
    cuts = [{"amount": "1.00", "discountApplicationIndex": 1}, {"amount": "0.50"}]
    order = an_order(lineItems=[a_line(discountAllocations=cuts)])
    assert [each.amount for each in show(order, SHOP).line_items[0].discount_allocations] == ["1.00", "0.50"]
    event = told(order)["lineItems"][0]["discountAllocations"]
    assert (event["amount"], event["discountApplicationIndex"]) == ("1.50", 1)


def test_terms_may_be_one_or_several():
    one, two = {"amount": "70", "currency": "CAD"}, {"amount": "5.00", "paymentTermsName": "Later"}
    assert show(an_order(paymentTerms=one), SHOP).payment_terms.amount == "70.00"
    order = an_order(paymentTerms=[one, two])
    seen = show(order, SHOP)
    assert (seen.payment_terms.currency, seen.more_payment_terms[0].payment_terms_name) == ("CAD", "Later")
    assert [each["amount"] for each in told(order)["paymentTerms"]] == ["70.00", "5.00"]
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
