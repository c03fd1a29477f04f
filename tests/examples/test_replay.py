"""The replay of a real year, its sample, against a real server."""

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from asking import ask, every_order
from running import seed, serve, till, where

EXAMPLE = Path(__file__).parents[2] / "examples" / "online_retail"


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    call = [sys.executable, EXAMPLE / "convert.py", EXAMPLE / "sample.csv.gz"]
    call += ["--orders", folder / "orders.jsonl", "--cancellations", folder / "cancellations.jsonl"]
    subprocess.run([*call, "--report", folder / "report.json"], check=True, capture_output=True)
    return folder


@pytest.fixture
def shop(tmp_path):
    return seed(tmp_path / "data", currency="GBP", timezone="Europe/London")


def replay(url, token, *options):
    return subprocess.run(
        [sys.executable, EXAMPLE / "replay.py", "--url", url, "--token", "-", *options],
        input=token,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def files(folder):
    return ["--orders", folder / "orders.jsonl", "--cancellations", folder / "cancellations.jsonl"]


NOT_MATCHED = {
    "lines": 26,
    "sum": "23741.28",
    "reasons": {
        "guest": {"lines": 10, "sum": "23556.45"},
        "notBought": {"lines": 12, "sum": "150.98"},
        "otherPrice": {"lines": 4, "sum": "33.85"},
    },
}


def test_all_orders_are_created_and_what_came_back_is_refunded_once(converted, shop, tmp_path):
    with serve(tmp_path / "data") as server:
        done = replay(server.url, shop.accessToken, *files(converted))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "orders": {"created": 423},
            "refunds": {"refunded": 56, "amount": "10306.89"},
            "notMatched": NOT_MATCHED,
            "sentAgain": {},
        }
        again = json.loads(replay(server.url, shop.accessToken, *files(converted)).stdout)
        assert again["orders"] == {"replayed": 423}
        assert again["refunds"] == {"replayed": 56, "amount": "0.00"}
        orders = list(every_order(server.url, shop.accessToken))
        refunds = every_refund(server.url, shop.accessToken)
    statuses = Counter(order["financialStatus"] for order in orders)
    assert statuses == {"paid": 371, "partially_refunded": 40, "refunded": 12}
    left = sum(Decimal(order["currentTotalPrice"]) for order in orders)
    assert left == Decimal("157105.86") - Decimal("10306.89")
    must_be_as_asked(converted, orders, refunds)


def every_refund(url, token):
    status, answer = ask(url, "/refunds?limit=250", token)
    assert status == 200
    return answer["refunds"]


def must_be_as_asked(converted, orders, refunds):
    """Each unit that a cancellation takes back is on one refund, of its line item and with its invoice."""
    by_source = {order["sourceIdentifier"]: order for order in orders}
    asked = Counter()
    for text in (converted / "cancellations.jsonl").read_text().splitlines():
        one = json.loads(text)
        for line in (line for line in one["lines"] if line["order"]):
            for some in line["units"]:
                item = by_source[line["order"]]["lineItems"][some["lineItem"]]
                asked[one["invoice"], item["id"], item["sku"]] += some["quantity"]
    given = Counter()
    for refund in refunds:
        for unit in refund["lineItems"]:
            invoice = refund["note"].split()[1]
            assert unit["rightsReason"] == f"cancelled on invoice {invoice}"
            assert unit["restockType"] == "return"
            given[invoice, unit["lineItemId"], unit["lineItem"]["productId"]] += unit["quantity"]
    assert given == asked


def test_a_cancellation_of_an_order_that_is_not_there_is_told(converted, shop, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text("".join((converted / "orders.jsonl").read_text().splitlines(keepends=True)[:1]))
    with serve(tmp_path / "data") as server:
        done = replay(server.url, shop.accessToken, "--orders", few, *files(converted)[2:])
    assert json.loads(done.stdout)["refunds"] == {"notFound": 56, "amount": "0.00"}


def test_the_rate_limit_is_honoured(converted, shop, tmp_path):
    """Its bucket is empty when it begins: to meet no limit, it would have to take eight seconds."""
    till("shop", "set", "demo", "--rate", "40@2", *where(tmp_path / "data"))
    some = tmp_path / "some.jsonl"
    some.write_text("".join((converted / "orders.jsonl").read_text().splitlines(keepends=True)[:16]))
    with serve(tmp_path / "data") as server:
        while ask(server.url, "/orders/count", shop.accessToken)[0] != 429:
            pass
        done = replay(server.url, shop.accessToken, "--orders", some)
    report = json.loads(done.stdout)
    assert report["orders"] == {"created": 16}
    assert report["sentAgain"]["429"] >= 1


def test_what_is_refused_is_told_and_the_rest_is_sent(converted, shop, tmp_path):
    some = tmp_path / "some.jsonl"
    bad = {"sourceName": "online-retail", "sourceIdentifier": "bad", "lineItems": []}
    good = (converted / "orders.jsonl").read_text().splitlines()[0]
    some.write_text(f"{json.dumps(bad)}\n{good}\n")
    with serve(tmp_path / "data") as server:
        done = replay(server.url, shop.accessToken, "--orders", some)
    assert done.returncode == 1
    assert json.loads(done.stdout)["orders"] == {"created": 1, "refused": 1}
    assert "online-retail:bad: 422" in done.stderr
