"""A delivery that is claimed again by the process that still writes down what came of its last claim."""

import asyncio

import pytest

from engines import bench, until
from receiver import Receiver, answer
from till.deliveries.delivery import State
from till.deliveries.loading import Loader
from till.deliveries.queue import Queue


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        found.clock.stand()
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


class Slow:
    """The first time that an engine writes something down stops, before or after it, until it may go on."""

    def __init__(self, monkeypatch, name, *, written):
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        real = getattr(Queue, name)

        async def write(queue, batch, **more):
            done = await real(queue, batch, **more) if written else None
            if not self.reached.is_set():
                self.reached.set()
                await self.go.wait()
            return done if written else await real(queue, batch, **more)

        monkeypatch.setattr(Queue, name, write)


async def is_claimed(house, attempts):
    sql = "SELECT state, attempts FROM deliveries WHERE shop_id = :s"
    rows = await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id))
    return tuple(rows[0]) == (int(State.LEASED), attempts)


async def claimed_anew(house, slow, attempts, become_due):
    """Deliver one that `become_due` makes due while it is being written down; no lease ends by itself."""
    async with house.engine() as engine:
        await house.tell()
        engine.wakes.written.ring()
        await slow.reached.wait()
        await become_due()
        engine.wakes.turned.ring()
        await until(lambda: is_claimed(house, attempts))
        slow.go.set()
        await house.settled(1)


def test_one_that_became_due_before_its_settling_was_known_is_sent_at_once(house, receiver, monkeypatch):
    receiver.script("/hook", answer(500), answer(200))
    house.subscribe(receiver.url("/hook"))

    async def become_due():
        house.clock.move(10)

    async def deliver():
        await claimed_anew(house, Slow(monkeypatch, "settle", written=True), 2, become_due)

    house.run(deliver())
    assert [each.attempt for each in receiver.seen()] == [1, 2]
    assert [(each["number"], each["status"]) for each in house.attempts()] == [(1, 500), (2, 200)]


def test_one_whose_lease_ended_before_it_was_written_down_is_settled_and_not_sent_again(
    house, receiver, monkeypatch
):
    house.subscribe(receiver.url("/hook"))

    async def become_due():
        await house.db.write(lambda tx: tx.execute("UPDATE deliveries SET run_at = 0"))

    async def deliver():
        await claimed_anew(house, Slow(monkeypatch, "settle", written=False), 2, become_due)

    house.run(deliver())
    assert len(receiver.seen()) == 1
    assert "settled late" not in house.lines.text


def test_one_that_was_given_back_and_claimed_before_that_was_known_is_sent_at_once(
    house, receiver, monkeypatch
):
    house.subscribe(receiver.url("/hook"))
    load, loads = Loader.load, []

    async def fail_once(loader, fresh, *, at):
        loads.append(fresh)
        if len(loads) == 1:
            raise OSError("not now")
        return await load(loader, fresh, at=at)

    async def become_due():
        """It is."""

    async def deliver():
        monkeypatch.setattr(Loader, "load", fail_once)
        await claimed_anew(house, Slow(monkeypatch, "give_back", written=True), 1, become_due)

    house.run(deliver())
    assert [each.attempt for each in receiver.seen()] == [1]
    assert [each["number"] for each in house.attempts()] == [1]


def test_an_attempt_that_is_written_down_twice_is_not_taken_for_the_next(house, receiver, monkeypatch):
    """What fails after it is written down has it written down again; the next may be under way by then."""
    gate, judge, settle, ours = asyncio.Event(), Queue.judge, Queue.settle, []

    async def second(received, writer):
        while not gate.is_set():  # noqa: ASYNC110 - it is set by another loop
            await asyncio.sleep(0.02)
        return await answer(200)(received, writer)

    receiver.script("/hook", answer(500), second, answer(200))
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        async with house.engine() as engine:

            async def fail_once(queue, kept):
                monkeypatch.setattr(Queue, "judge", judge)
                house.clock.move(10)
                engine.wakes.turned.ring()
                await receiver.arrived(2)
                raise ValueError("no verdict")

            async def note(queue, batch, **more):
                kept = await settle(queue, batch, **more)
                ours.append(len(kept.ours))
                return kept

            monkeypatch.setattr(Queue, "judge", fail_once)
            monkeypatch.setattr(Queue, "settle", note)
            await house.tell()
            engine.wakes.written.ring()
            await until(lambda: are(ours, 2))
            gate.set()
            await house.settled(1)

    house.run(deliver())
    assert [each.attempt for each in receiver.seen()] == [1, 2]
    assert [(each["number"], each["status"]) for each in house.attempts()] == [(1, 500), (2, 200)]
    assert ours == [1, 0, 1]


async def are(found, count):
    return len(found) >= count
