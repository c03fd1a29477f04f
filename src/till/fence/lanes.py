"""Who is served next: lanes take turns, and one that has been heavy leaves a worker to the others."""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

from till.fence.limits import Crowded

J = TypeVar("J")

MOST_WAITING = 256
MOST_OF_A_LANE = 64
CROWDED = "Too many pages wait to be rendered: ask again in a moment."
# For so many seconds a lane that was heavy is kept from the last worker.
REMEMBERED = 60.0


class Lanes(Generic[J]):
    """Jobs that wait, by the lane (a shop) they belong to."""

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock
        self._waiting: OrderedDict[str, deque[J]] = OrderedDict()
        self._running: Counter[str] = Counter()
        self._heavy: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, lane: str, job: J) -> J | None:
        """Have a job wait; Crowded where too many of its lane do.

        Where too many wait in all, the lane with the most gives up the one that it added last, which is
        answered and waits no more; Crowded where no lane has so many more than this one.
        """
        mine = len(self._waiting.get(lane, ()))
        if mine >= MOST_OF_A_LANE:
            raise Crowded(CROWDED)
        given_up = None
        if len(self) >= MOST_WAITING:
            longest = max(self._waiting.values(), key=len)
            if len(longest) <= mine + 1:
                raise Crowded(CROWDED)
            given_up = longest.pop()
        self._waiting.setdefault(lane, deque()).append(job)
        return given_up

    def take(self) -> tuple[str, J] | None:
        """The next job that may run, of the lane that was served longest ago; it runs until it is `done`."""
        for lane, jobs in self._waiting.items():
            if self._running[lane] < self._share(lane):
                job = jobs.popleft()
                if jobs:
                    self._waiting.move_to_end(lane)
                else:
                    del self._waiting[lane]
                self._running[lane] += 1
                return lane, job
        return None

    def drop(self, lane: str, job: J) -> None:
        """A job that waited is not wanted any more."""
        jobs = self._waiting.get(lane)
        if jobs is not None and job in jobs:
            jobs.remove(job)
            if not jobs:
                del self._waiting[lane]

    def done(self, lane: str, *, heavy: bool) -> None:
        """A job that ran has ended; `heavy` where it was stopped or took a good part of what it may."""
        self._running[lane] -= 1
        if not self._running[lane]:
            del self._running[lane]
        now = self._clock()
        if heavy:
            self._heavy[lane] = now + REMEMBERED
        self._heavy = {name: until for name, until in self._heavy.items() if until > now}

    def _share(self, lane: str) -> int:
        """How many workers a lane may have at once."""
        return max(1, self._workers - 1) if self._heavy.get(lane, 0) > self._clock() else self._workers
