"""What a client sends, cut into heads and pieces of bodies, and written anew for the server behind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httptools

from till.errors import TooLarge, Unreadable

LONGEST_HEAD = 64 * 1024
# What is between two neighbours only (RFC 9110 §7.6.1).
OF_THE_HOP = frozenset({b"proxy-connection", b"proxy-authorization"})
UPGRADES = frozenset({b"upgrade", b"connection", b"http2-settings"})

Pair = tuple[bytes, bytes]


class MalformedRequest(Unreadable):
    """What came is not HTTP/1.1."""


class HeadTooLarge(TooLarge):
    """A head never ends."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request; header names are in lower case. `is_upgrade`: it wants another protocol."""

    method: bytes
    target: bytes
    version: bytes
    headers: tuple[Pair, ...]
    is_upgrade: bool

    @property
    def is_chunked(self) -> bool:
        """True where the body comes in chunks."""
        return any(name == b"transfer-encoding" for name, _ in self.headers)

    def values(self, wanted: bytes) -> list[bytes]:
        """What stands under a name."""
        return [value for name, value in self.headers if name == wanted]

    def written(self, target: bytes, more: Iterable[Pair], *, without: frozenset[bytes]) -> bytes:
        """The bytes of this head with another target, and with `more` in the place of what is `without`."""
        left_out = OF_THE_HOP | without | (UPGRADES if self.is_upgrade else frozenset())
        kept = [pair for pair in self.headers if pair[0] not in left_out]
        first = b"%s %s HTTP/%s\r\n" % (self.method, target, self.version)
        return first + b"".join(b"%s: %s\r\n" % pair for pair in [*kept, *more]) + b"\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a body, framed as its request says; the last one ends the request."""

    data: bytes
    is_last: bool = False


@dataclass(slots=True)
class RequestReader:
    """Reads requests off one connection; holds at most one head, and pieces as long as what it is fed.

    After a CONNECT, `rest` is what came behind its head.
    """

    rest: bytes = b""
    _found: list[Head | Piece] = field(default_factory=list)
    _headers: list[Pair] = field(default_factory=list)
    _target: bytes = b""
    _fruitless: int = 0
    _chunked: bool = False
    _in_head: bool = True
    _parser: Any = None

    def __post_init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> list[Head | Piece]:
        """What `data` adds, in its order; `MalformedRequest` or `HeadTooLarge` where it cannot be read."""
        self._found = []
        self._feed(data)
        self._fruitless = self._fruitless + len(data) if self._in_head else 0
        if self._fruitless > LONGEST_HEAD:
            raise HeadTooLarge(f"The head is longer than {LONGEST_HEAD:,} bytes: send fewer headers.")
        return self._found

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            rest, head = data[upgrade.args[0] :], self._found[-1]
            if not isinstance(head, Head):  # a CONNECT, whose end has been told
                self.rest = rest
                return
            # The parser skips the body of such a request, so its head is read again without the offer.
            self._found.pop()
            self._parser = httptools.HttpRequestParser(self)
            self._feed(head.written(head.target, (), without=frozenset()) + rest)
        except httptools.HttpParserError as error:
            raise MalformedRequest(f"The request is not well-formed HTTP/1.1: {error}.") from None

    @property
    def is_amid_body(self) -> bool:
        """True between the head of a request and its end."""
        return not self._in_head

    # What the parser tells

    def on_message_begin(self) -> None:
        self._headers, self._target, self._in_head = [], b"", True

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        method = self._parser.get_method()
        head = Head(
            method=method,
            target=self._target,
            version=self._parser.get_http_version().encode(),
            headers=tuple(self._headers),
            is_upgrade=method != b"CONNECT" and self._parser.should_upgrade(),
        )
        self._chunked, self._in_head = head.is_chunked, False
        self._found.append(head)

    def on_body(self, body: bytes) -> None:
        framed = b"%x\r\n%s\r\n" % (len(body), body) if self._chunked else body
        self._found.append(Piece(framed))

    def on_message_complete(self) -> None:
        # A trailer is let go of: no server has to heed one.
        if self._found and isinstance(self._found[-1], Head) and self._found[-1].is_upgrade:
            return
        self._in_head, self._fruitless = True, 0
        self._found.append(Piece(b"0\r\n\r\n" if self._chunked else b"", is_last=True))
