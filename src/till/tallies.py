"""How long calls and attempts took, counted in steps of five per cent, to read percentiles off."""

import math
from collections.abc import Iterable
from functools import lru_cache

HOUR = 3_600_000_000
GROWTH = 1.05
_LOG = math.log(GROWTH)

DELIVERED, FAILED, OURS = "delivered", "failed", "ours"
# Counted beside the attempts, without a time: attempts after the first, and deliveries that came to nothing.
RETRIED, EXHAUSTED, BLOCKED, CANCELLED = "retried", "exhausted", "blocked", "cancelled"
# The step of what has no time.
UNTIMED = -1


def hour_of(at: int) -> int:
    """The hour of a moment in microseconds, counted from 1970 on."""
    return at // HOUR


@lru_cache(maxsize=16_384)
def bucket_of(micros: int) -> int:
    """The step that a time in microseconds falls into."""
    return int(math.log(max(micros, 1)) / _LOG)


def micros_of(bucket: int) -> int:
    """The middle of a step, at most 2.5 per cent off what was counted there."""
    return round(math.exp(_LOG * (bucket + 0.5)))


def percentile(counts: Iterable[tuple[int, int]], share: float) -> int | None:
    """The time that `share` (0 to 1) of all kept to, of pairs of step and count; None of none."""
    found = sorted(counts)
    left = math.ceil(sum(n for _, n in found) * share)
    for bucket, n in found:
        left -= n
        if left <= 0:
            return micros_of(bucket)
    return None
