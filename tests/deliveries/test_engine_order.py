"""The order of each resource's events, where it is promised: nothing overtakes, nobody waits for ever."""

import asyncio
import random
import re
from collections import Counter, defaultdict

import msgspec
import pytest

from engines import bench, pile_up, until
from receiver import Receiver, answer
from till.clock import SECOND
from till.deliveries import claims
from till.deliveries.delivery import State
from till.deliveries.schedule import HOUR


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def test_25_in_order_with_three_workers_and_failures(run, postgres, migrated, tmp_path, receiver):
    """40 resources with ten events each; three in ten attempts fail, and time is moved over their waits."""
    receiver.script("/hook", moody(random.Random(25)))
    with bench(run, folder=tmp_path, url=postgres.create_database(migrated)) as house:
        house.subscribe(receiver.url("/hook"), ordering="per_resource")
        in_order(house, receiver, engines=3, resources=40, times=10)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_25_in_order_on_sqlite(house, receiver):
    receiver.script("/hook", moody(random.Random(52)))
    house.subscribe(receiver.url("/hook"), ordering="per_resource")
    in_order(house, receiver, engines=1, resources=40, times=10)


def test_25_nothing_gets_stuck_where_events_come_while_three_workers_send(
    run, postgres, migrated, tmp_path, receiver
):
    """What is written down just as the one before it is settled is seen by neither, and looks for itself."""
    dice = random.Random(26)
    with bench(run, folder=tmp_path, url=postgres.create_database(migrated)) as house:
        house.subscribe(receiver.url("/hook"), ordering="per_resource")

        async def deliver():
            async with house.engine() as one, house.engine() as two, house.engine() as three:
                for _ in range(400):
                    await house.tell(dice.randrange(4))
                    for each in (one, two, three):
                        each.wakes.written.ring()
                    await asyncio.sleep(dice.random() * 0.01)
                await house.settled(400, seconds=60)

        house.run(deliver())
    versions = defaultdict(list)
    for each in receiver.seen():
        told = msgspec.json.decode(each.body)["order"]
        versions[told["id"]].append(told["version"])
    assert all(found == sorted(found) for found in versions.values())


@pytest.mark.parametrize(
    ("since", "turn", "busy", "free_at"),
    [
        (None, None, 0, 0),
        (0, 45 * SECOND, 1, 12 * SECOND),  # its lease says nothing of when it ends
        (10 * SECOND, 10 * SECOND, 2, 15 * SECOND),
        (10 * SECOND, 60 * SECOND, 2, 60 * SECOND),
        (0, 600 * SECOND, 0, 600 * SECOND),
        (0, 2 * HOUR, 0, HOUR),
        (10 * SECOND - HOUR, 2 * HOUR, 0, 10 * SECOND),
        (10 * SECOND - HOUR, 2 * HOUR, 1, 12 * SECOND),
        (10 * SECOND - HOUR, 2 * HOUR, 2, 15 * SECOND),
    ],
)
def test_what_waits_for_an_older_one_looks_again_when_that_ones_turn_has_come(since, turn, busy, free_at):
    assert claims._free_at(since, turn, 10 * SECOND, busy=busy) == free_at


def moody(dice):
    """Three in ten fail, but no delivery so often that those behind it wait for an hour."""

    async def behave(received, writer):
        fails = received.attempt <= 2 and dice.random() < 0.3
        return await answer(500 if fails else 200)(received, writer)

    return behave


def in_order(house, receiver, *, engines, resources, times):
    async def deliver():
        for _ in range(times):
            for resource in range(1, resources + 1):
                await house.tell(resource)
        running = [house.engine() for _ in range(engines)]
        started = [await each.__aenter__() for each in running]
        for _ in range(400):
            if await house.count(state=int(State.DELIVERED)) == resources * times:
                break
            await asyncio.sleep(0.2)
            house.clock.move(20)
            for each in started:
                each.wakes.turned.ring()
        for each in running:
            await each.__aexit__(None, None, None)

    house.run(deliver())
    states = Counter(each["state"] for each in house.deliveries())
    assert states == {State.DELIVERED: resources * times}
    told = defaultdict(list)
    for each in receiver.seen():
        version = msgspec.json.decode(each.body)["order"]["version"]
        resource = msgspec.json.decode(each.body)["order"]["id"]
        told[resource].append(version)
        assert each.header("x-genstore-order-gap") is None
    for versions in told.values():
        assert versions == sorted(versions)
        assert set(versions) == set(range(1, times + 1))


def test_25_a_blocked_resource_is_let_go_after_an_hour_and_says_so(house, receiver):
    async def first_fails(received, writer):
        version = msgspec.json.decode(received.body)["order"]["version"]
        blocked = msgspec.json.decode(received.body)["order"]["id"] == 7
        return await answer(500 if blocked and version == 1 else 200)(received, writer)

    receiver.script("/hook", first_fails)
    house.subscribe(receiver.url("/hook"), ordering="per_resource")

    async def deliver():
        async with house.engine() as engine:
            await house.tell(7, times=3)
            await house.tell(8, times=3)
            engine.wakes.written.ring()
            await house.settled(3)
            house.clock.move(59 * 60)
            engine.wakes.turned.ring()
            await asyncio.sleep(0.5)
            assert await house.count(state=int(State.DELIVERED)) == 3
            await until(lambda: none_flies(engine))  # or its lease would end
            house.clock.move(70)
            engine.wakes.turned.ring()
            await house.settled(5, seconds=60)

    house.run(deliver())
    passed = [each for each in receiver.seen() if each.header("x-genstore-order-gap") == "1"]
    assert [msgspec.json.decode(each.body)["order"] for each in passed] == [
        {"id": 7, "version": 2},
        {"id": 7, "version": 3},
    ]


def test_a_blocked_head_with_many_behind_it_costs_little(house, receiver):
    """Each that waits is put aside once; then nothing is due but its head."""
    receiver.script("/hook", answer(500))
    hook = house.subscribe(receiver.url("/hook"), ordering="per_resource")

    async def deliver():
        await house.tell(1)
        await pile_up(house, hook, receiver.url("/hook"), 3_000, event=2, ordered=1)
        async with house.engine():
            await receiver.arrived(1)
            await until(lambda: nothing_due(house, but=1), seconds=30)

    house.run(deliver())
    owed = house.deliveries()
    assert sum(each["attempts"] for each in owed) == len(receiver.seen())
    assert len({each.delivery_id for each in receiver.seen()}) == 1
    assert re.search("older", next(each["reason"] for each in owed if not each["attempts"]))


async def none_flies(engine):
    return engine.flying == 0


async def nothing_due(house, *, but):
    sql = "SELECT COUNT(*) FROM deliveries WHERE shop_id = :s AND state <= 1 AND run_at <= :at"
    rows = await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id, at=house.clock() + 3 * SECOND))
    return rows[0][0] <= but
