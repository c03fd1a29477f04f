"""`till orders` as a person uses it: each command a process, against a real server over HTTP."""

import json

import pytest

from asking import ask
from running import seed, serve, till
from shopkeeper import Keeper


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    """A shop of its own for this module; every test makes the orders that it is about."""
    place = tmp_path_factory.mktemp("orders")
    seeded = seed(place)
    with serve(place) as server:
        yield Keeper(server.url, seeded.accessToken)


def rows(said):
    """The lines of a table as lists of words, without its head."""
    return [line.split() for line in said.splitlines()[1:]]


def test_an_order_is_created_from_options_and_shown_by_number_name_and_id(keeper):
    made = keeper.order("House Blend=11.50*2", "Mug, blue=3", email="ada@example.com", tags="gift")
    assert made["totalPrice"] == "26.00"
    assert [(line["title"], line["price"], line["quantity"]) for line in made["lineItems"]] == [
        ("House Blend", "11.50", 2),
        ("Mug, blue", "3.00", 1),
    ]
    for named in (made["number"], made["name"], made["id"]):
        assert keeper.json("show", named)["order"] == made


def test_an_order_is_created_from_a_file_and_from_standard_input(keeper, tmp_path):
    line = {"productId": "7", "variantId": "8", "title": "Tea", "price": "4.50", "quantity": 3}
    bare, wrapped = {"lineItems": [line]}, {"order": {"lineItems": [line], "note": "as is"}}
    file = tmp_path / "order.json"
    file.write_text(json.dumps(wrapped))
    made = keeper.json("create", file, "--paid")["order"]
    assert (made["note"], made["totalPrice"], made["financialStatus"]) == ("as is", "13.50", "paid")
    made = keeper.json("create", "-", "--note", "by option", given=json.dumps(bare))["order"]
    assert (made["note"], made["lineItems"][0]["productId"]) == ("by option", "7")


def test_the_token_may_come_before_the_order_on_standard_input(keeper):
    line = {"productId": "7", "variantId": "8", "title": "Tea", "price": "4.50", "quantity": 1}
    given = f"{keeper.token}\n{json.dumps({'lineItems': [line]})}"
    made = keeper.json("create", "-", "--token", "-", given=given, TILL_TOKEN="")["order"]
    assert made["totalPrice"] == "4.50"


def test_creating_says_what_was_made(keeper):
    said = keeper.says("create", "--line", "Tea=10*2", "--paid").splitlines()
    assert said[0].startswith("Order #")
    assert " is created: " in said[0]
    assert said[1].endswith("paid · unshipped · open  20.00 USD")


def test_a_shown_order_is_drawn_whole(keeper):
    made = keeper.order(
        "House Blend=11.50*2",
        email="ada@example.com",
        note="Ring twice",
        tags="gift, rush",
        source="market",
        source_id="A-17",
    )
    said = keeper.says("show", made["number"])
    assert said.splitlines()[0] == f"{made['name']}  unpaid · unshipped · open  23.00 USD"
    for fact in (
        f"id        {made['id']}, version 1",
        f"created   {made['createdAt'][:10]} {made['createdAt'][11:16]}",
        "channel   market (A-17)",
        "customer  ada@example.com",
        "tags      gift, rush",
        "note      Ring twice",
    ):
        assert f"{fact}\n" in said, fact
    lines = said[said.index("Lines\n") :].splitlines()
    assert " ".join(lines[1].split()) == "# item sku price ordered now shipped to ship total"
    assert " ".join(lines[2].split()) == "1 House Blend - 11.50 2 2 0 2 23.00"
    assert "Money in USD\n  subtotal     23.00\n  total        23.00\n" in said
    assert "  outstanding  23.00\n" in said


def test_what_a_customer_wrote_plays_no_trick_on_the_terminal(keeper):
    line = {"productId": "1", "variantId": "1", "title": "[red]Tea\u001b[2J", "price": "1", "quantity": 1}
    order = {"lineItems": [line], "note": "[bold]hi[/bold]\u001b]0;x\u0007"}
    status, made = ask(keeper.url, "/orders", keeper.token, {"order": order})
    assert status == 200
    said = keeper.says("show", made["order"]["number"])
    assert "[red]Tea [2J" in said
    assert "[bold]hi[/bold]" in said
    assert "\u001b" not in said


def test_orders_are_listed_newest_first_with_every_filter(keeper):
    mine = keeper.order(tags="filtered", email="eve@example.com", source="shelf", source_id="S-1")
    paid = keeper.json("create", "--line", "Cup=5", "--tags", "filtered", "--paid")["order"]
    said = keeper.says("list", "--tag", "filtered")
    heads = ["order", "created", "payment", "shipping", "state", "total", "customer", "channel", "tags"]
    assert said.splitlines()[0].split() == heads
    assert [row[0] for row in rows(said)] == [paid["name"], mine["name"]]
    shown = " ".join(rows(said)[1][3:])
    assert shown == "unpaid unshipped open 45.00 USD eve@example.com shelf filtered"
    for options, found in (
        (["--financial", "paid"], [paid]),
        (["--financial", "pending"], [mine]),
        (["--fulfillment", "shipped"], []),
        (["--status", "open"], [paid, mine]),
        (["--status", "cancelled,closed"], []),
        (["--email", "EVE@example.com"], [mine]),
        (["--source", "shelf"], [mine]),
        (["--source-id", "S-1"], [mine]),
        (["-q", "cup"], [paid]),
        (["--since", "1h"], [paid, mine]),
        (["--until", "1h"], []),
        (["--since", "2020-01-01", "--until", "2020-12-31"], []),
        (["--since", mine["createdAt"]], [paid, mine]),
        (["--limit", "1"], [paid]),
    ):
        listed = keeper.json("list", "--tag", "filtered", *options)["orders"]
        assert [each["name"] for each in listed] == [each["name"] for each in found], options
    assert keeper.says("list", "--tag", "no such tag") == "There is no such order.\n"
    assert keeper.json("list", "--tag", "no such tag") == {"orders": []}


def test_a_list_says_when_others_follow_and_walks_on_to_the_limit(keeper):
    names = [keeper.order("Tea=1", tags="walk")["name"] for _ in range(5)][::-1]
    done = keeper.run("list", "--tag", "walk", "--limit", "2")
    assert [row[0] for row in rows(done.stdout)] == names[:2]
    assert done.stderr == "2 orders, and more follow: --limit shows more, --all all of them.\n"
    done = keeper.run("list", "--tag", "walk", "--limit", "2", "--all")
    assert [row[0] for row in rows(done.stdout)] == names
    assert done.stdout.count("payment") == 1
    assert done.stderr == ""
    assert [
        each["name"] for each in keeper.json("list", "--tag", "walk", "--limit=2", "--all")["orders"]
    ] == names


def test_an_update_says_whether_anything_changed(keeper):
    made = keeper.order()
    assert f"Order {made['name']} is updated." in keeper.says("update", made["number"], "--note", "Ring")
    again = keeper.says("update", made["number"], "--note", "Ring")
    assert f"Order {made['name']} was so already: nothing changed." in again
    options = ["--tags", "a, b", "--email", "x@example.com", "--phone", "+44 1", "--marketing", "--note", ""]
    order = keeper.json("update", made["id"], *options)["order"]
    assert (order["note"], order["tags"], order["email"]) == (None, "a, b", "x@example.com")
    assert (order["phone"], order["buyerAcceptsMarketing"], order["version"]) == ("+44 1", True, 3)
    address = json.dumps({"shippingAddress": {"name": "Ada Lovelace", "city": "London"}})
    keeper.says("update", made["number"], "-", given=address)
    assert "Ship to\n  Ada Lovelace\n  London\n" in keeper.says("show", made["number"])


def test_an_update_may_be_bound_to_a_version(keeper):
    made = keeper.order()
    keeper.says("update", made["number"], "--note", "first", "--if-match", "1")
    refused = keeper.refused("update", made["number"], "--note", "second", "--if-match", "1")
    assert refused.code == 1
    assert "the version is 2" in refused.sentence
    assert keeper.json("show", made["number"])["order"]["note"] == "first"


def test_a_key_makes_a_repetition_safe(keeper):
    first = keeper.json("create", "--line", "Tea=1", "--tags", "keyed", "--key", "k-1")
    assert keeper.json("create", "--line", "Tea=1", "--tags", "keyed", "--key", "k-1") == first
    keeper.json("create", "--line", "Tea=1", "--tags", "keyed")
    assert len(keeper.json("list", "--tag", "keyed")["orders"]) == 2


def test_a_cancelled_order_says_so_and_is_not_cancelled_again(keeper):
    made = keeper.json("create", "--line", "Tea=20", "--paid")["order"]
    said = keeper.says("cancel", made["number"], "--reason", "customer", "--refund")
    assert f"Order {made['name']} is cancelled." in said
    assert "refunded · unshipped · cancelled" in said
    assert "reason: customer\n" in keeper.says("show", made["number"])
    refused = keeper.refused("cancel", made["number"])
    assert refused.code == 1
    assert "already cancelled" in refused.sentence


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["show", "999999"], 1, "There is no order #999999 in this shop"),
        (["show", "9999999999999999"], 1, "There is no order 9999999999999999"),
        (["show", "#"], 2, "named by its number"),
        (["show", "1001", "--url", "localhost:80"], 2, "is no URL of a server"),
        (["show", "1001", "--url", "http://[x"], 2, "is no URL of a server"),
        (["show", "1001", "--token", ""], 2, "There is no access token"),
        (["show", "1001", "--token", "\u00e4"], 2, "characters that no token has"),
        (["show", "1001", "--token", "wrong"], 1, "access token"),
        (["list", "--status", "opne"], 1, "status must be one or more of"),
        (["list", "--since", "yesterday"], 2, "--since yesterday: give a day"),
        (["list", "--limit", "0"], 2, "--limit"),
        (["create"], 2, "An order needs a line"),
        (["create", "--line", "Tea"], 2, "--line Tea: give TITLE=PRICE"),
        (["create", "--line", "Tea=1*0"], 1, "quantity must be from 1"),
        (["create", "/no/such/file"], 2, "/no/such/file cannot be read"),
        (["create", "--line", "Tea=1", "--key", ""], 2, "--key takes 1 to 255"),
        (["create", "--line", "Tea=1", "--currency", "BTC"], 1, "ISO 4217"),
        (["cancel", "1001", "--reason", "boredom"], 2, "boredom"),
        (["ship", "1001", "--line", "1=0"], 2, "'0' is no number of units"),
        (["refund", "1001"], 2, "Say what to give back"),
        (["return", "1001"], 2, "Say what comes back"),
        (["track", "1001.1"], 2, "There is nothing to change"),
        (["update", "1001"], 2, "There is nothing to change"),
        (["delete", "1001"], 2, "--yes deletes without asking"),
    ],
)
def test_a_refusal_is_a_sentence_and_an_exit_code(keeper, arguments, code, sentence):
    keeper.order()
    refused = keeper.refused(*arguments)
    assert (refused.code, sentence in refused.sentence) == (code, True), refused.sentence


def test_every_wrong_value_of_a_file_is_told(keeper):
    order = {"lineItems": [{"productId": "1", "variantId": "2", "title": "x", "price": "1", "quantity": 0}]}
    refused = keeper.refused("create", "-", given=json.dumps(order | {"emial": "x"}))
    assert refused.code == 1
    assert "order.lineItems[0].quantity must be from 1" in refused.sentence
    assert "order.emial is not a known field (did you mean 'email'?)" in refused.sentence


@pytest.mark.parametrize("text", ["", "[]", "{", '{"order": 1}'])
def test_a_file_that_holds_no_order_is_refused(keeper, text):
    assert keeper.refused("create", "-", given=text).code == 2


def test_a_refusal_in_json_is_the_servers_own(keeper):
    refused = keeper.refused("list", "--status", "opne", "--json")
    assert json.loads(refused.out)["code"] == "unreadable"
    assert refused.sentence.startswith("till: status must be")


def test_lines_are_named_by_id_sku_or_place_and_each_once(keeper):
    made = keeper.order("Tea=1*2", "Pot=2")
    refused = keeper.refused("ship", made["number"], "--line", "9=1")
    assert refused.code == 2
    assert "it has 1 Tea, 2 Pot." in refused.sentence
    twice = keeper.refused(
        "ship", made["number"], "--line", "1=1", "--line", f"{made['lineItems'][0]['id']}=1"
    )
    assert (twice.code, "was named before" in twice.sentence) == (2, True)


def test_commands_of_the_store_run_with_the_clients_variables_set(keeper, tmp_path):
    assert till("shop", "list", "--data", tmp_path, TILL_URL=keeper.url, TILL_TOKEN="x").returncode == 0
