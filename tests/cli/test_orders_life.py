"""The life of an order on the command line: paid, shipped, sent back, refunded, put away, deleted."""

import json

import pytest

from running import answer, seed, serve, where
from shopkeeper import Keeper

SCOPES = "read_orders,write_orders,read_fulfillments,write_fulfillments"


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    place = tmp_path_factory.mktemp("life")
    seeded = seed(place, scopes=SCOPES)
    with serve(place) as server:
        yield Keeper(server.url, seeded.accessToken)


def section(said, name):
    """The lines of one section of a drawn order."""
    found = said[said.index(f"\n{name}\n") + len(name) + 2 :]
    return [" ".join(line.split()) for line in found.partition("\n\n")[0].splitlines()]


def test_an_order_is_paid_in_parts_and_then_whole(keeper):
    made = keeper.order()
    said = keeper.says("pay", made["number"], "--amount", "20", "--gateway", "bank", "--reference", "TX-9")
    assert f"Received 20.00 USD for order {made['name']}: transaction " in said
    assert "partially paid · unshipped · open" in said
    booked = keeper.json("pay", made["number"], "--amount", "5")["transaction"]
    assert (booked["kind"], booked["amount"]) == ("sale", "5.00")
    assert "is marked as paid.\n" in keeper.says("pay", made["number"])
    shown = keeper.says("show", made["number"])
    assert section(shown, "Money in USD")[-2:] == ["received 45.00", "outstanding 0.00"]
    assert "sale 20.00 USD success bank TX-9" in section(shown, "Payments")[1]
    refused = keeper.refused("pay", made["number"])
    assert refused.code == 1
    assert f"\nOpen to order {made['name']} now: update, " in refused.sentence
    assert " ship" in refused.sentence


def test_money_is_authorized_captured_and_released(keeper):
    made = keeper.order()
    assert "Authorized 45.00 USD" in keeper.says("pay", made["number"], "--authorize")
    shown = section(keeper.says("show", made["number"]), "Money in USD")
    assert shown[-3:-1] == ["received 0.00", "authorized 45.00 to be captured or released"]
    assert "Captured 15.00 USD" in keeper.says("capture", made["number"], "--amount", "15")
    shown = section(keeper.says("show", made["number"]), "Money in USD")
    assert shown[-3:-1] == ["received 15.00", "authorized 30.00 to be captured or released"]
    refused = keeper.refused("capture", made["number"], "--amount", "31")
    assert refused.code == 1
    assert "Released 30.00 USD" in keeper.says("void", made["number"])
    shown = section(keeper.says("show", made["number"]), "Money in USD")
    assert shown[-2:] == ["received 15.00", "outstanding 30.00"]
    assert keeper.refused("void", made["number"]).code == 1


def test_one_of_several_authorizations_is_named(keeper):
    made = keeper.order()
    first = keeper.json("pay", made["number"], "--authorize", "--amount", "20")["transaction"]
    keeper.says("pay", made["number"], "--authorize", "--amount", "25")
    assert keeper.refused("capture", made["number"]).code == 1
    captured = keeper.json("capture", made["number"], "--of", first["id"])["transaction"]
    assert (captured["amount"], captured["parentId"]) == ("20.00", first["id"])


def test_an_order_is_shipped_in_parts_tracked_and_unshipped(keeper):
    made = keeper.order("Tea=10.00*2", "Pot=25.00")
    name = made["name"]
    tracking = ["--tracking", "JJ1", "--company", "DHL", "--tracking-url", "https://dhl.example/JJ1"]
    said = keeper.says("ship", made["number"], "--line", "1=1", *tracking)
    assert f"Shipped as {name}.1: 1 x Tea.\n" in said
    assert "unpaid · partially shipped · open" in said
    shown = keeper.says("show", made["number"])
    assert section(shown, "Lines")[1:] == ["1 Tea - 10.00 2 2 1 1 20.00", "2 Pot - 25.00 1 1 0 1 25.00"]
    assert section(shown, "Shipments")[1].endswith("success 1 x Tea DHL JJ1 https://dhl.example/JJ1")
    assert f"Shipped as {name}.2: 1 x Tea, 1 x Pot.\n" in keeper.says("ship", made["number"])
    assert keeper.refused("ship", made["number"]).code == 1
    assert keeper.refused("track", made["number"], "--tracking", "X").code == 2
    assert f"{name}.2 is followed by UPS 1Z.\n" in keeper.says(
        "track", f"{made['number']}.2", "--tracking", "1Z", "--company", "UPS"
    )
    assert f"Shipment {name}.2 is cancelled.\n" in keeper.says("unship", f"{name}.2")
    order = keeper.json("show", made["number"])["order"]
    assert [line["fulfillableQuantity"] for line in order["lineItems"]] == [1, 1]
    assert "is followed by DHL JJ2 " in keeper.says("track", made["number"], "--tracking", "JJ2")
    assert "no such thing among its fulfillments" in keeper.refused("unship", f"{name}.9").sentence


def test_a_line_is_named_by_its_sku(keeper):
    line = {"productId": "1", "variantId": "1", "title": "Tea", "price": "1", "quantity": 3, "sku": "T-1"}
    made = keeper.json("create", "-", given=json.dumps({"lineItems": [line]}))["order"]
    shipped = keeper.json("ship", made["number"], "--line", "T-1=2")["fulfillment"]
    assert [(each["lineItemId"], each["quantity"]) for each in shipped["lineItems"]] == [
        (made["lineItems"][0]["id"], 2)
    ]


def test_a_refund_is_told_before_it_is_made(keeper):
    made = keeper.json("create", "--line", "Tea=10*2", "--line", "Pot=25", "--paid")["order"]
    foretold = keeper.says("refund", made["number"], "--line", "1=1", "--dry-run")
    assert "nothing was changed" in foretold
    assert "10.00 USD" in foretold
    assert keeper.json("show", made["number"])["order"]["version"] == made["version"]
    said = keeper.says("refund", made["number"], "--line", "1=1", "--restock", "--reason", "broken")
    assert f"Gave back 10.00 USD of order {made['name']}: refund " in said
    shown = keeper.says("show", made["number"])
    assert section(shown, "Lines")[1] == "1 Tea - 10.00 2 1 0 1 20.00"
    assert section(shown, "Money in USD")[-4:] == [
        "total now 35.00 after what was taken off",
        "received 45.00",
        "refunded -10.00",
        "outstanding 0.00",
    ]
    assert "done 10.00 USD 1 x Tea · broken" in section(shown, "Refunds")[0]
    refused = keeper.refused("refund", made["number"], "--amount", "35.01")
    assert refused.code == 1
    assert "35.00" in refused.sentence
    assert "Gave back 35.00 USD" in keeper.says("refund", made["number"], "--all")


def test_a_refund_is_put_up_for_review_and_decided(keeper):
    made = keeper.json("create", "--line", "Tea=10*2", "--paid")["order"]
    said = keeper.says("refund", made["number"], "--amount", "5", "--review")
    assert "Put up for review: 5.00 USD" in said
    refund = said.splitlines()[0].rpartition("refund ")[2].strip(".")
    assert "awaits review" in section(keeper.says("show", made["number"]), "Refunds")[0]
    assert "The refund of 5.00 is done.\n" in keeper.says("refunds", "accept", refund)
    assert keeper.refused("refunds", "decline", refund).code == 1


def test_to_restock_units_of_both_kinds_is_refused_with_the_way_out(keeper):
    made = keeper.json("create", "--line", "Tea=10*3", "--paid")["order"]
    keeper.says("ship", made["number"], "--line", "1=2")
    refused = keeper.refused("refund", made["number"], "--line", "1=3", "--restock")
    assert refused.code == 2
    assert f"first --line {made['lineItems'][0]['id']}=1." in refused.sentence
    kinds = [
        keeper.json("refund", made["number"], "--line", line, "--restock")["refund"]["lineItems"][0][
            "restockType"
        ]
        for line in ("1=1", "1=2")
    ]
    assert kinds == ["cancel", "return"]


def test_a_return_is_asked_for_approved_received_and_refunded(keeper):
    made = keeper.json("create", "--line", "Tea=10*2", "--paid")["order"]
    keeper.says("ship", made["number"])
    name = f"{made['name']}-R1"
    said = keeper.says("return", made["number"], "--line", "1", "--reason", "too small")
    assert f"Return {name} is requested.\n" in said
    assert "return requested" in said
    assert "has a return in progress" in keeper.refused("cancel", made["number"]).sentence
    assert f"Return {name} is open.\n" in keeper.says("returns", "approve", made["number"])
    assert f"Return {name} is open.\n" in keeper.says("returns", "receive", name, "--line", "1=1")
    assert f"Return {name} is received.\n" in keeper.says("returns", "receive", name, "--restock")
    listed = " ".join(keeper.says("returns", "list", made["number"]).splitlines()[1].split())
    assert listed.startswith(name)
    assert listed.endswith("received 2 x Tea 2 too small -")
    assert "Gave back 20.00 USD" in keeper.says("refund", made["number"], "--return", name)
    assert "closed 2 x Tea 2 too small" in section(keeper.says("show", made["number"]), "Returns")[1]


def test_a_return_is_declined_cancelled_or_closed(keeper):
    made = keeper.json("create", "--line", "Tea=10*3", "--paid")["order"]
    keeper.says("ship", made["number"])
    assert keeper.says("returns", "list", made["number"]) == f"Order {made['name']} has no return.\n"
    keeper.says("return", made["number"], "--line", "1=1")
    declined = keeper.json("returns", "decline", made["number"], "--reason", "worn")["return"]
    assert (declined["status"], declined["declineReason"]) == ("declined", "worn")
    keeper.says("return", made["number"], "--line", "1=1", "--approved")
    assert keeper.json("returns", "cancel", f"{made['number']}-R2")["return"]["status"] == "cancelled"
    third = keeper.json("return", made["number"], "--line", "1=2", "--approved", "--note", "hurry")["return"]
    assert (third["status"], third["note"]) == ("open", "hurry")
    assert keeper.json("returns", "close", third["id"])["return"]["status"] == "closed"
    assert keeper.refused("returns", "approve", made["number"]).code == 1


def test_a_cancellation_is_told_before_it_is_made(keeper):
    made = keeper.json("create", "--line", "Tea=10*2", "--paid")["order"]
    foretold = keeper.says("cancel", made["number"], "--refund", "--restock", "--dry-run")
    assert "would be cancelled; nothing was changed." in foretold
    assert "20.00 USD" in section(foretold, "It would give back")[0]
    assert "orders/cancelled" in section(foretold, "Apps would be told")[0]
    assert keeper.json("show", made["number"])["order"]["cancelledAt"] is None
    told = keeper.json("cancel", made["number"], "--refund", "--dry-run")
    assert (told["allowed"], told["refund"]["amount"]) == (True, "20.00")
    keeper.says("ship", made["number"])
    refused = keeper.refused("cancel", made["number"], "--dry-run")
    assert refused.code == 1
    assert f"\nOpen to order {made['name']} now: " in refused.sentence
    assert json.loads(keeper.refused("cancel", made["number"], "--dry-run", "--json").out)["allowed"] is False


def test_an_order_is_confirmed_closed_and_reopened_each_once(keeper):
    made = keeper.order()
    for command, said in (("confirm", "is confirmed"), ("close", "is closed"), ("reopen", "is open")):
        assert f"Order {made['name']} {said}.\n" in keeper.says(command, made["number"])
        assert f"Order {made['name']} {said} already.\n" in keeper.says(command, made["number"])
    assert "\nconfirmed  20" in keeper.says("show", made["number"])


def test_what_can_be_done_is_shown_with_why_the_rest_cannot(keeper):
    made = keeper.order()
    opened, refused = section(keeper.says("show", made["number"]), "What can be done now")
    assert set(opened.split(", ")) >= {"update", "pay", "pay --authorize", "ship", "cancel", "delete"}
    assert "capture (" in refused
    assert "track (" in refused


def test_a_delete_asks_first_and_then_leaves_nothing(keeper):
    made = keeper.order()
    code, said = keeper.answering("delete", made["number"], answers="n\n")
    assert (code, "Nothing was deleted." in said) == (1, True)
    assert f"Delete order {made['name']} for good?" in said
    code, said = keeper.answering("delete", made["number"], answers="y\n")
    assert (code, f"Order {made['name']} is deleted." in said) == (0, True)
    assert keeper.refused("show", made["number"]).code == 1
    other = keeper.order()
    assert keeper.json("delete", other["id"], "--yes") == {}
    paid = keeper.json("create", "--line", "Tea=1", "--paid")["order"]
    refused = keeper.refused("delete", paid["number"], "--yes")
    assert refused.code == 1
    assert "Open to order" in refused.sentence


def test_notes_stand_on_the_timeline_between_what_happened(keeper):
    made = keeper.order()
    keeper.says("pay", made["number"])
    assert keeper.says("note", made["number"], "Called, rings [back]") == f"Noted on order {made['name']}.\n"
    keeper.says("note", made["number"], "-", "--author", "Eve", "--pinned", given="By post\n")
    said = keeper.says("timeline", made["number"])
    assert "Called, rings [back]" in said
    assert "[pinned] By post" in said
    kinds = [each["kind"] for each in keeper.json("timeline", made["number"])["timeline"]]
    assert kinds == ["created", "paid", "note", "note"]
    notes = keeper.json("timeline", made["number"], "--kind", "note")["timeline"]
    assert [each["text"] for each in notes] == ["Called, rings [back]", "By post"]
    assert keeper.says("timeline", made["number"], "--kind", "shipped") == "There is no such entry.\n"
    assert len(section(keeper.says("show", made["number"]), "Timeline")) == 4


def test_an_order_is_read_without_the_right_to_read_the_rest(tmp_path):
    seeded = seed(tmp_path, scopes=SCOPES)
    with serve(tmp_path) as server:
        keeper = Keeper(server.url, seeded.accessToken)
        made = keeper.order()
        at = where(tmp_path)
        app = answer("app", "create", "Reader", "--scopes", "read_orders", *at)
        installed = answer("app", "install", app["clientId"], "--shop", "demo", *at)
        reader = Keeper(server.url, installed["accessToken"])
        assert reader.says("show", made["number"]).startswith(f"{made['name']}  unpaid")
        refused = reader.refused("close", made["number"])
    assert refused.code == 1
    assert "write_orders" in refused.sentence
