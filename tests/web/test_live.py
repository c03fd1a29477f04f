"""Answers that are streamed, over real connections: slow readers, clients that leave, a server that stops."""

import asyncio
import contextlib
import io
import socket
import time
from dataclasses import dataclass, field

import pytest
import uvicorn

from inside import ORDERS, inside
from till.cli.serving import STREAMS_END_WITHIN, Server
from till.dialect.out import Out
from till.settings import Settings
from till.web.api import Api
from till.web.call import Answer
from till.web.endpoint import endpoint
from till.web.live import LiveCall
from till.web.protocol import protocol_for

CHUNK = b"x" * 65_536
PLENTY = 40_000_000
STOP_TIMEOUT = 30


class Nothing(Out, kw_only=True, frozen=True):
    """Nothing."""


@dataclass
class Hose:
    """An endpoint that says as much as its reader takes, and knows how much that was."""

    said: int = 0
    closed: bool = False
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def endpoints(self):
        @endpoint("GET", "/hose", "Say much", scopes=ORDERS, answers=Nothing, live=True)
        async def hose(call: LiveCall) -> Answer:
            return Answer(b"", (("content-type", "text/plain"),), chunks=self._much(call))

        @endpoint("GET", "/broken", "Break off", scopes=ORDERS, answers=Nothing, live=True)
        async def broken(call: LiveCall) -> Answer:
            return Answer(b"", chunks=self._broken())

        @endpoint("GET", "/patient", "Wait", scopes=ORDERS, answers=Nothing, live=True)
        async def patient(call: LiveCall) -> Answer:
            self.begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                self.closed = True
            return Answer(b"{}")

        return hose, broken, patient

    async def _much(self, call):
        try:
            while not call.wakes.ending:
                yield CHUNK
                self.said += len(CHUNK)
        finally:
            self.closed = True

    async def _broken(self):
        yield b"first"
        raise RuntimeError("a fault of ours")


class Connection:
    """One connection of a client that reads when it likes."""

    def __init__(self, reader, writer, token):
        self.reader, self._writer, self._token = reader, writer, token

    async def ask(self, path):
        head = f"GET /api/202412{path} HTTP/1.1\r\nHost: demo.localhost\r\n"
        self._writer.write(f"{head}X-Genstore-Access-Token: {self._token}\r\n\r\n".encode())
        await self._writer.drain()
        return await self.reader.readuntil(b"\r\n\r\n")

    async def chunk(self):
        size = int(await self.reader.readline(), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    def leave(self):
        self._writer.transport.abort()


class Served:
    """A server with the endpoints of a hose, on a port of its own."""

    def __init__(self, till, hose):
        self.hose = hose
        self._till = till
        self._services = till.parts.api._lent
        self._api = Api(hose.endpoints(), self._services)
        self._connections = []

    async def __call__(self, scope, receive, send):
        await self._api(scope, receive, send)

    def end(self):
        self._services.wakes.end()

    async def connect(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        self._connections.append(Connection(reader, writer, self._till.token))
        return self._connections[-1]

    def counted(self, path):
        """How many answers of a path were counted."""
        text = self._services.metrics.exposition().decode()
        name = f'till_requests_total{{method="GET",path="{path}",status="200"}} '
        return float(next((line.split()[-1] for line in text.splitlines() if line.startswith(name)), 0))

    @contextlib.asynccontextmanager
    async def running(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self,
            http=protocol_for(Settings()),
            ws="none",
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=STOP_TIMEOUT,
        )
        ready = asyncio.Event()
        self.server = Server(config, self, ready.set)
        self.task = asyncio.create_task(self.server._serve([listening]))
        await ready.wait()
        try:
            yield self
        finally:
            for connection in self._connections:
                connection.leave()
            await self.stop()

    async def stop(self):
        """Stop as at a signal; answers how long that took."""
        began = time.monotonic()
        self.server.should_exit = True
        await self.task
        return time.monotonic() - began


@pytest.fixture
def served(run, tmp_path):
    """Run a coroutine function of a served hose."""
    with inside(run, folder=tmp_path, url=None) as till:

        def go(act):
            async def main():
                async with Served(till, Hose()).running() as found:
                    return await asyncio.wait_for(act(found), 40)

            return run(main())

        yield go


async def settled(look, seconds=1.0):
    """What `look` answers once it has stayed the same for a while."""
    seen = look()
    while True:
        await asyncio.sleep(seconds)
        if look() == seen:
            return seen
        seen = look()


def test_a_reader_who_does_not_read_is_not_written_to(served):
    async def act(server):
        client = await server.connect()
        await client.ask("/hose")
        held = await settled(lambda: server.hose.said)
        taken = 0
        while taken < PLENTY:
            taken += len(await client.chunk())
        return held, server.hose.said

    held, said = served(act)
    assert 0 < held < 16_000_000  # what the kernel takes, and little more
    assert PLENTY < said < PLENTY + 16_000_000


def test_a_slow_reader_holds_up_nobody_else(served):
    async def act(server):
        slow, fast = await server.connect(), await server.connect()
        await slow.ask("/hose")
        await settled(lambda: server.hose.said)
        await fast.ask("/hose")
        return await fast.chunk()

    assert served(act) == CHUNK  # though the slow one never reads on


def test_a_client_that_leaves_ends_its_stream_which_is_counted_once(served):
    async def act(server):
        client = await server.connect()
        await client.ask("/hose")
        await client.chunk()
        before = server.counted("/hose")
        client.leave()
        async with asyncio.timeout(20):
            while not server.counted("/hose"):  # noqa: ASYNC110 - it is another's counter
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        return before, server.counted("/hose"), server.hose.closed

    assert served(act) == (0, 1, True)


def test_who_waits_is_let_go_when_the_client_leaves(served):
    async def act(server):
        client = await server.connect()
        asking = asyncio.create_task(client.ask("/patient"))
        await server.hose.begun.wait()
        client.leave()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await asking
        async with asyncio.timeout(20):
            while not server.hose.closed:  # noqa: ASYNC110 - it is another's
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # for what would be counted too
        return server.hose.closed, server.counted("/patient")

    assert served(act) == (True, 0)


def test_a_fault_under_way_ends_the_stream_and_the_connection_goes_on(served):
    log = io.StringIO()

    async def act(server):
        server._services.log._out = log
        client = await server.connect()
        head = await client.ask("/broken")
        said = [await client.chunk(), await client.chunk()]
        again = await client.ask("/nowhere")
        return head, said, again

    head, said, again = served(act)
    assert b" 200 " in head
    assert b"transfer-encoding: chunked" in head.lower()
    assert said == [b"first", b""]
    assert b" 404 " in again
    assert '"error":"RuntimeError"' in log.getvalue()


@pytest.mark.parametrize("reads", [True, False], ids=["who reads", "who does not read"])
def test_a_stop_waits_for_no_stream(served, reads):
    async def act(server):
        client = await server.connect()
        await client.ask("/hose")
        if not reads:
            await settled(lambda: server.hose.said)
            return await server.stop()
        reading = asyncio.create_task(client.reader.read(-1))
        await asyncio.sleep(0.2)
        took = await server.stop()
        assert (await reading).endswith(b"0\r\n\r\n")
        return took

    assert STREAMS_END_WITHIN < STOP_TIMEOUT / 2
    assert served(act) < STOP_TIMEOUT
