"""Workers that die, stand still, lose the database or the time: each delivery has one owner."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections import Counter

import pytest

from engines import bench, until
from receiver import Receiver, answer
from running import command, environment
from till.db.open import choose
from till.deliveries.claims import Ask
from till.deliveries.delivery import State
from till.deliveries.lanes import look
from till.deliveries.queue import Queue

HOUR = 3_600


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


@contextlib.contextmanager
def a_process(house):
    """An engine in a process of its own: `till work` on PostgreSQL, `till serve` on SQLite."""
    url, folder = house.settings.database, house.settings.data
    if url is None:
        called = command("serve", "--data", folder, "--port", "0", "--json")
    else:
        called = command(
            *("work", "--data", folder, "--database", url),
            *("--allow", "127.0.0.0/8", "--plain-http", "--json"),
        )
    with subprocess.Popen(
        called, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), start_new_session=True
    ) as process:
        try:
            assert process.stdout.readline()
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def end_leases(house):
    """What a minute of waiting does to the leases of the dead (SQLite gives them back at the start)."""
    house.write(
        lambda tx: tx.execute(
            "UPDATE deliveries SET run_at = :at WHERE shop_id = :s AND state = 1",
            at=house.clock(),
            s=house.shop.id,
        )
    )


def late(gate):
    """Answer 500 once the gate is open."""

    async def behave(received, writer):
        while not gate.is_set():  # noqa: ASYNC110 - it is set by another loop
            await asyncio.sleep(0.02)
        return await answer(500)(received, writer)

    return behave


def test_6_killed_after_the_200_it_is_sent_once_more_and_is_the_same(house, receiver):
    house.subscribe(receiver.url("/hook"))
    victims = []

    async def take_and_kill(received, writer):
        # It stands still from before the answer until its end, so that it cannot note what it was told.
        while not victims:  # noqa: ASYNC110 - they are named by another thread
            await asyncio.sleep(0.005)
        os.kill(victims[0], signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, victims[0], os.WSTOPPED | os.WNOWAIT)
        kept = await answer(200)(received, writer)
        os.kill(victims[0], signal.SIGKILL)
        return kept

    receiver.script("/hook", take_and_kill, answer(200))
    house.told()
    with a_process(house) as process:
        victims.append(process.pid)
        process.wait(30)
    assert [each["state"] for each in house.deliveries()] == [State.LEASED]
    if house.settings.database:
        end_leases(house)
    with a_process(house):
        first, second = receiver.wait_for(2)
        house.run(house.settled(1))
    assert first.delivery_id == second.delivery_id
    assert first.body == second.body
    assert (first.attempt, second.attempt) == (1, 2)
    (delivery,) = house.deliveries()
    assert (delivery["attempts"], delivery["failures"]) == (2, 0)


def test_7_one_that_stood_still_past_its_lease_is_fenced_off(house, receiver):
    """The one stands still, for it renews nothing; for the other a minute has passed."""
    house.subscribe(receiver.url("/hook"))
    gate = asyncio.Event()
    receiver.script("/hook", late(gate), answer(200))
    later = type(house.clock)()
    later.move(60)

    async def deliver():
        async with house.engine() as still:
            await house.tell()
            await receiver.arrived(1)
            still._loops[2].cancel()  # what stands still renews nothing
            async with house.engine(now=later):
                await receiver.arrived(2)
                await house.settled(1)
            gate.set()
            await until(lambda: _none_flies(still))
            await asyncio.sleep(0.2)

    house.run(deliver())
    assert [each.attempt for each in receiver.seen()] == [1, 2]
    (delivery,) = house.deliveries()
    assert (delivery["state"], delivery["failures"], delivery["token"]) == (State.DELIVERED, 0, 2)
    # Of the one that was late nothing is kept but a line in the log.
    assert [each["number"] for each in house.attempts()] == [2]
    assert "settled late" in house.lines.text


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_7_a_process_that_is_stopped_and_goes_on_changes_nothing(house, receiver):
    """The same with SIGSTOP; the minute that its lease lasts is put into the database, not waited for."""
    house.subscribe(receiver.url("/hook"))
    gate = asyncio.Event()
    receiver.script("/hook", late(gate), answer(200))
    house.told()
    with a_process(house) as still:
        receiver.wait_for(1)
        os.kill(still.pid, signal.SIGSTOP)
        end_leases(house)
        with a_process(house):
            receiver.wait_for(2)
            house.run(house.settled(1))
            gate.set()
            os.kill(still.pid, signal.SIGCONT)
            still.send_signal(signal.SIGTERM)
            assert still.wait(30) == 0
            assert b"settled late" in still.stderr.read()
    (delivery,) = house.deliveries()
    assert (delivery["state"], delivery["failures"]) == (State.DELIVERED, 0)
    assert len(receiver.seen()) == 2


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_8_several_workers_never_send_the_same_twice(house, receiver):
    """On SQLite there is one: it takes over what others held, for they must be dead."""
    for name in range(4):
        house.subscribe(receiver.url(f"/{name}"))
    count = 4 * 250

    async def deliver():
        for resource in range(250):
            await house.tell(resource)
        async with house.engine(), house.engine(), house.engine():
            await house.settled(count, seconds=60)

    house.run(deliver())
    sent = Counter(each.delivery_id for each in receiver.seen())
    assert len(sent) == count
    assert set(sent.values()) == {1}


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_8_fifty_times_two_claims_at_once_never_overlap(house):
    house.subscribe("http://127.0.0.1:9999/hook")

    async def claim():
        for resource in range(400):
            await house.tell(resource)
        found = await house.db.read(lambda tx: look(tx, until=house.clock()))
        other = await choose(house.settings.data, house.settings.database)
        queues = [Queue(house.db, clock=house.clock), Queue(other, clock=house.clock)]
        claimed = []
        for _ in range(50):
            both = await asyncio.gather(*(queue.claim([_ask(found.lanes[0])]) for queue in queues))
            claimed += [claim.key for each in both for claim in each.claims]
        await other.close()
        return claimed

    claimed = house.run(claim())
    assert len(claimed) == 400
    assert len(set(claimed)) == 400


def test_10_a_clock_that_jumps_makes_nothing_go_out_twice_or_early(house, receiver):
    receiver.script("/slow", answer(200, after=1.5))
    receiver.script("/broken", answer(500))
    house.subscribe(receiver.url("/slow"))
    house.subscribe(receiver.url("/broken"))

    async def deliver():
        async with house.engine() as engine:
            await house.tell()
            await receiver.arrived(2)
            for hours in (1, -1):
                house.clock.move(hours * HOUR)
                engine.wakes.turned.ring()
                await asyncio.sleep(0.3)
            await house.settled(1)

    house.run(deliver())
    assert len(receiver.seen("/slow")) == 1
    # It came to its retry while the clock was an hour ahead, and then waited for the time of that clock.
    assert len(receiver.seen("/broken")) <= 2
    slow = next(each for each in house.deliveries() if each["state"] is State.DELIVERED)
    assert slow["failures"] == 0


def test_10_a_late_completion_stays_late_whatever_the_clock_does(house, receiver):
    house.subscribe(receiver.url("/hook"))

    async def claim_twice():
        await house.tell()
        queue = Queue(house.db, clock=house.clock)
        found = await house.db.read(lambda tx: look(tx, until=house.clock()))
        (first,) = (await queue.claim([_ask(found.lanes[0])])).claims
        house.clock.move(46)
        (second,) = (await queue.claim([_ask(found.lanes[0])])).claims
        house.clock.move(-HOUR)
        return await queue.renew([first]), await queue.renew([second])

    assert house.run(claim_twice()) == (set(), {(house.shop.id, _raw(house))})


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_what_a_dead_process_held_is_sent_at_once_by_the_next(house, receiver):
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        await house.tell()
        found = await house.db.read(lambda tx: look(tx, until=house.clock()))
        await Queue(house.db, clock=house.clock).claim([_ask(found.lanes[0])])
        async with house.engine():
            await receiver.arrived(1)  # its lease would last for 45 s
            await house.settled(1)

    house.run(deliver())
    assert receiver.seen()[0].attempt == 2
    assert "taken over" in house.lines.text


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_9_without_the_database_nothing_is_marked_and_all_goes_on_afterwards(house, receiver, postgres):
    """The server is stopped while posts are under way, for as long as they take and some seconds more."""
    receiver.script("/hook", answer(200, after=1.0))
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        for resource in range(30):
            await house.tell(resource)
        async with house.engine():
            await receiver.arrived(8)
            await asyncio.to_thread(postgres.stop, "immediate")
            await asyncio.sleep(3)
            await asyncio.to_thread(postgres.start)
            await house.settled(30, seconds=40)

    house.run(deliver())
    assert all(each["failures"] == 0 for each in house.deliveries())
    assert not any(each["counted"] for each in house.attempts())
    assert len({each.delivery_id for each in receiver.seen()}) == 30


async def _none_flies(engine):
    return engine.flying == 0


def _ask(lane):
    return Ask(lane, 16)


def _raw(house):
    return bytes(house.rows("SELECT id FROM deliveries WHERE shop_id = :s", s=house.shop.id)[0][0])
