"""Wakes the other processes that serve one PostgreSQL database, once something was written.

A NOTIFY goes out after the commit, on a connection of its own and at most every 20 ms, for inside the
transaction it would take a lock that all commits wait for. It carries nothing, and whoever hears it looks for
himself, so that one that is lost costs at most the second until he looks unasked.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable

import asyncpg

from till.db.port import StoreUnavailable
from till.db.postgres_link import GONE, Link, connect

CHANNEL = "till_written"
EVERY_SECONDS = 0.02
AGAIN_SECONDS = 1.0
SAY = "SELECT pg_notify($1, $2)"


class Bell:
    """Rings for others, and calls `heard`, if that is given, when another process rang."""

    def __init__(self, url: str, heard: Callable[[], None] | None) -> None:
        self._url = url
        self._heard = heard
        self._own = f"{os.getpid()}.{secrets.token_hex(4)}"
        self._wanted = asyncio.Event()

    def ring(self) -> None:
        """Tell the others, soon; to be called on the bell's own loop."""
        self._wanted.set()

    @contextlib.asynccontextmanager
    async def hung(self) -> AsyncIterator[None]:
        """Ring and listen for as long as this lasts; nothing of it ever fails."""
        tasks = [asyncio.create_task(self._say())]
        if self._heard is not None:
            tasks.append(asyncio.create_task(self._listen(self._heard)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _say(self) -> None:
        link = Link(self._url)
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                try:
                    await (await link.connection()).execute(SAY, CHANNEL, self._own)
                except (*GONE, asyncpg.InterfaceError, StoreUnavailable):
                    link.drop()  # they look unasked
                    await asyncio.sleep(AGAIN_SECONDS)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            await link.close()

    async def _listen(self, heard: Callable[[], None]) -> None:
        def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            if payload != self._own:
                heard()

        while True:
            ended = asyncio.Event()
            try:
                connection = await connect(self._url)
            except StoreUnavailable:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            try:
                connection.add_termination_listener(lambda _, ended=ended: ended.set())
                await connection.add_listener(CHANNEL, hear)
                heard()  # what was rung meanwhile was not heard
                await ended.wait()
            except (*GONE, asyncpg.InterfaceError):
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                connection.terminate()
