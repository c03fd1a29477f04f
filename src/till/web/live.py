"""Endpoints that wait: what their handlers are given, and how what they answer bit by bit is sent."""

import asyncio
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
from till.web.wakes import Wakes

T = TypeVar("T")
Send = Callable[[dict[str, Any]], Awaitable[None]]

# How long it may take until what another process wrote is noticed.
POLL_SECONDS = 0.5
# What is being sent when the server stops may still go out for so long.
LAST_SECONDS = 1.0


class LiveCall(Struct, frozen=True, kw_only=True):
    """All that a handler may use which does not run inside one transaction, but opens its own.

    `again` answers the caller as it is by now; it refuses once the token is dead or the scope is gone.
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

    @property
    def at(self) -> int:
        """This moment of the server's clock in microseconds."""
        return self.clock()

    async def heard(self, seconds: float, *, since: int | None = None) -> None:
        """Wait until somebody may have written, at most `seconds` and never longer than the poll.

        `since` is `wakes.written.rung` as it was before the caller last looked.
        """
        await self.wakes.written.wait(max(0.0, min(seconds, POLL_SECONDS)), since=since)


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
