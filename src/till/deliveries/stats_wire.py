"""What subscriptions come to, on the wire: the figures of the partner portal, and more. Additive."""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from till.clock import DAY, SECOND
from till.deliveries.envelope import spell_moment
from till.deliveries.examples import AT
from till.deliveries.log_wire import Moment
from till.deliveries.stats import Stats, Sum, starts_of
from till.dialect.out import Out
from till.tallies import bucket_of, hour_of

Rate: TypeAlias = Annotated[float | None, Meta(description="From 0 to 1; null where nothing was sent.")]
Ms: TypeAlias = Annotated[
    float | None, Meta(description="Milliseconds from the connection to the end of the answer.")
]


class FiguresOut(Out, kw_only=True, frozen=True):
    """Attempts that ended in a span of time; those that failed by the server's own fault are not counted."""

    attempts: int
    delivered: int
    failed: int
    success_rate: Rate
    failure_rate: Rate
    average_ms: Ms
    p50_ms: Ms
    p95_ms: Ms
    p99_ms: Ms


class HourOut(FiguresOut, kw_only=True, frozen=True):
    """The attempts of one hour."""

    hour: Moment


class StatsOut(FiguresOut, kw_only=True, frozen=True):
    """The figures of a span, and what waits now."""

    from_: Moment = msgspec.field(name="from")
    to: Moment
    retries: Annotated[int, Meta(description="Attempts after the first.")]
    exhausted: Annotated[int, Meta(description="Deliveries that were given up.")]
    blocked: int
    cancelled: int
    pending: Annotated[int, Meta(description="Deliveries that are not over yet, those that are paused too.")]
    oldest_pending_seconds: int | None
    hours: tuple[HourOut, ...]


class StatsAnswer(Out, kw_only=True, frozen=True):
    """How subscriptions fare."""

    stats: StatsOut


def show(stats: Stats, *, at: int, by_hour: bool) -> StatsOut:
    """`stats` as they are shown at the moment `at`."""
    hours = sorted(stats.hours.items()) if by_hour else []
    return StatsOut(
        from_=spell_moment(stats.since),
        to=spell_moment(stats.until),
        retries=stats.retries,
        exhausted=stats.exhausted,
        blocked=stats.blocked,
        cancelled=stats.cancelled,
        pending=stats.pending,
        oldest_pending_seconds=None if stats.oldest is None else max(0, at - stats.oldest) // SECOND,
        hours=tuple(HourOut(hour=spell_moment(starts_of(hour)), **figures(each)) for hour, each in hours),
        **figures(stats.total),
    )


def figures(total: Sum) -> dict[str, Any]:
    """What a `FiguresOut` is made of."""
    return {
        "attempts": total.attempts,
        "delivered": total.delivered,
        "failed": total.failed,
        "success_rate": _rounded(total.success_rate, 1),
        "failure_rate": _rounded(total.failure_rate, 1),
        "average_ms": _rounded(total.average, 1_000),
        "p50_ms": _rounded(total.percentile(0.5), 1_000),
        "p95_ms": _rounded(total.percentile(0.95), 1_000),
        "p99_ms": _rounded(total.percentile(0.99), 1_000),
    }


def _rounded(value: float | None, unit: int) -> float | None:
    return None if value is None else round(value / unit, 4)


def stats() -> Any:
    """An example."""
    found = Stats(since=AT - 7 * DAY, until=AT, retries=3, exhausted=1, pending=2, oldest=AT - 40 * SECOND)
    for outcome, micros, n in (("delivered", 13_000, 940), ("delivered", 61_000, 56), ("failed", 900_000, 4)):
        for each in (found.total, found.hours.setdefault(hour_of(AT), Sum())):
            each.add(outcome, bucket_of(micros), n, micros * n)
    return msgspec.to_builtins(StatsAnswer(stats=show(found, at=AT, by_hour=True)))
