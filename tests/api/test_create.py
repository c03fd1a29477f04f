"""Creating an order: what is stated is kept, what is not is completed (rulings.md §4)."""

import pytest

from builders import a_line
from till.shop import Totals


def amounts(order, *names):
    return tuple(order[name] for name in names)


SHOWN = ("subtotalPrice", "totalTax", "totalPrice", "financialStatus", "totalOutstanding")


def test_golden_a_one_line_and_nothing_else_is_pending_and_outstanding(till):
    order = till.create(lineItems=[a_line(price="199.00")])
    assert amounts(order, *SHOWN) == ("199.00", "0.00", "199.00", "pending", "199.00")


def test_golden_b_the_order_takes_its_customers_email(till):
    customer = {"id": "7", "email": "bob@example.com"}
    order = till.create(lineItems=[a_line(price="199.00")], financialStatus="pending", customer=customer)
    assert order["email"] == "bob@example.com"
    assert order["customer"]["id"] == "7"


def test_golden_d_a_stated_tax_is_added_to_the_lines(till):
    order = till.create(
        lineItems=[a_line(price="74.99", quantity=3)], totalTax="13.50", financialStatus="paid"
    )
    assert amounts(order, *SHOWN) == ("224.97", "13.50", "238.47", "paid", "0.00")


def test_golden_e_a_percentage_code_becomes_the_amount_it_took_off(till):
    code = {"code": "FAKE30", "amount": "9.00", "type": "percentage"}
    order = till.create(lineItems=[a_line(price="199.00")], discountCodes=[code])
    assert order["discountCodes"] == [
        {"code": "FAKE30", "amount": "17.91", "type": "percentage", "rate": "9.00"}
    ]
    assert amounts(order, "totalDiscounts", "subtotalPrice", "totalPrice") == ("17.91", "181.09", "181.09")
    assert order["lineItems"][0]["totalDiscount"] == "0.00"


def test_golden_f_several_lines_and_an_order_tax(till):
    lines = [a_line(price="129.99"), a_line(price="85.95"), a_line(price="19.99", quantity=2)]
    order = till.create(lineItems=lines, totalTax="14.45")
    assert amounts(order, "subtotalPrice", "totalTax", "totalPrice") == ("255.92", "14.45", "270.37")


def test_golden_g_an_order_born_fulfilled_has_nothing_left_to_ship(till):
    order = till.create(lineItems=[a_line(price="199.00")], fulfillmentStatus="fulfilled")
    assert order["lineItems"][0]["fulfillableQuantity"] == 0
    assert order["lineItems"][0]["fulfillmentStatus"] == "fulfilled"
    assert till.topics() == ["orders/create", "orders/fulfilled"]


def test_tax_is_not_added_where_prices_include_it(till):
    order = till.create(totalTax="2.00", taxesIncluded=True)
    assert order["totalPrice"] == "10.00"


@pytest.mark.parametrize(
    ("currency", "price", "shown"),
    [("JPY", "1200", "1200"), ("USD", "12.5", "12.50"), ("KWD", "1.234", "1.234"), ("USD", 12.5, "12.50")],
)
def test_money_has_the_decimals_of_its_currency(till, currency, price, shown):
    assert till.create(currency=currency, lineItems=[a_line(price=price)])["totalPrice"] == shown


@pytest.mark.parametrize(
    ("currency", "price"), [("JPY", "12.5"), ("USD", "0.001"), ("KWD", "1.2345"), ("USD", "NaN")]
)
def test_what_is_no_amount_of_the_currency_is_refused_by_name(till, currency, price):
    reply = till.post("/orders", {"order": {"currency": currency, "lineItems": [a_line(price=price)]}})
    assert reply.status == 422
    assert list(reply.json["errors"]) == ["order.lineItems[0].price"]


def test_paid_without_transactions_books_one_sale_less_what_is_outstanding(till):
    till.create(financialStatus="paid", totalOutstanding="4.00")
    (body,) = (row[0] for row in till.rows("SELECT body FROM orders"))
    assert b'"kind":"sale","amount":600' in bytes(body)


def test_stated_totals_are_kept_and_a_disagreement_is_shown_as_a_warning(till):
    order = till.create(totalPrice="99.00")
    assert order["totalPrice"] == "99.00"
    assert [(each["code"], each["field"]) for each in order["warnings"]] == [("moneyMismatch", "totalPrice")]
    assert till.create(totalPrice="10.00")["warnings"] == []


def test_a_strict_shop_refuses_totals_that_do_not_add_up(till):
    shop = till.found("strict", totals=Totals.STRICT)
    token = till.install(shop)
    body = {"order": {"lineItems": [a_line()], "totalPrice": "99.00"}}
    reply = till.post("/orders", body, token=token)
    assert reply.status == 422
    assert reply.json["code"] == "totals_disagree"
    assert "order.totalPrice" in reply.json["errors"]
    body["order"]["totalPrice"] = "10.00"
    assert till.post("/orders", body, token=token).order["number"] == 1001


def test_numbers_begin_at_1001_and_have_no_gap_where_an_order_was_refused(till):
    first = till.create()
    assert till.post("/orders", {"order": {"lineItems": []}}).status == 422
    second = till.create()
    assert [first["name"], second["name"]] == ["#1001", "#1002"]


def test_every_fault_is_named_at_once_and_nothing_is_stored(till):
    line = a_line(quantity=0, price="-1", title="")
    body = {
        "order": {"lineItems": [line], "currency": "XXQ", "emial": "x", "createdAt": "2999-01-01T00:00:00Z"}
    }
    reply = till.post("/orders", body)
    assert reply.status == 422
    errors = reply.json["errors"]
    assert set(errors) == {
        "order.lineItems[0].quantity",
        "order.lineItems[0].price",
        "order.lineItems[0].title",
        "order.currency",
        "order.emial",
    }
    assert "did you mean 'email'" in errors["order.emial"][0]
    assert till.get("/orders/count").json == {"count": 0}
    assert till.events() == []


def test_an_order_of_the_future_and_one_closed_before_it_was_made_are_refused(till):
    body = {"order": {"lineItems": [a_line()], "createdAt": "2999-01-01T00:00:00Z"}}
    assert till.post("/orders", body).json["errors"] == {
        "order.createdAt": ["is in the future"],
        "order.processedAt": ["is in the future"],
    }
    body["order"] |= {"createdAt": "2020-01-02T00:00:00Z", "closedAt": "2020-01-01T00:00:00Z"}
    assert till.post("/orders", body).json["errors"] == {"order.closedAt": ["is earlier than createdAt"]}


def test_an_order_born_cancelled_tells_so(till):
    moment = "2020-01-02T00:00:00-05:00"
    order = till.create(createdAt=moment, cancelledAt=moment, cancelReason="fraud", financialStatus="voided")
    assert order["cancelledAt"] == moment
    assert order["financialStatus"] == "voided"
    assert till.topics() == ["orders/create", "orders/cancelled"]


def test_line_item_ids_are_kept_where_they_are_unique_within_the_order(till):
    order = till.create(lineItems=[a_line(id="77"), a_line()])
    ids = [line["id"] for line in order["lineItems"]]
    assert ids[0] == "77"
    assert len(set(ids)) == 2
    twice = till.create(lineItems=[a_line(id="7"), a_line(id="7"), a_line(id="8")])
    ids = [line["id"] for line in twice["lineItems"]]
    assert len(set(ids)) == 3
    assert "7" not in ids
    assert ids[2] == "8"


def test_a_source_identifier_is_taken_once_where_the_shop_says_so(till):
    token = till.install(till.found("once", unique_source_identifier=True))
    body = {"order": {"lineItems": [a_line()], "sourceName": "web", "sourceIdentifier": "A-1"}}
    first = till.post("/orders", body, token=token).order
    reply = till.post("/orders", body, token=token)
    assert reply.status == 422
    assert reply.json["code"] == "same_source"
    assert first["orderId"] in reply.json["error"]
    body["order"]["sourceName"] = "app"
    assert till.post("/orders", body, token=token).status == 200
    assert till.create(sourceName="web", sourceIdentifier="A-1")["sourceIdentifier"] == "A-1"


def test_server_owned_fields_are_ignored_when_sent(till):
    order = till.create(orderId="5", id="5", version="9", updatedAt="2001-01-01T00:00:00Z", name="#9")
    assert order["orderId"] == order["id"] != "5"
    assert (order["version"], order["name"]) == (1, "#1001")
    assert not order["updatedAt"].startswith("2001")


def test_what_is_wholly_refunded_or_cancelled_elsewhere_owes_nothing(till):
    refunded = till.create(financialStatus="refunded")
    assert amounts(refunded, "totalPrice", "currentTotalPrice", "totalOutstanding") == (
        "10.00",
        "0.00",
        "0.00",
    )
    moment = "2020-01-02T00:00:00-05:00"
    gone = till.create(createdAt=moment, cancelledAt=moment)
    assert amounts(gone, "totalOutstanding", "closedAt", "financialStatus") == ("0.00", moment, "voided")
    assert gone["lineItems"][0]["fulfillableQuantity"] == 0


@pytest.mark.parametrize("moment", ["1969-12-31T12:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_order_from_before_1970_is_refused(till, moment):
    reply = till.post("/orders", {"order": {"lineItems": [a_line()], "createdAt": moment}})
    assert reply.status == 422
    assert reply.json["errors"] == {"order.createdAt": ["must be a time of the years 1970 to 9998"]}
    assert till.get(f"/orders/count?createdAtMax={moment}").json == {"count": 0}


def test_an_order_of_very_many_words_is_found_by_its_exact_values_on_both_stores(till):
    lines = [a_line(title=" ".join(f"w{n}x{m}" for m in range(20))) for n in range(1_500)]
    till.create(lineItems=lines, email="ada@example.com", tags="huge", sourceIdentifier="S-1")
    for query in (
        "email=ada@example.com",
        "tag=huge",
        "name=1001",
        "sourceIdentifier=S-1",
        "q=ada",
        "q=w0x1",
    ):
        assert till.get(f"/orders/count?{query}").json == {"count": 1}, query


def test_times_are_shown_in_the_shops_zone_in_whole_seconds(till):
    order = till.create(createdAt="2024-07-01T12:00:00.9Z")
    assert order["createdAt"] == "2024-07-01T08:00:00-04:00"
