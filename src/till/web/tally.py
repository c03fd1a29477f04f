"""What this process counted of the calls of apps, until somebody writes it down (till.monitor).

A request costs one place in a list, and no row, no lock and no wait; it is counted with many others.
"""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any

from msgspec import Struct, field

from till.tallies import HOUR, UNTIMED, bucket_of
from till.web.recent import Entry
from till.web.wakes import Signal

# Shop, client, hour since 1970, method, path, version, status, step of time (-1 for what waits by design).
Key = tuple[int, str, int, str, str, str, int, int]
# So many requests are written down before their time, and no more than that many are held.
SOON, MOST = 20_000, 50_000
# Getters, here and in the log, take a fifth of the time of names one by one.
KIND = attrgetter("owner", "method", "path", "version", "status")

Counts = dict[Key, list[int]]
# Client, outcome, step of time, and whether it was a retry: how many, and their microseconds together.
Attempts = dict[tuple[str, str, int, bool], list[int]]


class Batch(Struct):
    """What a process did: calls, those that were counted and are to be logged, sums, attempts by outcome.

    `left_out` is how many requests were counted but not held, for there were too many.
    """

    calls: list[Entry] = []
    entries: list[Entry] = []
    counts: Counts = field(default_factory=dict)
    attempts: Attempts = field(default_factory=dict)
    left_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.calls or self.entries or self.counts or self.attempts or self.left_out)

    def fold(self) -> None:
        """Count the calls."""
        sums: dict[tuple[Any, int, int], list[int]] = {}
        for entry in self.calls:
            micros = entry.micros
            key = (KIND(entry), entry.at // HOUR, UNTIMED if micros is None else bucket_of(micros))
            found = sums.get(key)
            if found is None:
                sums[key] = [1, micros or 0]
            else:
                found[0] += 1
                found[1] += micros or 0
        for (kind, hour, bucket), (n, micros) in sums.items():
            (shop_id, client_id), method, path, version, status = kind
            total = self.counts.setdefault(
                (shop_id, client_id, hour, method, path or "", version or "", status or 0, bucket), [0, 0]
            )
            total[0] += n
            total[1] += micros
        logged = [entry for entry in self.calls if entry.is_logged]
        room = MOST - len(self.entries)
        self.entries += logged[:room]
        self.left_out += max(0, len(logged) - room)
        self.calls = []


async def _nobody() -> None:
    """Nobody writes it down."""


class Tally:
    """Takes down what is done; `full` rings when it should be written down soon.

    `settle` writes down all that was taken down so far; whoever does that hangs it in.
    """

    def __init__(self) -> None:
        self.full = Signal()
        self.settle: Callable[[], Awaitable[None]] = _nobody
        self._now = Batch()
        self._calls = self._now.calls

    def note(self, entry: Entry) -> None:
        """Take down a call that was answered."""
        calls = self._calls
        calls.append(entry)
        if len(calls) >= SOON:
            self.full.ring()
            if len(calls) >= 2 * SOON:  # nobody comes to write it down
                self._now.fold()
                self._calls = self._now.calls

    def attempt(self, client_id: str, outcome: str, micros: int, *, is_retry: bool = False) -> None:
        """Count an attempt to deliver a webhook."""
        found = self._now.attempts.setdefault((client_id, outcome, bucket_of(micros), is_retry), [0, 0])
        found[0] += 1
        found[1] += micros

    def take(self) -> Batch:
        """All since the last time."""
        batch, self._now = self._now, Batch()
        self._calls = self._now.calls
        return batch

    def give_back(self, batch: Batch) -> None:
        """Take back what could not be written down, and was counted."""
        newer, self._now = self._now, batch
        for key, (n, micros) in newer.counts.items():
            found = batch.counts.setdefault(key, [0, 0])
            found[0] += n
            found[1] += micros
        for name, (n, micros) in newer.attempts.items():
            found = batch.attempts.setdefault(name, [0, 0])
            found[0] += n
            found[1] += micros
        room = MOST - len(batch.entries)
        batch.entries += newer.entries[:room]
        batch.left_out += newer.left_out + max(0, len(newer.entries) - room)
        batch.calls += newer.calls
        self._calls = batch.calls
