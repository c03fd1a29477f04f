"""Confirming, closing, reopening, deleting; what is open for an order, and what a cancel would do (§5.4)."""

import pytest

from builders import a_line
from steps import at, book, done, now, payloads, refund, refused, send_back, ship, timeline, trace, two_lines
from till.shop import CancelPolicy
from till.shops.store import Shops

STATUSES = ("open", "closed", "cancelled")


def move(till, order, verb, body=None):
    return till.post(f"{at(order)}/{verb}", body)


def delete(till, order, **headers):
    return till.run(till.ask("DELETE", at(order), **headers))


def counts(till):
    """Orders by status, by money and by shipping, from the kept counters and by looking."""
    kept = [till.get(f"/orders/count?status={each}").json["count"] for each in STATUSES]
    seen = [till.get(f"/orders/count?status={each}&sourceName=web").json["count"] for each in STATUSES]
    assert kept == seen
    assert sum(kept) == till.get("/orders/count").json["count"]
    today = till.get("/orders/count?createdAtMin=2020-01-01T00:00:00Z").json["count"]
    assert today == sum(kept)
    return kept


def a_web_order(till, **order):
    return till.create(**{"sourceName": "web"} | order)


def test_a_confirmed_order_is_confirmed_once(till):
    order = till.create()
    assert order["confirmedAt"] is None
    shown = done(move(till, order, "confirm"))
    assert shown["confirmedAt"] == shown["updatedAt"]
    assert shown["version"] == 2
    assert till.topics() == ["orders/create", "orders/update"]
    assert timeline(till, order)[-1]["kind"] == "confirmed"
    before = trace(till, order)
    assert done(move(till, order, "confirm", {})) == shown
    assert trace(till, order) == before
    over = done(move(till, order, "cancel"))
    refused(till, move(till, order, "confirm"), over, "order_cancelled")
    assert over["confirmedAt"] == shown["confirmedAt"]


@pytest.mark.parametrize("verb", ["reopen", "open"])
def test_a_closed_order_can_be_opened_again(till, verb):
    order = a_web_order(till)
    before = trace(till, order)
    assert done(move(till, order, verb)) == order
    assert trace(till, order) == before
    shown = done(move(till, order, "close"))
    assert (shown["closedAt"], shown["version"]) == (shown["updatedAt"], 2)
    assert counts(till) == [0, 1, 0]
    before = trace(till, order)
    assert done(move(till, order, "close")) == shown
    assert trace(till, order) == before
    again = done(move(till, order, verb))
    assert (again["closedAt"], again["version"]) == (None, 3)
    assert counts(till) == [1, 0, 0]
    assert till.topics() == ["orders/create", "orders/update", "orders/update"]
    assert [each["kind"] for each in timeline(till, order)] == ["created", "closed", "reopened"]
    over = done(move(till, order, "cancel"))
    refused(till, move(till, order, verb), over, "cancelled_for_good", "place a new order")
    assert done(move(till, order, "close")) == over
    assert counts(till) == [0, 0, 1]


def test_a_closed_order_is_still_paid_shipped_and_refunded(till):
    order = till.create()
    closed = done(move(till, order, "close"))
    done(ship(till, order))
    done(book(till, order, "sale"))
    done(refund(till, order, amount="1.00"))
    found = now(till, order)
    assert (found["closedAt"], found["financialStatus"]) == (closed["closedAt"], "partially_refunded")


@pytest.mark.parametrize("stated", [{}, {"financialStatus": "authorized"}, {"financialStatus": "voided"}])
def test_what_nobody_paid_or_shipped_can_be_deleted(till, stated):
    kept = a_web_order(till)
    order = a_web_order(till, note="xylophone", email="x@y.z", **stated)
    reply = delete(till, order, if_match='"1"')
    assert (reply.status, reply.json) == (200, {})
    number, topic, version, told = payloads(till)[-1]
    assert (topic, version) == ("orders/delete", 2)
    assert number == till.events()[-1][0] == len(till.events())
    assert told == {
        "id": order["id"],
        "orderId": order["id"],
        "number": 1002,
        "name": "#1002",
        "version": 2,
        "sourceName": "web",
        "sourceIdentifier": None,
        "deletedTime": told["deletedTime"],
    }
    assert counts(till) == [1, 0, 0]
    for query in ("q=xylophone", "email=x@y.z", "name=%231002", f"ids={order['id']}"):
        assert till.get(f"/orders/count?{query}").json == {"count": 0}, query
        assert till.get(f"/orders?{query}").json == {"orders": []}
    assert [each["id"] for each in till.get("/orders").json["orders"]] == [kept["id"]]
    for reply in (till.get(at(order)), delete(till, order), ship(till, order), book(till, order, "sale")):
        assert (reply.status, reply.json["code"]) == (404, "order_not_found")
    assert a_web_order(till)["number"] == 1003


def test_nothing_is_left_of_a_deleted_order(till):
    order = till.create(**two_lines(financialStatus="paid", note="xylophone", email="x@y.z"))
    done(ship(till, order, 1))
    done(refund(till, order, 1))
    done(till.post(f"{at(order)}/timeline", {"note": {"text": "xylophone"}}))
    done(move(till, order, "cancel"))
    assert delete(till, order).status == 200
    for table in ("orders", "order_terms", "order_parts", "order_timeline"):
        assert till.rows(f"SELECT count(*) FROM {table}")[0][0] == 0, table
    assert till.rows("SELECT count(*) FROM order_counts WHERE n <> 0")[0][0] == 0
    assert b"x@y.z" not in till.get(f"{at(order)}/timeline").body


@pytest.mark.parametrize(
    "stated",
    [
        {"financialStatus": "paid"},
        {"financialStatus": "partially_paid"},
        {"financialStatus": "refunded"},
        {"fulfillmentStatus": "fulfilled"},
        {"fulfillmentStatus": "partial"},
    ],
)
def test_what_was_paid_or_shipped_is_deleted_only_once_it_was_cancelled(till, stated):
    order = a_web_order(till, **stated)
    refused(till, delete(till, order), order, "cannot_delete", "#1001")
    stale = delete(till, order, if_match='"2"')
    assert (stale.status, stale.json["order"]) == (412, order)
    done(move(till, order, "cancel"))
    assert delete(till, order).status == 200
    assert counts(till) == [0, 0, 0]


def automatic(till):
    till.write(lambda tx: Shops(tx).change("demo", lambda shop: shop.change(auto_close=True)))


def test_a_shop_may_close_what_is_done(till):
    automatic(till)
    order = a_web_order(till)
    done(book(till, order, "sale"))
    assert now(till, order)["closedAt"] is None
    done(ship(till, order))
    found = now(till, order)
    assert (found["closedAt"], found["version"]) == (found["updatedAt"], 3)
    assert counts(till) == [0, 1, 0]
    assert till.topics()[-2:] == ["orders/fulfilled", "orders/update"]
    assert [each["kind"] for each in timeline(till, order)][-2:] == ["shipped", "closed"]
    assert payloads(till)[-1][3]["closedTime"] == found["closedAt"]
    done(move(till, order, "reopen"))
    done(move(till, order, "confirm"))  # opened by hand, it stays open whatever is done
    assert now(till, order)["closedAt"] is None


def test_what_is_born_done_or_is_coming_back_stays_open(till):
    automatic(till)
    born = till.create(financialStatus="paid", fulfillmentStatus="fulfilled")
    done(move(till, born, "confirm"))
    assert now(till, born)["closedAt"] is None
    order = till.create(lineItems=[a_line(quantity=2)])
    done(ship(till, order))
    coming = done(send_back(till, order, 1, approved=True))
    assert move(till, order, "mark_as_paid").order["closedAt"] is None
    done(till.post(f"/returns/{coming['id']}/cancel"))
    assert now(till, order)["closedAt"] is not None


# What is done to a new order of two lines, and which moves are open then.
ALWAYS = {"edit", "confirm", "close"}
LIVES = {
    "new": ([], ALWAYS | {"authorize", "pay", "ship", "refund", "cancel", "delete"}),
    "held": (["hold"], ALWAYS | {"capture", "void", "ship", "refund", "cancel", "delete"}),
    "paid": (["pay"], ALWAYS | {"ship", "refund", "cancel"}),
    "shipped": (
        ["ship"],
        ALWAYS | {"authorize", "pay", "update_tracking", "cancel_shipment", "return", "refund", "cancel"},
    ),
    "done": (["pay", "ship"], ALWAYS | {"update_tracking", "cancel_shipment", "return", "refund"}),
    "confirmed": (
        ["confirm"],
        {"edit", "close"} | {"authorize", "pay", "ship", "refund", "cancel", "delete"},
    ),
    "closed": (
        ["close"],
        {"edit", "confirm", "reopen", "authorize", "pay", "ship", "refund", "cancel", "delete"},
    ),
    "cancelled": (["cancel"], {"edit", "refund", "delete"}),
    "shipped, cancelled": (["ship", "cancel"], {"edit", "update_tracking", "refund", "return", "delete"}),
}
STEPS = {
    "hold": lambda till, order: book(till, order, "authorization"),
    "pay": lambda till, order: move(till, order, "mark_as_paid"),
    "ship": ship,
    **{
        verb: lambda till, order, verb=verb: move(till, order, verb)
        for verb in ("confirm", "close", "cancel")
    },
}


@pytest.mark.parametrize("life", LIVES)
def test_an_order_says_which_moves_are_open_and_why_others_are_not(till, life):
    steps, wanted = LIVES[life]
    order = till.create(**two_lines())
    for step in steps:
        done(STEPS[step](till, order))
    found = now(till, order)
    allowed = found["allowedActions"]
    assert set(allowed["open"]) == wanted
    assert not set(allowed["open"]) & set(allowed["refused"])
    assert len(allowed["open"]) + len(allowed["refused"]) == 15
    tries = {
        "authorize": lambda: book(till, order, "authorization"),
        "pay": lambda: move(till, order, "mark_as_paid"),
        "capture": lambda: book(till, order, "capture"),
        "void": lambda: book(till, order, "void"),
        "ship": lambda: ship(till, order),
        "return": lambda: send_back(till, order, 1),
        "refund": lambda: refund(till, order, 1),
        "cancel": lambda: move(till, order, "cancel"),
        "delete": lambda: delete(till, order),
    }
    for action in set(tries) - wanted:
        refused(till, tries[action](), found, allowed["refused"][action])


def test_what_is_open_follows_the_shops_policy(till):
    order = till.create(financialStatus="paid")
    assert "cancel" in now(till, order)["allowedActions"]["open"]
    strict = CancelPolicy.STRICT
    till.write(lambda tx: Shops(tx).change("demo", lambda shop: shop.change(cancel_policy=strict)))
    till.token = till.install(till.shop)  # the other one is believed, with its shop, for a second
    for shown in (till.get("/orders").json["orders"][0], now(till, order)):
        assert shown["allowedActions"]["refused"]["cancel"] == "cancel_policy_forbids"


@pytest.mark.parametrize("wish", [{"refund": True, "restock": True}, {"refund": False}, {}])
def test_a_dry_run_says_what_a_cancel_then_does(till, wish):
    order = till.create(**two_lines(financialStatus="paid"))
    before, path = trace(till, order), f"{at(order)}/cancel"
    told = till.post(f"{path}?dryRun=true", wish, idempotency_key="dry").json
    assert trace(till, order) == before
    assert (told["allowed"], told["code"], told["error"], told["voided"]) == (True, None, None, [])
    assert till.post(f"{path}?dryRun=1", wish, if_match='"2"').status == 412
    shown = till.post(f"{path}?dryRun=false", wish).order
    times = ("updatedAt", "cancelledAt", "closedAt")
    assert told["order"] | {name: shown[name] for name in times} == shown
    assert told["topics"] == till.topics()[2:]
    made = till.get(f"{at(order)}/refunds").json["refunds"]
    assert [told["refund"]["amount"]] == [each["amount"] for each in made] if made else told["refund"] is None
    if made:
        kinds = {each["restockType"] for each in told["refund"]["lineItems"]}
        assert (told["refund"]["amount"], kinds) == ("40.00", {"cancel"})


def test_a_dry_run_names_the_holds_it_would_void_and_why_it_may_not(till):
    order = till.create(financialStatus="authorized")
    told = till.post(f"{at(order)}/cancel?dryRun=true").json
    assert [(each["kind"], each["amount"]) for each in told["voided"]] == [("void", "10.00")]
    assert told["topics"] == ["orders/cancelled", "orders/update"]
    over = done(move(till, order, "cancel"))
    told = till.post(f"{at(order)}/cancel?dryRun=true")
    assert told.json == {
        "allowed": False,
        "code": "already_cancelled",
        "error": "Order #1001 is already cancelled.",
        "order": over,
        "refund": None,
        "voided": [],
        "topics": [],
    }
    told = till.post(f"{at(order)}/cancel?dryRun=true", x_genstore_fidelity="documented").json
    assert (told["allowed"], told["refund"], told["order"]["version"]) == ("false", "null", "2")
    assert till.post(f"{at(order)}/cancel?dryRun=perhaps").status == 400
    assert till.post(f"{at(order)}/cancel?dryrun=true").status == 400
