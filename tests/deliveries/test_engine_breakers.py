"""Whom to leave alone, when to knock again, and what is told of a subscription's health; without a store."""

import pytest

from till.clock import DAY, SECOND
from till.deliveries.breaker import Windows, opened, probed, speaks_of_host
from till.deliveries.health import Health, Kind, verdict
from till.deliveries.outcome import ErrorClass, Outcome
from till.webhooks.subscription import State as Served

MINUTE = 60 * SECOND
OK = Outcome(status=200)
BROKEN = Outcome(status=500, error=ErrorClass.STATUS, sentence="It answered 500.")
OURS = Outcome(error=ErrorClass.OURS, sentence="No handles.")


def failing(status):
    return Outcome(status=status, error=ErrorClass.STATUS, sentence=f"It answered {status}.")


def test_a_breaker_opens_at_ten_attempts_of_which_seven_failed():
    windows = Windows()
    said = [True, True, True, *[False] * 7]
    found = [windows.note("s", OK if ok else BROKEN, succeeded=ok, at=n) for n, ok in enumerate(said)]
    assert found[:-1] == [None] * 9
    assert found[-1].until == 9 + 30 * SECOND
    assert found[-1].reason == "7 of the last 10 attempts failed."


def test_a_breaker_minds_the_last_five_minutes_only():
    windows = Windows()
    for n in range(9):
        assert windows.note("s", BROKEN, succeeded=False, at=n) is None
    assert windows.note("s", BROKEN, succeeded=False, at=6 * MINUTE) is None


def test_five_timeouts_in_a_row_open_a_breaker_and_four_do_not():
    windows, slow = Windows(), Outcome(error=ErrorClass.TIMEOUT, sentence="Slow.")
    for n in range(4):
        assert windows.note("s", slow, succeeded=False, at=n) is None
    assert windows.note("s", OK, succeeded=True, at=5) is None
    found = [windows.note("s", slow, succeeded=False, at=n) for n in range(5)]
    assert [each is None for each in found] == [True] * 4 + [False]


def test_a_breaker_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour():
    breaker = opened("s", at=0, reason="")
    waits = [breaker.until]
    for _ in range(7):
        at = breaker.until
        assert breaker.may_probe(at)
        assert not breaker.may_probe(at - 1)
        breaker = probed(breaker, succeeded=False, at=at)
        waits.append(breaker.until - at)
    assert [wait // SECOND for wait in waits] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_two_successes_close_a_breaker_and_what_says_nothing_changes_nothing():
    breaker = opened("s", at=0, reason="")
    at = breaker.until
    same = probed(breaker, succeeded=None, at=at)
    assert (same.level, same.successes, same.until) == (0, 0, at)
    once = probed(same, succeeded=True, at=at)
    assert once.may_probe(at)
    assert probed(once, succeeded=True, at=at) is None
    assert probed(once, succeeded=False, at=at).successes == 0


def test_a_host_that_refuses_is_alive():
    assert [speaks_of_host(failing(status)) for status in (301, 404, 410, 429, 500, 503)] == [
        *[True] * 3,
        *[False] * 3,
    ]
    assert speaks_of_host(OURS) is None


def health(**more):
    told = {
        "id": 1,
        "shop_id": 1,
        "installation_id": 1,
        "topic": "orders/paid",
        "address": "https://example.com/",
        "state": Served.ACTIVE,
        "reason": None,
        "last_success_at": None,
        "failing_since": 0,
        "failures": 0,
        "warned": 0,
    }
    return Health(**(told | more))


@pytest.mark.parametrize(
    ("failures", "warned", "share"),
    [
        (49, 0, None),
        (50, 0, 50),
        (69, 50, None),
        (70, 50, 70),
        (95, 70, 90),
        (100, 90, 100),
        (500, 100, None),
    ],
)
def test_failing_is_told_at_four_marks(failures, warned, share):
    found = verdict(health(failures=failures, warned=warned), at=DAY)
    assert (None if found is None else found.share) == share


def test_a_subscription_is_disabled_after_five_days_and_a_hundred_failures_and_not_sooner():
    def kind(failures, at, **more):
        found = verdict(health(failures=failures, warned=100, **more), at=at)
        return None if found is None else found.kind

    assert kind(100, 5 * DAY) is Kind.DISABLED
    assert kind(99, 5 * DAY) is None
    assert kind(10_000, 5 * DAY - 1) is None
    assert kind(100, 5 * DAY, topic="customers/redact") is None
    assert kind(100, 5 * DAY, state=Served.PAUSED) is None


def test_gone_is_not_believed_of_one_that_has_taken_something_since():
    gone = verdict(health(failures=2), at=MINUTE, gone_at=1)
    assert (gone.kind, gone.reason) == (Kind.DISABLED, "gone")
    assert verdict(health(failures=2, last_success_at=2), at=MINUTE, gone_at=1) is None
    assert verdict(health(failures=2, topic="shop/redact"), at=MINUTE, gone_at=1) is None


def test_recovery_is_told_where_a_warning_was():
    assert verdict(health(failing_since=None, warned=50), at=0).kind is Kind.RECOVERED
    assert verdict(health(failing_since=None), at=0) is None
