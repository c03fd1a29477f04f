"""The proxy: what becomes of each connection that a client makes to it."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from till.errors import Refusal, TooLarge, Unavailable, Unreadable
from till.proxying.conversation import Behind, Conversation, Misdirected
from till.proxying.names import BadTarget, Place, place_of, split_url
from till.proxying.reading import Head, Piece, RequestReader
from till.proxying.streams import LINGER_SECONDS, PIECE, Stream, Unreached, exchange, reached

BACKLOG = 256
MOST_CONNECTIONS = 512
REASONS = {
    400: "Bad Request",
    421: "Misdirected Request",
    431: "Request Header Fields Too Large",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class NeedsATunnel(Unreadable):
    """An https:// URL of a foreign host was asked for without a tunnel: its TLS would not be the client's."""


class TooMany(Unavailable):
    """More connections at once than the proxy keeps."""


STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (Misdirected, 421),
    (NeedsATunnel, 501),
    (TooLarge, 431),
    (Unreached, 502),
    (TooMany, 503),
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for the first head and for TLS to be agreed on, and of silence on a connection in use."""

    head: float = 10.0
    silence: float = 300.0


@dataclass(slots=True)
class Proxy:
    """Answers for Genstore's hosts with the server `till`, by the certificate of `tls`; others it lets be.

    `tell` is given a sentence when a client does not trust that certificate.
    """

    till: Behind
    tls: ssl.SSLContext
    tell: Callable[[str], None]
    patience: Patience = Patience()
    connections: int = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; whatever breaks ends that connection only."""
        client = Stream(reader, writer)
        self.connections += 1
        try:
            if self.connections > MOST_CONNECTIONS:
                await _refuse(client, TooMany(f"More than {MOST_CONNECTIONS} connections are open here."))
                return
            await self._serve(client)
        except OSError:
            client.drop()  # one side went away, or was silent for too long: there is nobody to tell
        finally:
            self.connections -= 1
            client.close()

    async def _serve(self, client: Stream) -> None:
        asked = RequestReader()
        try:
            found = await self._first(client, asked)
            if not found:
                return
            head = found[0]
            if isinstance(head, Head) and head.method == b"CONNECT":
                await self._tunnel(client, place_of(head.target.decode("latin-1")), asked.rest)
            elif isinstance(head, Head):
                await self._forward(client, head, found, asked)
        except Refusal as refusal:
            await _refuse(client, refusal)

    async def _first(self, client: Stream, asked: RequestReader) -> list[Head | Piece]:
        """What came up to the first head; nothing where the client left."""
        async with asyncio.timeout(self.patience.head):
            while data := await client.read():
                if found := asked.feed(data):
                    return found
        return []

    async def _tunnel(self, client: Stream, named: Place, rest: bytes) -> None:
        if named.is_ours:
            if rest:
                raise BadTarget("Wait for the tunnel before you speak in it.")
            await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._answer_for(client, named)
            return
        async with reached(named) as server:
            await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await server.write(rest)
            await exchange(client, server, self.patience.silence)

    async def _answer_for(self, client: Stream, named: Place) -> None:
        """Be `named` for the client: by TLS, but on the port of plain HTTP."""
        secure = named.port != 80
        try:
            if secure:
                await client.writer.start_tls(self.tls, ssl_handshake_timeout=self.patience.head)
            scheme = "https" if secure else "http"
            await self._converse(client, named, scheme, self.till, in_tunnel=True)
        except ssl.SSLError as error:
            self.tell(
                f"A client does not trust the certificate of {named.host} ({error.reason}): start it with "
                "the variables above, and after this proxy."
            )

    async def _forward(
        self, client: Stream, head: Head, found: list[Head | Piece], asked: RequestReader
    ) -> None:
        """Answer a request for a whole URL."""
        scheme, named, _ = split_url(head.target.decode("latin-1"))
        if scheme == "https" and not named.is_ours:
            raise NeedsATunnel(f"Ask for a tunnel to {named} by CONNECT, and speak TLS in it.")
        behind = self.till if named.is_ours else Behind(named)
        await self._converse(client, named, scheme, behind, in_tunnel=False, found=found, asked=asked)

    async def _converse(  # noqa: PLR0913 - what a conversation is made of
        self,
        client: Stream,
        named: Place,
        scheme: str,
        behind: Behind,
        *,
        in_tunnel: bool,
        found: list[Head | Piece] | None = None,
        asked: RequestReader | None = None,
    ) -> None:
        talk = Conversation(client, named, scheme, behind, in_tunnel, self.patience.silence)
        await talk.run(found or [], asked or RequestReader())


async def _refuse(client: Stream, refusal: Refusal) -> None:
    """Say why not in one sentence."""
    status = next((status for kind, status in STATUS if isinstance(refusal, kind)), 400)
    body = json.dumps({"error": refusal.message, "code": refusal.code}).encode()
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            await client.write(head.encode() + body)
    client.end()
    await client.linger()


@contextlib.asynccontextmanager
async def listening(proxy: Proxy, port: int) -> AsyncIterator[int]:
    """Serve on 127.0.0.1 for as long as this lasts; gives the port, which is a free one for 0."""
    server = await asyncio.start_server(proxy.meet, "127.0.0.1", port, limit=PIECE, backlog=BACKLOG)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
