"""`till import orders` as a real process."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from asking import ask, every_order
from channel import an_order, write_lines
from running import PATIENCE, answer, command, environment, seed, serve, till, where

EXAMPLE = Path(__file__).parents[2] / "examples" / "online_retail"
# examples/online_retail/README.md: orders, lines and sum of each month of the sample.
GOLDEN = {
    "2010-12": (29, 292, "8522.06"),
    "2011-01": (32, 477, "11935.24"),
    "2011-02": (23, 282, "6395.26"),
    "2011-03": (31, 494, "9712.21"),
    "2011-04": (29, 571, "15053.85"),
    "2011-05": (25, 429, "6891.10"),
    "2011-06": (38, 721, "14487.45"),
    "2011-07": (35, 545, "12282.43"),
    "2011-08": (36, 604, "12361.17"),
    "2011-09": (38, 595, "16305.48"),
    "2011-10": (41, 756, "13759.33"),
    "2011-11": (53, 940, "24418.67"),
    "2011-12": (13, 173, "4981.61"),
}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def token(place):
    return seed(place, currency="GBP", timezone="Europe/London").accessToken


def bring(file, place, *options, **more):
    return till(
        "import", "orders", file, "--shop", "demo", *where(place), "--json", *options, check=False, **more
    )


def test_orders_come_in_bare_or_wrapped_and_a_second_run_adds_nothing(place, token, tmp_path):
    file = write_lines(tmp_path / "in.jsonl", an_order(1), {"order": an_order(2)}, "", an_order(3))
    done = bring(file, place)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report.pop("seconds") >= 0
    assert report == {
        "orders": 3,
        "lines": 6,
        "money": {"GBP": "75.00"},
        "skipped": 0,
        "refused": 0,
        "withoutSourceIdentifier": 0,
        "dryRun": False,
        "errors": None,
    }
    again = json.loads(bring(file, place).stdout)
    assert (again["orders"], again["skipped"], again["money"]) == (0, 3, {})
    with serve(place) as server:
        assert [each["name"] for each in every_order(server.url, token)] == ["#1003", "#1002", "#1001"]


def test_an_order_is_the_same_only_by_name_and_identifier_to_the_letter(place, token, tmp_path):
    file = write_lines(
        tmp_path / "in.jsonl",
        an_order(1),
        an_order(1, sourceIdentifier="e-1"),
        an_order(1, sourceName="shopfront"),
        an_order(1, sourceName=None),
        an_order(1),
    )
    report = json.loads(bring(file, place).stdout)
    assert (report["orders"], report["skipped"]) == (4, 1)
    assert json.loads(bring(file, place).stdout)["skipped"] == 5


def test_orders_without_an_identifier_are_counted_for_they_come_again(place, token, tmp_path):
    file = write_lines(tmp_path / "in.jsonl", an_order(1, sourceIdentifier=None), an_order(2))
    assert json.loads(bring(file, place).stdout)["withoutSourceIdentifier"] == 1
    said = till("import", "orders", file, "--shop", "demo", *where(place)).stdout
    assert "Added 1 orders with 2 lines over 25.00 GBP" in said
    assert "1 have no sourceIdentifier" in said


def test_what_is_refused_is_told_by_line_and_the_rest_stands(place, token, tmp_path):
    file = write_lines(
        tmp_path / "in.jsonl",
        an_order(1),
        "{not json",
        an_order(2, lineItems=[]),
        an_order(3, colour="red"),
        an_order(4, createdAt="2999-01-01T00:00:00Z"),
        "[]",
        an_order(5),
    )
    done = bring(file, place)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert (report["orders"], report["refused"]) == (2, 5)
    errors = Path(report["errors"])
    assert errors == tmp_path / "in.jsonl.errors.jsonl"
    told = [json.loads(line) for line in errors.read_text().splitlines()]
    assert [each["line"] for each in told] == [2, 3, 4, 5, 6]
    assert told[0]["errors"] == {}
    assert "not JSON" in told[0]["error"]
    assert list(told[1]["errors"]) == ["order.lineItems"]
    assert list(told[2]["errors"]) == ["order.colour"]
    assert "order.createdAt" in told[3]["errors"]
    write_lines(file, an_order(1), an_order(5))
    assert bring(file, place).returncode == 0
    assert not errors.exists()


def test_the_error_file_may_be_named(place, token, tmp_path):
    file = write_lines(tmp_path / "in.jsonl", "no")
    bring(file, place, "--errors", str(tmp_path / "why.jsonl"))
    assert json.loads((tmp_path / "why.jsonl").read_text())["line"] == 1


def test_a_line_that_is_too_long_is_refused_and_no_other(place, token, tmp_path):
    long = an_order(2, note="x" * 10_000)
    file = write_lines(tmp_path / "in.jsonl", an_order(1), long, an_order(3))
    report = json.loads(bring(file, place, TILL_MAX_BODY="2000").stdout)
    assert (report["orders"], report["refused"]) == (2, 1)


def test_a_dry_run_finds_the_same_and_writes_nothing(place, token, tmp_path):
    file = write_lines(tmp_path / "in.jsonl", an_order(1), an_order(2), an_order(1), "no")
    dry = json.loads(bring(file, place, "--dry-run").stdout)
    assert dry["dryRun"] is True
    with serve(place) as server:
        assert ask(server.url, "/orders/count", token) == (200, {"count": 0})
    real = json.loads(bring(file, place).stdout)
    same = ("orders", "lines", "money", "skipped", "refused")
    assert [dry[name] for name in same] == [real[name] for name in same] == [2, 4, {"GBP": "50.00"}, 1, 1]


def test_standard_input_is_read_beside_a_server_at_work(place, token, tmp_path):
    given = "".join(f"{json.dumps(an_order(number))}\n" for number in range(250))
    with serve(place) as server:
        done = bring("-", place, given=given, cwd=tmp_path)
        assert json.loads(done.stdout)["orders"] == 250
        assert ask(server.url, "/orders/count", token) == (200, {"count": 250})


def test_a_shop_that_is_strict_about_totals_is_so_here(place, token, tmp_path):
    till("shop", "set", "demo", "--totals", "strict", *where(place))
    file = write_lines(
        tmp_path / "in.jsonl", an_order(1, totalPrice="24.00"), an_order(2, totalPrice="25.00")
    )
    report = json.loads(bring(file, place).stdout)
    assert (report["orders"], report["refused"]) == (1, 1)
    assert "order.totalPrice" in Path(report["errors"]).read_text()


def test_no_such_shop_and_no_such_file_are_one_sentence(place, token, tmp_path):
    file = write_lines(tmp_path / "in.jsonl", an_order(1))
    done = till("import", "orders", file, "--shop", "other", *where(place), check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no shop 'other'" in done.stderr
    done = bring(tmp_path / "none.jsonl", place)
    assert (done.returncode, done.stdout) == (1, "")
    assert "No such file" in done.stderr


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_broken_off_is_taken_up_again(place, token, tmp_path, by):
    file = write_lines(tmp_path / "in.jsonl", *(an_order(number) for number in range(3_000)))
    call = command("import", "orders", file, "--shop", "demo", *where(place))
    process = subprocess.Popen(call, stderr=subprocess.PIPE, text=True, env=environment())
    with serve(place) as server:
        until = time.monotonic() + PATIENCE
        while ask(server.url, "/orders/count", token)[1]["count"] == 0:
            assert time.monotonic() < until
        process.send_signal(by)
        _, said = process.communicate(timeout=PATIENCE)
        broken = ask(server.url, "/orders/count", token)[1]["count"]
        if by is signal.SIGINT and broken < 3_000:
            assert "takes it up again" in said
            assert process.returncode == 1
        report = json.loads(bring(file, place).stdout)
        assert report["skipped"] == broken
        assert report["orders"] == 3_000 - broken
        found = list(every_order(server.url, token))
    assert len({each["sourceIdentifier"] for each in found}) == len(found) == 3_000
    assert sorted(each["number"] for each in found) == list(range(1_001, 4_001))


def test_on_postgresql_a_second_run_adds_nothing_too(postgres, migrated, tmp_path):
    url = postgres.create_database(migrated)
    seed(url, key=tmp_path)
    file = write_lines(tmp_path / "in.jsonl", *(an_order(number) for number in range(150)))
    for expected in ((150, 0), (0, 150)):
        report = json.loads(bring(file, url, "--data", str(tmp_path)).stdout)
        assert (report["orders"], report["skipped"]) == expected


def test_the_sample_of_a_real_year_gives_its_golden_figures(place, token, tmp_path):
    file = tmp_path / "orders.jsonl"
    convert = [sys.executable, EXAMPLE / "convert.py", EXAMPLE / "sample.csv.gz", "--orders", file]
    convert += ["--cancellations", tmp_path / "c.jsonl", "--report", tmp_path / "r.json"]
    subprocess.run(convert, check=True, capture_output=True)
    report = answer("import", "orders", file, "--shop", "demo", *where(place))
    assert (report["orders"], report["lines"], report["money"]) == (423, 6_879, {"GBP": "157105.86"})
    orders, lines, money = Counter(), Counter(), Counter()
    with serve(place) as server:
        for each in every_order(server.url, token):
            month = each["createdAt"][:7]
            orders[month] += 1
            lines[month] += len(each["lineItems"])
            money[month] += Decimal(each["totalPrice"])
        span = "createdAtMin=2011-11-01T00:00:00%2B00:00&createdAtMax=2011-11-30T23:59:59%2B00:00"
        assert ask(server.url, f"/orders/count?{span}", token) == (200, {"count": 53})
    assert {month: (orders[month], lines[month], str(money[month])) for month in orders} == GOLDEN


def test_the_customers_of_imported_orders_are_made_and_counted(place, tmp_path):
    token = seed(place, currency="GBP", scopes="write_orders,read_customers").accessToken
    told = (
        {"email": "a@example.com"},
        {"email": "A@example.com", "financialStatus": "paid"},
        {"customer": {"id": "7"}},
    )
    bring(write_lines(tmp_path / "in.jsonl", *(an_order(n, **each) for n, each in enumerate(told))), place)
    with serve(place) as server:
        _, found = ask(server.url, "/customers?fields=email,ordersCount,totalSpent", token)
    assert found["customers"] == [
        {"email": None, "ordersCount": 1, "totalSpent": "0.00"},
        {"email": "a@example.com", "ordersCount": 2, "totalSpent": "25.00"},
    ]
