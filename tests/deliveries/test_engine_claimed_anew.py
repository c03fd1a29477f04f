"""A delivery that is claimed again by the process that still settles its last attempt."""

import asyncio

import pytest

from engines import bench, until
from receiver import Receiver, answer
from till.deliveries.delivery import State
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
    """The first settling stops, before or after it is written down, until it may go on."""

    def __init__(self, monkeypatch, *, written):
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        real = Queue.settle

        async def settle(queue, batch, **more):
            kept = await real(queue, batch, **more) if written else None
            if not self.reached.is_set():
                self.reached.set()
                await self.go.wait()
            return kept or await real(queue, batch, **more)

        monkeypatch.setattr(Queue, "settle", settle)


async def is_claimed(house, attempts):
    sql = "SELECT state, attempts FROM deliveries WHERE shop_id = :s"
    rows = await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id))
    return tuple(rows[0]) == (int(State.LEASED), attempts)


def test_one_that_became_due_before_its_settling_was_known_is_sent_at_once(house, receiver, monkeypatch):
    receiver.script("/hook", answer(500), answer(200))
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        slow = Slow(monkeypatch, written=True)
        async with house.engine() as engine:
            await house.tell()
            engine.wakes.written.ring()
            await slow.reached.wait()
            house.clock.move(10)
            engine.wakes.turned.ring()
            await until(lambda: is_claimed(house, 2))
            slow.go.set()
            await house.settled(1)  # its lease does not end, for the clock stands

    house.run(deliver())
    assert [each.attempt for each in receiver.seen()] == [1, 2]
    assert [(each["number"], each["status"]) for each in house.attempts()] == [(1, 500), (2, 200)]


def test_one_whose_lease_ended_before_it_was_written_down_is_settled_and_not_sent_again(
    house, receiver, monkeypatch
):
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        slow = Slow(monkeypatch, written=False)
        async with house.engine() as engine:
            await house.tell()
            engine.wakes.written.ring()
            await slow.reached.wait()
            await house.db.write(lambda tx: tx.execute("UPDATE deliveries SET run_at = 0"))
            engine.wakes.turned.ring()
            await until(lambda: is_claimed(house, 2))
            slow.go.set()
            await house.settled(1)

    house.run(deliver())
    assert len(receiver.seen()) == 1
    assert "settled late" not in house.lines.text
