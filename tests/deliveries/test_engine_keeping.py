"""What is kept of deliveries and for how long; what has waited too long; alarms and gauges."""

import asyncio
import contextlib
import io
import time
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from asking import ask
from builders import a_line
from engines import bench
from inside import inside
from receiver import Receiver, answer
from running import seed, serve, till, where
from till.clock import DAY, SECOND
from till.deliveries import figures
from till.deliveries.delivery import State
from till.deliveries.figures import Figures, Room, Standing, standing
from till.deliveries.retention import Keep, expire, prune
from till.deliveries.schedule import HOUR
from till.log import Log
from till.webhooks.subscription import Schedule

TABLES = ("deliveries", "attempts", "event_forms", "delivery_counts")


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def counts(house):
    return {
        table: house.rows(f"SELECT COUNT(*) FROM {table} WHERE shop_id = :s", s=house.shop.id)[0][0]
        for table in TABLES
    }


def test_what_was_delivered_goes_after_a_week_and_what_failed_after_a_month(house, receiver):
    receiver.script("/blocked", answer(200))
    house.subscribe(receiver.url("/ok"), fields=["id"])
    house.subscribe("http://10.0.0.1/blocked")
    paused = house.subscribe(receiver.url("/paused"))
    pause = "UPDATE subscriptions SET state = 'paused' WHERE shop_id = :s AND id = :id"
    house.write(lambda tx: tx.execute(pause, s=house.shop.id, id=paused))

    async def deliver():
        async with house.engine():
            for resource in range(3):
                await house.tell(resource)
            await house.settled(3)
            await house.settled(3, state=State.BLOCKED)

    house.run(deliver())
    now = house.clock()
    assert (counts(house)["deliveries"], counts(house)["attempts"], counts(house)["event_forms"]) == (9, 6, 3)

    def after(days):
        return house.run(prune(house.db, at=now + int(days * DAY), keep=Keep(7, 30)))

    assert after(6.9) == 0
    assert after(7.1) == 3
    assert {each["state"] for each in house.deliveries()} == {State.BLOCKED, State.PENDING}
    assert (counts(house)["attempts"], counts(house)["event_forms"]) == (3, 0)
    assert after(29.9) == 0
    assert after(30.1) == 3
    # What waits is kept for as long as it waits, and the events themselves for ever.
    assert [each["state"] for each in house.deliveries()] == [State.PENDING] * 3
    assert counts(house)["delivery_counts"] > 0
    assert after(91) == 0
    assert counts(house) == {"deliveries": 3, "attempts": 0, "event_forms": 0, "delivery_counts": 0}
    assert len(house.events()) == 3 + len(house.notices())


def test_a_form_stays_while_another_delivery_needs_it(house, receiver):
    house.subscribe(receiver.url("/one"), fields=["id"])
    waiting = house.subscribe(receiver.url("/two"), fields=["id"])
    pause = "UPDATE subscriptions SET state = 'paused' WHERE shop_id = :s AND id = :id"
    house.write(lambda tx: tx.execute(pause, s=house.shop.id, id=waiting))

    async def deliver():
        async with house.engine():
            await house.tell()
            await house.settled(1)

    house.run(deliver())
    assert house.run(prune(house.db, at=house.clock() + 8 * DAY, keep=Keep())) == 1
    assert counts(house)["event_forms"] == 1


def test_a_backlog_that_is_left_alone_ends_after_72_hours_and_is_told(house):
    hook = house.subscribe("http://127.0.0.1:9999/hook")
    patient = house.subscribe("http://127.0.0.1:9999/patient", schedule="long")
    house.told()
    failing = "UPDATE subscriptions SET failing_since = :at, failures = 20 WHERE shop_id = :s"
    began = house.clock()
    house.write(lambda tx: tx.execute(failing, at=began, s=house.shop.id))

    def after(hours):
        at = began + int(hours * HOUR)
        return house.run(expire(house.db, at=at, usual=Schedule.GENSTORE8, told=lambda: told.append(at)))

    told = []
    assert (after(71.9), told) == (0, [])
    assert after(72.1) == 1
    assert len(told) == 1
    assert [each["state"] for each in house.deliveries(subscription_id=hook)] == [State.EXHAUSTED]
    assert [each["state"] for each in house.deliveries(subscription_id=patient)] == [State.PENDING]
    assert [(topic, each["id"], each["exhausted"]) for topic, each in house.notices()] == [
        ("webhook/exhausted", hook, 1)
    ]


def test_the_queue_is_counted(house, receiver):
    receiver.script("/hook", answer(500))
    house.subscribe(receiver.url("/hook"))
    house.subscribe("http://10.0.0.1/blocked")
    house.told()
    house.clock.move(5)
    found = house.run(standing(house.db, at=house.clock()))
    assert (found.pending, found.leased, found.exhausted) == (2, 0, 0)
    assert 5 * SECOND <= found.late < 30 * SECOND

    registry, lines = CollectorRegistry(), io.StringIO()
    gauges = Figures(registry, Log(lines))
    gauges.note(found, breakers=3)
    text = generate_latest(registry).decode()
    assert "till_deliveries_pending 2.0" in text
    assert "till_deliveries_breakers 3.0" in text
    for pending in (999_999, 1_000_000, 1_000_001, 0):
        gauges.note(Standing(pending, 0, 0, 0), breakers=0)
    assert lines.getvalue().count('"event":"alarm"') == 1
    assert lines.getvalue().count('"event":"alarm over"') == 1


def test_a_disk_that_is_nearly_full_raises_an_alarm_and_then_refuses(tmp_path):
    lines, share = io.StringIO(), [0.5]
    room = Room(tmp_path, Figures(CollectorRegistry(), Log(lines)), lambda _: share[0])
    for share[0], is_out in ((0.5, False), (0.09, False), (0.019, True), (0.03, False), (0.2, False)):
        room.look()
        assert room.is_out is is_out
    assert lines.getvalue().count('"event":"alarm"') == 1
    assert lines.getvalue().count('"event":"alarm over"') == 1


def test_writes_are_refused_below_the_floor_and_reads_are_not(run, tmp_path, monkeypatch):
    monkeypatch.setattr(figures.shutil, "disk_usage", lambda _: SimpleNamespace(total=100, free=1))
    with inside(run, folder=tmp_path, url=None) as server:
        server.get("/orders")
        run(asyncio.sleep(0.05))
        reply = server.post("/orders", {"order": {"lineItems": [a_line()]}})
        assert reply.status == 503
        assert reply.headers["retry-after"]
        assert "disk" in reply.body.decode()
        assert server.get("/orders").status == 200


@contextlib.contextmanager
def serve_with_a_hook(folder, receiver, *options):
    """A server at work with a subscription to orders/create, and how to make such an event."""
    seeded = seed(folder, scopes="read_orders,write_orders,read_apps,write_apps")
    with serve(folder, *options) as server:

        def call(path, body):
            return ask(server.url, path, seeded.accessToken, body)

        hook = {"topic": "orders/create", "address": receiver.url("/hook")}
        assert call("/app/webhooks", {"webhook": hook})[0] == 201
        yield server, lambda: call("/orders", {"order": {"lineItems": [a_line()]}})


def test_a_server_delivers_by_itself_and_stops_at_once(tmp_path, receiver):
    with serve_with_a_hook(tmp_path, receiver) as (server, create):
        create()
        (got,) = receiver.wait_for(1)
        assert got.header("x-genstore-topic") == "orders/create"
        assert server.stop(15) == 0


def test_a_server_that_does_not_work_leaves_it_to_others(tmp_path, receiver):
    with serve_with_a_hook(tmp_path, receiver, "--no-work") as (_, create):
        create()
        time.sleep(2)
        assert receiver.seen() == []
    with serve(tmp_path):
        assert len(receiver.wait_for(1)) == 1


def test_work_on_sqlite_says_in_one_sentence_who_does_it(tmp_path):
    done = till("work", *where(tmp_path), check=False)
    assert done.returncode == 2
    assert (
        done.stderr == "till: On SQLite one process does it all: `till serve` delivers webhooks by itself.\n"
    )
