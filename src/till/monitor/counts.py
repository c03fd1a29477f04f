"""The calls of an app as they were counted: of what kind, by shop and hour, and how long they took."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from till.db.port import Tx
from till.monitor.deprecated import instead_of
from till.monitor.installed import named, of_shop
from till.tallies import hour_of, percentile

CALLS = """
    SELECT c.shop_id, c.hour, c.method, c.path, c.version, c.status, sum(c.n) FROM api_counts c
    WHERE c.client_id = :client_id {shop} AND c.hour >= :first AND c.hour <= :last
    GROUP BY c.shop_id, c.hour, c.method, c.path, c.version, c.status
"""
# What waits by design has no time (bucket -1).
TIMES = """
    SELECT c.shop_id, c.hour, c.bucket, sum(c.n), sum(c.micros) FROM api_counts c
    WHERE c.client_id = :client_id {shop} AND c.hour >= :first AND c.hour <= :last AND c.bucket >= 0
    GROUP BY c.shop_id, c.hour, c.bucket
"""
LAST = """
    SELECT c.shop_id, max(c.hour) FROM api_counts c WHERE c.client_id = :client_id {shop} GROUP BY c.shop_id
"""
THROTTLED, REFUSED = 429, 403


class Call(Struct, frozen=True):
    """Calls of one kind in one hour."""

    shop_id: int
    hour: int
    method: str
    path: str
    version: str
    status: int
    n: int

    @property
    def instead(self) -> str | None:
        """What should be called instead; None where nothing should."""
        return instead_of(self.method, self.path, self.version)


class Timed(Struct, frozen=True):
    """Calls that took about as long in one hour; `micros` in all."""

    shop_id: int
    hour: int
    bucket: int
    n: int
    micros: int


class Times(Struct):
    """How long calls took."""

    n: int = 0
    micros: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, timed: Timed) -> None:
        self.n += timed.n
        self.micros += timed.micros
        self.buckets[timed.bucket] += timed.n

    @property
    def average(self) -> float | None:
        """Microseconds."""
        return self.micros / self.n if self.n else None

    def percentile(self, share: float) -> int | None:
        """The microseconds that `share` of the calls kept to, to 2.5 per cent."""
        return percentile(self.buckets.items(), share)


class Sums(Struct):
    """Calls by how they ended."""

    calls: int = 0
    throttled: int = 0
    deprecated: int = 0
    refused: int = 0
    client_errors: int = 0
    server_errors: int = 0

    def add(self, call: Call) -> None:
        self.calls += call.n
        self.throttled += call.n * (call.status == THROTTLED)
        self.refused += call.n * (call.status == REFUSED)
        self.deprecated += call.n * (call.instead is not None)
        self.client_errors += call.n * (400 <= call.status < 500)
        self.server_errors += call.n * (call.status >= 500)


def sums_of(calls: Iterable[Call]) -> Sums:
    """All of them together."""
    found = Sums()
    for each in calls:
        found.add(each)
    return found


async def calls_of(tx: Tx, client_id: str, shop_id: int | None, *, since: int, until: int) -> list[Call]:
    """The calls of a span; hours are counted whole."""
    hours = {"first": hour_of(since), "last": hour_of(until)}
    rows = await tx.fetch(CALLS.format(shop=of_shop(shop_id, "c")), **named(client_id, shop_id), **hours)
    return [_call(*row) for row in rows]


async def times_of(tx: Tx, client_id: str, shop_id: int | None, *, since: int, until: int) -> list[Timed]:
    """How long the calls of a span took."""
    hours = {"first": hour_of(since), "last": hour_of(until)}
    rows = await tx.fetch(TIMES.format(shop=of_shop(shop_id, "c")), **named(client_id, shop_id), **hours)
    return [Timed(shop, hour, bucket, int(n), int(micros)) for shop, hour, bucket, n, micros in rows]


async def last_calls(tx: Tx, client_id: str, shop_id: int | None) -> dict[int, int]:
    """The hour of the last call of each shop that is still counted, since 1970."""
    rows = await tx.fetch(LAST.format(shop=of_shop(shop_id, "c")), **named(client_id, shop_id))
    return {int(shop): int(hour) for shop, hour in rows}


def _call(shop: int, hour: int, method: str, path: str, *rest: Any) -> Call:  # a row of CALLS
    version, status, n = rest
    return Call(shop, hour, method, path, version, status, int(n))
