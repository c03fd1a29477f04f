"""The workers: started, asked, watched while they work, and replaced when one went too far."""

import asyncio
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from till.fence.hand import Hand
from till.fence.hiring import Hiring, NoWorkers
from till.fence.limits import MIB, Breached, Limits, message_of
from till.fence.wire import NO_MEMORY, Told

# How long a job that nobody waits for may go on, so that its worker, with what it keeps, is kept.
GRACE = 0.25
# How often a job that takes long is looked at.
LOOK = 0.05
# What is noticed of a worker that there never was.
UNSTARTED = "unstarted"
# Of an answer, beside the result itself.
BESIDE = MIB
# What it means that a worker ended; it is killed, if not by us, by a system that ran out of memory.
BY_STATUS = {
    -signal.SIGPROF: "cpu",
    -signal.SIGXCPU: "cpu",
    -signal.SIGKILL: "memory",
    NO_MEMORY: "memory",
}


@dataclass(frozen=True, slots=True)
class Part:
    """An argument of a job: a value, or one that workers keep under `key`; `load` has it else."""

    value: object = None
    key: str = ""
    load: Callable[[], Awaitable[object]] | None = None

    async def packed(self) -> bytes:
        return msgspec.msgpack.encode(await self.load() if self.load else self.value)


@dataclass(frozen=True, slots=True)
class Replaced:
    """A worker that is no more: why, the CPU seconds it had used in all and the most memory it had, in bytes.

    `kind` is that of the breach, or `worn`, or `cancelled`; or UNSTARTED where none could be started at all.
    `detail` is the trace of a defect of ours, or why it could not.
    """

    pid: int
    kind: str
    cpu: float
    peak: int
    detail: str = ""


class Job:
    """A job that waits or runs: its function, its arguments, what messages call it, and who waits for it."""

    def __init__(self, name: str, parts: Sequence[Part], what: str) -> None:
        self.name = name
        self.parts = parts
        self.what = what
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def tell(self, result: bytes) -> None:
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)

    def kept_by(self, hand: Hand) -> int:
        """How many of its parts a worker has already."""
        return sum(hand.keeps(part.key) for part in self.parts)


class Crew:
    """`hands` are the workers that there are; `replaced` the last that were ended before their time."""

    def __init__(self, jobs: Sequence[str], limits: Limits, noticed: Callable[[Replaced], None]) -> None:
        self.hands: set[Hand] = set()
        self.replaced: deque[Replaced] = deque(maxlen=100)
        self._limits = limits
        self._noticed = noticed
        self._hiring = Hiring(jobs, limits)

    async def ready(self, hand: Hand | None) -> Hand:
        """This worker if it still lives, or a new one."""
        if hand is not None and hand.is_gone:
            await self._replace(hand, "crashed")
            hand = None
        return hand or await self.start()

    async def start(self) -> Hand:
        """A new worker; `NoWorkers` where it cannot be started, which is noticed too."""
        try:
            pid, link = await self._hiring.hire()
        except NoWorkers as none:
            self._noticed(Replaced(0, UNSTARTED, 0.0, 0, none.detail))
            raise
        hand = await Hand.over(pid, link)
        self.hands.add(hand)
        return hand

    async def close(self) -> None:
        """End all workers, whatever they do."""
        for hand in self.hands:
            hand.close()
        self.hands.clear()
        await self._hiring.close()

    async def told(self, hand: Hand, job: Job) -> Told:
        """What the worker makes of a job; Breached where it was stopped, or nobody waits for it any more.

        The worker is among `hands` no more if it had to be replaced.
        """
        values = [b"" if hand.keeps(part.key) else await part.packed() for part in job.parts]
        hand.ask(job.name, [part.key for part in job.parts], values)
        reading = asyncio.ensure_future(hand.answer(self._limits.output + BESIDE))
        kind = ""
        try:
            kind = await self._watch(hand, reading, job.answer)
            told = Told(kind) if kind else reading.result()
        except (EOFError, OSError):
            told = Told("crashed")
        except (ValueError, msgspec.MsgspecError):
            told, kind = Told("output"), "output"
        finally:
            reading.cancel()
        if kind or told.kind not in {"", "output"}:
            told.kind = await self._replace(hand, told.kind, told.detail)
        elif told.is_worn:
            await self._replace(hand, "worn")
        if told.kind:
            said = message_of(told.kind, self._limits, job.what, told.file, told.line)
            raise Breached(told.kind, said, file=told.file, line=told.line, detail=told.detail)
        return told

    async def _watch(self, hand: Hand, reading: asyncio.Future[Told], wanted: asyncio.Future[bytes]) -> str:
        """Wait for the answer; the kind of breach if it must not be waited for any longer."""
        now = asyncio.get_running_loop().time
        until, kind = now() + self._limits.wall, "wall"
        while True:
            if wanted.done() and kind == "wall":
                until, kind = min(until, now() + GRACE), "cancelled"
            either: set[asyncio.Future[Any]] = {reading} if wanted.done() else {reading, wanted}
            await asyncio.wait(either, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return ""
            if now() >= until:
                return kind
            if await hand.resident() > self._limits.memory:
                return "memory"

    async def _replace(self, hand: Hand, kind: str, detail: str = "") -> str:
        """End a worker; the kind of the breach, by how it ended if that tells more."""
        self.hands.discard(hand)
        hand.close()
        ended = await self._hiring.end(hand.pid)
        if kind == "crashed":
            kind = BY_STATUS.get(ended.status, kind)
        replaced = Replaced(hand.pid, kind, ended.cpu, ended.peak, detail)
        self.replaced.append(replaced)
        self._noticed(replaced)
        return kind
