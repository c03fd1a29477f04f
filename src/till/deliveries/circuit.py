"""Breakers as one worker knows them: what others opened, what its own attempts say, and who may be probed."""

from collections.abc import Callable, Mapping

from msgspec import structs

from till.clock import SECOND
from till.deliveries.breaker import (
    PROBE,
    Breaker,
    Windows,
    of_host,
    of_way,
    probed,
    speaks_of_host,
    speaks_of_subscription,
)
from till.deliveries.lanes import Key, host_of
from till.deliveries.outcome import Outcome
from till.deliveries.queue import Trips

# What was changed here is believed for so long against what was read before it was written.
OWN_SECONDS = 2.0
# A probe that another worker has is asked for again after this.
AGAIN = SECOND
# What would go to a replaced address waits so long where a probe of it is under way.
BEHIND_PROBE = 5 * SECOND

Names = tuple[str, ...]


class Circuit:
    """`monotonic` measures how long own changes are believed."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._known: dict[str, Breaker] = {}
        self._own: dict[str, tuple[float, Breaker | None]] = {}
        self._windows = Windows()
        self._trips = Trips.none()

    @property
    def open(self) -> int:
        """How many breakers are known to be open or half-open."""
        return len(self._known)

    def learn(self, read: Mapping[str, Breaker]) -> None:
        """Take over what stands in the table."""
        for name in self._known.keys() - read.keys():
            self._windows.forget(name)
        self._known = dict(read)
        now = self._monotonic()
        self._own = {name: own for name, own in self._own.items() if own[0] > now}
        for name, (_, own) in self._own.items():
            self._set(name, own)

    def is_open(self, lane: Key, address: str, at: int) -> bool:
        """True while nothing may be sent there."""
        return any(each.is_open(at) for each in self._of(lane, address))

    def is_known(self, lane: Key, address: str) -> bool:
        """True while a subscription is left alone for its own sake, or is tried again with one at a time."""
        return of_way(*lane, address) in self._known

    def aside(self, lane: Key, address: str, at: int) -> int:
        """Until when what goes there has to wait; not after `at` where it may go."""
        found = self._of(lane, address)
        if any(not each.is_open(at) and not each.may_probe(at) for each in found):
            return at + BEHIND_PROBE
        return max((each.until for each in found), default=0)

    def to_probe(self, lane: Key, address: str, at: int) -> Names | None:
        """The breakers that have to let a delivery through first; None while one is let through already."""
        found = self._of(lane, address)
        if not all(each.may_probe(at) for each in found):
            return None
        return tuple(each.name for each in found)

    def probing(self, names: Names, *, until: int) -> None:
        """A probe of these is under way, here or elsewhere, until some moment."""
        for name in names:
            if name in self._known:
                self._believe(name, structs.replace(self._known[name], probe_until=until))

    def landed(self, lane: Key, address: str, outcome: Outcome, *, probes: Names, at: int) -> bool:
        """Note what an attempt says; True when a breaker has opened by it."""
        way, host = of_way(*lane, address), of_host(host_of(address))
        was_alone = way in self._known
        opened = self._note(way, outcome, succeeded=speaks_of_subscription(outcome), probes=probes, at=at)
        said = speaks_of_host(outcome)
        if said is False and (was_alone or opened):
            said = None  # whoever fails alone says nothing against the host that others share
        return self._note(host, outcome, succeeded=said, probes=probes, at=at) or opened

    def unsent(self, probes: Names, *, at: int) -> None:
        """A probe was not sent after all, so that another may be."""
        for name in probes:
            self._probed(name, succeeded=None, at=at)

    def take_trips(self) -> Trips:
        """What is to be written down, once."""
        found, self._trips = self._trips, Trips.none()
        return found

    def keep_trips(self, older: Trips) -> None:
        """Take back what could not be written down; what has come meanwhile is newer."""
        now = self._trips
        for name in now.closed:
            older.opened.pop(name, None)
            older.changed.pop(name, None)
        self._trips = Trips(
            older.opened | now.opened, older.changed | now.changed, (older.closed | now.closed)
        )

    def _note(self, name: str, outcome: Outcome, *, succeeded: bool | None, probes: Names, at: int) -> bool:
        """Note what an attempt says of one name; True when its breaker has opened by it."""
        if name in probes:
            self._probed(name, succeeded=succeeded, at=at)
        elif name not in self._known:
            breaker = self._windows.note(name, outcome, succeeded=succeeded, at=at)
            if breaker is not None:
                self._trips.opened[name] = breaker
                self._believe(name, breaker)
                return True
        return False

    def _probed(self, name: str, *, succeeded: bool | None, at: int) -> None:
        known = self._known.get(name)
        if known is None:  # closed by an operator, or by whoever probed after us
            return
        then = probed(known, succeeded=succeeded, at=at)
        self._believe(name, then)
        if then is None:
            self._windows.forget(name)
            self._trips.changed.pop(name, None)
            self._trips.closed.add(name)
        else:
            self._trips.changed[name] = then

    def _believe(self, name: str, breaker: Breaker | None) -> None:
        self._own[name] = (self._monotonic() + OWN_SECONDS, breaker)
        self._set(name, breaker)

    def _set(self, name: str, breaker: Breaker | None) -> None:
        if breaker is None:
            self._known.pop(name, None)
        else:
            self._known[name] = breaker

    def _of(self, lane: Key, address: str) -> list[Breaker]:
        names = (of_way(*lane, address), of_host(host_of(address)))
        return [self._known[name] for name in names if name in self._known]


def probe_end(at: int, *, ours: bool) -> int:
    """Until when a probe that began at `at` is waited for; that of another worker is asked for sooner."""
    return at + (PROBE if ours else AGAIN)
