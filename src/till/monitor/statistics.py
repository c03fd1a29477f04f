"""The statistics of an app: where it is installed, what it calls, what it is sent; by step, by shop."""

from collections import Counter, defaultdict
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.deliveries.app_stats import Webhooks, stats_of_app
from till.deliveries.stats import Stats, Sum
from till.monitor import installed
from till.monitor.counts import Call, Sums, Times, calls_of, sums_of, times_of
from till.monitor.installed import GRANT, INSTALL, UNINSTALL, Act, Place
from till.monitor.spans import Span


class Life(Struct, kw_only=True):
    """Installations that came and went; `active` is how many there were in the end."""

    active: int = 0
    installs: int = 0
    uninstalls: int = 0
    grants: int = 0
    reasons: dict[str | None, int] = {}


class Part(Struct, kw_only=True):
    """What there is to say of all, of a step or of a shop."""

    life: Life
    calls: Sums
    times: Times
    sent: Sum


class Endpoint(Struct, frozen=True):
    """Calls of one endpoint in one version."""

    method: str
    path: str
    version: str
    calls: Sums
    instead: str | None


class Statistics(Struct, kw_only=True):
    """`steps` are by the moment of their beginning, `shops` by id."""

    span: Span
    total: Part
    endpoints: list[Endpoint]
    statuses: dict[int, int]
    versions: dict[str, int]
    webhooks: Webhooks
    steps: dict[int, Part]
    shops: list[tuple[Place, Part, Webhooks]]


async def statistics_of(tx: Tx, client_id: str, shop_id: int | None, span: Span) -> Statistics:
    """Those of one shop, or of all that have or had the app; hours are counted whole."""
    asked = {"since": span.since, "until": span.until}
    places = await installed.places(tx, client_id, shop_id)
    acts = await installed.acts(tx, client_id, shop_id, since=span.steps()[0])
    calls = await calls_of(tx, client_id, shop_id, **asked)
    timed = await times_of(tx, client_id, shop_id, **asked)
    sent = await stats_of_app(tx, client_id=client_id, shop_id=shop_id, **asked)
    gathered = _Gathered(span, places, acts, calls)
    for each in timed:
        for part in gathered.parts(each.shop_id, each.hour):
            part.times.add(each)
    for place_id, webhooks in sent.items():
        for hour, one in webhooks.stats.hours.items():
            for part in gathered.parts(place_id, hour):
                _add(part.sent, one)
    return Statistics(
        span=span,
        total=gathered.total,
        endpoints=_endpoints(calls),
        statuses=dict(sorted(_counted(calls, "status").items())),
        versions=dict(sorted(_counted(calls, "version").items())),
        webhooks=_together(span, list(sent.values())),
        steps=gathered.steps,
        shops=[(each, gathered.shops[each.shop_id], sent[each.shop_id]) for each in places],
    )


class _Gathered:
    """The parts of a span, each of which counts what belongs to it."""

    def __init__(self, span: Span, places: list[Place], acts: list[Act], calls: list[Call]) -> None:
        self._span = span
        self._step_of: dict[int, int] = {}
        live = {each.shop_id: int(each.is_active) for each in places}
        self.total = _part(acts, now=sum(live.values()), since=span.since, until=span.until)
        self.steps = {
            start: _part(
                acts,
                now=sum(live.values()),
                since=max(start, span.since),
                until=min(span.end_of(start) - 1, span.until),
            )
            for start in span.steps()
        }
        of_shop: dict[int, list[Act]] = defaultdict(list)
        for act in acts:
            of_shop[act.shop_id].append(act)
        self.shops = {
            each: _part(of_shop[each], now=now, since=span.since, until=span.until)
            for each, now in live.items()
        }
        for call in calls:
            for part in self.parts(call.shop_id, call.hour):
                part.calls.add(call)

    def parts(self, shop_id: int, hour: int) -> list[Part]:
        """The parts that what happened in an hour in a shop belongs to."""
        step = self._step_of.get(hour)
        if step is None:
            step = self._step_of[hour] = self._span.step_of(hour)
        found = (self.steps.get(step), self.shops.get(shop_id))
        return [self.total, *(part for part in found if part is not None)]


def _part(acts: list[Act], *, now: int, since: int, until: int) -> Part:
    among = [act for act in acts if since <= act.at <= until]
    kinds = Counter(act.kind for act in among)
    life = Life(
        active=installed.active_at(acts, now=now, at=until),
        installs=kinds[INSTALL],
        uninstalls=kinds[UNINSTALL],
        grants=kinds[GRANT],
        reasons=dict(Counter(act.reason for act in among if act.kind == UNINSTALL)),
    )
    return Part(life=life, calls=Sums(), times=Times(), sent=Sum())


def _add(total: Sum, one: Sum) -> None:
    total.delivered += one.delivered
    total.failed += one.failed
    total.micros += one.micros
    for bucket, n in one.buckets.items():
        total.buckets[bucket] = total.buckets.get(bucket, 0) + n


def _together(span: Span, found: list[Webhooks]) -> Webhooks:
    """What webhooks of all shops come to."""
    total = Stats(since=span.since, until=span.until)
    states: Counter[str] = Counter()
    for each in found:
        _add(total.total, each.stats.total)
        for name in ("retries", "exhausted", "blocked", "cancelled", "pending"):
            setattr(total, name, getattr(total, name) + getattr(each.stats, name))
        states.update(each.states)
    total.oldest = min((each.stats.oldest for each in found if each.stats.oldest is not None), default=None)
    return Webhooks(total, dict(states))


def _counted(calls: list[Call], name: str) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for each in calls:
        found[getattr(each, name)] += each.n
    return found


def _endpoints(calls: list[Call]) -> list[Endpoint]:
    """By endpoint and version, those that are called most first."""
    of: dict[tuple[str, str, str], list[Call]] = defaultdict(list)
    for each in calls:
        of[each.method, each.path, each.version].append(each)
    found = [Endpoint(*name, sums_of(each), each[0].instead) for name, each in of.items()]
    return sorted(found, key=lambda each: (-each.calls.calls, each.path, each.method, each.version))
