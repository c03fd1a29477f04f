"""A stop finishes what is under way, gives back the rest, and counts nothing against anybody."""

from collections import Counter

import pytest

from engines import bench
from receiver import Receiver, answer
from till.deliveries.delivery import State


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def test_a_stop_lets_what_is_under_way_finish_and_gives_back_the_rest(house, receiver):
    receiver.script("/hook", answer(200, after=0.6))
    house.subscribe(receiver.url("/hook"))

    async def deliver():
        for resource in range(20):
            await house.tell(resource)
        async with house.engine():
            await receiver.arrived(8)

    house.run(deliver())
    states = Counter(each["state"] for each in house.deliveries())
    assert states[State.LEASED] == 0
    assert states[State.DELIVERED] == len(receiver.seen())
    waiting = [each for each in house.deliveries() if each["state"] is State.PENDING]
    assert waiting
    assert all(each["attempts"] == each["failures"] == 0 for each in waiting)
    assert all(each["run_at"] <= house.clock() for each in waiting)


def test_a_stop_that_cannot_wait_counts_nothing(house, receiver):
    receiver.script("/hook", answer(200, after=30))
    house.subscribe(receiver.url("/hook"))
    house.settings = type(house.settings)(
        data=house.settings.data, database=house.settings.database, stop_timeout=0.5
    )

    async def deliver():
        await house.tell()
        async with house.engine():
            await receiver.arrived(1)

    house.run(deliver())
    (delivery,) = house.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["failures"]) == (State.PENDING, 1, 0)
    assert delivery["run_at"] <= house.clock()
    (attempt,) = house.attempts()
    assert (attempt["error"], attempt["counted"]) == ("ours", 0)
