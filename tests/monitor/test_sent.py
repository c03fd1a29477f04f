"""What an app was sent, in its statistics, against the rows of the deliveries themselves."""

import asyncio

import pytest
from monitored import SCOPES, basic, go, statistics

from inside import inside
from owing import end, subscribe
from receiver import Receiver, answer
from till.tallies import bucket_of


def deliveries_of(till, subscription_ids):
    """What stands in the rows themselves."""
    rows = till.rows(
        "SELECT subscription_id, micros, status FROM attempts WHERE shop_id = :s", s=till.shop.id
    )
    return [(micros, status) for id_, micros, status in rows if id_ in subscription_ids]


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
