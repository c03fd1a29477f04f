"""What a serving process did last, for those who watch their own app at work."""

from collections import deque

from msgspec import Struct

from till.ids import random_bytes
from till.web.wakes import Signal

MOST = 1_000
Owner = tuple[int, str]


class Entry(Struct, frozen=True, kw_only=True):
    """A request that was answered, or an attempt to deliver a webhook.

    `owner` is the shop's id and the client id of the app, which is in a shop but once.
    Of a request `target` is its path and query; of an attempt, the address. `at` is in microseconds of
    the server's clock, `code` the code of the refusal, or the class of the error.
    """

    owner: Owner
    at: int
    kind: str
    method: str
    target: str
    status: int | None
    ms: float
    code: str | None
    id: str
    topic: str | None = None


class Recent:
    """The last entries of this process; each has a number, and all are forgotten with the process.

    `mark` tells the numbers of one process from those of another. `heard` rings with each entry.
    """

    def __init__(self) -> None:
        self.mark = random_bytes(4).hex()
        self.heard = Signal()
        self.newest = 0
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=MOST)

    def note(self, entry: Entry) -> None:
        """Keep one more."""
        self.newest += 1
        self._entries.append((self.newest, entry))
        self.heard.ring()

    def after(self, number: int, owner: Owner) -> list[tuple[int, Entry]]:
        """Those of one installation that came after the entry of that number."""
        return [each for each in self._entries if each[0] > number and each[1].owner == owner]
