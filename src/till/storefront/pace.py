"""How fast one visitor may write: a small bucket for each address, in memory."""

from collections import OrderedDict

from till.clock import SECOND, Clock
from till.errors import Throttled

BURST, A_SECOND = 60, 10
MOST_KNOWN = 10_000


class TooFast(Throttled):
    """More writes than a person makes."""


class Pace:
    """Lets an address write sixty times at once, and ten times a second after that."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> None:
        """Count one write; `TooFast` where the address must wait."""
        at = self._now()
        left, since = self._known.pop(address, (float(BURST), at))
        left = min(BURST, left + max(at - since, 0) * A_SECOND / SECOND)
        self._known[address] = (max(left - 1, 0), at)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        if left < 1:
            raise TooFast("These are more changes than a person makes: wait a second.", retry_after=1)
