"""Endpoints that wait: what their handlers are given, and how what they answer bit by bit is sent."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from msgspec import Struct

from till.caller import Caller
from till.clock import Clock
from till.db.port import Database
from till.dialect.pages import PageTokens
from till.keys import Sealer
from till.shop import Fidelity
from till.web.call import Request
from till.web.reading import ClientGone, Receive
from till.web.recent import Recent
from till.web.wakes import Signal, Wakes

T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Who waits looks for himself at last, should nobody have woken him.
LOOK_SECONDS = 5.0
# Who is woken often looks but so often: what comes meanwhile is found at one look.
PAUSE_SECONDS = 0.05
# How long a token that was revoked, or a scope that was withdrawn, may still be listened with.
AGAIN_SECONDS = 15.0
# What is being sent when the server stops may still go out for so long.
LAST_SECONDS = 1.0


class LiveCall(Struct, frozen=True, kw_only=True):
    """All that a handler may use which does not run inside one transaction, but opens its own.

    `again` answers the caller as it was a few seconds ago at most; it refuses once the token is dead or
    the scope is gone. `sit` is to be called before the call waits or is streamed: it refuses where too
    many do; `weigh` before it has many bytes in memory, likewise.
    """

    db: Database
    caller: Caller
    request: Request
    clock: Clock
    mint: Callable[[], int]
    pages: PageTokens
    fidelity: Fidelity
    wakes: Wakes
    recent: Recent
    sealer: Sealer
    again: Callable[[], Awaitable[Caller]]
    sit: Callable[[], None]
    weigh: Callable[[int], None]

    @property
    def at(self) -> int:
        """This moment of the server's clock in microseconds."""
        return self.clock()

    @property
    def is_stream(self) -> bool:
        """True when the client takes its answer bit by bit."""
        return "text/event-stream" in self.request.headers.get("accept", "").lower()

    @property
    def last_seen(self) -> str | None:
        """The `Last-Event-ID` of a stream that is taken up again; it means nothing elsewhere."""
        return (self.request.headers.get("last-event-id") or None) if self.is_stream else None


class Asked:
    """Asks `who` the caller is, but not each time: as often as it may take until that is noticed."""

    def __init__(self, caller: Caller, who: Callable[[], Awaitable[Caller]]) -> None:
        self._caller, self._who = caller, who
        self._at = time.monotonic()

    async def __call__(self) -> Caller:
        if time.monotonic() - self._at >= AGAIN_SECONDS:
            self._caller = await self._who()
            self._at = time.monotonic()
        return self._caller


class Ear:
    """Hears a signal in between looks, and leaves a pause between them."""

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        self._rung = signal.rung
        self._at = time.monotonic()

    def look(self) -> None:
        """To be called right before each look: what rings from here on is heard after it."""
        self._rung = self._signal.rung
        self._at = time.monotonic()

    async def hear(self, seconds: float) -> None:
        """Wait until there may be something new, at most `seconds` and never very long."""
        await self._signal.wait(max(0.0, min(seconds, LOOK_SECONDS)), since=self._rung)
        await asyncio.sleep(max(0.0, min(seconds, self._at + PAUSE_SECONDS - time.monotonic())))


async def unless_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """What `work` answers; `ClientGone`, and an end of the work, when the client leaves before."""
    doing = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(gone(receive))
    try:
        await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientGone
        return doing.result()
    finally:
        await _cancel(doing, leaving)


async def gone(receive: Receive) -> None:
    """Return once the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def pour(chunks: AsyncGenerator[bytes, None], *, receive: Receive, send: Send, wakes: Wakes) -> None:
    """Send each chunk as it comes, until there are no more, the client leaves, or the server stops.

    A client that reads slowly holds up its own chunks, and nobody else's. What the chunks raise is
    raised here, once the answer has been ended.
    """

    async def forward() -> None:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            # The transport writes at the next turn of the loop (web/corked.py), and only then knows
            # whether the client keeps up.
            await asyncio.sleep(0)

    sending = asyncio.ensure_future(forward())
    leaving = asyncio.ensure_future(gone(receive))
    ending = asyncio.ensure_future(_end_of(wakes))
    try:
        await asyncio.wait((sending, leaving, ending), return_when=asyncio.FIRST_COMPLETED)
        if ending.done() and not sending.done():
            await asyncio.wait((sending, leaving), timeout=LAST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _cancel(sending, leaving, ending)
        await chunks.aclose()
    await send({"type": "http.response.body", "body": b""})
    if not sending.cancelled() and (error := sending.exception()) is not None:
        raise error


async def _end_of(wakes: Wakes) -> None:
    while not wakes.ending:
        await wakes.stopped.wait(3_600)


async def _cancel(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
