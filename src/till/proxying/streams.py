"""Bytes that go both ways between two connections: in pieces, and no faster than they are taken."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from till.errors import Refusal
from till.proxying.names import Place

PIECE = 64 * 1024
CONNECT_WITHIN = 10.0
LINGER_SECONDS, LINGER_BYTES = 5.0, 32 * 1024 * 1024


class Unreached(Refusal):
    """The other side cannot be had, or said nothing."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> bytes:
        """What has come, at most 64 KiB; nothing when the other side has ended."""
        return await self.reader.read(PIECE)

    async def write(self, data: bytes) -> None:
        """Send, and wait while the other side is behind."""
        self.writer.write(data)
        await self.writer.drain()

    def end(self) -> None:
        """Say that no more is sent; TLS knows no such thing."""
        if self.writer.can_write_eof() and not self.writer.is_closing():
            self.writer.write_eof()

    def close(self) -> None:
        """Let go of it; what was written is still on its way."""
        self.writer.close()

    async def linger(self) -> None:
        """Read what still comes and let it go: closing on unread bytes would reset the connection."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                dropped = 0
                while dropped < LINGER_BYTES and (data := await self.read()):
                    dropped += len(data)

    def drop(self) -> None:
        """Let go of it at once."""
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def reached(place: Place, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Stream]:
    """A connection to `place`; `Unreached` says why there is none."""
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            stream = Stream(*await asyncio.open_connection(place.host, place.port, ssl=tls, limit=PIECE))
    except TimeoutError:
        raise Unreached(f"{place} did not answer within {CONNECT_WITHIN:g} s.") from None
    except (OSError, UnicodeError) as error:
        raise Unreached(f"{place} cannot be reached: {_why(error)}.") from None
    try:
        yield stream
    finally:
        stream.close()


def _why(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    return str(strerror or error).rstrip(".")


async def pump(source: Stream, sink: Stream, alive: Callable[[], None]) -> int:
    """Bring what comes from `source` to `sink` until it ends; answers how many bytes that were."""
    moved = 0
    while piece := await source.read():
        alive()
        await sink.write(piece)
        moved += len(piece)
    return moved


@contextlib.asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[Callable[[], None]]:
    """Raise `TimeoutError` when the function that this gives was not called for so long."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:

        def alive() -> None:
            if not limit.expired():
                limit.reschedule(loop.time() + seconds)

        yield alive


async def exchange(one: Stream, other: Stream, silence: float) -> None:
    """Bring all that either side says to the other until both have ended, or neither spoke for so long."""

    async def one_way(source: Stream, sink: Stream, alive: Callable[[], None]) -> None:
        await pump(source, sink, alive)
        sink.end()

    async with patience(silence) as alive:
        ways = [
            asyncio.ensure_future(one_way(source, sink, alive))
            for source, sink in ((one, other), (other, one))
        ]
        try:
            await asyncio.gather(*ways)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.wait(ways)
