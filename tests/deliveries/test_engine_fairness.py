"""Nobody is starved by somebody else: limits, breakers, rates, and the order of each resource's events."""

import asyncio
import random
import re
from collections import Counter, defaultdict

import msgspec
import pytest

from engines import bench, until
from receiver import Receiver, answer, silence
from till.clock import SECOND
from till.deliveries.delivery import State
from till.deliveries.flights import Limits
from till.deliveries.given import given, rows_of
from till.deliveries.worker import Tuning
from till.ids import uuid7

PILE = """
    INSERT INTO deliveries (shop_id, id, subscription_id, installation_id, event_number, topic, resource_id,
        form, address, ordered, state, run_at, created_at)
    SELECT :s, r.id, :hook, :installation, :event, 'orders/update', 1, '', :address, :ordered, 0, :at, :at
    FROM {rows} r
"""


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


async def pile_up(house, hook, address, count, *, event=1, ordered=0):
    """So many deliveries of one event, as if they had piled up."""

    async def work(tx):
        sql = PILE.format(rows=rows_of(tx.dialect, {"id": "bytes"}))
        await tx.execute(
            sql,
            s=house.shop.id,
            hook=hook,
            installation=house.installation_id,
            event=event,
            address=address,
            ordered=ordered,
            at=house.clock(),
            given=given({"id": uuid7()} for _ in range(count)),
        )

    await house.db.write(work)


def test_23_beside_a_dead_one_with_a_great_backlog_all_others_are_served(house, receiver):
    """Counts, not times, which are the bench's. The dead one gets one probe each time it was left alone."""
    receiver.script("/dead", silence())
    dead = house.subscribe(receiver.url("/dead"), timeout=1, topic="orders/paid")
    healthy = [house.subscribe(receiver.url(f"/healthy-{n}")) for n in range(20)]

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
            await until(lambda: has_breaker(house, f"s:{house.shop.id}:{dead}"))
            await asyncio.sleep(0.5)
            before = len(receiver.seen("/dead"))
            probes = []
            for _ in range(3):
                house.clock.move(await left_alone(house, f"s:{house.shop.id}:{dead}") + 0.1)
                engine.wakes.turned.ring()
                await asyncio.sleep(2.0)
                probes.append(len(receiver.seen("/dead")) - before)
        assert before <= 8 + 16
        assert probes == [1, 2, 3]

    house.run(deliver())
    assert len(receiver.seen("/dead")) < 32
    tried = [each for each in house.deliveries(subscription_id=dead) if each["attempts"]]
    assert len(tried) == len(receiver.seen("/dead"))


def test_one_probe_over_all_workers_and_two_successes_close(run, postgres, migrated, tmp_path, receiver):
    url = postgres.create_database(migrated)
    with bench(run, folder=tmp_path, url=url) as house:
        receiver.script("/hook", silence())
        hook = house.subscribe(receiver.url("/hook"), timeout=1)

        async def deliver():
            for resource in range(60):
                await house.tell(resource)
            async with house.engine() as one, house.engine() as two:
                await until(lambda: has_breaker(house, f"s:{house.shop.id}:{hook}"))
                await until(lambda: _nothing_flies(one, two))
                before = len(receiver.seen())
                house.clock.move(31)
                for engine in (one, two):
                    engine.wakes.turned.ring()
                await asyncio.sleep(1.5)
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
    receiver.script("/one", answer(500))
    hooks = [
        house.subscribe(receiver.url("/one")),
        house.subscribe(receiver.url("/two"), topic="orders/paid"),
    ]

    async def deliver():
        async with house.engine() as engine:
            for resource in range(12):
                await house.tell(resource)
            engine.wakes.written.ring()
            await until(lambda: has_breaker(house, f"h:127.0.0.1:{receiver.port}"))
            await house.tell(99, topic="orders/paid")
            engine.wakes.written.ring()
            await asyncio.sleep(0.5)

    house.run(deliver())
    assert receiver.seen("/two") == []
    assert house.deliveries(subscription_id=hooks[1])[0]["attempts"] == 0


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
            for _ in range(20):
                house.clock.move(70)
                engine.wakes.turned.ring()
                await asyncio.sleep(0.2)
                if await house.count(state=int(State.DELIVERED)) == 5:
                    break

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


async def nothing_due(house, *, but):
    sql = "SELECT COUNT(*) FROM deliveries WHERE shop_id = :s AND state <= 1 AND run_at <= :at"
    rows = await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id, at=house.clock() + 3 * SECOND))
    return rows[0][0] <= but


async def has_breaker(house, name):
    rows = await house.db.read(lambda tx: tx.fetch("SELECT name FROM breakers WHERE name = :name", name=name))
    return bool(rows)


async def has_no_breaker(house):
    return not await house.db.read(lambda tx: tx.fetch("SELECT name FROM breakers"))


async def left_alone(house, name):
    """Seconds until a breaker may be probed."""
    sql = "SELECT until FROM breakers WHERE name = :name"
    ((end,),) = await house.db.read(lambda tx: tx.fetch(sql, name=name))
    return max(0.0, (end - house.clock()) / SECOND)


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
