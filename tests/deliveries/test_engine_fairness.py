"""Nobody is starved by somebody else: limits, breakers, rates."""

import asyncio
from collections import Counter

import pytest
from breakers import has_breaker, has_no_breaker, is_left_alone, left_alone, way

from engines import bench, pile_up, until
from receiver import Receiver, answer, silence
from till.clock import SECOND
from till.deliveries.choosing import Chooser
from till.deliveries.circuit import Circuit
from till.deliveries.claims import Claim, Claimed
from till.deliveries.delivery import State
from till.deliveries.flights import Flights, Limits
from till.deliveries.lanes import Lane, Look
from till.deliveries.worker import Tuning
from till.webhooks.fanout import renew


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def test_23_beside_a_dead_one_with_a_great_backlog_all_others_are_served(house, receiver):
    """Counts, not times, which are the bench's. The dead one gets one probe each time it was left alone."""
    receiver.script("/dead", silence())
    dead = house.subscribe(receiver.url("/dead"), timeout=1, topic="orders/paid")
    healthy = [house.subscribe(receiver.url(f"/healthy-{n}")) for n in range(20)]
    house.clock.stand()

    async def deliver():
        await house.tell()
        await pile_up(house, dead, receiver.url("/dead"), 20_000)
        async with house.engine() as engine:
            await receiver.arrived(8, path="/dead")
            for resource in range(10):
                await house.tell(resource)
                engine.wakes.written.ring()
            await house.settled(len(healthy) * 11, seconds=30)
            # While it is left alone, however long that is, nothing is sent and no attempt used up.
            name = way(house, dead, receiver.url("/dead"))
            await until(lambda: has_breaker(house, name))
            await until(lambda: _nothing_flies(engine))
            before = len(receiver.seen("/dead"))
            await asyncio.sleep(0.5)
            probes = [len(receiver.seen("/dead")) - before]
            for number in range(1, 4):
                house.clock.move(await left_alone(house, name) + 0.1)
                engine.wakes.turned.ring()
                await receiver.arrived(before + number, path="/dead")
                await until(lambda: is_left_alone(house, name))
                await asyncio.sleep(0.5)
                probes.append(len(receiver.seen("/dead")) - before)
        assert before <= 8 + 16
        assert probes == [0, 1, 2, 3]

    house.run(deliver())
    assert len(receiver.seen("/dead")) < 32
    tried = [each for each in house.deliveries(subscription_id=dead) if each["attempts"]]
    assert len(tried) == len(receiver.seen("/dead"))


def test_one_probe_over_all_workers_and_two_successes_close(run, postgres, migrated, tmp_path, receiver):
    url = postgres.create_database(migrated)
    with bench(run, folder=tmp_path, url=url) as house:
        receiver.script("/hook", silence())
        hook = house.subscribe(receiver.url("/hook"), timeout=3)

        async def deliver():
            for resource in range(60):
                await house.tell(resource)
            async with house.engine() as one, house.engine() as two:
                name = way(house, hook, receiver.url("/hook"))
                await until(lambda: has_breaker(house, name))
                await until(lambda: _nothing_flies(one, two))
                before = len(receiver.seen())
                house.clock.move(31)
                for engine in (one, two):
                    engine.wakes.turned.ring()
                await receiver.arrived(before + 1)
                await until(lambda: is_left_alone(house, name))
                await until(lambda: _nothing_flies(one, two))
                assert len(receiver.seen()) == before + 1
                receiver.script("/hook", answer(200))
                house.clock.move(62)
                for engine in (one, two):
                    engine.wakes.turned.ring()
                await house.settled(60, seconds=30)
                await until(lambda: has_no_breaker(house))

        house.run(deliver())
        assert all(each["state"] is State.DELIVERED for each in house.deliveries())


def test_a_hosts_breaker_holds_for_all_its_subscriptions(house, receiver):
    for path in ("/one", "/other"):
        receiver.script(path, answer(500))
        house.subscribe(receiver.url(path))
    quiet = house.subscribe(receiver.url("/quiet"), topic="orders/paid")

    async def deliver():
        async with house.engine() as engine:
            for resource in range(8):
                await house.tell(resource)
            engine.wakes.written.ring()
            await until(lambda: has_breaker(house, f"h:127.0.0.1:{receiver.port}"))
            await house.tell(99, topic="orders/paid")
            engine.wakes.written.ring()
            await asyncio.sleep(0.5)
            assert receiver.seen("/quiet") == []
            # Those that fail are not what it is probed with; and one success opens it for all.
            house.clock.move(31)
            engine.wakes.turned.ring()
            await house.settled(1, subscription_id=quiet)
            await until(lambda: has_no_breaker(house, f"h:127.0.0.1:{receiver.port}"))

    house.run(deliver())
    assert house.deliveries(subscription_id=quiet)[0]["attempts"] == 1


def test_one_that_fails_does_not_shut_out_others_at_its_host(house, receiver):
    receiver.script("/bad", answer(500))
    bad = house.subscribe(receiver.url("/bad"))
    good = house.subscribe(receiver.url("/good"), topic="orders/paid")
    house.clock.stand()  # who is left alone is so for ever

    async def deliver():
        async with house.engine() as engine:
            for resource in range(30):
                await house.tell(resource)
            engine.wakes.written.ring()
            await until(lambda: has_breaker(house, way(house, bad, receiver.url("/bad"))))
            await house.tell(99, topic="orders/paid", times=20)
            engine.wakes.written.ring()
            await house.settled(20, subscription_id=good, seconds=30)
            assert await has_no_breaker(house, f"h:127.0.0.1:{receiver.port}")

    house.run(deliver())


def test_a_new_address_is_served_at_once_whatever_waits_for_the_old_one(house, receiver):
    receiver.script("/old", answer(500))
    hook = house.subscribe(receiver.url("/old"))
    house.clock.stand()  # who is left alone is so for ever

    async def deliver():
        await house.tell()
        await pile_up(house, hook, receiver.url("/old"), 5_000)
        async with house.engine() as engine:
            await until(lambda: has_breaker(house, way(house, hook, receiver.url("/old"))))
            await move(house, hook, receiver.url("/new"))
            await house.tell(2, times=5)
            engine.wakes.written.ring()
            await house.settled(5, seconds=30)
            # The old ones wait for their receiver all the same, and are sent where they were owed.
            receiver.script("/old", answer(200))
            for _ in range(3):
                house.clock.move(61)
                engine.wakes.turned.ring()
                await asyncio.sleep(0.3)
            await house.settled(100, seconds=20)

    house.run(deliver())
    assert len(receiver.seen("/new")) == 5


@pytest.mark.parametrize("hot", [4, 20])
def test_lanes_that_are_emptied_at_each_turn_leave_turns_to_others(run, hot):
    """The chooser by itself: some that have a little each time, and one that always has more."""
    lanes = [Lane((1, number), f"http://h{number}/", 10, False, None) for number in range(hot + 1)]

    class Looked:
        async def look(self, **_):
            return Look(tuple(lanes), {})

    asked = Counter()

    async def choose():
        time = [0.0]
        chooser = Chooser(
            queue=Looked(),
            flights=Flights(Limits()),
            circuit=Circuit(lambda: time[0]),
            clock=lambda: 1_000 + int(time[0] * SECOND),
            monotonic=lambda: time[0],
            poll=1.0,
        )
        for _ in range(200):
            chooser.want()
            await chooser.look()
            asks, _ = await chooser.choose()
            keys = [ask.lane.key for ask in asks]
            asked.update(keys)
            emptied = frozenset(key for key in keys if key != (1, hot))
            claims = [Claim(*key[:1], b"", key[1], 1, 1, gap=False) for key in keys if key == (1, hot)]
            await chooser.learn(Claimed(tuple(claims), emptied, {}), {})
            time[0] += 0.005

    run(choose())
    assert min(asked.values()) >= 0.5 * max(asked.values())
    assert len(asked) == hot + 1


def test_limits_hold_for_each_subscription_each_host_and_in_all(house, receiver):
    limits = Limits(per_subscription=3, per_host=7, in_all=9)
    at_once = Most()
    other = Receiver().__enter__()
    for path in ("/a", "/b", "/c"):
        for each in (receiver, other):
            each.script(path, at_once.behave)
            house.subscribe(each.url(path))

    async def deliver():
        for resource in range(20):
            await house.tell(resource)
        async with house.engine(tuning=Tuning(poll=0.1, limits=limits)):
            await house.settled(6 * 20, seconds=60)

    house.run(deliver())
    other.__exit__()
    assert at_once.most["hook"] == 3
    assert 3 < at_once.most["host"] <= 7
    assert 7 < at_once.most["all"] <= 9


def test_24_a_rate_is_kept_to_and_nothing_is_lost(house, receiver):
    """100 events at 10 a second, not 1,000: no two seconds hold more than they may, and it takes ten."""
    house.subscribe(receiver.url("/hook"), rate=10)

    async def deliver():
        for resource in range(100):
            await house.tell(resource)
        async with house.engine():
            await house.settled(100, seconds=30)

    house.run(deliver())
    at = sorted(each.at for each in receiver.seen())
    assert len({each.delivery_id for each in receiver.seen()}) == len(at) == 100
    assert 9.0 <= at[-1] - at[0] <= 12.0
    for first in at:
        assert sum(first <= each < first + 2 for each in at) <= 2 * 10 * 1.05 + 4


async def move(house, hook, address):
    """What the API does when it is given another address."""

    async def work(tx):
        sql = "UPDATE subscriptions SET address = :address WHERE shop_id = :s AND id = :id"
        await tx.execute(sql, address=address, s=house.shop.id, id=hook)
        await renew(tx, house.shop.id)

    await house.db.write(work, shop_id=house.shop.id)


async def _nothing_flies(*engines):
    return not any(each.flying for each in engines)


class Most:
    """How many requests were answered at once, at the most: of a path, of a receiver, in all."""

    def __init__(self):
        self.now = Counter()
        self.most = Counter()

    async def behave(self, received, writer):
        host = received.header("host")
        names = (("hook", host + received.path), ("host", host), ("all", ""))
        for kind, name in names:
            self.now[name] += 1
            self.most[kind] = max(self.most[kind], self.now[name])
        await asyncio.sleep(0.02)
        for _, name in names:
            self.now[name] -= 1
        return await answer(200)(received, writer)
