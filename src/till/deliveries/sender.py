"""Sends one request and says what came of it, whatever came."""

import asyncio
import contextlib
import io
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from till import clock
from till.clock import Clock
from till.deliveries.dial import CONNECT_BUDGET, Connector
from till.deliveries.faults import BadAnswer, Closing, of_error, of_status
from till.deliveries.guard import AddressRefused, Rules, check_address
from till.deliveries.names import MARKS, LookUp, Marks, system_look_up
from till.deliveries.outcome import ErrorClass, Outcome, Pairs, Post, Timings
from till.deliveries.retry_after import read_retry_after

MOST_BODY = 16 * 1024
MOST_HEAD = 16 * 1024
MOST_LINES = 100
# Longer bodies are handed over piece by piece.
WHOLE = 1 << 20


class _Answer:
    """What was seen of the answer so far."""

    __slots__ = ("at", "body", "headers", "size", "status")

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: Pairs = ()
        self.at: int | None = None
        self.body: list[bytes] = []
        self.size = 0

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


class Sender:
    """Posts to addresses; one for all deliveries of a process, made and closed on its event loop.

    `ca_file` holds certificates of authorities to trust beside the system's.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        ca_file: Path | None = None,
        look_up: LookUp = system_look_up,
        now: Clock = clock.now,
    ) -> None:
        self._rules = rules
        self._now = now
        self._connector = Connector(rules.allowed, look_up, ca_file=ca_file)
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_BUDGET),
            read_bufsize=MOST_BODY,
            max_field_size=MOST_HEAD,
            max_headers=MOST_LINES,
        )

    async def close(self) -> None:
        """Close all connections; what is being sent meanwhile ends as a fault of ours."""
        await self._session.close()

    async def post(self, post: Post) -> Outcome:
        """Send once, and wait at most `post.timeout` seconds. Raises nothing but a cancellation."""
        begun = time.perf_counter_ns()
        marks, answer = Marks(), _Answer()
        MARKS.set(marks)
        error: ErrorClass | None
        sentence: str | None
        try:
            address = check_address(post.address, self._rules)
            async with asyncio.timeout(post.timeout):
                await self._exchange(address, post, answer)
        except AddressRefused as refused:
            error, sentence = ErrorClass.REFUSED_ADDRESS, refused.message
        except Exception as raised:  # noqa: BLE001 - whatever went wrong is an outcome, and kept as one
            fault = Closing() if self._session.closed else raised
            error, sentence = of_error(fault, marks, status=answer.status, budget=post.timeout)
        else:
            error, sentence = of_status(answer.status or 0, answer.header("location"))
        return Outcome(
            status=answer.status,
            error=error,
            sentence=sentence,
            dialled=marks.dialled,
            timings=_timings(begun, marks, answer),
            headers=answer.headers,
            body=b"".join(answer.body)[:MOST_BODY],
            bytes_read=answer.size,
            retry_after=self._retry_after(answer),
        )

    async def _exchange(self, address: str, post: Post, answer: _Answer) -> None:
        body = post.body
        response = await self._session.post(
            _url(address),
            data=body if len(body) <= WHOLE else io.BytesIO(body),
            headers=CIMultiDict(post.headers),
            allow_redirects=False,
        )
        try:
            answer.at = time.perf_counter_ns()
            answer.status = response.status
            answer.headers = _kept(response.raw_headers)
            with _told_of_its_end(response):
                await _read(response.content, answer)
        finally:
            # One that was read to its end is back in the pool already; of any other, the rest is not wanted.
            response.close()

    def _retry_after(self, answer: _Answer) -> int | None:
        value = answer.header("retry-after")
        return read_retry_after(value, date=answer.header("date"), at=self._now()) if value else None


async def _read(content: aiohttp.StreamReader, answer: _Answer) -> None:
    while answer.size <= MOST_BODY:
        part = await content.read(MOST_BODY + 1 - answer.size)
        if not part:
            return
        answer.body.append(part)
        answer.size += len(part)


@contextlib.contextmanager
def _told_of_its_end(response: aiohttp.ClientResponse) -> Iterator[None]:
    """See that whoever reads a body learns that its connection ended.

    The library leaves them waiting where a chunk after the first was bad.
    """
    content, connection = response.content, response.connection
    protocol = None if connection is None else connection.protocol
    closed = None if protocol is None else protocol.closed
    if content.is_eof() or closed is None:
        yield
        return

    def end(_: asyncio.Future[None]) -> None:
        if content.exception() is None and not content.is_eof():
            content.set_exception(BadAnswer(f"The body of the answer {response.status} is badly chunked."))

    closed.add_done_callback(end)
    try:
        yield
    finally:
        closed.remove_done_callback(end)


@lru_cache(maxsize=4096)
def _url(address: str) -> URL:
    """The address as it was checked, which nothing may spell anew."""
    return URL(address, encoded=True)


def _kept(raw: tuple[tuple[bytes, bytes], ...]) -> Pairs:
    if sum(len(name) + len(value) + 4 for name, value in raw) > MOST_HEAD:
        raise BadAnswer(f"The head of the answer is longer than {MOST_HEAD // 1024} KiB.")
    return tuple((name.decode("latin-1"), _text(value)) for name, value in raw)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _timings(begun: int, marks: Marks, answer: _Answer) -> Timings:
    """The length of each step; a connection that was there already took none."""
    return Timings(
        dns=_micros(marks.dns_from, marks.dns_to),
        connect=_micros(marks.sockets_from, marks.tls_from or marks.connected),
        tls=_micros(marks.tls_from, marks.connected),
        first_byte=_micros(marks.connected, answer.at),
        total=(time.perf_counter_ns() - begun) // 1_000,
    )


def _micros(since: int | None, until: int | None) -> int | None:
    return None if since is None or until is None else (until - since) // 1_000
