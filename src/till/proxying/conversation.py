"""Requests of a client to the server behind, checked and written anew; answers pass as they come."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from till.errors import Refusal, Unreadable
from till.proxying.names import DEFAULT_PORTS, BadTarget, Place, place_of, split_url
from till.proxying.reading import Head, Piece, RequestReader
from till.proxying.streams import Stream, Unreached, patience, reached

# What a proxy tells Till of the client; it believes this one, so no client may say it.
FORWARDED = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto"}
)


class Misdirected(Unreadable):
    """A request in a tunnel names another host than the tunnel does."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The server that answers, and how TLS is spoken to it, if at all."""

    place: Place
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class Conversation:
    """All that `client` asks of `named`, answered by the server `behind`.

    `scheme` is how the client speaks to `named`. In a tunnel it asks by path, as often as it likes; else by
    a whole URL, once. Neither side may be silent for longer than `silence` seconds while the other is.
    """

    client: Stream
    named: Place
    scheme: str
    behind: Behind
    in_tunnel: bool
    silence: float
    _answered: int = 0

    async def run(self, found: Iterable[Head | Piece], reader: RequestReader) -> None:
        """Have it, `found` being what was read before; `Refusal` where no answer was begun."""
        opening = self._written(found)
        async with asyncio.timeout(self.silence):
            while not opening:
                if not (data := await self.client.read()):
                    return
                opening = self._written(reader.feed(data))
        async with reached(self.behind.place, tls=self.behind.tls) as server:
            try:
                await self._both_ways(server, opening, reader)
            except OSError as error:
                if not self._answered:
                    raise Unreached(
                        f"{self.behind.place} gave no answer: {error or 'it is silent'}."
                    ) from None
            except Refusal:
                # In the midst of an answer there is no room for another, and where one ends is not known.
                if not self._answered:
                    raise
            if not self._answered:
                raise Unreached(f"{self.behind.place} closed the connection without an answer.")
        if reader.is_amid_body:
            # The server has answered a body that it did not want to read.
            await self.client.linger()

    async def _both_ways(self, server: Stream, opening: list[Piece], reader: RequestReader) -> None:
        async with patience(self.silence) as alive:
            asking = asyncio.ensure_future(self._ask(server, opening, reader, alive))
            answering = asyncio.ensure_future(self._answer(server, alive))
            try:
                await asyncio.wait((asking, answering), return_when=asyncio.FIRST_COMPLETED)
                if asking.done() and asking.result():
                    await answering
                if answering.done():
                    answering.result()
            finally:
                for way in (asking, answering):
                    way.cancel()
                await asyncio.wait((asking, answering))

    async def _ask(
        self, server: Stream, opening: list[Piece], reader: RequestReader, alive: Callable[[], None]
    ) -> bool:
        """Send what the client sends; True when no more is to be said, False when the client went away."""
        pieces = opening
        while True:
            for piece in pieces:
                try:
                    await server.write(piece.data)
                except OSError:
                    # It reads no more; what it answered before that is still to come.
                    return True
                if piece.is_last and not self.in_tunnel:
                    return True
            if not (data := await self.client.read()):
                return False
            alive()
            pieces = self._written(reader.feed(data))

    async def _answer(self, server: Stream, alive: Callable[[], None]) -> None:
        while piece := await server.read():
            alive()
            self._answered += len(piece)
            await self.client.write(piece)

    def _written(self, found: Iterable[Head | Piece]) -> list[Piece]:
        return [Piece(self._head(each)) if isinstance(each, Head) else each for each in found]

    def _head(self, head: Head) -> bytes:
        """The head as the server behind gets it, on the host that was named."""
        usual = DEFAULT_PORTS[self.scheme] == self.named.port
        host = str(self.named).rpartition(":")[0] if usual else str(self.named)
        more = [(b"host", host.encode())]
        without = frozenset({b"host"}) | (FORWARDED if self.named.is_ours else frozenset())
        if self.named.is_ours and self.scheme == "https":
            more.append((b"x-forwarded-proto", b"https"))
        if not self.in_tunnel:
            more.append((b"connection", b"close"))
            path = split_url(_text(head.target))[2]
            return head.written(path.encode(), more, without=without | {b"connection"})
        self._check_hosts(head)
        return head.written(self._path(_text(head.target)).encode(), more, without=without)

    def _check_hosts(self, head: Head) -> None:
        for value in head.values(b"host"):
            if place_of(_text(value), DEFAULT_PORTS[self.scheme]).host != self.named.host:
                raise Misdirected(
                    f"The tunnel leads to {self.named.host}, and the request in it names "
                    f"{_text(value)[:100]!r}: open a tunnel for each host."
                )

    def _path(self, target: str) -> str:
        if target.startswith("/") or target == "*":
            return target
        scheme, place, path = split_url(target)
        if (scheme, place) != (self.scheme, self.named):
            raise BadTarget(f"The tunnel leads to {self.named}: ask there by a path, or by a URL of its own.")
        return path


def _text(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError:
        raise BadTarget("A host and a URL are written in ASCII.") from None
