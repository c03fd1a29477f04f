"""The delivery engine of one process: claims what is due, sends it, settles what came of it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct

from till.clock import SECOND, Clock
from till.deliveries.choosing import Chooser
from till.deliveries.circuit import Circuit, Names
from till.deliveries.claims import Claim
from till.deliveries.flights import Flights, Holding, Limits, Load
from till.deliveries.lanes import Key
from till.deliveries.loading import Loader, Parcel
from till.deliveries.outcome import Outcome, Post
from till.deliveries.posting import Sends, attempt, follow, sentence_of
from till.deliveries.queue import Queue
from till.deliveries.settler import Settler
from till.deliveries.settling import Done
from till.log import Log
from till.web.wakes import Signal

JUMP = 2 * SECOND
# So long is waited after an error of our own, such as a database that is away.
AFTER_ERROR = 1.0
# What ends within this is settled together, unless others wait for their turn behind it.
GATHER_SECONDS = 0.005
# What is settled at the end gets this long, whatever is still under way.
LAST_SECONDS = 5.0


class Tuning(Struct, frozen=True, kw_only=True):
    """Seconds: how often claims are renewed, how often is looked unasked, and the budget of a post."""

    renew: float = 15.0
    poll: float = 1.0
    timeout: float = 10.0
    limits: Limits = Limits()


class Engine:
    """Works from `start` to `stop`. `wake` makes it look at once; unasked it looks once a second.

    `seen` may be set, and is told of each attempt that has ended.
    """

    def __init__(
        self,
        *,
        queue: Queue,
        loader: Loader,
        sender: Sends,
        clock: Clock,
        log: Log,
        tuning: Tuning | None = None,
    ) -> None:
        self._queue, self._loader, self._sender = queue, loader, sender
        self.seen: Callable[[Done], None] = lambda _: None
        self._clock, self._log = clock, log
        self._tuning = tuning or Tuning()
        self._monotonic: Callable[[], float] = asyncio.get_running_loop().time
        self._flights = Flights(self._tuning.limits)
        self._holding = Holding()
        self._circuit = Circuit(self._monotonic)
        self._chooser = Chooser(
            queue=queue,
            flights=self._flights,
            circuit=self._circuit,
            clock=clock,
            monotonic=self._monotonic,
            poll=self._tuning.poll,
        )
        self._settler = Settler(
            queue=queue, holding=self._holding, circuit=self._circuit, log=log, monotonic=self._monotonic
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._wake, self._landed = Signal(), Signal()
        self._drift = self._apart()
        self._stopping = self._ended = False
        self._ceased = 0.0

    @property
    def flying(self) -> int:
        """How many posts are under way."""
        return self._flights.flying

    @property
    def open_breakers(self) -> int:
        return self._circuit.open

    async def start(self) -> None:
        """Take over what a dead process held, then work in the background."""
        await self._queue.set_back()
        inherited = await self._queue.inherit()
        if inherited:
            self._log.now("deliveries of a dead process taken over", count=inherited)
        steps = (self._claim, self._settle, self._renew)
        self._loops = [asyncio.create_task(self._ever(step)) for step in steps]

    def wake(self) -> None:
        """Look at once: something was written, or the clock was set."""
        self._chooser.want()
        self._wake.ring()

    def cease(self) -> None:
        """Claim no more; what is under way goes on, what waits here is let go."""
        if not self._stopping:
            self._stopping = True
            self._ceased = self._monotonic()
            self._drop(self._flights.unload(lambda _: True))
            self._wake.ring()

    async def stop(self, patience: float) -> None:
        """Finish what is under way within `patience` seconds of `cease`, let go of the rest, and end."""
        self.cease()
        until = self._ceased + patience
        claiming, settling, renewing = self._loops
        await asyncio.wait([claiming], timeout=LAST_SECONDS)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, until - self._monotonic()))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._ended = True
        self._landed.ring()
        await asyncio.wait([settling], timeout=max(LAST_SECONDS, until - self._monotonic()))
        for loop in (claiming, settling, renewing):
            loop.cancel()
        await asyncio.gather(claiming, settling, renewing, return_exceptions=True)
        if self._settler:  # then their leases end by themselves
            self._log.now("deliveries could not be settled at the end")

    async def _ever(self, step: Callable[[], Awaitable[bool]]) -> None:
        """Do a step until it says that it was the last, whatever goes wrong."""
        going = True
        while going:
            try:
                going = await step()
            except Exception as error:  # noqa: BLE001 - one bad turn must not end the engine
                self._log.now("delivery engine held up", reason=sentence_of(error))
                if self._stopping and step == self._claim:
                    return
                await asyncio.sleep(AFTER_ERROR)

    async def _claim(self) -> bool:
        """Look, claim a batch and send it off; where there is none, wait until there may be one."""
        rung = self._wake.rung
        await self._mind_the_clock()
        await self._chooser.look()
        asks, probes = await self._chooser.choose()
        if self._stopping:
            return False
        if not asks:
            await self._wake.wait(self._chooser.idle_seconds(), since=rung)
            return True
        claimed = await self._queue.claim(asks, most=self._chooser.room, aside=self._circuit.aside)
        fresh = self._holding.add(claimed.claims, now=self._monotonic())
        await self._chooser.learn(claimed, probes)
        addresses = {ask.lane.key: ask.lane.address for ask in asks}
        await self._take_on(fresh, {(key, addresses[key]): names for key, names in probes.items()})
        return True

    async def _take_on(self, fresh: list[Claim], probes: dict[tuple[Key, str], Names]) -> None:
        """Load what was claimed, and send it off; `probes` are those taken for a lane's present address."""
        if not fresh:
            return
        try:
            parcels = await self._loader.load(fresh, at=self._clock())
        except Exception:
            self._settler.drop(fresh)
            self._landed.ring()
            raise
        spoilt = [parcel for parcel in parcels if parcel.fault]
        if spoilt:
            ids = [parcel.claim.id.hex() for parcel in spoilt[:10]]
            self._log.now("deliveries not made ready", count=len(spoilt), reason=spoilt[0].fault, ids=ids)
        loaded = {parcel.claim.key for parcel in parcels}
        # Their subscriptions were deleted meanwhile, and with those what they were owed.
        self._holding.drop(claim for claim in fresh if claim.key not in loaded)
        loads = [await self._load(parcel, probes) for parcel in parcels]
        self._drop([load for load in loads if load.waits])
        self._flights.add(load for load in loads if not load.waits)
        if self._stopping:
            self._drop(self._flights.unload(lambda _: True))
        self._take_off()

    async def _load(self, parcel: Parcel, probes: dict[tuple[Key, str], Names]) -> Load:
        """What goes to an address that was replaced is asked about only now."""
        way = (parcel.claim.lane, parcel.address)
        if way in probes:
            return Load(parcel, probes[way])
        at = self._clock()
        names = self._circuit.to_probe(*way, at)
        if names and not await self._chooser.let_through(names, at):
            names = None
        return Load(parcel, names or (), waits=names is None)

    def _take_off(self) -> None:
        for load in self._flights.take_off():
            task = asyncio.create_task(self._send(load))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, load: Load) -> None:
        started = self._clock()
        post, outcome = await attempt(load.parcel, self._sender, at=started, budget=self._tuning.timeout)
        self._land(load, post, outcome, started=started)

    def _land(self, load: Load, post: Post, outcome: Outcome, *, started: int) -> None:
        """Note what came of a post, and send the next."""
        parcel, at = load.parcel, self._clock()
        settled = follow(parcel, outcome, at=at, is_stopping=self._stopping)
        done = Done(
            parcel=parcel,
            outcome=outcome,
            settled=settled,
            started_at=started,
            ended_at=at,
            request=post.headers,
            timeout=post.timeout,
        )
        self._settler.add(done)
        self._flights.land(load, answers=outcome.is_delivered)
        if self._circuit.landed(load.lane, parcel.address, outcome, probes=load.probes, at=at):
            shut = partial(self._circuit.is_open, at=at)
            self._drop(self._flights.unload(lambda each: shut(each.lane, each.parcel.address)))
        self._take_off()
        try:
            self.seen(done)
        except Exception as error:  # noqa: BLE001 - whoever watches must not stop what is watched
            self._log.now("attempt not shown", reason=sentence_of(error))
        self._landed.ring()
        self._wake.ring()

    def _drop(self, loads: list[Load]) -> None:
        """Let go of what waits here, unsent."""
        if not loads:
            return
        for load in loads:
            self._circuit.unsent(load.probes, at=self._clock())
        self._settler.drop(load.parcel.claim for load in loads)
        self._landed.ring()

    async def _settle(self) -> bool:
        rung = self._landed.rung
        if await self._settler.settle():
            self.wake()
        elif not self._ended:
            await asyncio.sleep(GATHER_SECONDS)
        if self._settler:
            return True
        if self._ended:
            return False
        await self._landed.wait(3_600, since=rung)
        return True

    async def _renew(self) -> bool:
        await asyncio.sleep(self._tuning.renew / 3)
        await self._hold_on(self._holding.older(self._monotonic() - self._tuning.renew))
        return True

    async def _hold_on(self, claims: list[Claim]) -> None:
        if claims:
            now = self._monotonic()
            kept = await self._queue.renew(claims)
            self._holding.renewed((claim for claim in claims if claim.key in kept), now=now)

    async def _mind_the_clock(self) -> None:
        """Where the clock has jumped, hold on first to what would seem to have run out."""
        apart = self._apart()
        if abs(apart - self._drift) > JUMP:
            self._chooser.forget_rests()
            await self._hold_on(self._holding.older(self._monotonic()))
            if apart < self._drift:
                await self._queue.set_back()
            self._drift = apart

    def _apart(self) -> int:
        """How far the clock is from one that never jumps."""
        return self._clock() - int(self._monotonic() * SECOND)
