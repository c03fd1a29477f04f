"""HTTP/1.1 on a connection: what uvicorn leaves open, bounded and refused in our one shape of error."""

import asyncio
import logging
import os
import re
from typing import Any, cast

import httptools
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from till.dialect import refusals
from till.errors import Refusal, TooLarge, TooSlow, Unreadable
from till.settings import Settings
from till.web.call import CURRENT, JSON
from till.web.corked import Corked

log = logging.getLogger(__name__)
LONGEST_URL, LONGEST_HEAD = 8 * 1024, 32 * 1024
MOST_LINES, MOST_PIPELINED = 100, 128
# What a chunked body may weigh on the wire, in bytes for each byte that it carries.
WIRE_PER_BYTE = 8
LINGER_BYTES, LINGER_SECONDS = 32 * 1024 * 1024, 10.0
# That a proxy says its client spoke https; whoever serves the scope knows which proxies are believed.
FORWARDED = "till.https"
HOST = re.compile(rb"(?:[a-z0-9._~-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)


class MalformedRequest(Unreadable):
    """What came is not HTTP/1.1, or could be read in two ways."""


class UpgradeNotSupported(Unreadable):
    """The client wants to speak WebSocket."""


class UrlTooLong(TooLarge):
    """The path and query are longer than the server takes."""


class HeadTooLarge(TooLarge):
    """The header lines are more, or longer, than the server takes."""


# No endpoint can answer these, so they are not among the statuses of the dialect.
STATUS: dict[type[Refusal], int] = {UrlTooLong: 414, HeadTooLarge: 431}


class Protocol(HttpToolsProtocol):
    """One connection of uvicorn's, with bounds on time and size, and an orderly end.

    llhttp reads strictly by itself; `_check` adds what it lets through. A connection whose next
    request could be mistaken is never used again: the answer says `Connection: close`, and what the
    client still sends is read and dropped for a while, so that a reset does not cost it the answer.
    """

    head_within: float = 10.0

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._is_silent = self._in_head = True
        # Bytes that came since the last head or body was whole, less those that made a body longer.
        self._fruitless = 0
        self._upgrading = False
        # The last word on this connection, to be said when the requests before it have been answered.
        self._last: bytes | None = None
        self._ending = False
        self._droppable = LINGER_BYTES

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        super().connection_made(cast("asyncio.Transport", Corked(transport, self.loop)))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._is_silent = False
        if self._ending:
            self._drop(len(data))
            return
        self._fruitless += len(data)
        self._feed(data)
        if self._fruitless > LONGEST_HEAD:
            self._refuse(
                _head_too_large(self.url) if self._in_head else MalformedRequest("The chunks are all frame.")
            )
        elif self._in_head and self._fruitless:
            self._expect_head()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            why = error.__context__
            self._refuse(
                why
                if isinstance(why, Refusal)
                else MalformedRequest(f"The request is not well-formed HTTP/1.1: {error}.")
            )

    # What the parser tells

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._fruitless = 1
        self._upgrading = False

    def on_headers_complete(self) -> None:
        has_body = self._check()
        if self.parser.should_upgrade():
            self._upgrading = True
            return
        if len(self.pipeline) >= MOST_PIPELINED:
            raise MalformedRequest(f"More than {MOST_PIPELINED} requests were sent ahead: read the answers.")
        self._in_head = False
        self._fruitless = 0
        self._stop_timer()
        super().on_headers_complete()
        # Trailers go here and are forgotten; among the headers they could name another caller.
        self.headers = []
        if has_body:
            self._end_if_unread(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._fruitless = max(0, self._fruitless - WIRE_PER_BYTE * len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._upgrading:
            self._in_head = True
            self._fruitless = 0
            super().on_message_complete()

    def _check(self) -> bool:
        """Refuse what llhttp takes, but others may read otherwise; answer whether a body follows."""
        version, size, hosts, has_body = self.parser.get_http_version(), len(self.url), [], False
        if version not in ("1.1", "1.0"):
            raise MalformedRequest(f"HTTP/{version} is not spoken here: use HTTP/1.1.")
        for name, value in self.headers:
            size += len(name) + len(value) + 4
            if name == b"host":
                hosts.append(value)
            elif name == b"content-length":
                has_body = True
            elif name == b"transfer-encoding":
                has_body = True
                if value.lower() != b"chunked" or version == "1.0":
                    raise MalformedRequest("The only Transfer-Encoding is chunked, in HTTP/1.1.")
            elif name == b"x-forwarded-proto" and value == b"https":
                self.scope["extensions"] = {FORWARDED: {}}
            elif name == b"upgrade" and value.lower() == b"websocket" and self.parser.should_upgrade():
                raise UpgradeNotSupported("There are no WebSockets here: use plain requests.")
        if size > LONGEST_HEAD or len(self.url) > LONGEST_URL or len(self.headers) > MOST_LINES:
            raise _head_too_large(self.url)
        _check_target(self.url, hosts, version)
        return has_body

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """Answer as HTTP/1.1 (RFC 9110 §7.8): Java's own client offers h2c with every first request.

        llhttp skips the body of such a request, so its head is read again without the offer.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (method, self.url, version)]
        lines += [b"%s: %s" % pair for pair in self.headers if pair[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._feed(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    # Time

    def _expect_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_within, self._head_is_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _head_is_late(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # by us, while earlier requests are being answered
            self._expect_head()
        elif self._is_silent:
            self.transport.close()
        else:
            within = f"{self.head_within:g} s"
            self._refuse(TooSlow(f"The head of the request did not arrive within {within}: send it faster."))

    # The end

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with `refusal` after all that was asked before, then end."""
        if self._ending:
            return
        self._ending = True
        log.warning("refused before it was a request: %s", refusal.code)
        self._stop_timer()
        answer, cycle = self._bytes_of(refusal), self.cycle
        now = cycle is None or cycle.response_complete
        if not now and cycle.more_body and not cycle.response_started:
            # It is the body of this very request that broke off.
            if self.pipeline:
                self.pipeline.popleft()
            else:
                cycle.disconnected = now = True
                cycle.message_event.set()
        if now:
            self._end(answer)
        elif self._last is None:
            self._last = answer

    def _end_if_unread(self, cycle: RequestResponseCycle) -> None:
        """End after an answer that was given before the body was read, say 401 or 413."""
        send = cycle.send

        async def send_and_end(message: ASGISendEvent) -> None:
            if message["type"] != "http.response.start" or not cycle.more_body:
                await send(message)
                return
            # Uvicorn says "Connection: close" for False, and would also do it; that is left to `_end`.
            cycle.keep_alive = False
            await send(message)
            cycle.keep_alive = True
            self._last = b""

        cycle.send = send_and_end  # type: ignore[method-assign]  # uvicorn has no hook

    def _bytes_of(self, refusal: Refusal) -> bytes:
        request_id = os.urandom(8).hex()
        status, _, body = refusals.answer(refusal, request_id)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", JSON),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id.encode()),
            (b"x-genstore-api-version", CURRENT.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"%s: %s\r\n" % pair for pair in headers]
        return b"".join([STATUS_LINE[STATUS.get(type(refusal), status)], *lines, b"\r\n", body])

    def on_response_complete(self) -> None:
        if self._last == b"":
            self.pipeline.clear()
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self._last is not None and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._end(self._last)

    def _end(self, answer: bytes) -> None:
        """Say the last word, then read and drop: closing on unread bytes would reset the connection."""
        self._ending = True
        self._stop_timer()
        self.transport.write(answer)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _drop(self, size: int) -> None:
        self._droppable -= size
        if self._droppable < 0:
            self.transport.close()


def protocol_for(settings: Settings) -> type[Protocol]:
    """The protocol with the limits of `settings`, for uvicorn's `http=`."""
    return type("Protocol", (Protocol,), {"head_within": settings.header_timeout})


def _head_too_large(url: bytes) -> TooLarge:
    if len(url) > LONGEST_URL:
        return UrlTooLong(f"The URL is longer than {LONGEST_URL:,} bytes: shorten the query.")
    return HeadTooLarge(
        f"The head is longer than {LONGEST_HEAD:,} bytes or {MOST_LINES} lines: send fewer headers."
    )


def _check_target(url: bytes, hosts: list[bytes], version: str) -> None:
    """There is one host, it is one, and a whole URL lies on it (RFC 9112 §3.2)."""
    if len(hosts) != 1 and (hosts or version == "1.1"):
        raise MalformedRequest("The request must have one Host header.")
    if hosts and HOST.fullmatch(hosts[0]) is None:
        raise MalformedRequest("The Host header is not the name of a host.")
    if not url.startswith(b"/") and _authority(url) not in [host.lower() for host in hosts]:
        raise MalformedRequest("The request must ask for a path, or for a URL on its own Host.")


def _authority(url: bytes) -> bytes:
    return url.partition(b"://")[2].partition(b"/")[0].lower()
