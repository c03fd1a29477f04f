"""What to claim next: lanes in turn, within their limits, their rates and what their breakers let through."""

from collections.abc import Callable

from till.clock import SECOND, Clock
from till.deliveries.circuit import Circuit, Names, probe_end
from till.deliveries.claims import MOST, Ask, Claimed
from till.deliveries.flights import AHEAD, Flights
from till.deliveries.lanes import Key, Lane
from till.deliveries.queue import Queue

# No more is claimed at once, of no more than so many lanes.
BATCH = MOST
LANES = 16
MOST_TURNS = 20_000
# Looking for lanes takes no more than this share of the time.
LOOK_SHARE = 0.2
# Nor is it done more often than this, however often something is written.
LOOK_EVERY = 0.004
# One that took long because the database did not answer says nothing of the next.
LONGEST_PAUSE = 2.0
HEAVY_LOOK = 0.005
MOST_PROBES = 4
# Never sleep less, or a clock that stands still makes this a busy loop.
SHORTEST = 0.001


class Chooser:
    """Knows which lanes have something due, and chooses among them; `poll` is in seconds."""

    def __init__(
        self,
        *,
        queue: Queue,
        flights: Flights,
        circuit: Circuit,
        clock: Clock,
        monotonic: Callable[[], float],
        poll: float,
    ) -> None:
        self._queue, self._flights, self._circuit = queue, flights, circuit
        self._clock, self._monotonic, self._poll = clock, monotonic, poll
        self._due: dict[Key, Lane] = {}
        # Who was served when: the latest come last, also after they had no more for a while.
        self._turns: dict[Key, int] = {}
        self._turn = 0
        self._rests: dict[Key, int] = {}
        self._wanted = True
        self._took = 0.0
        self._last = -poll

    def want(self) -> None:
        """Look again, for something was written."""
        self._wanted = True

    def forget_rests(self) -> None:
        """What was measured by a clock that has jumped since says nothing."""
        self._rests.clear()
        self._wanted = True

    async def look(self) -> None:
        """Look for lanes, if it is wanted or was long ago, and was not just done."""
        began = self._monotonic()
        if began < self._next or not (self._wanted or began - self._last >= self._poll):
            return
        self._wanted = False
        found = await self._queue.look(
            until=self._clock() + int(self._poll * SECOND), heavy=self._took > HEAVY_LOOK
        )
        self._circuit.learn(found.breakers)
        self._due = {lane.key: lane for lane in found.lanes}
        self._last = self._monotonic()
        self._took = self._last - began

    async def choose(self) -> tuple[list[Ask], dict[Key, Names]]:
        """How much to claim of which lanes, the one first that was served longest ago; and what is probed."""
        at, asks, probes = self._clock(), list[Ask](), dict[Key, Names]()
        lanes = sorted(self._due.values(), key=lambda lane: self._turns.get(lane.key, 0))
        others = {lane.host for lane in lanes if not self._is_alone(lane)} if self._circuit.open else set()
        for lane in lanes if self.room else ():
            most = self._most(lane, at)
            if most <= 0:
                continue
            names = self._circuit.to_probe(lane.key, lane.address, at)
            # A host is rather probed with what is not left alone for its own sake.
            if names is None or (len(names) > 1 and self._is_alone(lane) and lane.host in others):
                continue
            if names:
                if len(probes) >= MOST_PROBES or not await self.let_through(names, at):
                    continue
                probes[lane.key], most = names, 1
            asks.append(Ask(lane, most))
            if len(asks) >= LANES:
                break
        return asks, probes

    @property
    def room(self) -> int:
        """How many may be claimed at once now."""
        return min(BATCH, self._flights.room_in_all)

    async def let_through(self, names: Names, at: int) -> bool:
        """Ask for the right to send one delivery where all else waits; False if another worker has it."""
        ours = await self._queue.take_probe(names)
        self._circuit.probing(names, until=probe_end(at, ours=ours))
        return ours

    async def learn(self, claimed: Claimed, probes: dict[Key, Names]) -> None:
        """Note what a claim says: which lanes have no more, which have to wait, what was not probed."""
        for key in claimed.emptied:
            self._due.pop(key, None)
        at = self._clock()
        self._rests = {key: until for key, until in self._rests.items() if until > at} | claimed.waits
        lanes = {each.lane for each in claimed.claims}
        self._turn += 1
        if len(self._turns) > MOST_TURNS:
            self._turns.clear()
        self._turns |= dict.fromkeys(lanes | claimed.emptied, self._turn)
        for key, names in probes.items():
            if key not in lanes:
                await self._queue.release_probe(names)

    def idle_seconds(self) -> float:
        """How long to wait where nothing rings: until the next delivery is due, or the next look."""
        at, now = self._clock(), self._monotonic()
        waits = [(self._next if self._wanted else max(self._next, self._last + self._poll)) - now]
        waits += [
            (moment - at) / SECOND
            for lane in self._due.values()
            if (moment := max(lane.due, self._rests.get(lane.key, 0))) > at
        ]
        return max(SHORTEST, min(waits))

    @property
    def _next(self) -> float:
        pause = min(LONGEST_PAUSE, self._took / LOOK_SHARE - self._took)
        return self._last + max(LOOK_EVERY, pause)

    def _is_alone(self, lane: Lane) -> bool:
        return self._circuit.is_known(lane.key, lane.address)

    def _most(self, lane: Lane, at: int) -> int:
        if lane.due > at or self._rests.get(lane.key, 0) > at:
            return 0
        if self._circuit.is_open(lane.key, lane.address, at):
            del self._due[lane.key]  # the next look finds it again
            return 0
        # Whoever is alone need not leave room for others.
        return min(self._flights.room(lane, most=max(AHEAD, BATCH // len(self._due))), self.room)
