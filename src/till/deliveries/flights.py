"""What a worker holds: which deliveries wait in it and which are under way, within its limits."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, structs

from till.deliveries.claims import Claim
from till.deliveries.lanes import Key, Lane, host_of
from till.deliveries.loading import Parcel

# Of a lane that answers so many are claimed at once, once no more than that wait: a commit takes a while, and
# there shall always be one at hand.
AHEAD = 16
MOST_OF_HOST = 128
# Of lanes at rest so many are remembered, for whether they answer.
MOST_LINES = 4_096


class Limits(Struct, frozen=True, kw_only=True):
    """How many posts may be under way at once: to a subscription, to a host, in all."""

    per_subscription: int = 8
    per_host: int = 16
    in_all: int = 256


class Load(Struct, frozen=True):
    """A parcel in hand, and the breakers that let it through; or which may not go yet."""

    parcel: Parcel
    probes: tuple[str, ...] = ()
    waits: bool = False

    @property
    def host(self) -> str:
        return host_of(self.parcel.address)

    @property
    def lane(self) -> Key:
        return self.parcel.claim.lane


class _Line:
    """One lane: what waits here, how many are under way, whether the last was delivered."""

    __slots__ = ("answers", "flying", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Load] = deque()
        self.flying = 0
        self.answers = False


class Flights:
    """All that a worker holds, by lane and by host."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lines: dict[Key, _Line] = {}
        self._queued: dict[Key, _Line] = {}
        self._hosts: Counter[str] = Counter()
        self._at_host: Counter[str] = Counter()
        self.flying = 0
        self.waiting = 0

    @property
    def room_in_all(self) -> int:
        """How many more may be held, however many lanes they are of."""
        return max(0, 2 * self._limits.in_all - self.flying - self.waiting)

    def room(self, lane: Lane, *, most: int = AHEAD) -> int:
        """How many more of a lane are worth claiming now, of one that answers at most `most`."""
        line = self._lines.get(lane.key)
        held = 0 if line is None else line.flying + len(line.waiting)
        if line is None or not line.answers:
            room = self._limits.per_subscription - held
        else:
            room = most if len(line.waiting) <= most else 0
        most_of_host = max(MOST_OF_HOST, self._limits.per_host)
        return max(0, min(room, most_of_host - self._at_host[lane.host]))

    def add(self, loads: Iterable[Load]) -> None:
        """Take deliveries in hand, to be sent when their turn comes."""
        for load in loads:
            line = self._lines.setdefault(load.lane, _Line())
            line.waiting.append(load)
            self._queued[load.lane] = line
            self._at_host[load.host] += 1
            self.waiting += 1

    def take_off(self) -> Iterator[Load]:
        """Those whose turn it is now, lane by lane; each counts as under way from here on."""
        moved = True
        while moved and self._queued:
            moved = False
            for key, line in list(self._queued.items()):
                if self.flying >= self._limits.in_all:
                    return
                if line.flying >= self._limits.per_subscription:
                    continue
                host = line.waiting[0].host
                if self._hosts[host] >= self._limits.per_host:
                    continue
                load = line.waiting.popleft()
                if not line.waiting:
                    del self._queued[key]
                line.flying += 1
                self._hosts[host] += 1
                self.flying += 1
                self.waiting -= 1
                moved = True
                yield load

    def land(self, load: Load, *, answers: bool) -> None:
        """One is no longer under way."""
        line = self._lines[load.lane]
        line.flying -= 1
        line.answers = answers
        self.flying -= 1
        self._less(self._hosts, load.host)
        self._less(self._at_host, load.host)
        if not line.flying and not line.waiting and (not answers or len(self._lines) > MOST_LINES):
            del self._lines[load.lane]

    def unload(self, wanted: Callable[[Load], bool]) -> list[Load]:
        """Let go of what waits and is `wanted` gone."""
        found: list[Load] = []
        for key, line in list(self._queued.items()):
            kept = deque[Load]()
            for load in line.waiting:
                (found if wanted(load) else kept).append(load)
            line.waiting = kept
            if not kept:
                del self._queued[key]
        for load in found:
            self._less(self._at_host, load.host)
        self.waiting -= len(found)
        return found

    @staticmethod
    def _less(counted: Counter[str], host: str) -> None:
        counted[host] -= 1
        if not counted[host]:
            del counted[host]


class Holding:
    """The claims that a worker holds, each with the moment of a steady clock at which it was last renewed."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, bytes], tuple[Claim, float]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, claims: Iterable[Claim], *, now: float) -> list[Claim]:
        """Hold new claims, and answer those that were not held yet.

        One that is held already was claimed anew because its lease had ended (a clock that jumped, a
        machine that stood still): it is under way here, and goes on under the new token.
        """
        fresh = []
        for claim in claims:
            known = self._held.get(claim.key)
            if known is None:
                fresh.append(claim)
                self._held[claim.key] = (claim, now)
            else:
                self._held[claim.key] = (structs.replace(known[0], token=claim.token), now)
        return fresh

    def current(self, claim: Claim) -> Claim:
        """The claim with the token that counts now; as it is where it is held no more.

        What is held of the same delivery may be its next attempt, which is none of this one's.
        """
        held = self._held.get(claim.key, (claim, 0.0))[0]
        return held if held.attempt == claim.attempt else claim

    def drop(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            if self._held.get(claim.key, (claim, 0.0))[0].attempt == claim.attempt:
                self._held.pop(claim.key, None)

    def release(self, claim: Claim) -> Claim | None:
        """Hold on no longer to what was written down under this token.

        One that was claimed anew meanwhile was taken for under way (`add`): it stays held, and is answered.
        """
        current = self.current(claim)
        if current.token != claim.token:
            return current
        self.drop([claim])
        return None

    def older(self, than: float) -> list[Claim]:
        """Those that were last renewed before some moment."""
        return [claim for claim, since in self._held.values() if since <= than]

    def renewed(self, claims: Iterable[Claim], *, now: float) -> None:
        for claim in claims:
            if claim.key in self._held:
                self._held[claim.key] = (self._held[claim.key][0], now)
