"""The Online Retail converter against figures that are reckoned here, from the CSV itself."""

import csv
import gzip
import os
import pty
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from online_retail import EXAMPLE, SAMPLE, convert, in_lines, run

# Month, orders, lines and pounds; reckoned with awk in whole pennies.
SAMPLE_MONTHS = """
    2010-12   29  292   8522.06    2011-07   35  545  12282.43
    2011-01   32  477  11935.24    2011-08   36  604  12361.17
    2011-02   23  282   6395.26    2011-09   38  595  16305.48
    2011-03   31  494   9712.21    2011-10   41  756  13759.33
    2011-04   29  571  15053.85    2011-11   53  940  24418.67
    2011-05   25  429   6891.10    2011-12   13  173   4981.61
    2011-06   38  721  14487.45    all      423 6879 157105.86
"""
FULL_MONTHS = """
    2010-12 1629 41683 823746.14   2011-07  1540  38716   719221.19
    2011-01 1120 34350 691364.56   2011-08  1406  34563   748076.32
    2011-02 1126 27184 523631.89   2011-09  1896  49323  1058590.17
    2011-03 1531 35915 717639.36   2011-10  2129  59396  1154979.30
    2011-04 1318 29171 537808.62   2011-11  2884  83498  1509496.33
    2011-05 1731 36292 770536.02   2011-12   839  25135   638792.68
    2011-06 1576 36056 761739.90   all     20725 531282 10655622.48
"""
ORDER_FIELDS = {
    "sourceName",
    "sourceIdentifier",
    "currency",
    "createdAt",
    "financialStatus",
    "fulfillmentStatus",
    "customer",
    "shippingAddress",
    "lineItems",
}


def months_of(table):
    words = table.split()
    rows = [words[start : start + 4] for start in range(0, len(words), 4)]
    return {month: (int(n), int(lines), Decimal(sum_)) for month, n, lines, sum_ in rows}


def months_in(orders):
    found = defaultdict(lambda: (0, 0, Decimal(0)))
    for order in orders:
        items = order["lineItems"]
        amount = sum(Decimal(item["price"]) * item["quantity"] for item in items)
        for month in (order["createdAt"][:7], "all"):
            count, lines, total = found[month]
            found[month] = (count + 1, lines + len(items), total + amount)
    return dict(found)


@pytest.fixture(scope="module")
def rows():
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_each_month_of_the_sample_has_its_orders_lines_and_pounds(converted):
    assert months_in(converted[0]) == months_of(SAMPLE_MONTHS)


def test_the_sample_agrees_order_by_order_with_its_csv(converted, rows):
    expected = defaultdict(list)
    for row in rows:
        if row["InvoiceNo"][0] not in "AC" and float(row["Quantity"]) > 0:
            price = Decimal(row["UnitPrice"]).quantize(Decimal("0.01"))
            line = (row["StockCode"], row["Description"] or "(no description)")
            expected[row["InvoiceNo"]].append((*line, int(float(row["Quantity"])), price))
    found = {
        order["sourceIdentifier"]: [
            (x["sku"], x["title"], x["quantity"], Decimal(x["price"])) for x in order["lineItems"]
        ]
        for order in converted[0]
    }
    assert found == expected
    assert list(found) == list(expected)


def test_every_line_of_the_file_is_accounted_for(converted, rows):
    orders, cancellations, report = converted
    ordered = sum(len(order["lineItems"]) for order in orders)
    taken_back = sum(len(one["lines"]) for one in cancellations)
    assert report["source"]["lines"] == len(rows)
    assert report["linesLeftOut"] == {"adjustment": 3, "quantityNotPositive": 12}
    assert ordered + taken_back + 15 == len(rows)
    written = {order["sourceIdentifier"] for order in orders} | {x["invoice"] for x in cancellations}
    assert set(report["invoicesLeftOut"]) == {row["InvoiceNo"] for row in rows} - written


def test_the_report_says_what_the_orders_say(converted):
    orders, cancellations, report = converted
    told = {**report["byMonth"], "all": report["orders"]}
    assert {
        month: (row["orders"], row["lines"], Decimal(row["sum"])) for month, row in told.items()
    } == months_in(orders)
    items = [item for order in orders for item in order["lineItems"]]
    assert report["orders"]["guestOrders"] == sum("customer" not in order for order in orders) > 0
    nameless = sum(item["title"] == "(no description)" for item in items)
    assert report["orders"]["linesWithoutDescription"] == nameless > 0
    matches = Counter(one["match"] for one in cancellations)
    assert report["cancellations"]["byMatch"] == dict(matches)
    assert report["source"]["invoicesInPieces"] == ["542806"]


def test_an_order_has_documented_fields_only_and_money_as_text(converted):
    for order in converted[0]:
        assert set(order) <= ORDER_FIELDS
        assert order["currency"] == "GBP"
        assert (order["financialStatus"], order["fulfillmentStatus"]) == ("paid", "fulfilled")
        for item in order["lineItems"]:
            assert set(item) == {"productId", "variantId", "sku", "title", "quantity", "price"}
            assert item["price"] == f"{Decimal(item['price']):.2f}"


def test_customers_and_countries_are_those_of_the_invoice(converted, rows):
    invoices = {row["InvoiceNo"]: row for row in rows}
    codes = {}
    for order in converted[0]:
        row = invoices[order["sourceIdentifier"]]
        customer = row["CustomerID"]
        assert order.get("customer") == ({"id": str(int(float(customer)))} if customer else None)
        address = order.get("shippingAddress")
        codes[row["Country"]] = address and (address["country"], address["countryCode"])
    assert len(codes) == 38
    assert [name for name, code in codes.items() if code and code[0] != name] == []
    assert {name for name, code in codes.items() if not code} == {
        "Unspecified",
        "European Community",
    }
    assert {name for name, code in codes.items() if code and not code[1]} == {"Channel Islands"}
    assert [codes[name][1] for name in ("EIRE", "RSA", "USA", "United Kingdom")] == [
        *("IE", "ZA", "US", "GB")
    ]


def test_times_are_londons_with_the_offset_of_the_season(converted, rows):
    first = {row["InvoiceNo"]: row["InvoiceDate"] for row in reversed(rows)}
    for order in converted[0]:
        printed = first[order["sourceIdentifier"]].replace(" ", "T")
        summer = "2011-03-27T01" <= printed < "2011-10-30T02"
        assert order["createdAt"] == printed + ("+01:00" if summer else "+00:00")


def test_a_tenth_of_a_penny_is_taken_as_nothing_and_reported(converted, rows):
    rounded = [
        {"invoice": row["InvoiceNo"], "stockCode": row["StockCode"], "price": "0.001"}
        for row in rows
        if row["UnitPrice"] == "0.001"
    ]
    assert len(rounded) == 4
    assert converted[2]["pricesRounded"] == [row | {"taken": "0.00"} for row in rounded]


def test_a_plain_csv_comes_out_on_standard_output_as_the_gzipped_one_does(converted, tmp_path):
    plain = tmp_path / "sample.csv"
    plain.write_bytes(gzip.decompress(SAMPLE.read_bytes()))
    done = run("convert.py", plain, "--orders", "-")
    assert in_lines(done.stdout) == converted[0]
    assert "converted 7,111 of 7,111 lines" in done.stderr
    assert "lines left out: {'adjustment': 3, 'quantityNotPositive': 12}" in done.stderr


@pytest.mark.parametrize("fault", ["six,2010-12-01 08:26:00,2.55", "6.5,2010-12-01 08:26:00,2.55", "6"])
def test_a_row_that_cannot_be_read_is_named_and_nothing_takes_the_place_of_the_output(fault, tmp_path):
    broken, orders = tmp_path / "broken.csv", tmp_path / "orders.jsonl"
    header = gzip.decompress(SAMPLE.read_bytes()).splitlines()[0].decode()
    broken.write_text(f"{header}\n536365,85123A,HEART,{fault},17850.0,France\n", encoding="utf-8")
    orders.write_text("kept", encoding="utf-8")
    done = run("convert.py", broken, "--orders", orders)
    assert done.returncode == 1
    assert "row 2 cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert orders.read_text(encoding="utf-8") == "kept"


def test_a_person_at_a_terminal_sees_a_bar(tmp_path):
    ours, theirs = pty.openpty()
    command = [sys.executable, EXAMPLE / "convert.py", SAMPLE, "--orders", tmp_path / "orders"]
    done = subprocess.run(command, stderr=theirs, env=os.environ | {"TERM": "xterm"}, check=False)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "converting" in shown
    assert "lines\r\nconverted" not in shown


def test_the_whole_year_comes_to_the_golden_figures_and_makes_the_sample(full, tmp_path):
    orders, cancellations, report = convert(full, tmp_path)
    assert months_in(orders) == months_of(FULL_MONTHS)
    assert report["linesLeftOut"] == {"adjustment": 3, "quantityNotPositive": 1336}
    assert sum(len(one["lines"]) for one in cancellations) == 9288
    assert len(cancellations) == 3836
    assert report["orders"]["linesAtPriceZero"] == 1179
    made = tmp_path / "sample.csv.gz"
    assert run("sample.py", full, made).returncode == 0
    assert gzip.decompress(made.read_bytes()) == gzip.decompress(SAMPLE.read_bytes())
