"""The delivery engine of one process: claims what is due, sends it, settles what came of it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct, structs

from till.clock import SECOND, Clock
from till.deliveries.choosing import Chooser
from till.deliveries.circuit import Circuit
from till.deliveries.claims import Claim
from till.deliveries.delivery import State, after, tried
from till.deliveries.flights import Flights, Holding, Limits, Load
from till.deliveries.loading import Loader
from till.deliveries.outcome import ErrorClass, Outcome, Post
from till.deliveries.queue import Queue
from till.deliveries.settler import Settler
from till.deliveries.settling import Done
from till.errors import Refusal
from till.log import Log
from till.web.wakes import Signal

JUMP = 2 * SECOND
# So long is waited after an error of our own, such as a database that is away.
AFTER_ERROR = 1.0
# What ends within this is settled together, unless others wait for their turn behind it.
GATHER_SECONDS = 0.005
# What is settled at the end gets this long, whatever is still under way.
LAST_SECONDS = 5.0
GONE_FOR_GOOD = "The event is no longer kept, so that nothing can be sent."
STOPPED = "Till was stopped while it was sending. The attempt is not counted."


class Sends(Protocol):
    """Whatever posts; it never raises anything but a cancellation."""

    async def post(self, post: Post) -> Outcome: ...


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
        await asyncio.wait([settling], timeout=LAST_SECONDS)
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
                self._log.now("delivery engine held up", reason=_sentence(error))
                await asyncio.sleep(AFTER_ERROR)
                going = not self._ended

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
        claimed = await self._queue.claim(asks)
        fresh = self._holding.add(claimed.claims, now=self._monotonic())
        await self._chooser.learn(claimed, probes)
        await self._take_on(fresh, probes)
        return True

    async def _take_on(self, fresh: list[Claim], probes: dict[tuple[int, int], tuple[str, ...]]) -> None:
        if not fresh:
            return
        try:
            parcels = await self._loader.load(fresh, at=self._clock())
        except Exception:
            self._settler.drop(fresh)
            self._landed.ring()
            raise
        loaded = {parcel.claim.key for parcel in parcels}
        # Their subscriptions were deleted meanwhile, and with those what they were owed.
        self._holding.drop(claim for claim in fresh if claim.key not in loaded)
        self._flights.add(Load(parcel, probes.get(parcel.claim.lane, ())) for parcel in parcels)
        if self._stopping:
            self._drop(self._flights.unload(lambda _: True))
        self._take_off()

    def _take_off(self) -> None:
        for load in self._flights.take_off():
            task = asyncio.create_task(self._send(load))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, load: Load) -> None:
        parcel, started = load.parcel, self._clock()
        post = parcel.post(at=started, timeout=self._tuning.timeout)
        if parcel.body is None:
            outcome = Outcome(error=ErrorClass.REFUSED_ADDRESS, sentence=GONE_FOR_GOOD)
        else:
            try:
                outcome = await self._sender.post(post)
            except asyncio.CancelledError:
                outcome = Outcome(error=ErrorClass.OURS, sentence=STOPPED)
        self._land(load, post, outcome, started=started)

    def _land(self, load: Load, post: Post, outcome: Outcome, *, started: int) -> None:
        """Note what came of a post, and send the next."""
        parcel, at = load.parcel, self._clock()
        jitter = random.random()  # noqa: S311 - no secret
        settled = after(parcel.past, outcome, schedule=parcel.schedule, at=at, jitter=jitter)
        if parcel.is_test:
            settled = tried(settled, at=at)
        if self._stopping and settled.state is State.PENDING and not settled.counted:
            settled = structs.replace(settled, run_at=at)  # whoever takes over need not wait
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
        self.seen(done)
        self._flights.land(load, answers=outcome.is_delivered)
        if self._circuit.landed(load.lane, load.host, outcome, probes=load.probes, at=at):
            self._drop(self._flights.unload(lambda each: self._circuit.is_open(each.lane, each.host, at)))
        self._take_off()
        self._landed.ring()
        self._wake.ring()

    def _drop(self, loads: list[Load]) -> None:
        """Let go of what waits here, unsent."""
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
            self._drift = apart
            self._chooser.forget_rests()
            await self._hold_on(self._holding.older(self._monotonic()))

    def _apart(self) -> int:
        """How far the clock is from one that never jumps."""
        return self._clock() - int(self._monotonic() * SECOND)


def _sentence(error: Exception) -> str:
    return error.message if isinstance(error, Refusal) else f"{type(error).__name__}: {error}"
