"""A few workers that render and parse themes, one job each at a time; jobs wait in lanes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from till.errors import Unavailable
from till.fence.crew import Crew, Job, Part, Replaced
from till.fence.hand import Hand
from till.fence.lanes import CROWDED, Lanes
from till.fence.limits import Breached, Crowded, Limits
from till.liquid.bundle import Bundle
from till.liquid.engine import Rendered
from till.liquid.faults import Fault

T = TypeVar("T")

RENDER = "till.storefront.rendering:render"
PARSE = "till.liquid.parsing:parse"
# A job that takes this part of the CPU time it may is heavy.
HEAVY = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """A page to be rendered: which theme, which catalogue (JSON), and what the visitor asks (`Visit`).

    Theme and catalogue are fetched where the worker lacks them; their keys are unique for what they hold.
    `lane` is the shop, or whatever else should not keep others from being served.
    """

    bundle_key: str
    bundle: Callable[[], Awaitable[Bundle]]
    world_key: str
    world: Callable[[], Awaitable[bytes]]
    visit: object
    lane: str = ""


class Fence:
    """`async with Fence() as fence`: workers start with the first jobs and end with the block.

    `jobs` are the dotted names of the functions that workers may be asked to call; each part of a job is read
    as the annotation of its parameter says. `noticed` is told of every worker that had to be replaced.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits | None = None,
        jobs: Sequence[str] = (RENDER, PARSE),
        *,
        noticed: Callable[[Replaced], None] = lambda _: None,
    ) -> None:
        self.limits = limits or Limits()
        self._crew = Crew(jobs, self.limits, noticed)
        self._lanes: Lanes[Job] = Lanes(workers)
        self._cold = workers
        self._idle: list[Hand] = []
        self._open: set[Job] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cold, self._idle = 0, []
        for job in self._open:
            job.fail(Unavailable("The server is stopping: ask again."))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._crew.close()

    @property
    def pids(self) -> list[int]:
        """The processes of the workers that there are."""
        return [hand.pid for hand in self._crew.hands]

    @property
    def replaced(self) -> list[Replaced]:
        """The last workers that were ended before their time."""
        return list(self._crew.replaced)

    async def warm(self) -> None:
        """Have every worker started, so that the first page is as quick as the next."""
        while self._cold > 0:
            self._cold -= 1
            hand = None
            try:
                hand = await self._crew.start()
            finally:
                self._free(hand)

    async def render(self, job: RenderJob) -> Rendered:
        """Render a page; as `run`."""
        parts = (
            Part(key=f"bundle {job.bundle_key}", load=job.bundle),
            Part(key=f"world {job.world_key}", load=job.world),
            Part(job.visit),
        )
        return await self.run(RENDER, parts, Rendered, lane=job.lane or job.bundle_key)

    async def parse(self, files: Mapping[str, str], *, lane: str = "") -> list[Fault]:
        """What is wrong with the texts of `files`, by name, read one by one; as `run`."""
        return await self.run(PARSE, [Part(files)], list[Fault], lane=lane)

    async def run(self, job: str, parts: Sequence[Part], kind: type[T], *, lane: str = "") -> T:
        """Have a worker call the function `job` with `parts`; what it returns, as a `kind`.

        `lane` is who asks, such as a shop: lanes take turns. Raises Crowded where too many wait, most of
        them for this lane, and Breached where the job was stopped.
        """
        asked = Job(job, parts, "The page" if job == RENDER else "The theme")
        given_up = self._lanes.add(lane, asked)
        if given_up is not None:
            given_up.fail(Crowded(CROWDED))
        self._open.add(asked)
        self._pump()
        try:
            return msgspec.msgpack.decode(await asked.answer, type=kind)
        finally:
            asked.answer.cancel()
            self._open.discard(asked)
            self._lanes.drop(lane, asked)

    def _pump(self) -> None:
        """Give jobs to idle workers, each to one that keeps what it needs if there is one."""
        while (self._idle or self._cold > 0) and (taken := self._lanes.take()):
            lane, job = taken
            hand = max(self._idle, key=job.kept_by, default=None)
            if hand is None:
                self._cold -= 1
            else:
                self._idle.remove(hand)
            task = asyncio.get_running_loop().create_task(self._do(hand, lane, job))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, hand: Hand | None, lane: str, job: Job) -> None:
        heavy = False
        try:
            hand = await self._crew.ready(hand)
            told = await self._crew.told(hand, job)
            heavy = told.cpu > HEAVY * self.limits.cpu
            job.tell(told.result)
        except Breached as breach:
            heavy = True
            job.fail(breach)
        except Exception as error:  # noqa: BLE001 - it is for who waits for the job
            job.fail(error)
        finally:
            self._lanes.done(lane, heavy=heavy)
            self._free(hand)

    def _free(self, hand: Hand | None) -> None:
        """A worker has nothing to do, or is no more and another may be started in its place."""
        if hand is not None and hand in self._crew.hands:
            self._idle.append(hand)
        else:
            self._cold += 1
        self._pump()
