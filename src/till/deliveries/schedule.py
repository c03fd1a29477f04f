"""When what failed is sent again, and when that comes to an end (delivery.md §8)."""

from msgspec import Struct

from till.clock import SECOND
from till.webhooks.subscription import Schedule

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
# Added to each step, never taken from it: up to a fifth of it, and at least so much.
MOST_JITTER = 0.2
LEAST_JITTER = SECOND // 2


class Steps(Struct, frozen=True):
    """The waits before each attempt in microseconds, and the age at which the next failure is the last."""

    waits: tuple[int, ...]
    longest: int

    @property
    def attempts(self) -> int:
        return len(self.waits)

    def wait(self, failures: int, jitter: float) -> int:
        """Microseconds until the next attempt after so many failures; `jitter` is 0 to 1."""
        step = self.waits[min(failures, self.attempts - 1)]
        return step + max(LEAST_JITTER, int(step * MOST_JITTER * jitter))


STEPS = {
    # 41 h 11 min from first to last, and Genstore's own eight.
    Schedule.GENSTORE8: Steps(
        (0, 5 * SECOND, MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR), 72 * HOUR
    ),
    # Eight retries that end within four hours, however much is added to each.
    Schedule.SHOPIFY4H: Steps(
        (
            0,
            10 * SECOND,
            30 * SECOND,
            90 * SECOND,
            5 * MINUTE,
            15 * MINUTE,
            30 * MINUTE,
            60 * MINUTE,
            85 * MINUTE,
        ),
        72 * HOUR,
    ),
    # The example of Standard Webhooks: 75 h 35 min, for what the law wants delivered.
    Schedule.LONG: Steps(
        (
            0,
            5 * SECOND,
            5 * MINUTE,
            30 * MINUTE,
            2 * HOUR,
            5 * HOUR,
            10 * HOUR,
            14 * HOUR,
            20 * HOUR,
            24 * HOUR,
        ),
        120 * HOUR,
    ),
}
# What the law has answered in time: never given up early, and never switched off.
MANDATORY = frozenset({"customers/data_request", "customers/redact", "shop/redact"})


def schedule_of(topic: str, own: Schedule | None, usual: Schedule) -> Schedule:
    """The schedule of a delivery: that of its topic, of its subscription, or the server's."""
    return Schedule.LONG if topic in MANDATORY else own or usual
