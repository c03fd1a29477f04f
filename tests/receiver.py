"""A receiver of webhooks that does as it is told and remembers every byte that it was sent.

    with Receiver() as receiver:
        receiver.script("/dead", answer(500))
        ...  # deliver something to receiver.url("/dead")
        receiver.wait_for(3, path="/dead")

It lives in a thread of its own, so that it answers whatever the test's own loop is busy with.
"""

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

PATIENCE = 60.0
POLL = 0.005


@dataclass(frozen=True)
class Received:
    """One request as it came; `at` is the moment at which it was whole (time.time).

    `number` counts the requests to this path from 1 on.
    """

    at: float
    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    head: bytes
    number: int
    connection: int

    def header(self, name):
        """The value of a header, None where it was not sent; several are joined as HTTP says."""
        found = [
            value.decode("latin-1") for key, value in self.headers if key.lower() == name.lower().encode()
        ]
        return ", ".join(found) if found else None

    @property
    def delivery_id(self):
        return self.header("x-genstore-webhook-id")

    @property
    def attempt(self):
        return int(self.header("x-genstore-delivery-attempt"))


Behaviour = Callable[[Received, asyncio.StreamWriter], Awaitable[bool]]


def answer(status=200, *, headers=(), body=b"", after=0.0):
    """Answer like a well-behaved server, `after` so many seconds; the connection stays open."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    said = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

    async def behave(_received, writer):
        if after:
            await asyncio.sleep(after)
        writer.write(said)
        await writer.drain()
        return True

    return behave


def raw(*chunks, every=0.0, close=True):
    """Write these bytes as they are, a pause of `every` seconds between them; then close."""

    async def behave(_received, writer):
        for number, chunk in enumerate(chunks):
            if number and every:
                await asyncio.sleep(every)
            writer.write(chunk)
            await writer.drain()
        return not close

    return behave


def pouring(head, chunk, *, every=0.0):
    """Write a head, and then the same bytes for as long as anybody reads."""

    async def behave(_received, writer):
        writer.write(head)
        for _ in itertools.count():
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(every)
        return False

    return behave


def silence():
    """Never answer; the connection stays open until the other side leaves."""

    async def behave(_received, writer):
        while not writer.is_closing():  # noqa: ASYNC110 - nothing tells that the other side has left
            await asyncio.sleep(0.05)
        return False

    return behave


def reset():
    """Take the request and end the connection hard."""

    async def behave(_received, writer):
        found = writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return False

    return behave


def in_turn(*behaviours):
    """The first request to a path meets the first of these, and so on; the last goes on for ever."""

    async def behave(received, writer):
        chosen = behaviours[min(received.number, len(behaviours)) - 1]
        return await chosen(received, writer)

    return behave


@dataclass
class Receiver:
    """Listens on a free port of `host`; whatever has no script is answered with 200.

    With `context` (an `ssl.SSLContext` of a server) it speaks TLS.
    """

    host: str = "127.0.0.1"
    context: ssl.SSLContext | None = None
    scripts: dict[str, Behaviour] = field(default_factory=dict)

    def __enter__(self):
        self._seen: list[Received] = []
        self._counts: dict[str, int] = {}
        self.connections = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="receiver", daemon=True)
        self._thread.start()
        self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(PATIENCE)

    def url(self, path="/"):
        scheme = "http" if self.context is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{path}"

    def script(self, path, *behaviours):
        """What a path does from now on; several are taken in turn, counted from now on."""
        self._counts[path] = 0
        self.scripts[path] = behaviours[0] if len(behaviours) == 1 else in_turn(*behaviours)

    def seen(self, path=None):
        """All requests so far, in the order in which they were whole; those of one path if it is given."""
        return [each for each in list(self._seen) if path is None or each.path == path]

    def forget(self):
        self._seen.clear()

    def wait_for(self, count, *, path=None, seconds=PATIENCE):
        """Wait, in a test that runs no loop meanwhile, until so many requests came; answers them."""
        until = time.monotonic() + seconds
        while len(found := self.seen(path)) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(found)} of {count} requests came within {seconds} s")
            time.sleep(POLL)
        return found

    async def arrived(self, count, *, path=None, seconds=PATIENCE):
        """The same on a loop that goes on meanwhile."""
        until = time.monotonic() + seconds
        while len(found := self.seen(path)) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(found)} of {count} requests came within {seconds} s")
            await asyncio.sleep(POLL)
        return found

    def _main(self):
        asyncio.run(self._serve())

    async def _serve(self):
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        server = await asyncio.start_server(
            self._connected, self.host, 0, ssl=self.context, limit=1 << 26, backlog=1_024
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connected(self, reader, writer):
        self.connections += 1
        number = self.connections
        self._open.add(writer)
        try:
            while (received := await self._request(reader, number)) is not None:
                behave = self.scripts.get(received.path, OK)
                self._seen.append(received)
                if not await behave(received, writer):
                    break
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side left, or the test is over
        finally:
            self._open.discard(writer)
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _request(self, reader, connection):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head[:-4].split(b"\r\n")
        method, path, _ = first.decode("latin-1").split(" ")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(b":") for line in lines))
        length = next((int(value) for name, value in headers if name.lower() == b"content-length"), 0)
        body = await reader.readexactly(length)
        number = self._counts[path] = self._counts.get(path, 0) + 1
        return Received(time.time(), method, path, headers, body, head, number, connection)


OK = answer(200)
