"""The rate of a subscription that has one: a token bucket, taken from in the transaction of the claim."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from till.clock import SECOND
from till.db.port import Dialect, Tx
from till.deliveries.given import LANES, both, given
from till.deliveries.lanes import Key

# So many seconds' worth may go at once: in ten seconds at most five per cent too many.
BURST_SECONDS = 0.4

OPEN = both(
    """
    INSERT INTO lane_rates (shop_id, subscription_id, used, at)
    SELECT g.shop_id, g.subscription_id, 0, 0 FROM {given} g WHERE true
    ON CONFLICT (shop_id, subscription_id) DO NOTHING
    """,
    LANES,
)
USED = both(
    """
    SELECT r.shop_id, r.subscription_id, r.used, r.at FROM {given} g
    JOIN lane_rates r ON r.shop_id = g.shop_id AND r.subscription_id = g.subscription_id
    ORDER BY r.shop_id, r.subscription_id
    """,
    LANES,
)
# Two workers that take from one bucket take one after the other.
LOCK = {Dialect.SQLITE: "", Dialect.POSTGRESQL: "FOR UPDATE OF r"}
SPEND = both(
    """
    UPDATE lane_rates SET used = g.used, at = :at FROM {given} g
    WHERE lane_rates.shop_id = g.shop_id AND lane_rates.subscription_id = g.subscription_id
    """,
    LANES | {"used": "float"},
)


class OfLane(Protocol):
    @property
    def lane(self) -> Key: ...


class Bucket:
    """How full a bucket is at a moment, and how much may be taken from it."""

    __slots__ = ("_rate", "_size", "used")

    def __init__(self, used: float, since: int, *, rate: float, at: int) -> None:
        self._rate, self._size = rate, max(1.0, rate * BURST_SECONDS)
        self.used = max(0.0, used - max(0, at - since) / SECOND * rate)

    @property
    def free(self) -> int:
        return max(0, math.floor(self._size - self.used + 1e-9))

    @property
    def wait(self) -> int:
        """Microseconds until one may be taken."""
        return math.ceil(max(0.0, self.used + 1 - self._size) / self._rate * SECOND)


async def grant(tx: Tx, rates: Mapping[Key, float], *, at: int) -> tuple[dict[Key, int], dict[Key, int]]:
    """How many of each lane may go now, and for those of which none may, the moment when one may."""
    buckets = await _buckets(tx, rates, at=at)
    granted = {key: bucket.free for key, bucket in buckets.items()}
    waits = {key: at + bucket.wait for key, bucket in buckets.items() if not bucket.free}
    return granted, waits


async def spend(
    tx: Tx, lanes: Iterable[Key], claims: Iterable[OfLane], *, rates: Mapping[Key, float], at: int
) -> None:
    """Take what was claimed of `lanes` out of their buckets."""
    taken = Counter(each.lane for each in claims)
    spent = {key: rates[key] for key in lanes if taken[key]}
    buckets = await _buckets(tx, spent, at=at)
    if buckets:
        rows = [_row(key) | {"used": bucket.used + taken[key]} for key, bucket in buckets.items()]
        await tx.execute(SPEND[tx.dialect], given=given(rows), at=at)


async def _buckets(tx: Tx, rates: Mapping[Key, float], *, at: int) -> dict[Key, Bucket]:
    if not rates:
        return {}
    rows = given(_row(key) for key in sorted(rates))
    await tx.execute(OPEN[tx.dialect], given=rows)
    found = await tx.fetch(USED[tx.dialect] + LOCK[tx.dialect], given=rows)
    return {
        (shop_id, lane_id): Bucket(used, since, rate=rates[shop_id, lane_id], at=at)
        for shop_id, lane_id, used, since in found
    }


def _row(key: Key) -> dict[str, Any]:
    return {"shop_id": key[0], "subscription_id": key[1]}
