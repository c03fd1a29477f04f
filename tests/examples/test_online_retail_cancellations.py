"""What the Online Retail converter makes of cancellations, against figures that are reckoned here."""

from collections import Counter, defaultdict
from decimal import Decimal

from online_retail import contents, convert

# Lines of cancellations and what they come to in pounds; reckoned without the converter.
SAMPLE_CANCELLED = (217, "34048.17")
FULL_CANCELLED = (9288, "896812.49")


def test_a_cancellation_names_the_order_only_if_it_takes_back_all_of_it(converted):
    orders = {order["sourceIdentifier"]: order for order in converted[0]}
    whole = [one for one in converted[1] if one["cancels"]]
    assert len({one["cancels"] for one in whole}) == len(whole) == 12
    for one in whole:
        order = orders[one["cancels"]]
        assert one["match"] == "whole"
        assert order["customer"]["id"] == one["customerId"]
        assert order["createdAt"] < one["createdAt"]
        assert contents(order["lineItems"], "sku") == contents(one["lines"], "stockCode")


def test_each_line_that_is_found_is_taken_from_line_items_that_have_as_many_left(converted):
    items = {order["sourceIdentifier"]: order["lineItems"] for order in converted[0]}
    left = {(name, at): item["quantity"] for name in items for at, item in enumerate(items[name])}
    shared = 0
    for line in (line for one in converted[1] for line in one["lines"] if line["order"]):
        assert sum(some["quantity"] for some in line["units"]) == line["quantity"]
        shared += len(line["units"]) > 1
        for some in line["units"]:
            item = items[line["order"]][some["lineItem"]]
            assert (item["sku"], item["price"]) == (line["stockCode"], line["price"])
            assert some["quantity"] > 0
            left[line["order"], some["lineItem"]] -= some["quantity"]
    assert min(left.values()) == 0
    assert shared


def test_no_cancellation_is_left_unmatched_that_could_be_matched(converted):
    left = {x["sourceIdentifier"]: contents(x["lineItems"], "sku") for x in converted[0]}
    takers = defaultdict(set)
    for one in converted[1]:
        for line in one["lines"]:
            if line["order"]:
                left[line["order"]][line["stockCode"], line["price"]] -= line["quantity"]
                takers[line["order"]].add(one["invoice"])
    assert min(count for goods in left.values() for count in goods.values()) == 0
    for one in converted[1]:
        earlier = earlier_orders(converted[0], one)
        for line in one["lines"]:
            key = (line["stockCode"], line["price"])
            held = max((left[x["sourceIdentifier"]][key] for x in earlier), default=0)
            assert line["order"] or held < line["quantity"]
        for order in earlier if one["match"] != "whole" else ():
            if takers[order["sourceIdentifier"]] <= {one["invoice"]}:
                asked = contents(one["lines"], "stockCode")
                assert contents(order["lineItems"], "sku") != asked


def earlier_orders(orders, one):
    return [
        order
        for order in orders
        if one["customerId"] == order.get("customer", {}).get("id", "guest")
        and order["createdAt"] < one["createdAt"]
    ]


def why_missed(orders, one, line):
    """The reason, found the slow way: by looking through all orders."""
    if one["customerId"] is None:
        return "guest"
    bought = [item for order in earlier_orders(orders, one) for item in order["lineItems"]]
    prices = {item["price"] for item in bought if item["sku"] == line["stockCode"]}
    if line["price"] in prices:
        return "tooFewLeft"
    return "otherPrice" if prices else "notBought"


def test_each_line_that_is_not_found_has_its_reason(converted):
    orders, cancellations, report = converted
    missed = [(one, line) for one in cancellations for line in one["lines"] if line["order"] is None]
    assert [line["missed"] for _, line in missed] == [why_missed(orders, *each) for each in missed]
    told = report["cancellations"]["missed"]
    assert told == {
        "guest": {"lines": 10, "sum": "23556.45"},
        "notBought": {"lines": 12, "sum": "150.98"},
        "otherPrice": {"lines": 4, "sum": "33.85"},
        "tooFewLeft": {"lines": 0, "sum": "0.00"},
    }
    assert Counter(line["missed"] for _, line in missed) == Counter(
        {reason: part["lines"] for reason, part in told.items() if part["lines"]}
    )


def test_what_was_found_and_what_was_not_add_up_to_what_was_cancelled(converted):
    must_add_up(converted[2], SAMPLE_CANCELLED)
    assert converted[2]["cancellations"]["found"] == {"lines": 191, "sum": "10306.89", "refunds": 56}


def must_add_up(report, cancelled):
    told = report["cancellations"]
    parts = [told["found"], *told["missed"].values()]
    assert (told["lines"], told["sum"]) == cancelled
    assert sum(part["lines"] for part in parts) == told["lines"]
    assert sum(Decimal(part["sum"]) for part in parts) == Decimal(told["sum"])


TWICE = """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,MUG,4.0,2011-01-01 09:00:00,2.0,7.0,France
1,A,MUG,2.0,2011-01-01 09:00:00,2.0,7.0,France
1,B,CUP,1.0,2011-01-01 09:00:00,1.0,7.0,France
C2,A,MUG,-5.0,2011-01-02 09:00:00,2.0,7.0,France
C3,A,MUG,-2.0,2011-01-03 09:00:00,2.0,7.0,France
C3,A,MUG,-1.0,2011-01-03 09:00:00,2.0,7.0,France
C3,A,MUG,-1.0,2011-01-03 09:00:00,3.0,7.0,France
C4,D,DISH,-1.0,2011-01-04 09:00:00,3.0,7.0,France
5,D,DISH,1.0,2011-01-05 09:00:00,3.0,7.0,France
"""


def test_one_line_is_taken_from_two_line_items_and_never_more_than_there_were(tmp_path):
    (tmp_path / "twice.csv").write_text(TWICE, encoding="utf-8")
    _, cancellations, report = convert(tmp_path / "twice.csv", tmp_path)
    units = [[line.get("units"), line.get("missed")] for one in cancellations for line in one["lines"]]
    assert units == [
        [[{"lineItem": 0, "quantity": 4}, {"lineItem": 1, "quantity": 1}], None],
        [None, "tooFewLeft"],
        [[{"lineItem": 1, "quantity": 1}], None],
        [None, "otherPrice"],
        [None, "notBought"],
    ]
    assert report["cancellations"]["found"] == {"lines": 2, "sum": "12.00", "refunds": 2}


def test_the_whole_year_comes_to_the_figures_of_the_readme(full, tmp_path):
    _, cancellations, report = convert(full, tmp_path)
    assert len(cancellations) == 3836
    must_add_up(report, FULL_CANCELLED)
    assert report["cancellations"]["found"] == {"lines": 7147, "sum": "458385.62", "refunds": 3432}
    missed = report["cancellations"]["missed"]
    assert {reason: (part["lines"], part["sum"]) for reason, part in missed.items()} == {
        "guest": (383, "285470.40"),
        "notBought": (1306, "124233.98"),
        "otherPrice": (339, "17254.37"),
        "tooFewLeft": (113, "11468.12"),
    }
