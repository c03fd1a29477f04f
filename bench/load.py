"""Asks a server over kept connections as fast as it answers, and notes how long each answer took."""

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

CONNECTIONS = 32
WARM_SECONDS = 0.2
PATIENCE = 30.0
LENGTH = b"content-length: "


class NotAnswered(Exception):
    """A server answered something else than 200, or left; a rate of that would mean nothing."""


@dataclass(slots=True)
class Result:
    """What came of one round: how many answers in how many seconds."""

    done: int
    seconds: float
    took: list[float] = field(default_factory=list)
    # All requests with the beginnings of their answers, where they were asked for.
    kept: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    def within(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        return sorted(self.took)[int(share * (len(self.took) - 1))] * 1_000


class Crowd:
    """The clients of one round, and what they saw together."""

    def __init__(self, requests: Iterator[bytes], *, keep: int) -> None:
        self.requests = requests
        self.keep = keep
        self.took: list[float] = []
        self.kept: list[tuple[bytes, bytes]] = []
        self.until = float("inf")
        self.busy = 0
        self.quiet = asyncio.Event()
        self.fault: str | None = None

    def rest(self) -> None:
        self.busy -= 1
        if self.busy == 0:
            self.quiet.set()

    def fail(self, fault: str) -> None:
        self.fault = self.fault or fault
        self.quiet.set()


class Client(asyncio.Protocol):
    """One connection: sends, reads no more of the answer than its length, and sends again."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._left = 0
        self._head = self._request = b""
        self._since = 0.0

    # asyncio's base class knows transports of any kind; TCP gives one that writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP alone
        self._write = transport.write

    def begin(self) -> None:
        self._crowd.busy += 1
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        elif not self._read_head(data):
            return
        if self._left == 0:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._since:
            self._crowd.fail(f"the server left: {exc}")

    def _read_head(self, data: bytes) -> bool:
        if self._head:
            data, self._head = self._head + data, b""
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + self._crowd.keep:
            self._head = data
            return False
        if data[9:12] != b"200":
            self._crowd.fail(data[:600].decode("latin-1"))
            return False
        at = data.find(LENGTH, 0, end) + len(LENGTH)
        self._left = int(data[at : data.find(b"\r", at)]) - (len(data) - end - 4)
        if self._crowd.keep:
            self._crowd.kept.append((self._request, data[end + 4 : end + 4 + self._crowd.keep]))
        return True

    def _answered(self) -> None:
        now = time.perf_counter()
        self._crowd.took.append(now - self._since)
        self._since = 0.0
        if now < self._crowd.until:
            self._ask()
        else:
            self._crowd.rest()

    def _ask(self) -> None:
        request = next(self._crowd.requests, None)
        if request is None:
            self._crowd.rest()
            return
        self._request, self._since = request, time.perf_counter()
        self._write(request)


async def ask(
    url: str, requests: Iterator[bytes], *, seconds: float, connections: int = CONNECTIONS, keep: int = 0
) -> Result:
    """Keep `connections` busy for `seconds`, or until there are no more requests.

    The first moments are not counted, unless they were all there was. `keep` bytes of every answer are
    kept, the uncounted ones' too.
    """
    loop, place = asyncio.get_running_loop(), urlsplit(url)
    crowd = Crowd(requests, keep=keep)
    made = [
        await loop.create_connection(lambda: Client(crowd), place.hostname or "", place.port or 80)
        for _ in range(connections)
    ]
    try:
        for _, client in made:
            client.begin()
        began = time.perf_counter()
        await _some(crowd, WARM_SECONDS)
        if not crowd.quiet.is_set():
            crowd.took.clear()
            began = time.perf_counter()
            await _some(crowd, seconds)
            await _one(crowd)
        crowd.until = 0.0
        ended, done = time.perf_counter(), len(crowd.took)
        took = crowd.took[:done]
        async with asyncio.timeout(PATIENCE):
            await crowd.quiet.wait()
    finally:
        for transport, client in made:
            client._since = 0.0  # noqa: SLF001 - so that closing is not taken for being left
            transport.close()
    if crowd.fault is not None or not done:
        raise NotAnswered(crowd.fault or f"{url} gave no answer in {seconds} s")
    return Result(done, ended - began, took, crowd.kept)


async def _some(crowd: Crowd, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await crowd.quiet.wait()
    except TimeoutError:
        pass


async def _one(crowd: Crowd) -> None:
    """Wait for one answer at least, for whoever is slower than was thought."""
    until = time.perf_counter() + PATIENCE
    while not crowd.took and not crowd.quiet.is_set() and time.perf_counter() < until:
        await _some(crowd, WARM_SECONDS)


def load(url: str, requests: Iterator[bytes], *, seconds: float, keep: int = 0) -> Result:
    """The same from a program without a loop; nothing is collected meanwhile."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(ask(url, requests, seconds=seconds, keep=keep))
    finally:
        gc.enable()


def request(method: str, target: str, token: str, body: bytes = b"") -> bytes:
    """One HTTP request, ready to send."""
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: 127.0.0.1",
        f"X-Genstore-Access-Token: {token}",
        "Accept: application/json",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
