"""How an installation's subscriptions fare: rates, times and what waits, of a span of time."""

from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.tallies import (
    BLOCKED,
    CANCELLED,
    DELIVERED,
    EXHAUSTED,
    FAILED,
    HOUR,
    RETRIED,
    hour_of,
    percentile,
)

OF_ONE = "= :subscription_id"
OF_ALL = """
    IN (SELECT id FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id)
"""
COUNTS = """
    SELECT hour, outcome, bucket, sum(n), sum(micros) FROM delivery_counts
    WHERE shop_id = :shop_id AND hour >= :first AND hour <= :last AND subscription_id {of}
    GROUP BY hour, outcome, bucket
"""
# Whatever waits has a `run_at`; to name it leads to the index of what waits.
PENDING = """
    SELECT count(*), min(created_at) FROM deliveries
    WHERE shop_id = :shop_id AND state <= 1 AND run_at >= 0 AND subscription_id {of}
"""


class Sum(Struct):
    """Attempts that ended: how many, how long they took together, and how many by their step of time."""

    delivered: int = 0
    failed: int = 0
    micros: int = 0
    buckets: dict[int, int] = {}

    @property
    def attempts(self) -> int:
        return self.delivered + self.failed

    @property
    def success_rate(self) -> float | None:
        """The share that was delivered, 0 to 1; None of none."""
        return self.delivered / self.attempts if self.attempts else None

    @property
    def failure_rate(self) -> float | None:
        return self.failed / self.attempts if self.attempts else None

    @property
    def average(self) -> float | None:
        """Microseconds."""
        return self.micros / self.attempts if self.attempts else None

    def percentile(self, share: float) -> int | None:
        """The microseconds that `share` of the attempts kept to, to 2.5 per cent."""
        return percentile(self.buckets.items(), share)

    def add(self, outcome: str, bucket: int, n: int, micros: int) -> None:
        if outcome == DELIVERED:
            self.delivered += n
        else:
            self.failed += n
        self.micros += micros
        self.buckets[bucket] = self.buckets.get(bucket, 0) + n


@dataclass(slots=True, kw_only=True)
class Stats:
    """Of the span from `since` to `until`; `pending` is what waits now, the oldest of it for so long."""

    since: int
    until: int
    total: Sum = field(default_factory=Sum)
    hours: dict[int, Sum] = field(default_factory=dict)
    retries: int = 0
    exhausted: int = 0
    blocked: int = 0
    cancelled: int = 0
    pending: int = 0
    oldest: int | None = None

    def count(self, hour: int, outcome: str, bucket: int, n: int, micros: int) -> None:
        """Take over what was counted in an hour; `n` of `outcome`, which took `micros` together."""
        if outcome in (DELIVERED, FAILED):
            for each in (self.total, self.hours.setdefault(hour, Sum())):
                each.add(outcome, bucket, n, micros)
        elif outcome == RETRIED:
            self.retries += n
        elif outcome == EXHAUSTED:
            self.exhausted += n
        elif outcome == BLOCKED:
            self.blocked += n
        elif outcome == CANCELLED:
            self.cancelled += n


async def stats_of(
    tx: Tx, *, shop_id: int, installation_id: int, subscription_id: int | None, since: int, until: int
) -> Stats:
    """Those of one subscription, or of all that an installation has; hours are counted whole."""
    of = OF_ALL if subscription_id is None else OF_ONE
    own: dict[str, Any] = {"shop_id": shop_id}
    own |= (
        {"installation_id": installation_id}
        if subscription_id is None
        else {"subscription_id": subscription_id}
    )
    found = Stats(since=since, until=until)
    counts = await tx.fetch(COUNTS.format(of=of), first=hour_of(since), last=hour_of(until), **own)
    for hour, outcome, bucket, n, micros in counts:
        found.count(hour, outcome, bucket, int(n), int(micros))
    found.pending, found.oldest = (await tx.fetch(PENDING.format(of=of), **own))[0]
    return found


def starts_of(hour: int) -> int:
    """The moment at which an hour began."""
    return hour * HOUR
