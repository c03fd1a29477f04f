"""Money that was held for a week is let go by the timer, once, whoever looks (genstore.md §9.3)."""

import asyncio
import time
from contextlib import ExitStack, contextmanager

import pytest

from asking import ask
from builders import a_line
from inside import inside
from running import seed, serve
from steps import at, book, done, now, payloads, refund, refused, timeline, trace
from till.clock import DAY, SECOND, iso, moment
from till.clock import now as clock_now
from till.orders.lapse import lapse_due
from till.server import running
from till.settings import Settings

WEEK = 7 * DAY


class Clock:
    """A clock that stands until it is set."""

    def __init__(self):
        self.at = clock_now() // SECOND * SECOND

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def till(run, store, clock):
    with inside(run, **store, now=clock) as server:
        yield server


@contextmanager
def another(run, store, clock):
    """The parts of one more server on the same store."""
    whole = running(Settings(data=store["folder"], database=store["url"]), clock)
    parts = run(whole.__aenter__())
    try:
        yield parts
    finally:
        run(whole.__aexit__(None, None, None))


def lapse(till, when):
    return till.run(lapse_due(till.parts.db, at=when, mint=till.parts.lease.minter))


def held(till, *amounts, **order):
    """An order that holds these amounts, and the authorizations."""
    found = till.create(**{"lineItems": [a_line(price="25.00")]} | order)
    return found, [done(book(till, found, "authorization", amount=each)) for each in amounts]


def ledger(till, order):
    rows = till.get(f"{at(order)}/transactions").json["transactions"]
    return [(each["kind"], each["amount"]) for each in rows]


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["totalOutstanding"]


def test_what_was_held_for_a_week_is_let_go(till, clock):
    order, [hold] = held(till, "25.00")
    before = trace(till, order)
    assert lapse(till, clock.at + WEEK - 1) == 0
    assert trace(till, order) == before
    assert lapse(till, clock.at + WEEK) == 1
    rows = till.get(f"{at(order)}/transactions").json["transactions"]
    assert (rows[1]["kind"], rows[1]["amount"], rows[1]["parentId"]) == ("void", "25.00", hold["id"])
    assert (rows[1]["status"], rows[1]["message"]) == ("success", "authorization lapsed")
    assert rows[1]["createdAt"] == iso(clock.at + WEEK, till.shop.timezone)
    found = now(till, order)
    assert money(till, order) == ("voided", "25.00")
    assert (found["version"], found["updatedAt"]) == (3, rows[1]["createdAt"])
    assert till.topics()[2:] == ["orders/update"]
    assert payloads(till)[-1][3]["financialStatus"] == "voided"
    entry = timeline(till, order)[-1]
    assert (entry["kind"], entry["text"]) == (
        "lapsed",
        "25.00 USD that was held for a week lapsed (manual).",
    )
    assert entry["by"] == {"type": "system", "id": "till", "name": "Till"}
    assert [event["number"] for event in entry["events"]] == [payloads(till)[-1][0]]
    for status, count in (("authorized", 0), ("voided", 1)):
        assert till.get(f"/orders/count?financialStatus={status}").json == {"count": count}
    refused(till, book(till, order, "capture"), found, "nothing_authorized")
    after = trace(till, order)
    assert lapse(till, clock.at + 2 * WEEK) == 0
    assert trace(till, order) == after
    assert done(book(till, order, "sale"))["amount"] == "25.00"


def test_each_hold_has_its_own_week(till, clock):
    order, [first] = held(till, "5.00")
    clock.at += DAY
    [second] = [done(book(till, order, "authorization", amount="20.00"))]
    older = iso(clock.at - 5 * DAY, "UTC")
    third, _ = held(till)
    done(book(till, third, "authorization", processedAt=older))
    assert lapse(till, clock.at + 2 * DAY - 1) == 0
    assert lapse(till, clock.at + 2 * DAY) == 1  # held five days when it was told
    assert money(till, third) == ("voided", "25.00")
    assert lapse(till, clock.at + 6 * DAY) == 1
    assert ledger(till, order)[2:] == [("void", "5.00")]
    assert money(till, order) == ("authorized", "5.00")
    assert lapse(till, clock.at + WEEK) == 1
    parents = [each["parentId"] for each in till.get(f"{at(order)}/transactions").json["transactions"]]
    assert parents[2:] == [first["id"], second["id"]]


def test_only_what_was_not_taken_lapses(till, clock):
    order, _ = held(till, "25.00")
    done(book(till, order, "capture", amount="10.00"))
    assert lapse(till, clock.at + WEEK) == 1
    assert ledger(till, order)[-1] == ("void", "15.00")
    assert money(till, order) == ("partially_paid", "15.00")


def test_what_holds_nothing_any_more_is_left_alone(till, clock):
    captured, _ = held(till, "25.00")
    done(book(till, captured, "capture"))
    voided, _ = held(till, "25.00")
    done(book(till, voided, "void"))
    cancelled, _ = held(till, "25.00")
    done(till.post(f"{at(cancelled)}/cancel"))
    failed, _ = held(till)
    done(book(till, failed, "authorization", status="failure"))
    done(book(till, failed, "authorization", status="pending"))
    deleted, _ = held(till, "25.00")
    assert till.run(till.ask("DELETE", at(deleted))).status == 200
    orders = (captured, voided, cancelled, failed)
    before = [trace(till, each) for each in orders]
    assert lapse(till, clock.at + 100 * DAY) == 0
    assert [trace(till, each) for each in orders] == before
    assert till.get(at(deleted)).status == 404


def test_an_order_that_was_stated_to_be_authorized_is_held_from_now(till, clock):
    created = iso(clock.at - 60 * DAY, "UTC")
    order = till.create(financialStatus="authorized", createdAt=created)
    assert lapse(till, clock.at + WEEK - 1) == 0
    assert lapse(till, clock.at + WEEK) == 1
    assert money(till, order) == ("voided", "10.00")
    assert now(till, order)["cancelledAt"] is None


def test_a_closed_order_and_one_with_units_removed_lapse_too(till, clock):
    order, _ = held(till, "25.00")
    done(refund(till, order, 1))
    done(till.post(f"{at(order)}/close"))
    assert lapse(till, clock.at + WEEK) == 1
    found = now(till, order)
    assert (found["closedAt"] is not None, found["currentTotalPrice"]) == (True, "0.00")


def test_many_in_several_shops_lapse_in_one_go(till, clock):
    token = till.install(till.found("other"))
    bodies = [{"order": {"lineItems": [a_line()], "financialStatus": "authorized"}}] * 55

    async def flood():
        asks = [till.ask("POST", "/orders", each, token=of) for each in bodies for of in (token, till.token)]
        return await asyncio.gather(*asks)

    till.run(flood())
    assert lapse(till, clock.at + WEEK) == 110
    for of in (token, till.token):
        assert till.get("/orders/count?financialStatus=voided", token=of).json == {"count": 55}
    assert till.topics() == ["orders/create"] * 55 + ["orders/update"] * 55


def test_several_timers_at_once_let_go_once(till, run, store, clock):
    order, _ = held(till, "25.00")
    done(till.post(f"{at(order)}/close"))
    with ExitStack() as stack:
        parts = [till.parts]
        if store["url"]:  # a second server of the same database
            other = stack.enter_context(another(run, store, clock))
            parts.append(other)

        async def all_at_once():
            asks = (
                lapse_due(each.db, at=clock.at + WEEK, mint=each.lease.minter)
                for each in parts
                for _ in "abc"
            )
            return await asyncio.gather(*asks)

        run(all_at_once())
    assert ledger(till, order) == [("authorization", "25.00"), ("void", "25.00")]
    assert (now(till, order)["version"], till.topics()[-1:]) == (4, ["orders/update"])
    assert len(till.events()) == 4


def test_a_capture_at_the_moment_of_the_lapse_wins_or_loses_whole(till, clock):
    orders = [held(till, "25.00")[0] for _ in range(10)]

    async def race(order):
        asked = till.ask("POST", f"{at(order)}/transactions", {"transaction": {"kind": "capture"}})
        timer = lapse_due(till.parts.db, at=clock.at + WEEK, mint=till.parts.lease.minter)
        return (await asyncio.gather(asked, timer))[0]

    for order in orders:
        reply = till.run(race(order))
        rows = ledger(till, order)
        assert rows[1:] == ([("capture", "25.00")] if reply.status == 200 else [("void", "25.00")])


def test_the_timer_of_a_restarted_server_lets_go_of_what_lapsed_meanwhile(run, store, clock):
    with inside(run, **store, now=clock) as server:
        order, _ = held(server, "25.00")
        token = server.token
    clock.at += WEEK
    with ExitStack() as stack:
        whole = stack.enter_context(another(run, store, clock))
        server.parts, server.token = whole, token
        for _ in range(50):
            if money(server, order)[0] == "voided":
                break
            run(asyncio.sleep(0.1))
        assert ledger(server, order) == [("authorization", "25.00"), ("void", "25.00")]


@pytest.fixture
def place(store):
    """Where child processes find the store: its folder, or its URL with a folder for the key."""
    return (store["url"], ["--data", str(store["folder"])]) if store["url"] else (store["folder"], [])


def test_two_processes_that_start_at_once_let_go_once(place, store):
    where, more = place
    shop = seed(where, **({"key": store["folder"]} if more else {}))
    week_ago = moment(clock_now() - WEEK).isoformat(timespec="seconds")
    hold = {"kind": "authorization", "amount": "10.00", "processedAt": week_ago}
    sent = {"order": {"lineItems": [a_line()], "createdAt": week_ago, "transactions": [hold]}}
    with serve(where, *more) as server:
        time.sleep(1)  # past its first look
        ids = [ask(server.url, "/orders", shop.accessToken, sent)[1]["order"]["id"] for _ in range(20)]
        server.kill()
    with ExitStack() as stack:
        servers = [stack.enter_context(serve(where, *more)) for _ in range(2 if more else 1)]
        until = time.monotonic() + 90
        count = 0
        while count < len(ids) and time.monotonic() < until:
            path = "/orders/count?financialStatus=voided"
            count = ask(servers[0].url, path, shop.accessToken)[1]["count"]
        for each in ids:
            rows = ask(servers[-1].url, f"/orders/{each}/transactions", shop.accessToken)[1]["transactions"]
            assert [row["kind"] for row in rows] == ["authorization", "void"]
            shown = ask(servers[-1].url, f"/orders/{each}", shop.accessToken)[1]["order"]
            assert shown["version"] == 2
