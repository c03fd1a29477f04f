"""One delivery that is spoilt, a clock that was set back, rows that nobody owns: all others go on."""

import asyncio

import asyncpg
import pytest

from engines import ADD, SCOPES, bench, until
from receiver import Receiver, answer
from till import keys
from till.apps.app import App, Installation
from till.apps.installations import Installations
from till.apps.store import Apps
from till.clock import DAY, SECOND
from till.db.port import StoreUnavailable
from till.db.postgres import DirectTx
from till.deliveries import claims, lanes, queue, retention, settling, trips
from till.deliveries.claims import Ask
from till.deliveries.delivery import State
from till.deliveries.given import given
from till.deliveries.queue import LEASE
from till.deliveries.retention import Keep, prune
from till.webhooks.fanout import renew

HOUR = 3_600


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


def spoil(house, receiver):
    """Another app of the shop whose deliveries cannot be made ready; answers its subscription."""
    app = App(client_id=keys.mint_client_id(), name="Bad", scopes=SCOPES, partner=False)
    own = Installation(
        id=999_001, shop_id=house.shop.id, client_id=app.client_id, scopes=SCOPES, protected=frozenset()
    )

    async def work(tx):
        await Apps(tx).add(app, sealed_secret=b"x" * 60, at=house.clock())
        await Installations(tx, house.shop).add(own, at=house.clock())
        values = {"shop_id": house.shop.id, "id": 999_002, "installation_id": own.id, "at": house.clock()}
        await tx.execute(ADD, topic="orders/update", address=receiver.url("/bad"), options="{}", **values)
        await renew(tx, house.shop.id)

    house.write(work)
    return 999_002


@pytest.mark.parametrize("how", ["secret", "app", "options"])
def test_what_cannot_be_made_ready_is_put_off_and_all_others_are_sent(house, receiver, how):
    good = house.subscribe(receiver.url("/good"))
    bad = spoil(house, receiver)
    ways = {
        "secret": "UPDATE apps SET secret = secret WHERE client_id = 'nobody'",
        "app": "DELETE FROM apps WHERE name = 'Bad'",
        "options": "UPDATE subscriptions SET options = '[' WHERE id = 999002",
    }

    async def deliver():
        await house.tell(times=10)
        await house.db.write(lambda tx: tx.execute(ways[how]))
        async with house.engine():
            await house.settled(10, subscription_id=good)
            await until(lambda: all_put_off(house, bad))

    house.run(deliver())
    told = house.deliveries(subscription_id=bad)
    assert {each["failures"] for each in told} == {0}
    assert all(each["reason"].startswith("It could not be made ready") for each in told)
    assert "deliveries not made ready" in house.lines.text
    assert "held up" not in house.lines.text


async def all_put_off(house, hook):
    sql = "SELECT COUNT(*) FROM deliveries WHERE subscription_id = :id AND state = 0 AND attempts > 0"
    return (await house.db.read(lambda tx: tx.fetch(sql, id=hook)))[0][0] == 10


def test_what_cannot_be_settled_does_not_hold_up_others_and_ends_without_its_notice(
    house, receiver, monkeypatch
):
    async def fail(*_, **__):
        raise ValueError("no notice")

    monkeypatch.setattr(queue, "tell_ended", fail)
    refused = house.subscribe("http://10.1.2.3/refused")
    good = house.subscribe(receiver.url("/good"), topic="orders/paid")

    async def deliver():
        async with house.engine():
            await house.tell()
            await asyncio.sleep(0.3)
            await house.tell(2, topic="orders/paid", times=20)
            await house.settled(20, subscription_id=good)
            await house.settled(1, subscription_id=refused, state=State.BLOCKED)

    house.run(deliver())
    assert house.notices() == []


def test_a_breakers_opening_is_written_down_though_the_store_was_away_at_first(house, receiver, monkeypatch):
    written, note = [], trips.note

    async def away_once(tx, **told):
        written.append(told)
        if len(written) == 1:
            raise StoreUnavailable("away")
        await note(tx, **told)

    monkeypatch.setattr(trips, "note", away_once)
    receiver.script("/bad", answer(500))
    house.subscribe(receiver.url("/bad"))

    async def deliver():
        await house.tell(times=40)
        async with house.engine():
            await until(lambda: house.db.read(lambda tx: tx.fetch("SELECT name FROM breakers")))

    house.run(deliver())


def test_an_attempt_that_cannot_even_be_begun_or_watched_gives_its_place_back(house, receiver):
    house.subscribe(receiver.url("/hook"))
    broken = [ValueError("not begun")]

    class Sender:
        def __init__(self, inner):
            self.inner = inner

        async def post(self, post):
            if broken:
                raise broken.pop()
            return await self.inner.post(post)

    async def deliver():
        async with house.engine(through=Sender) as engine:
            engine.seen = lambda _: 1 / 0
            await house.tell(times=3)
            await house.settled(2)
            assert engine.flying == 0
            house.clock.move(31)
            engine.wakes.turned.ring()
            await house.settled(3)

    house.run(deliver())
    assert all(each["failures"] == 0 for each in house.deliveries())


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "before it starts"])
def test_10_what_was_written_before_the_clock_was_set_back_does_not_wait_for_it(house, receiver, running):
    house.subscribe(receiver.url("/hook"))
    rated = house.subscribe(receiver.url("/rated"), rate=5)
    held = (
        "UPDATE deliveries SET state = 1, token = 1, attempts = 1, run_at = :at WHERE subscription_id = :id"
    )

    async def tell_ahead():
        house.clock.move(HOUR)
        await house.tell(times=2)
        at = house.clock() + LEASE
        await house.db.write(lambda tx: tx.execute(held, at=at, id=rated))

    async def deliver():
        if not running:
            await tell_ahead()
            house.clock.move(-HOUR)
        async with house.engine() as engine:
            if running:
                engine._chooser.look = nothing
                await tell_ahead()
                house.clock.move(-HOUR)
                del engine._chooser.look
                engine.wakes.turned.ring()
            await house.settled(2)
            await until(lambda: no_lease_beyond(house, house.clock() + LEASE + SECOND))

    house.run(deliver())


async def nothing():
    pass


async def no_lease_beyond(house, moment):
    sql = "SELECT COUNT(*) FROM deliveries WHERE state <= 1 AND run_at > :at"
    return not (await house.db.read(lambda tx: tx.fetch(sql, at=moment)))[0][0]


def test_a_rate_goes_on_where_the_clock_is_set_back(house, receiver):
    house.subscribe(receiver.url("/hook"), rate=20)

    async def deliver():
        async with house.engine() as engine:
            await house.tell(times=20)
            await house.settled(20)
            house.clock.move(-HOUR)
            engine.wakes.turned.ring()
            await house.tell(times=20)
            await house.settled(40)

    house.run(deliver())


def test_what_belongs_to_no_subscription_is_cancelled(house):
    hook = house.subscribe("http://127.0.0.1:9999/hook")
    house.told(times=3)
    house.write(lambda tx: tx.execute("DELETE FROM subscriptions WHERE id = :id", id=hook))
    house.run(prune(house.db, at=house.clock(), keep=Keep()))
    assert {each["state"] for each in house.deliveries()} == {State.CANCELLED}


def test_a_breaker_that_nobody_asks_for_is_forgotten_after_a_day(house):
    add = "INSERT INTO breakers VALUES ('s:1:2:x', 0, :at, 0, 0, '')"
    house.write(lambda tx: tx.execute(add, at=house.clock()))
    house.run(prune(house.db, at=house.clock() + DAY - SECOND, keep=Keep()))
    assert house.rows("SELECT name FROM breakers") == [("s:1:2:x",)]
    house.run(prune(house.db, at=house.clock() + DAY + SECOND, keep=Keep()))
    assert house.rows("SELECT name FROM breakers") == []


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_neither_age_nor_the_end_of_another_touches_what_is_claimed_at_that_moment(house):
    hook = house.subscribe("http://127.0.0.1:9999/hook", ordering="per_resource")

    async def both(work):
        """Claim, and do `work` elsewhere before the claim is committed."""
        one, other = [await asyncpg.connect(house.settings.database) for _ in range(2)]
        found = await house.db.read(lambda tx: lanes.look(tx, until=house.clock()))
        begun = one.transaction()
        await begun.start()
        asks, at = [Ask(found.lanes[0], 8)], house.clock()
        await claims.claim(DirectTx(one), asks, at=at, until=at + LEASE)
        task = asyncio.create_task(work(DirectTx(other)))
        await asyncio.sleep(0.3)
        await begun.commit()
        await task
        for each in (one, other):
            await each.close()
        return at + LEASE

    async def expire(tx):
        values = {"shop_id": house.shop.id, "id": hook, "at": house.clock(), "most": 500}
        await tx.fetch(retention.EXPIRE, state=3, reason="old", before=house.clock() + DAY, **values)

    async def release(tx):
        row = {"shop_id": house.shop.id, "subscription_id": hook, "resource_id": 1}
        await tx.execute(settling.RELEASE[tx.dialect], given=given([row]), at=house.clock())

    for work in (expire, release):
        house.write(lambda tx: tx.execute("DELETE FROM deliveries WHERE shop_id = :s", s=house.shop.id))
        house.told()
        until_ = house.run(both(work))
        (delivery,) = house.deliveries()
        assert (delivery["state"], delivery["run_at"]) == (State.LEASED, until_)
