"""The statistics of an app on the wire. Additive: promised by the platform, published nowhere."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from till.clock import DAY, SECOND, iso
from till.deliveries.app_stats import Webhooks
from till.deliveries.examples import AT
from till.deliveries.stats import Stats, Sum
from till.deliveries.stats_wire import FiguresOut, Ms, figures
from till.dialect.out import Out, Time
from till.monitor.counts import Sums, Timed, Times
from till.monitor.deprecated import instead_of
from till.monitor.installed import Place
from till.monitor.spans import Granularity, Span
from till.monitor.statistics import Endpoint, Life, Part, Statistics
from till.tallies import bucket_of, hour_of


class LifeOut(Out, kw_only=True, frozen=True):
    """Installations that came and went."""

    active: Annotated[int, Meta(description="How many shops have the app, at the end of the time.")]
    installs: int
    uninstalls: int
    scope_changes: Annotated[int, Meta(description="How often it was granted other scopes.")]


class ReasonOut(Out, kw_only=True, frozen=True):
    """Why merchants parted with it; null where none was given."""

    reason: str | None
    count: int


class InstallationsOut(LifeOut, kw_only=True, frozen=True):
    """Installations, and why they ended."""

    uninstall_reasons: tuple[ReasonOut, ...]


class CallsOut(Out, kw_only=True, frozen=True):
    """Calls of the API by how they ended, and how long they took; what waits by design has no time."""

    total: int
    throttled: Annotated[int, Meta(description="Over the rate limit: 429.")]
    refused: Annotated[int, Meta(description="For want of a scope: 403.")]
    deprecated: Annotated[int, Meta(description="Of an older version, or by an older path.")]
    client_errors: Annotated[int, Meta(description="All of 400 to 499.")]
    server_errors: int
    average_ms: Ms
    p50_ms: Ms
    p95_ms: Ms
    p99_ms: Ms


class EndpointOut(Out, kw_only=True, frozen=True):
    """Calls of one endpoint in one version."""

    method: str
    path: str
    version: str
    total: int
    throttled: int
    refused: int
    client_errors: int
    server_errors: int


class StatusOut(Out, kw_only=True, frozen=True):
    status: int
    total: int


class VersionOut(Out, kw_only=True, frozen=True):
    version: str
    total: int


class DeprecatedOut(Out, kw_only=True, frozen=True):
    """Calls that should be made in another way."""

    method: str
    path: str
    version: str
    total: int
    instead: Annotated[str, Meta(examples=["GET /api/202412/orders"])]


class AllCallsOut(CallsOut, kw_only=True, frozen=True):
    """Calls in all, and by what they were."""

    by_endpoint: tuple[EndpointOut, ...]
    by_status: tuple[StatusOut, ...]
    by_version: tuple[VersionOut, ...]
    deprecations: tuple[DeprecatedOut, ...]


class SubscriptionsOut(Out, kw_only=True, frozen=True):
    """How many subscriptions are in which state now."""

    active: int
    paused: int
    disabled: int


class DeliveriesOut(FiguresOut, kw_only=True, frozen=True):
    """Attempts to deliver webhooks, and what became of the deliveries."""

    retries: int
    exhausted: int
    blocked: int
    cancelled: int
    pending: int
    oldest_pending_seconds: int | None
    subscriptions: SubscriptionsOut


class StepOut(Out, kw_only=True, frozen=True):
    """One hour or day."""

    at: Annotated[Time, Meta(description="Its beginning.")]
    installations: LifeOut
    calls: CallsOut
    deliveries: FiguresOut


class ShopOut(Out, kw_only=True, frozen=True):
    """One shop."""

    shop_id: int
    shop: str
    installations: LifeOut
    calls: CallsOut
    deliveries: DeliveriesOut


class StatisticsOut(Out, kw_only=True, frozen=True):
    """How an app fares. Hours are counted whole; times are those of the shop's zone."""

    from_: Time = msgspec.field(name="from")
    to: Time
    granularity: Granularity
    timezone: str
    installations: InstallationsOut
    calls: AllCallsOut
    deliveries: DeliveriesOut
    series: tuple[StepOut, ...]
    per_shop: tuple[ShopOut, ...]


class StatisticsAnswer(Out, kw_only=True, frozen=True):
    """The statistics in their envelope."""

    statistics: StatisticsOut


def show(found: Statistics, *, at: int) -> StatisticsOut:
    """`found` as it is shown at the moment `at`."""
    span, zone = found.span, found.span.timezone
    reasons = sorted(found.total.life.reasons.items(), key=lambda item: (-item[1], item[0] or ""))
    return StatisticsOut(
        from_=iso(span.since, zone),
        to=iso(span.until, zone),
        granularity=span.by,
        timezone=zone,
        installations=InstallationsOut(
            **_life(found.total.life),
            uninstall_reasons=tuple(ReasonOut(reason=reason, count=n) for reason, n in reasons),
        ),
        calls=AllCallsOut(
            **_calls(found.total),
            by_endpoint=tuple(map(_endpoint, found.endpoints)),
            by_status=tuple(StatusOut(status=status, total=n) for status, n in found.statuses.items()),
            by_version=tuple(VersionOut(version=version, total=n) for version, n in found.versions.items()),
            deprecations=tuple(
                DeprecatedOut(
                    method=each.method,
                    path=each.path,
                    version=each.version,
                    total=each.calls.calls,
                    instead=each.instead,
                )
                for each in found.endpoints
                if each.instead is not None
            ),
        ),
        deliveries=_deliveries(found.webhooks, at),
        series=tuple(
            StepOut(
                at=iso(start, zone),
                installations=LifeOut(**_life(part.life)),
                calls=CallsOut(**_calls(part)),
                deliveries=FiguresOut(**figures(part.sent)),
            )
            for start, part in found.steps.items()
        ),
        per_shop=tuple(
            ShopOut(
                shop_id=place.shop_id,
                shop=place.handle,
                installations=LifeOut(**_life(part.life)),
                calls=CallsOut(**_calls(part)),
                deliveries=_deliveries(webhooks, at),
            )
            for place, part, webhooks in found.shops
        ),
    )


def _life(life: Life) -> dict[str, int]:
    return {
        "active": life.active,
        "installs": life.installs,
        "uninstalls": life.uninstalls,
        "scope_changes": life.grants,
    }


def _calls(part: Part) -> dict[str, Any]:
    sums, times = part.calls, part.times
    return {
        "total": sums.calls,
        "throttled": sums.throttled,
        "refused": sums.refused,
        "deprecated": sums.deprecated,
        "client_errors": sums.client_errors,
        "server_errors": sums.server_errors,
        "average_ms": _ms(times.average),
        "p50_ms": _ms(times.percentile(0.5)),
        "p95_ms": _ms(times.percentile(0.95)),
        "p99_ms": _ms(times.percentile(0.99)),
    }


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value / 1_000, 4)


def _endpoint(each: Endpoint) -> EndpointOut:
    return EndpointOut(
        method=each.method,
        path=each.path,
        version=each.version,
        total=each.calls.calls,
        throttled=each.calls.throttled,
        refused=each.calls.refused,
        client_errors=each.calls.client_errors,
        server_errors=each.calls.server_errors,
    )


def _deliveries(found: Webhooks, at: int) -> DeliveriesOut:
    stats = found.stats
    return DeliveriesOut(
        **figures(stats.total),
        retries=stats.retries,
        exhausted=stats.exhausted,
        blocked=stats.blocked,
        cancelled=stats.cancelled,
        pending=stats.pending,
        oldest_pending_seconds=None if stats.oldest is None else max(0, at - stats.oldest) // SECOND,
        subscriptions=SubscriptionsOut(
            **{state: found.states.get(state, 0) for state in ("active", "paused", "disabled")}
        ),
    )


def example() -> Any:
    """One day of an app that one shop has."""
    span = Span(since=AT - DAY // 2, until=AT, timezone="America/New_York")
    part = Part(life=Life(active=1, installs=1), calls=Sums(), times=Times(), sent=Sum())
    part.calls = Sums(calls=412, throttled=3, deprecated=12, client_errors=5, refused=2)
    part.times.add(Timed(1, hour_of(AT), bucket_of(2_400), 412, 412 * 2_400))
    part.sent.add("delivered", bucket_of(61_000), 96, 96 * 61_000)
    path = "/orders"
    endpoints = [
        Endpoint("GET", path, "202412", Sums(calls=400, throttled=3, refused=2, client_errors=5), None),
        Endpoint("GET", path, "202410", Sums(calls=12, deprecated=12), instead_of("GET", path, "202410")),
    ]
    webhooks = Webhooks(Stats(since=span.since, until=AT, total=part.sent, retries=2), {"active": 3})
    place = Place(4022054969604, "demo", "America/New_York", 300157930096874, AT - DAY, is_active=True)
    shown = Statistics(
        span=span,
        total=part,
        endpoints=endpoints,
        statuses={200: 407, 403: 2, 429: 3},
        versions={"202410": 12, "202412": 400},
        webhooks=webhooks,
        steps={span.start_of(AT): part},
        shops=[(place, part, webhooks)],
    )
    return msgspec.to_builtins(StatisticsAnswer(statistics=show(shown, at=AT)))
