"""The states of a delivery, and what follows from the outcome of an attempt. Pure: no clock, no store.

    pending ──claim──▶ leased ──▶ delivered | exhausted | blocked
       ▲                 │
       └── retry, lease ended, given back ──┘        pending, leased ──▶ cancelled

A delivery may be claimed while it is pending or leased and its `run_at` has come: for a lease that is its
end. What is terminal stays as it is; a replay is a new delivery.
"""

from enum import IntEnum

from msgspec import Struct, structs

from till.clock import SECOND
from till.deliveries.outcome import ErrorClass, Outcome
from till.deliveries.schedule import HOUR, STEPS
from till.webhooks.subscription import Schedule

# Names that lead astray may be set right meanwhile, but not for ever.
MOST_ASTRAY = 3
LONGEST_RETRY_AFTER = 6 * HOUR
GONE = 410
GONE_APART = 60 * SECOND
# What was our own fault is tried again after this, and nobody is charged for it; but not for ever either.
OURS_FROM = SECOND
OURS_TO = 30 * SECOND
ASKS_FOR_TIME = frozenset({429, 503})
ASTRAY = frozenset({ErrorClass.FORBIDDEN_ADDRESS, ErrorClass.TLS_NAME})


class State(IntEnum):
    """As it is stored; 2 and above are terminal."""

    PENDING = 0
    LEASED = 1
    DELIVERED = 2
    EXHAUSTED = 3
    BLOCKED = 4
    CANCELLED = 5

    @property
    def is_terminal(self) -> bool:
        return self >= State.DELIVERED


class Past(Struct, frozen=True, kw_only=True):
    """What is known of a delivery when an attempt of it has ended; times are microseconds.

    `since` is when it was created, or its subscription resumed if that was later. `failures` are those
    that were counted before; `astray` how many of its attempts were led to a forbidden address or to a
    certificate of another name; `gone_at` when it was first answered 410.
    """

    failures: int
    since: int
    astray: int = 0
    gone_at: int | None = None


class Settled(Struct, frozen=True, kw_only=True):
    """What becomes of a delivery: `run_at` is its next attempt, or where it is over, when it ended.

    `reason` is a sentence for whoever looks; `counted` says that the attempt was a failure of the
    receiver's; `is_gone` that the subscription is to be switched off.
    """

    state: State
    run_at: int
    failures: int
    reason: str | None = None
    counted: bool = False
    is_gone: bool = False


def after(past: Past, outcome: Outcome, *, schedule: Schedule, at: int, jitter: float) -> Settled:
    """What follows from `outcome`, which was there at the moment `at`; `jitter` is a number from 0 to 1."""
    if outcome.is_delivered:
        return Settled(state=State.DELIVERED, run_at=at, failures=past.failures)
    if outcome.error is ErrorClass.OURS:
        if at - past.since >= STEPS[schedule].longest:
            return given_up(past, outcome.sentence, at=at)
        wait = OURS_FROM + int((OURS_TO - OURS_FROM) * jitter)
        return Settled(state=State.PENDING, run_at=at + wait, failures=past.failures, reason=outcome.sentence)
    return _failed(past, outcome, schedule=schedule, at=at, jitter=jitter)


def given_up(past: Past, reason: str | None, *, at: int, state: State = State.EXHAUSTED) -> Settled:
    """The end of a delivery that nobody is charged for, such as one whose bytes are no longer kept."""
    return Settled(state=state, run_at=at, failures=past.failures, reason=reason)


def tried(settled: Settled, *, at: int) -> Settled:
    """What becomes of a test: it is tried once, and says nothing of its subscription's health."""
    if settled.state is State.PENDING and settled.counted:
        settled = structs.replace(settled, state=State.EXHAUSTED, run_at=at)
    return structs.replace(settled, counted=False, is_gone=False)


def _failed(past: Past, outcome: Outcome, *, schedule: Schedule, at: int, jitter: float) -> Settled:
    steps = STEPS[schedule]
    failures = past.failures + 1
    ended = _end(
        past, outcome, failures=failures, attempts=steps.attempts, is_old=at - past.since >= steps.longest
    )
    run_at = at
    if ended is None:
        wait = steps.wait(failures, jitter)
        if outcome.status in ASKS_FOR_TIME and outcome.retry_after is not None:
            wait = max(wait, min(outcome.retry_after * SECOND, LONGEST_RETRY_AFTER))
        run_at = at + wait
    return Settled(
        state=State.PENDING if ended is None else ended,
        run_at=run_at,
        failures=failures,
        reason=outcome.sentence,
        counted=True,
        is_gone=outcome.status == GONE and past.gone_at is not None and at - past.gone_at >= GONE_APART,
    )


def _end(past: Past, outcome: Outcome, *, failures: int, attempts: int, is_old: bool) -> State | None:
    """The state in which this failure ends the delivery; None where it is tried again."""
    if outcome.error is ErrorClass.REFUSED_ADDRESS:
        return State.BLOCKED
    if outcome.error in ASTRAY and past.astray + 1 >= MOST_ASTRAY:
        return State.BLOCKED
    return State.EXHAUSTED if failures >= attempts or is_old else None
