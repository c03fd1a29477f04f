"""`till app configure|grant|show|history`: what is declared is one thing, what a shop grants another."""

import time
from datetime import datetime

import pytest

from running import answer, seed, serve, till, where
from till.clock import DAY, SECOND, micros


@pytest.fixture
def place(tmp_path):
    return tmp_path / "data"


def moment(text):
    return micros(datetime.fromisoformat(text))


def test_what_an_app_declares_is_shown_and_changed(place):
    at = where(place)
    made = answer("app", "create", "Sparrow & Co", "--scopes", "read_orders", "--partner", *at)
    assert made["handle"] == "sparrow-co"
    told = ["--redirect-url", "https://a.example/back", "--protected", "name,email"]
    told += ["--webhook", "customers/redact=https://a.example/redact", "--scopes", "read_orders,write_apps"]
    shown = answer("app", "configure", made["clientId"], *told, *at)
    assert shown == answer("app", "show", "sparrow-co", *at)
    assert shown["redirectUrls"] == ["https://a.example/back"]
    assert shown["webhooks"] == {"customers/redact": "https://a.example/redact"}
    assert (shown["scopes"], shown["protected"]) == ("read_orders,write_apps", "email,name")
    gone = answer("app", "configure", made["clientId"], "--webhook", "customers/redact=", *at)
    assert gone["webhooks"] == {}


def test_an_installed_app_loses_what_it_gave_up_and_gains_nothing(place):
    at, seeded = where(place), seed(place, scopes="read_orders,write_orders", partner=True)
    answer("app", "configure", seeded.clientId, "--scopes", "read_orders,read_customers", *at)
    (now, *_) = answer("app", "history", "--shop", "demo", *at)["history"]
    assert (now["kind"], now["by"]) == ("granted", "cli")
    assert now["note"].startswith("scopes: read_orders;")


def test_one_shop_is_not_granted_what_the_app_does_not_declare(place):
    at, seeded = where(place), seed(place, partner=True)
    before = answer("app", "show", seeded.clientId, *at)
    for more in (["--scopes", "read_themes"], ["--protected", "email"], ["--all-orders"]):
        done = till("app", "grant", seeded.clientId, "--shop", "demo", *more, *at, check=False)
        assert done.returncode == 1
        assert "till app configure" in done.stderr
    assert answer("app", "show", seeded.clientId, *at) == before
    assert len(answer("app", "history", "--shop", "demo", *at)["history"]) == 1


def test_a_grant_is_told_and_written_down(place):
    at, seeded = where(place), seed(place, scopes="read_orders,write_orders,write_apps")
    told = answer("app", "grant", seeded.clientId, "--shop", "demo", "--scopes", "read_orders", *at)
    assert told["scope"] == "read_orders"
    assert told["installationId"] == seeded.installationId
    acts = answer("app", "history", seeded.clientId, "--shop", "demo", *at)["history"]
    assert [act["kind"] for act in acts] == ["granted", "installed"]


def test_commands_go_by_the_clock_of_the_store(place):
    at, seeded = where(place), seed(place)
    with serve(place, "--dev") as server:
        till("clock", "+4d", TILL_URL=server.url)
    told = answer("app", "rotate-secret", seeded.clientId, "--grace", "24h", *at)
    ahead = moment(told["previousUntil"]) - int(time.time() * SECOND)
    assert abs(ahead - 5 * DAY) < 120 * SECOND
    answer("app", "uninstall", seeded.clientId, "--shop", "demo", *at)
    (act, *_) = answer("app", "history", "--shop", "demo", *at)["history"]
    assert abs(moment(act["at"]) - int(time.time() * SECOND) - 4 * DAY) < 120 * SECOND
