"""What an app was sent, in its statistics, against the rows of the deliveries themselves."""

import asyncio
from collections import Counter
from itertools import count

import pytest
from monitored import SCOPES, basic, go, statistics

from inside import inside
from owing import end, subscribe
from receiver import Receiver, answer
from till.clock import DAY, SECOND, iso, now
from till.db.migrate import migrations, statements
from till.deliveries.retention import Keep, expire, prune
from till.tallies import bucket_of
from till.webhooks.subscription import Schedule


def deliveries_of(till, subscription_ids):
    """What stands in the rows themselves."""
    rows = till.rows(
        "SELECT subscription_id, micros, status FROM attempts WHERE shop_id = :s", s=till.shop.id
    )
    return [(micros, status) for id_, micros, status in rows if id_ in subscription_ids]


class Standing:
    """A clock that stands still, `ahead` microseconds early: what has failed is not due again by itself."""

    def __init__(self):
        self.began, self.ahead = now(), 0

    def __call__(self):
        return self.began + self.ahead


@pytest.fixture
def ticking():
    return Standing()


@pytest.fixture
def sending(run, store, ticking):
    with inside(run, now=ticking, work=True, **store) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        yield server


def test_deliveries_are_what_their_rows_say_also_when_a_subscription_has_gone(sending):
    till = sending
    with Receiver() as receiver:
        receiver.script("/bad", answer(500))
        good = subscribe(till, address=receiver.url("/good"))
        bad = subscribe(till, address=receiver.url("/bad"))
        ids = {int(path.rpartition("/")[2]) for path in (good, bad)}
        for _ in range(6):
            till.create()
        wait(till, lambda: len(deliveries_of(till, ids)) == 12)
        rows = deliveries_of(till, ids)
        wait(till, lambda: statistics(till)["deliveries"]["attempts"] == 12)
        before = statistics(till)["deliveries"]
        assert (before["delivered"], before["failed"]) == (6, 6)
        assert before["failureRate"] == 0.5
        assert before["averageMs"] == pytest.approx(sum(row[0] for row in rows) / 12 / 1_000, rel=1e-4)
        took = sorted(row[0] for row in rows)
        for name, place in (("p50Ms", 5), ("p95Ms", 11), ("p99Ms", 11)):
            assert before[name] == pytest.approx(took[place] / 1_000, rel=0.03), name
        assert bucket_of(took[-1]) >= bucket_of(took[0])
        assert (before["pending"], before["retries"]) == (6, 0)
        assert before["subscriptions"] == {"active": 2, "paused": 0, "disabled": 0}
        series = statistics(till, "?granularity=hour")["series"]
        assert sum(each["deliveries"]["attempts"] for each in series) == 12
        till.run(till.ask("DELETE", bad))
        after = statistics(till)["deliveries"]
        assert (after["delivered"], after["failed"], after["cancelled"]) == (6, 6, 6)
        assert (after["pending"], after["subscriptions"]["active"]) == (0, 1)
        go(till, till.shop, at=till.parts.api._lent.clock())
        gone = statistics(till, **basic(till))["deliveries"]
        assert (gone["delivered"], gone["failed"], gone["subscriptions"]["active"]) == (6, 6, 0)


def wait(till, holds):
    for _ in range(200):
        if holds():
            return
        till.run(asyncio.sleep(0.05))
    assert holds()


def test_what_was_given_up_tried_again_and_waits_is_counted(till):
    path = subscribe(till)
    for _ in range(5):
        till.create()
    ids = [each["id"] for each in till.get(f"{path}/deliveries").json["deliveries"]]
    end(till, 3, *ids[:2])
    end(till, 5, ids[2])
    till.post(f"{path}/disable")
    told = statistics(till)["deliveries"]
    assert (told["exhausted"], told["cancelled"], told["pending"]) == (2, 1, 2)
    assert told["retries"] == 3 * 7, "each of three had seven attempts after its first"
    assert told["subscriptions"] == {"active": 0, "paused": 1, "disabled": 0}
    assert told["oldestPendingSeconds"] >= 0


def test_figures_of_a_span_stay_when_the_rows_are_pruned(sending, ticking):
    """Retries, and what was given up, blocked or cancelled; each is counted when it happens."""
    till = sending
    began = ticking() - 3_600 * SECOND
    calls = count()
    with Receiver() as receiver:
        failing, well = answer(500), answer(200)

        async def flaky(received, writer):
            await (failing if next(calls) == 0 else well)(received, writer)

        receiver.script("/flaky", flaky)
        subscribe(till, address=receiver.url("/flaky"))
        till.create()
        wait(till, lambda: sent(till, began)["failed"] == 1)
        assert sent(till, began)["retries"] == 0
        ticking.ahead += 60 * SECOND
        wait(till, lambda: sent(till, began)["delivered"] == 1)
        dead = subscribe(till, address="http://127.0.0.1:9999/")
        till.create()
        wait(till, lambda: (sent(till, began)["delivered"], sent(till, began)["failed"]) == (2, 2))
    till.run(till.ask("DELETE", dead))
    fresh = sent(till, began)
    assert (fresh["retries"], fresh["cancelled"], fresh["attempts"]) == (1, 1, 4)
    ticking.ahead += 40 * DAY
    assert till.run(prune(till.parts.db, at=ticking(), keep=Keep())) >= 2
    assert till.rows("SELECT id FROM deliveries WHERE shop_id = :s", s=till.shop.id) == []
    assert sent(till, began) == fresh


def test_an_older_database_is_counted_when_it_is_brought_forward(till):
    """Of deliveries that were over before there were such sums; tests are in no figures."""
    path = subscribe(till)
    till.post(f"{path}/test")
    for _ in range(3):
        till.create()
    ids = {each["id"] for each in till.get(f"{path}/deliveries").json["deliveries"] if not each["isTest"]}
    for state, id_ in zip((3, 4, 5), sorted(ids), strict=True):
        end(till, state, id_)
    attempts = (
        "INSERT INTO attempts (shop_id, delivery_id, number, subscription_id, started_at, micros, error,"
        " counted, bytes_read, details) SELECT shop_id, id, :number, subscription_id, created_at, 9,"
        " CASE WHEN :number = 3 THEN 'ours' END, 1, 0, :details FROM deliveries WHERE shop_id = :s"
    )
    (migration,) = (each for each in migrations(till.parts.db.dialect) if each.number == 9)
    counting = [each for each in statements(migration.text) if "INTO delivery_counts" in each]

    async def work(tx):
        for number in (1, 2, 3, 4):
            await tx.execute(attempts, number=number, details=b"", s=till.shop.id)
        await tx.execute("DELETE FROM delivery_counts WHERE shop_id = :s", s=till.shop.id)
        for each in counting:
            await tx.execute(each)

    till.write(work)
    assert stats(till, [int(path.rpartition("/")[2])]) == {
        "retried": 6,
        "exhausted": 1,
        "blocked": 1,
        "cancelled": 1,
    }


def sent(till, began):
    told = statistics(till, f"?from={iso(began, 'UTC')}&to={iso(began + 2 * DAY, 'UTC')}")["deliveries"]
    return {name: told[name] for name in ("attempts", "delivered", "failed", *ENDED)}


ENDED = ("retries", "exhausted", "blocked", "cancelled")


def test_what_ends_without_an_attempt_is_counted_and_tests_are_not(till, ticking):
    paths = [subscribe(till, address=f"http://127.0.0.1:9999/{n}") for n in range(4)]
    ids = [int(path.rpartition("/")[2]) for path in paths]
    for path in paths:
        assert till.post(f"{path}/test").status < 300
    till.create()
    till.create()
    began, shop = ticking() - 3_600 * SECOND, till.shop.id
    failing = "UPDATE subscriptions SET failing_since = :at, since = :at WHERE shop_id = :s AND id = :id"
    till.write(lambda tx: tx.execute(failing, at=began, s=shop, id=ids[0]))
    till.run(expire(till.parts.db, at=ticking() + 5 * DAY, usual=Schedule.GENSTORE8, told=lambda: None))
    orphan = "DELETE FROM subscriptions WHERE shop_id = :s AND id = :id"
    till.run(till.ask("DELETE", paths[1]))
    assert stats(till, ids)["cancelled"] == 2
    till.post(f"{paths[2]}/enable", {"deliveries": "none"})
    assert stats(till, ids)["cancelled"] == 4
    till.write(lambda tx: tx.execute(orphan, s=shop, id=ids[3]))
    till.run(prune(till.parts.db, at=ticking(), keep=Keep()))
    assert stats(till, ids) == {"exhausted": 2, "cancelled": 6}
    assert sent(till, began + 5 * DAY) == dict.fromkeys(("attempts", "delivered", "failed", *ENDED), 0) | {
        "exhausted": 2
    }
    shown = till.get(f"{paths[0]}/stats?from={iso(began, 'UTC')}&to={iso(began + 6 * DAY, 'UTC')}")
    assert (shown.json["stats"]["exhausted"], shown.json["stats"]["attempts"]) == (2, 0)


def test_what_an_app_was_owed_is_cancelled_and_counted_when_it_goes(till):
    for n in range(2):
        subscribe(till, address=f"http://127.0.0.1:9999/{n}")
    till.create()
    go(till, till.shop, at=till.parts.api._lent.clock())
    assert statistics(till, **basic(till))["deliveries"]["cancelled"] == 2
    # Their rows go; that they were cancelled stays.
    till.write(lambda tx: tx.execute("DELETE FROM deliveries WHERE shop_id = :s", s=till.shop.id))
    assert statistics(till, **basic(till))["deliveries"]["cancelled"] == 2


def stats(till, ids):
    """What stands in the sums of these subscriptions."""
    rows = till.rows(
        "SELECT subscription_id, outcome, sum(n) FROM delivery_counts WHERE shop_id = :s"
        " GROUP BY subscription_id, outcome",
        s=till.shop.id,
    )
    found = Counter()
    for id_, outcome, n in rows:
        assert id_ in ids
        found[outcome] += int(n)
    return found
