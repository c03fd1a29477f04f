"""What this process counted of the calls of apps, until somebody writes it down (till.monitor).

To count costs a request two look-ups in a dict, and no row, no lock and no wait.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from till.tallies import bucket_of, hour_of
from till.web.recent import Entry, Owner
from till.web.wakes import Signal

# Shop, client, hour since 1970, method, path, version, status, step of time (-1 for what waits by design).
Key = tuple[int, str, int, str, str, str, int, int]
# So many requests are written down before their time, and no more than that many are held.
SOON, MOST = 5_000, 50_000
UNTIMED = -1

Counts = dict[Key, list[int]]
Entries = dict[Owner, list[Entry]]
Attempts = dict[tuple[str, str], int]


class Batch(Struct):
    """What was counted: calls and their microseconds, the requests of each app, attempts by their outcome.

    `left_out` is how many requests were counted but not held, for there were too many.
    """

    counts: Counts
    entries: Entries
    attempts: Attempts
    left_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.counts or self.entries or self.attempts or self.left_out)


async def _nobody() -> None:
    """Nobody writes it down."""


class Tally:
    """Counts calls and keeps the requests; `full` rings when they should be taken soon.

    `settle` writes down all that was counted so far; whoever does that hangs it in.
    """

    def __init__(self) -> None:
        self.full = Signal()
        self.settle: Callable[[], Awaitable[None]] = _nobody
        self._waiting = 0
        self._now = Batch({}, {}, {})

    def count(
        self, entry: Entry, *, path: str, micros: int, is_timed: bool = True, is_logged: bool = True
    ) -> None:
        """Count a call that was answered; `path` is its endpoint's template."""
        shop_id, client_id = entry.owner
        bucket = bucket_of(micros) if is_timed else UNTIMED
        key = (
            shop_id,
            client_id,
            hour_of(entry.at),
            entry.method,
            path,
            entry.version or "",
            entry.status or 0,
            bucket,
        )
        found = self._now.counts.get(key)
        if found is None:
            self._now.counts[key] = [1, micros]
        else:
            found[0] += 1
            found[1] += micros
        if is_logged:
            self._log(entry)

    def attempt(self, client_id: str, outcome: str) -> None:
        """Count an attempt to deliver a webhook."""
        attempts = self._now.attempts
        attempts[client_id, outcome] = attempts.get((client_id, outcome), 0) + 1

    def _log(self, entry: Entry) -> None:
        if self._waiting >= MOST:
            self._now.left_out += 1
            return
        found = self._now.entries.get(entry.owner)
        if found is None:
            self._now.entries[entry.owner] = [entry]
        else:
            found.append(entry)
        self._waiting += 1
        if self._waiting == SOON:
            self.full.ring()

    def take(self) -> Batch:
        """All that was counted since the last time."""
        batch, self._now, self._waiting = self._now, Batch({}, {}, {}), 0
        return batch

    def give_back(self, batch: Batch) -> None:
        """Count once more what could not be written down."""
        newer, self._now = self._now, batch
        for key, (n, micros) in newer.counts.items():
            found = batch.counts.setdefault(key, [0, 0])
            found[0] += n
            found[1] += micros
        for name, n in newer.attempts.items():
            batch.attempts[name] = batch.attempts.get(name, 0) + n
        batch.left_out += newer.left_out
        self._waiting = sum(map(len, batch.entries.values()))
        for entries in newer.entries.values():
            for entry in entries:
                self._log(entry)
