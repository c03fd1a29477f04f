"""What a serving process did last, for those who watch their own app at work."""

from collections import OrderedDict, deque

from msgspec import Struct

from till.ids import random_bytes
from till.web.wakes import Signals

MOST = 500
MOST_OWNERS = 1_000
Owner = tuple[int, str]


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """A request that was answered, or an attempt to deliver a webhook.

    `owner` is the shop's id and the client id of the app, which is in a shop but once.
    Of a request `target` is its path and query; of an attempt, the address. `at` is in microseconds of
    the server's clock, `code` the code of the refusal, or the class of the error. Of a request `path` is its
    endpoint's template, `scope` the one of the scopes granted that it was let in by; `micros` is what it
    took, None where it waits by design. What is not `is_logged` is counted and forgotten.
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
    path: str | None = None
    version: str | None = None
    scope: str | None = None
    micros: int | None = None
    is_logged: bool = False


class Recent:
    """The last entries of each app in this process; all are forgotten with it.

    Each has a number, and `mark` tells those of one process from those of another. `heard` rings for its
    owner with each entry. Of more owners than are kept, those that did nothing for longest are forgotten.
    """

    def __init__(self) -> None:
        self.mark = random_bytes(4).hex()
        self.heard: Signals[Owner] = Signals()
        self.newest = 0
        self._entries: OrderedDict[Owner, deque[tuple[int, Entry]]] = OrderedDict()

    def note(self, entry: Entry) -> None:
        """Keep one more."""
        self.newest += 1
        kept = self._entries.setdefault(entry.owner, deque(maxlen=MOST))
        kept.append((self.newest, entry))
        self._entries.move_to_end(entry.owner)
        if len(self._entries) > MOST_OWNERS:
            self._entries.popitem(last=False)
        self.heard.ring(entry.owner)

    def after(self, number: int, owner: Owner) -> list[tuple[int, Entry]]:
        """Those of one installation that came after the entry of that number."""
        return [each for each in self._entries.get(owner, ()) if each[0] > number]
