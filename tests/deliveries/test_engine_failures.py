"""Receivers that fail: when they are tried again, when that ends, and what is told of it."""

import asyncio
import itertools

import pytest

from engines import bench, until
from receiver import Receiver, answer, silence
from till.clock import DAY, SECOND
from till.deliveries.delivery import State
from till.deliveries.schedule import HOUR, STEPS
from till.webhooks.subscription import Schedule

STEP = STEPS[Schedule.GENSTORE8].waits


@pytest.fixture
def house(run, store):
    with bench(run, **store) as found:
        yield found


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


async def forward(house, engine, seconds):
    """Set the clock forward, as development mode does."""
    house.clock.move(seconds)
    engine.wakes.turned.ring()


async def attempted(house, count):
    """Wait until an attempt is settled; answers its delivery as it is then."""

    async def there():
        sql = "SELECT COUNT(*) FROM attempts WHERE shop_id = :s"
        return (await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id)))[0][0] >= count

    await until(there)
    sql = "SELECT run_at, state FROM deliveries WHERE shop_id = :s"
    return (await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id)))[0]


async def through_the_schedule(house, engine, receiver, last):
    """Let time pass from attempt to attempt, and prove each time that none comes a second early.

    The clock has to stand, or that second passes while the test looks.
    """
    for number in range(1, last + 1):
        run_at, _ = await attempted(house, number)
        if number == last:
            return
        wait = run_at - house.clock()
        step = STEP[number]
        assert step < wait <= step + max(SECOND // 2, step // 5)
        await forward(house, engine, (wait / SECOND) - 1.0)
        await asyncio.sleep(0.3)
        assert len(receiver.seen("/hook")) == number
        await forward(house, engine, 1.001)  # a clock counts microseconds, and what is moved is cut to them


def test_19_eight_attempts_over_41_hours_and_the_last_one_delivers(house, receiver):
    receiver.script("/hook", *[answer(500)] * 7, answer(200))
    house.subscribe(receiver.url("/hook"))
    house.clock.stand()

    async def deliver():
        async with house.engine() as engine:
            await house.tell()
            await through_the_schedule(house, engine, receiver, 8)
            await house.settled(1)

    house.run(deliver())
    attempts = house.attempts()
    assert [each["number"] for each in attempts] == list(range(1, 9))
    assert [each["counted"] for each in attempts] == [1] * 7 + [0]
    gaps = [after["started_at"] - before["started_at"] for before, after in itertools.pairwise(attempts)]
    for gap, step in zip(gaps, STEP[1:], strict=True):
        assert step <= gap <= step * 1.2 + 3 * SECOND
    assert 41 * HOUR <= attempts[-1]["started_at"] - attempts[0]["started_at"] <= 50 * HOUR
    seen = receiver.seen("/hook")
    assert len({each.delivery_id for each in seen}) == 1
    assert len({each.body for each in seen}) == 1
    assert [each.attempt for each in seen] == list(range(1, 9))


def test_20_always_500_is_exhausted_and_told_and_its_event_stays(house, receiver):
    receiver.script("/hook", answer(500, body=b"no"))
    hook = house.subscribe(receiver.url("/hook"))
    house.subscribe(receiver.url("/notices"), topic="webhook/exhausted")
    house.clock.stand()

    async def fail():
        async with house.engine() as engine:
            await house.tell(5)
            await through_the_schedule(house, engine, receiver, 8)
            await house.settled(1, state=State.EXHAUSTED)
            await receiver.arrived(1, path="/notices")
            await forward(house, engine, 20 * 24 * 3_600)
            await asyncio.sleep(0.3)

    house.run(fail())
    assert len(receiver.seen("/hook")) == 8
    (delivery,) = house.deliveries(subscription_id=hook)
    assert (delivery["state"], delivery["attempts"], delivery["failures"]) == (State.EXHAUSTED, 8, 8)
    assert "500" in delivery["reason"]
    assert all(bytes(each["response"]) == b"no" for each in house.attempts() if each["status"] == 500)
    (notice,) = house.notices()
    assert notice[0] == "webhook/exhausted"
    assert notice[1]["id"] == hook
    assert notice[1]["deliveries"][0]["id"] == delivery["id"]
    assert receiver.seen("/notices")[0].header("x-genstore-topic") == "webhook/exhausted"
    # It is still there to be read, and to be sent again.
    assert ("orders/update", {"order": {"id": 5, "version": 1}}) in house.events()


def test_21_what_retry_after_says_is_kept_to(house, receiver):
    said = ["120", "-1", "abc", "1000000000", "Thu, 01 Jan 1970 00:00:00 GMT"]
    for number, value in enumerate(said):
        receiver.script(f"/{number}", answer(429, headers=[("Retry-After", value)]))
        house.subscribe(receiver.url(f"/{number}"), name=str(number))

    async def deliver():
        async with house.engine():
            await house.tell()
            await attempted(house, len(said))

    house.run(deliver())
    ended = {each["delivery_id"]: each["started_at"] for each in house.attempts()}
    owed = sorted(house.deliveries(), key=lambda each: each["subscription_id"])
    waits = [round((each["run_at"] - ended[each["id"]]) / SECOND, 1) for each in owed]
    usual, longest = (5.0, 7.0), (6 * 3_600.0, 6 * 3_600 + 2.0)
    for wait, (least, most) in zip(waits, [(120.0, 122.0), usual, usual, longest, usual], strict=True):
        assert least <= wait <= most, waits


def test_22_gone_once_is_tried_again_and_gone_twice_ends_the_subscription(house, receiver):
    receiver.script("/once", answer(410), answer(200))
    receiver.script("/gone", answer(410))
    once = house.subscribe(receiver.url("/once"))
    gone = house.subscribe(receiver.url("/gone"))

    async def deliver():
        async with house.engine() as engine:
            await house.tell()
            await attempted(house, 2)
            await forward(house, engine, 7)
            await house.settled(1, subscription_id=once)
            await attempted(house, 4)
            assert (await subscription(house, gone))[0] == "active"
            await forward(house, engine, 75)
            await until(lambda: is_disabled(house, gone))
            await house.tell()
            await house.settled(2, subscription_id=once)

    house.run(deliver())
    assert house.subscription(gone)["state"] == "disabled"
    assert house.subscription(gone)["reason"] == "gone"
    assert house.subscription(once)["state"] == "active"
    assert len(receiver.seen("/gone")) == 3
    # What it is owed is kept, and more is owed meanwhile.
    assert [each["state"] for each in house.deliveries(subscription_id=gone)] == [State.PENDING] * 2
    topic, notice = house.notices()[-1]
    assert (topic, notice["id"], notice["state"], notice["reason"]) == (
        "webhook/disabled",
        gone,
        "disabled",
        "gone",
    )


def test_a_subscription_that_fails_is_warned_of_disabled_after_five_days_and_recovers(house, receiver):
    receiver.script("/hook", answer(500))
    hook = house.subscribe(receiver.url("/hook"))
    marks = "UPDATE subscriptions SET failures = :n, failing_since = :at WHERE shop_id = :s AND id = :id"

    async def fail_at(failures, days):
        """One more failure after so many, the first of them so many days ago."""

        async def work(tx):
            at = house.clock() - int(days * DAY)
            await tx.execute(marks, n=failures - 1, at=at, s=house.shop.id, id=hook)

        await house.db.write(work)
        before = len(house_notices)
        await house.tell()
        return before

    house_notices = []

    async def deliver():
        async with house.engine():
            for failures, days in ((50, 1), (70, 2), (90, 4), (100, 4.9)):
                await fail_at(failures, days)
                await until(lambda failures=failures: warned(house, hook, failures))
            receiver.script("/hook", answer(200))
            await house.tell()
            await until(lambda: warned(house, hook, 0))
            receiver.script("/hook", answer(500))
            await fail_at(100, 5)
            await until(lambda: is_disabled(house, hook))

    house.run(deliver())
    told = [(topic.removeprefix("webhook/"), each.get("percent")) for topic, each in house.notices()]
    assert told == [
        ("failing", 50),
        ("failing", 70),
        ("failing", 90),
        ("failing", 100),
        ("recovered", None),
        ("disabled", None),
    ]
    assert house.subscription(hook)["reason"] == "failing"


def test_nothing_is_told_of_those_that_hear_of_webhooks(house, receiver):
    receiver.script("/notices", answer(500))
    listener = house.subscribe(receiver.url("/notices"), topic="webhook/failing")
    hook = house.subscribe(receiver.url("/hook"))
    receiver.script("/hook", answer(500))
    marks = "UPDATE subscriptions SET failures = 99, failing_since = :at WHERE shop_id = :s"

    async def deliver():
        at = house.clock() - DAY
        await house.db.write(lambda tx: tx.execute(marks, at=at, s=house.shop.id))
        async with house.engine():
            await house.tell()
            await until(lambda: warned(house, hook, 100))
            await until(lambda: warned(house, listener, 100))
            await asyncio.sleep(0.2)

    house.run(deliver())
    assert [(topic, each["id"]) for topic, each in house.notices()] == [("webhook/failing", hook)]


def test_an_event_whose_bytes_are_gone_is_blocked_and_never_sent_in_another_form(house, receiver):
    hook = house.subscribe(receiver.url("/hook"), fields=["id"])
    house.told()

    async def deliver():
        gone = "DELETE FROM event_forms WHERE shop_id = :s"
        await house.db.write(lambda tx: tx.execute(gone, s=house.shop.id))
        async with house.engine():
            await house.settled(1, state=State.BLOCKED)

    house.run(deliver())
    assert receiver.seen() == []
    (delivery,) = house.deliveries(subscription_id=hook)
    assert "no longer kept" in delivery["reason"]
    # Nobody is charged for it, and its app hears of it.
    assert (delivery["failures"], house.subscription(hook)["failures"]) == (0, 0)
    assert [topic for topic, _ in house.notices()] == ["webhook/exhausted"]


def test_a_timeout_takes_as_long_as_the_subscription_says(house, receiver):
    receiver.script("/hook", silence())
    house.subscribe(receiver.url("/hook"), timeout=1)

    async def deliver():
        async with house.engine():
            await house.tell()
            await attempted(house, 1)

    house.run(deliver())
    (attempt,) = house.attempts()
    assert attempt["error"] == "timeout"
    # Timers count milliseconds; a subscription that says nothing is given ten seconds.
    assert SECOND - 1_000 <= attempt["micros"] < 10 * SECOND


async def subscription(house, subscription_id):
    sql = "SELECT state, warned FROM subscriptions WHERE shop_id = :s AND id = :id"
    rows = await house.db.read(lambda tx: tx.fetch(sql, s=house.shop.id, id=subscription_id))
    return tuple(rows[0])


async def is_disabled(house, subscription_id):
    return (await subscription(house, subscription_id))[0] == "disabled"


async def warned(house, subscription_id, level):
    return (await subscription(house, subscription_id))[1] == level
