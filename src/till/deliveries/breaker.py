"""Circuit breakers: whom to leave alone, for how long, and when to knock again (delivery.md §8).

Each process keeps a window of what it saw of every subscription and every host; a breaker that has opened
stands in a table that all workers share. While it is open nothing is sent and no attempt is used up; then
one delivery at a time is let through, by whichever worker claims it first. The second that succeeds closes
it, or the first where it is a host's. What a subscription sends to one address has a breaker of its own;
while that is open, its failures say nothing more of the host, which others may well be reaching.
"""

from collections import deque

from msgspec import Struct

from till.clock import SECOND
from till.deliveries.outcome import ErrorClass, Outcome

WINDOW = 300 * SECOND
SLOT = 10 * SECOND
FEWEST = 10
FAILED_SHARE = 0.7
TIMEOUTS = 5
FIRST = 30 * SECOND
LONGEST = 900 * SECOND
SUCCESSES = 2
# A probe that nobody answers for is free again after this.
PROBE = 45 * SECOND
MOST_NAMES = 20_000
HOST = "h:"


class Breaker(Struct, frozen=True, kw_only=True):
    """One that has opened, as it is stored; `level` is how often it opened again since then.

    Times are microseconds; a probe is under way until `probe_until`.
    """

    name: str
    level: int
    until: int
    probe_until: int = 0
    successes: int = 0
    reason: str = ""

    @property
    def is_of_host(self) -> bool:
        return self.name.startswith(HOST)

    def is_open(self, at: int) -> bool:
        """True while nothing at all may be sent."""
        return at < self.until

    def may_probe(self, at: int) -> bool:
        """True when one delivery may be let through, and none is under way."""
        return not self.is_open(at) and at >= self.probe_until


def of_subscription(shop_id: int, subscription_id: int) -> str:
    """What the names of all breakers of a subscription begin with, up to a colon."""
    return f"s:{shop_id}:{subscription_id}"


def of_way(shop_id: int, subscription_id: int, address: str) -> str:
    """The breaker of a subscription at an address: one that was replaced says nothing of the next."""
    return f"{of_subscription(shop_id, subscription_id)}:{address}"


def of_host(host: str) -> str:
    return f"{HOST}{host}"


def opened(name: str, *, at: int, reason: str) -> Breaker:
    return Breaker(name=name, level=0, until=at + FIRST, reason=reason)


def probed(breaker: Breaker, *, succeeded: bool | None, at: int) -> Breaker | None:
    """What a breaker comes to when a probe has ended; None when it closes.

    `succeeded` is None where the probe says nothing: the fault was ours, or it was never sent.
    """
    if succeeded is None:
        level, until, successes = breaker.level, breaker.until, breaker.successes
    elif succeeded:
        level, until, successes = breaker.level, breaker.until, breaker.successes + 1
        if successes >= SUCCESSES or breaker.is_of_host:
            return None
    else:
        level, successes = breaker.level + 1, 0
        until = at + min(FIRST << min(level, 16), LONGEST)
    return Breaker(name=breaker.name, level=level, until=until, successes=successes, reason=breaker.reason)


def speaks_of_subscription(outcome: Outcome) -> bool | None:
    """Whether an attempt speaks for its subscription (True) or against it; None where it says nothing."""
    if outcome.error in (ErrorClass.OURS, ErrorClass.REFUSED_ADDRESS):
        return None
    return outcome.is_delivered


def speaks_of_host(outcome: Outcome) -> bool | None:
    """The same of a host, which is alive if it refuses a path that it does not have."""
    if outcome.error is ErrorClass.STATUS and outcome.status is not None:
        return outcome.status < 500 and outcome.status != 429
    return speaks_of_subscription(outcome)


class Window:
    """What this process saw of one name in the last five minutes, in slots of ten seconds."""

    __slots__ = ("_slots", "_timeouts")

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque()
        self._timeouts = 0

    def note(self, *, succeeded: bool, timed_out: bool, at: int) -> str | None:
        """Count an attempt that ended at `at`; answers why to open, if there is a reason."""
        slot = at // SLOT
        if self._slots and self._slots[-1][0] > slot:  # the clock was set back
            self._slots.clear()
        if not self._slots or self._slots[-1][0] != slot:
            self._slots.append([slot, 0, 0])
        while self._slots[0][0] <= slot - WINDOW // SLOT:
            self._slots.popleft()
        self._slots[-1][1] += 1
        self._slots[-1][2] += not succeeded
        self._timeouts = self._timeouts + 1 if timed_out else 0
        if self._timeouts >= TIMEOUTS:
            return f"{TIMEOUTS} attempts in a row got no answer in time."
        if succeeded:
            return None
        seen = sum(each[1] for each in self._slots)
        failed = sum(each[2] for each in self._slots)
        if seen < FEWEST or failed < seen * FAILED_SHARE:
            return None
        return f"{failed} of the last {seen} attempts failed."


class Windows:
    """The windows of this process by name; those that were looked at least lately are forgotten first."""

    def __init__(self) -> None:
        self._of: dict[str, Window] = {}

    def note(self, name: str, outcome: Outcome, *, succeeded: bool | None, at: int) -> Breaker | None:
        """Count an attempt; answers the breaker that opens by it. What says nothing is not counted."""
        if succeeded is None:
            return None
        window = self._of.pop(name, None) or Window()
        reason = window.note(succeeded=succeeded, timed_out=outcome.error is ErrorClass.TIMEOUT, at=at)
        if reason is not None:
            return opened(name, at=at, reason=reason)
        self._of[name] = window
        if len(self._of) > MOST_NAMES:
            del self._of[next(iter(self._of))]
        return None

    def forget(self, name: str) -> None:
        """Begin anew, once the breaker of that name has closed."""
        self._of.pop(name, None)
