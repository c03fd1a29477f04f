"""The replay of a real year, its sample, against a real server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_all_orders_are_created_and_whole_cancellations_cancelled_once(converted, shop, tmp_path):
    with serve(tmp_path / "data") as server:
        done = replay(server.url, shop.accessToken, *files(converted))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {
            "orders": {"created": 423},
            "cancellations": {"cancelled": 12},
            "sentAgain": {},
        }
        again = json.loads(replay(server.url, shop.accessToken, *files(converted)).stdout)
        assert again["orders"] == {"replayed": 423}
        assert again["cancellations"] == {"cancelledBefore": 12}


def test_the_rate_limit_is_honoured(converted, shop, tmp_path):
    till("shop", "set", "demo", "--rate", "40@4", *where(tmp_path / "data"))
    some = tmp_path / "some.jsonl"
    some.write_text("".join((converted / "orders.jsonl").read_text().splitlines(keepends=True)[:46]))
    with serve(tmp_path / "data") as server:
        done = replay(server.url, shop.accessToken, "--orders", some)
    report = json.loads(done.stdout)
    assert report["orders"] == {"created": 46}
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
