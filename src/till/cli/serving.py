"""One serving process: the port, the lock on a SQLite folder, uvicorn, and the word that it is ready."""

import asyncio
import contextlib
import fcntl
import logging
import math
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import uvicorn

from till.cli.memory import keep_freed_memory
from till.cli.ports import BACKLOG
from till.cli.store import opened
from till.errors import Invalid
from till.log import Log
from till.server import Application
from till.settings import Settings
from till.staff.invitations import Invitations
from till.staff.origin import networks_of
from till.web.protocol import Protocol, protocol_for

STREAMS_END_WITHIN = 2.0


class AlreadyServed(Invalid):
    """A SQLite folder is served by one process."""


class Server(uvicorn.Server):
    """Uvicorn, which tells when it is ready, and ends the streams of `application` when it stops."""

    def __init__(
        self, config: uvicorn.Config, application: Application, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._application = application
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.end()
        asyncio.get_running_loop().call_later(STREAMS_END_WITHIN, self._drop_unread_streams)
        await super().shutdown(sockets)

    def _drop_unread_streams(self) -> None:
        """Let go of clients that do not read their stream to its end: it has none of itself."""
        for connection in list(self.server_state.connections):
            found = cast("Protocol", connection)
            if found.flow.write_paused and found.cycle is not None and found.cycle.chunked_encoding:
                found.transport.abort()


class Lines(logging.Handler):
    """What the libraries log, as lines of Till's own log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._log = Log()

    def emit(self, record: logging.LogRecord) -> None:
        self._log.now(record.getMessage(), logger=record.name, level=record.levelname.lower())


def serve(settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve on `listening` until a signal says stop, then finish what was accepted."""
    keep_freed_memory()
    logging.basicConfig(level=logging.WARNING, handlers=[Lines()], force=True)
    application = Application(settings)
    config = uvicorn.Config(
        application,
        http=protocol_for(settings),
        loop="uvloop",
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=math.ceil(settings.stop_timeout),
    )
    Server(config, application, on_ready).run([listening])


async def prove(settings: Settings) -> str | None:
    """Open the store once, so that what is wrong with it is told in one sentence before serving.

    Answers the token of a link for the first person, while there is nobody who could sign in.
    """
    networks_of(settings.proxies)
    async with opened(settings) as store:
        at = await store.now()
        return await store.db.write(lambda tx: Invitations(tx).set_up(at=at))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the one process that serves `folder`; `AlreadyServed` names the other."""
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT, 0o644), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(
                f"Process {lock.read().strip() or 'unknown'} already serves {folder}, and SQLite is served "
                "by one process: stop it, or serve from PostgreSQL with --database postgresql://… ."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
