"""What follows from an attempt: each rule of delivery.md §8 by itself, and all of them on anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till import tallies
from till.clock import DAY, SECOND
from till.deliveries.delivery import Past, State, after
from till.deliveries.outcome import ErrorClass, Outcome
from till.deliveries.rates import Bucket
from till.deliveries.schedule import HOUR, MANDATORY, STEPS, schedule_of
from till.settings import SCHEDULES
from till.webhooks.subscription import Schedule

MINUTE = 60 * SECOND
OK = Outcome(status=200)
BROKEN = Outcome(status=500, error=ErrorClass.STATUS, sentence="It answered 500.")
OURS = Outcome(error=ErrorClass.OURS, sentence="No handles.")


def judge(outcome, *, failures=0, at=0, schedule=Schedule.GENSTORE8, jitter=0.0, **past):
    told = Past(failures=failures, since=past.pop("since", 0), **past)
    return after(told, outcome, schedule=schedule, at=at, jitter=jitter)


def failing(status, **more):
    return Outcome(status=status, error=ErrorClass.STATUS, sentence=f"It answered {status}.", **more)


def moments(schedule, jitter):
    """When each attempt of a delivery is made that never succeeds, and how it ends."""
    at, failures, found = 0, 0, []
    while True:
        found.append(at)
        settled = judge(BROKEN, failures=failures, at=at, schedule=schedule, jitter=jitter)
        if settled.state is not State.PENDING:
            return found, settled.state
        at, failures = settled.run_at, settled.failures


def test_19_genstore8_tries_eight_times_to_the_second():
    found, state = moments(Schedule.GENSTORE8, 0.0)
    steps = [0, 5 * SECOND, MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR]
    # The least jitter is half a second for each wait.
    assert found == [sum(steps[: n + 1]) + n * SECOND // 2 for n in range(8)]
    assert sum(steps) == 41 * HOUR + 11 * MINUTE + 5 * SECOND
    assert state is State.EXHAUSTED


def test_shopify4h_has_eight_retries_inside_four_hours_whatever_the_jitter():
    for jitter in (0.0, 1.0):
        found, state = moments(Schedule.SHOPIFY4H, jitter)
        assert len(found) == 9
        assert found[-1] <= 4 * HOUR
        assert state is State.EXHAUSTED


def test_long_is_that_of_standard_webhooks():
    found, state = moments(Schedule.LONG, 0.0)
    assert len(found) == 10
    assert found[-1] - 9 * SECOND // 2 == 75 * HOUR + 35 * MINUTE + 5 * SECOND
    assert state is State.EXHAUSTED
    assert len(moments(Schedule.LONG, 1.0)[0]) == 10


@pytest.mark.parametrize("schedule", Schedule)
def test_jitter_is_only_added_up_to_a_fifth_and_half_a_second_at_least(schedule):
    steps = STEPS[schedule]
    for failures, step in enumerate(steps.waits[1:], 1):
        assert steps.wait(failures, 0.0) == step + SECOND // 2
        assert steps.wait(failures, 1.0) == step + max(SECOND // 2, step // 5)


def test_settings_name_all_schedules():
    assert set(SCHEDULES) == {each.value for each in Schedule}


def test_mandatory_topics_have_the_long_schedule_whatever_is_asked():
    for topic in MANDATORY:
        assert schedule_of(topic, Schedule.SHOPIFY4H, Schedule.GENSTORE8) is Schedule.LONG
    assert schedule_of("orders/paid", None, Schedule.SHOPIFY4H) is Schedule.SHOPIFY4H
    assert schedule_of("orders/paid", Schedule.LONG, Schedule.SHOPIFY4H) is Schedule.LONG


def test_20_the_eighth_failure_is_the_last():
    assert judge(BROKEN, failures=6).state is State.PENDING
    assert judge(BROKEN, failures=7).state is State.EXHAUSTED


def test_a_failure_at_72_hours_is_the_last_and_counts_from_when_it_was_resumed():
    assert judge(BROKEN, at=72 * HOUR - 1).state is State.PENDING
    assert judge(BROKEN, at=72 * HOUR).state is State.EXHAUSTED
    assert judge(BROKEN, at=100 * HOUR, since=30 * HOUR).state is State.PENDING


@pytest.mark.parametrize("status", [429, 503])
def test_21_retry_after_puts_off_and_never_hastens(status):
    def wait(seconds, failures=0):
        return judge(failing(status, retry_after=seconds), failures=failures).run_at

    assert wait(120) == 120 * SECOND
    assert wait(0) == wait(None) == 5 * SECOND + SECOND // 2
    assert wait(10**9) == 6 * HOUR
    assert wait(120, failures=3) == HOUR + SECOND // 2


def test_retry_after_of_other_answers_is_ignored():
    assert judge(failing(500, retry_after=120)).run_at == 5 * SECOND + SECOND // 2


def test_22_gone_is_believed_the_second_time_and_a_minute_later():
    gone = failing(410)
    first = judge(gone)
    assert (first.state, first.is_gone, first.counted) == (State.PENDING, False, True)
    assert not judge(gone, failures=1, at=60 * SECOND - 1, gone_at=0).is_gone
    again = judge(gone, failures=2, at=60 * SECOND, gone_at=0)
    assert (again.state, again.is_gone) == (State.PENDING, True)


def test_an_address_that_is_forbidden_itself_is_blocked_at_once():
    settled = judge(Outcome(error=ErrorClass.REFUSED_ADDRESS, sentence="No."))
    assert (settled.state, settled.counted, settled.reason) == (State.BLOCKED, True, "No.")


@pytest.mark.parametrize("error", [ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.TLS_NAME])
def test_17_a_name_that_leads_astray_is_tried_three_times(error):
    outcome = Outcome(error=error, sentence="No.")
    states = [judge(outcome, failures=astray, astray=astray).state for astray in range(3)]
    assert states == [State.PENDING, State.PENDING, State.BLOCKED]


def test_a_fault_of_ours_is_not_counted_and_waits_one_to_thirty_seconds():
    for jitter, wait in ((0.0, SECOND), (1.0, 30 * SECOND)):
        settled = judge(OURS, failures=7, at=DAY * 2, jitter=jitter)
        assert (settled.state, settled.failures, settled.counted) == (State.PENDING, 7, False)
        assert settled.run_at == DAY * 2 + wait


def test_a_fault_of_ours_ends_a_delivery_after_72_hours_and_is_not_counted_even_then():
    settled = judge(OURS, failures=7, at=DAY * 3)
    assert (settled.state, settled.failures, settled.counted) == (State.EXHAUSTED, 7, False)
    assert settled.reason == OURS.sentence


errors = st.sampled_from([None, *ErrorClass])
outcomes = st.builds(
    Outcome,
    status=st.none() | st.integers(100, 599),
    error=errors,
    retry_after=st.none() | st.integers(0, 10**9),
    sentence=st.just("Why."),
)
pasts = st.builds(
    Past,
    failures=st.integers(0, 12),
    since=st.integers(0, 10 * DAY),
    astray=st.integers(0, 3),
    gone_at=st.none() | st.integers(0, 10 * DAY),
)


@given(pasts, outcomes, st.sampled_from(Schedule), st.integers(0, 20 * DAY), st.floats(0, 1))
def test_whatever_happens_a_delivery_ends_or_is_tried_again_later(past, outcome, schedule, at, jitter):
    settled = after(past, outcome, schedule=schedule, at=at, jitter=jitter)
    assert settled.state in (State.PENDING, State.DELIVERED, State.EXHAUSTED, State.BLOCKED)
    assert (settled.state is State.DELIVERED) is outcome.is_delivered
    assert settled.failures - past.failures == int(settled.counted)
    assert settled.counted is not (outcome.is_delivered or outcome.error is ErrorClass.OURS)
    if settled.state is State.PENDING:
        longest = max(STEPS[schedule].waits) * 6 // 5
        assert SECOND <= settled.run_at - at <= max(longest, 6 * HOUR)
        if settled.counted:
            assert settled.failures < STEPS[schedule].attempts
            assert settled.run_at - at >= STEPS[schedule].waits[settled.failures]
    else:
        assert settled.run_at == at
    if settled.is_gone:
        assert outcome.status == 410


@given(
    st.lists(st.integers(1, 60_000_000), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99, 1.0])
)
def test_percentiles_are_read_off_within_five_per_cent(times, share):
    counts = {}
    for micros in times:
        bucket = tallies.bucket_of(micros)
        counts[bucket] = counts.get(bucket, 0) + 1
    exact = sorted(times)[max(0, -(-len(times) * share // 1).__int__() - 1)]
    found = tallies.percentile(counts.items(), share)
    assert abs(found - exact) <= max(1, 0.05 * exact)


def test_a_bucket_lets_a_rate_through_and_no_more():
    used, since, taken = 0.0, 0, []
    for at in range(0, 20 * SECOND, SECOND // 100):
        bucket = Bucket(used, since, rate=10.0, at=at)
        taken += [at] * bucket.free
        used, since = bucket.used + bucket.free, at
    assert len([at for at in taken if at < 10 * SECOND]) <= 105
    assert 195 <= len(taken) <= 210
