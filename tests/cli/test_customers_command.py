"""`till customers` and `till shop redact`: personal data erased and handed over on the command line."""

import json

import pytest

from people import Marked
from running import seed, serve, till

ADA = Marked("qzada", "17005551", "70001")
SCOPES = "read_orders,write_orders,read_customers,write_customers"


@pytest.fixture
def shop(tmp_path):
    seeded = seed(tmp_path, scopes=SCOPES)
    with serve(tmp_path) as server:
        here = {"TILL_URL": server.url, "TILL_TOKEN": seeded.accessToken}
        (tmp_path / "order.json").write_text(json.dumps({"order": ADA.order()}))
        till("orders", "create", tmp_path / "order.json", **here)
        yield here, tmp_path


def said(here, *arguments, **more):
    return till("customers", *arguments, **here, **more).stdout


def test_a_wish_is_made_and_taken_back(shop):
    here, _ = shop
    assert f"The personal data of customer {ADA.id} will be erased at 20" in said(here, "redact", ADA.id)
    assert "stays: the wish to erase it was revoked at" in said(here, "revoke", ADA.id)
    shown = json.loads(said(here, "redact", ADA.id, "--reason", "asked", "--json"))
    assert (shown["erasure"]["state"], shown["erasure"]["reason"]) == ("scheduled", "asked")


def test_at_once_asks_first_and_then_erases(shop):
    here, _ = shop
    refused = till("customers", "redact", ADA.id, "--now", check=False, given="", **here)
    assert (refused.returncode, "--yes erases without asking" in refused.stderr) == (2, True)
    shown = json.loads(said(here, "redact", ADA.id, "--now", "--yes", "--json"))["erasure"]
    assert (shown["state"], shown["now"]) == ("scheduled", True)


def test_all_that_is_held_is_printed(shop):
    here, _ = shop
    assert json.loads(said(here, "data", ADA.id))["customerData"]["customer"]["email"] == ADA.email()
    held = json.loads(said(here, "data", ADA.id, "--json"))
    assert len(held["customerData"]["orders"]) == 1
    assert "was told to the apps" in said(here, "data-request", ADA.id)
    assert json.loads(said(here, "data-request", ADA.id, "--json"))["dataRequest"]["customerId"] == ADA.id


def test_nobody_is_told_so(shop):
    here, _ = shop
    refused = till("customers", "data", "42", check=False, **here)
    assert (refused.returncode, refused.stderr) == (1, "till: There is no customer 42 in this shop.\n")


def test_a_shop_is_redacted_beside_its_server(shop):
    here, place = shop
    refused = till("shop", "redact", "demo", "--data", place, check=False, given="")
    assert (refused.returncode, "--yes erases without asking" in refused.stderr) == (2, True)
    done = till("shop", "redact", "demo", "--yes", "--data", place)
    assert done.stdout == "The personal data of the shop demo is erased.\n"
    assert "1 orders" in done.stderr
    held = json.loads(said(here, "data", ADA.id, "--json"))["customerData"]
    assert ADA.mark not in json.dumps(held)
    told = json.loads(till("shop", "redact", "demo", "--yes", "--json", "--data", place).stdout)
    assert told["redacted"]["orders"] == 1
