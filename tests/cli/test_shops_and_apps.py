"""Shops, apps and tokens on the command line, each command a real process."""

import json
import subprocess
import sys

import pytest

from asking import ask
from running import answer, environment, seed, serve, till, where

SHOP = {
    "shopId",
    "handle",
    "currency",
    "timezone",
    "rate",
    "plan",
    "totals",
    "cancelPolicy",
    "uniqueSourceIdentifier",
    "autoClose",
}


@pytest.fixture
def at(tmp_path):
    return where(tmp_path / "data")


@pytest.fixture
def shop(at):
    return answer("shop", "create", "demo", *at)


@pytest.fixture(scope="module")
def with_demo(tmp_path_factory):
    """Where a shop demo is, for those who change nothing."""
    at = where(tmp_path_factory.mktemp("demo"))
    answer("shop", "create", "demo", *at)
    return at


@pytest.fixture
def app(at):
    return answer("app", "create", "Packing", "--scopes", "read_orders,write_orders", *at)


def test_a_shop_is_created_with_the_platforms_own_behaviour(shop):
    assert set(shop) == SHOP
    assert isinstance(shop["shopId"], int)
    assert (shop["currency"], shop["timezone"], shop["rate"]) == ("USD", "UTC", "40@2")


def test_a_shop_is_listed_shown_and_set(at, shop):
    options = ["--rate", "off", "--totals", "strict", "--unique-source-identifier", "--auto-close"]
    options += ["--currency", "EUR", "--timezone", "Europe/Berlin", "--cancel-policy", "strict"]
    changed = answer("shop", "set", "demo", *options, *at)
    assert changed == shop | {
        "rate": "off",
        "plan": "off",
        "totals": "strict",
        "cancelPolicy": "strict",
        "uniqueSourceIdentifier": True,
        "autoClose": True,
        "currency": "EUR",
        "timezone": "Europe/Berlin",
    }
    assert answer("shop", "show", "demo", *at) == changed
    assert answer("shop", "list", *at) == {"shops": [changed]}
    again = answer("shop", "set", "demo", "--no-unique-source-identifier", *at)
    assert again == changed | {"uniqueSourceIdentifier": False}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["shop", "create", "demo"], 1, "There is a shop 'demo' already"),
        (["shop", "create", "No Host"], 1, "cannot be a host name"),
        (["shop", "create", "x", "--currency", "BTC"], 1, "'BTC' is not a currency"),
        (["shop", "create", "x", "--timezone", "Mars/Olympus"], 1, "'Mars/Olympus' is not known"),
        (["shop", "show", "other"], 1, "There is no shop 'other'"),
        (["shop", "set", "demo", "--rate", "1@1"], 2, "1@1"),
        (["shop", "create"], 2, "handle"),
        (["app", "create", "x", "--scopes", "read_order"], 1, "did you mean 'read_orders'"),
        (["app", "create", " ", "--scopes", "read_orders"], 1, "needs a name"),
        (["app", "create", "x", "--scopes", ""], 1, "at least one scope"),
        (["app", "install", "NONE", "--shop", "demo"], 1, "There is no app 'NONE'"),
        (["app", "install", "NONE", "--shop", "demo", "--protected", "name,age"], 2, "'age' is no protected"),
        (["app", "uninstall", "NONE", "--shop", "demo"], 1, "is not installed"),
        (["app", "set", "NONE", "--shop", "demo", "--fidelity", "typed"], 1, "is not installed"),
        (["token", "revoke", "abc"], 1, "There is no such token"),
    ],
)
def test_a_refusal_is_one_sentence_and_an_exit_code(with_demo, arguments, code, sentence):
    done = till(*arguments, *with_demo, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_app_is_created_with_a_secret_that_is_not_stored_plain(at, app, tmp_path):
    assert set(app) == {"clientId", "clientSecret", "handle"}
    assert app["clientSecret"].encode() not in (tmp_path / "data" / "till.db").read_bytes()
    listed = answer("app", "list", *at)["apps"]
    assert listed == [
        {
            "clientId": app["clientId"],
            "name": "Packing",
            "scopes": "read_orders,write_orders",
            "partner": False,
        }
    ]


def test_an_app_is_installed_once_and_its_answer_has_exactly_four_keys(at, shop, app):
    installed = answer("app", "install", app["clientId"], "--shop", "demo", *at)
    assert set(installed) == {"accessToken", "scope", "shopId", "installationId"}
    assert installed["shopId"] == shop["shopId"]
    assert isinstance(installed["installationId"], str)
    assert installed["scope"] == "read_orders,write_orders"
    again = till("app", "install", app["clientId"], "--shop", "demo", *at, check=False)
    assert (again.returncode, again.stdout) == (1, "")
    assert "already installed" in again.stderr


def test_a_partner_app_sees_what_it_was_granted_and_no_more(tmp_path):
    place = tmp_path / "data"
    seeded = seed(place, partner=True, protected="email", all_orders=True)
    assert seeded.scope == "read_all_orders,read_orders,write_orders"
    line = {"productId": "1", "variantId": "2", "title": "Tea", "price": "1.00", "quantity": 1}
    sent = {
        "lineItems": [line],
        "email": "a@example.com",
        "phone": "+44 1",
        "createdAt": "2020-01-01T00:00:00Z",
    }
    with serve(place) as server:
        _, made = ask(server.url, "/orders", seeded.accessToken, {"order": sent})
        status, got = ask(server.url, f"/orders/{made['order']['id']}", seeded.accessToken)
    assert status == 200
    assert (got["order"]["email"], got["order"]["phone"]) == ("a@example.com", None)


def test_commands_work_beside_a_server_which_obeys_at_once(tmp_path):
    place = tmp_path / "data"
    seeded = seed(place)
    with serve(place) as server:
        assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": 0})
        fidelity = ["--shop", "demo", "--fidelity", "documented"]
        shown = answer("app", "set", seeded.clientId, *fidelity, *where(place))
        assert shown["fidelity"] == "documented"
        assert ask(server.url, "/orders/count", seeded.accessToken) == (200, {"count": "0"})
        till("token", "revoke", "-", *where(place), given=f"{seeded.accessToken}\n")
        assert ask(server.url, "/orders/count", seeded.accessToken)[0] == 401
        till("app", "uninstall", seeded.clientId, "--shop", "demo", *where(place))
        anew = answer("app", "install", seeded.clientId, "--shop", "demo", *where(place))
        assert anew["installationId"] != seeded.installationId
        assert ask(server.url, "/orders/count", anew["accessToken"]) == (200, {"count": 0})
        till("app", "uninstall", seeded.clientId, "--shop", "demo", *where(place))
        assert ask(server.url, "/orders/count", anew["accessToken"])[0] == 401


def test_migrate_says_what_it_applied(at):
    applied = answer("migrate", *at)["applied"]
    assert applied[0] == "0001_directory"
    assert answer("migrate", *at) == {"applied": []}


def test_text_is_for_people(at, shop):
    assert f"shopId                  {shop['shopId']}\n" in till("shop", "show", "demo", *at).stdout
    assert "There is no app yet" in till("app", "list", *at).stdout
    assert till("shop", "list", *at).stdout.splitlines()[1].split()[1] == "demo"


def test_help_imports_no_store_and_no_server():
    script = (
        "import sys; sys.argv = ['till', '--help']\n"
        "from till.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: pass\n"
        "heavy = {'apsw', 'asyncpg', 'uvicorn', 'msgspec', 'starlette', 'cryptography'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 0, done.stderr
    for name in ("serve", "shop", "app", "token", "import", "migrate", "demo"):
        assert f" {name} " in done.stdout


@pytest.mark.parametrize("variable", ["TILL_PROT", "TILL_PORT", "TILL_DATABASE"])
def test_a_bad_setting_is_named_in_one_sentence_with_exit_code_2(variable):
    done = till("shop", "list", check=False, **{variable: "none"})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("till: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_store_that_cannot_be_reached_ends_with_exit_code_3(tmp_path):
    nowhere = ["--database", "postgresql://till@127.0.0.1:1/till", "--data", tmp_path]
    done = till("shop", "list", *nowhere, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot be reached" in done.stderr


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = till("shop", "list", "--data", tmp_path / "file", check=False)
    assert done.returncode in (1, 3)
    assert len(done.stderr.splitlines()) == 1


def test_the_same_commands_work_on_postgresql(postgres, migrated, tmp_path):
    url = postgres.create_database(migrated)
    seeded = seed(url, key=tmp_path)
    assert answer("shop", "list", "--database", url, "--data", tmp_path)["shops"][0]["handle"] == "demo"
    revoked = answer("token", "revoke", seeded.accessToken, "--database", url, "--data", tmp_path)
    assert revoked == {"revoked": True, "installationId": seeded.installationId}
    assert json.loads(json.dumps(revoked)) == revoked
