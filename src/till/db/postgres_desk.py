"""A desk with a queue: whenever a connection is free, it takes all that waits, as far as it may."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from till.db.postgres_link import Link

J = TypeVar("J")

Split = Callable[[list[J]], tuple[list[J], list[J]]]
Serve = Callable[[Link, list[J]], Awaitable[None]]


class Desk(Generic[J]):
    """`split` says what of the queue is served next, and `serve` never raises."""

    def __init__(self, links: Sequence[Link], split: Split[J], serve: Serve[J]) -> None:
        self._links = links
        self._idle = list(links)
        self._split = split
        self._serve = serve
        self._waiting: list[J] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._roused = False

    def put(self, job: J) -> None:
        self._waiting.append(job)
        if self._idle and not self._roused:
            self._roused = True
            # After all others of this turn of the loop have come, too.
            asyncio.get_running_loop().call_soon(self._rouse)

    async def close(self) -> None:
        """Serve all that came, then let go of the connections."""
        while self._roused or self._tasks:
            await asyncio.sleep(0)
            await asyncio.gather(*self._tasks)
        for link in self._links:
            await link.close()

    def _rouse(self) -> None:
        self._roused = False
        if self._idle and self._waiting:
            task = asyncio.get_running_loop().create_task(self._work(self._idle.pop()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, link: Link) -> None:
        while self._waiting:
            jobs, self._waiting = self._split(self._waiting)
            await self._serve(link, jobs)
        self._idle.append(link)
