"""How many may wait or listen at the same time, so that no app takes up all that the server has."""

from collections import Counter
from types import TracebackType
from typing import Self

from till.errors import Throttled

MOST_OF_ONE = 10
MOST_OF_ALL = 1_000
AGAIN_SECONDS = 5


class TooManyWaiting(Throttled):
    """So many calls of the installation, or of all, wait or are streamed that no other may."""


class Seats:
    """The seats of one serving process, of which each call that waits or is streamed takes one."""

    def __init__(self) -> None:
        self._taken: Counter[int] = Counter()
        self._all = 0

    def take(self, installation_id: int) -> None:
        """Take one for an installation; `TooManyWaiting` where it has its share, or none is left."""
        if self._taken[installation_id] >= MOST_OF_ONE:
            raise TooManyWaiting(
                f"{MOST_OF_ONE} calls of this installation wait or are streamed already: end one first.",
                retry_after=AGAIN_SECONDS,
            )
        if self._all >= MOST_OF_ALL:
            raise TooManyWaiting(
                f"{MOST_OF_ALL:,} calls wait or are streamed already, as many as the server takes: try again "
                "later, or read without waiting.",
                retry_after=AGAIN_SECONDS,
            )
        self._taken[installation_id] += 1
        self._all += 1

    def leave(self, installation_id: int) -> None:
        """Give one back."""
        self._all -= 1
        self._taken[installation_id] -= 1
        if not self._taken[installation_id]:
            del self._taken[installation_id]


class Seat:
    """The seat of one call, which is taken when it first must wait, and given back with the block."""

    def __init__(self, seats: Seats) -> None:
        self._seats = seats
        self._of: int | None = None

    def take(self, installation_id: int) -> None:
        """Take it, unless that was done; refuses as `Seats.take`."""
        if self._of is None:
            self._seats.take(installation_id)
            self._of = installation_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._of is not None:
            self._seats.leave(self._of)
            self._of = None
