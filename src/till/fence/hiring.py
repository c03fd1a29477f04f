"""The server's end of the keeper: it is started when first needed, and again should it end."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec

from till.errors import Unavailable
from till.fence.limits import Limits
from till.fence.wire import HEAD, Ended

T = TypeVar("T")

PATIENCE = 20.0
STARTED_BY = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from till.fence.keeper import main; main(sys.argv[2])"
)


class NoWorkers(Unavailable):
    """No worker can be started: a defect of the installation, not of a theme; `detail` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "Themes can be neither read nor rendered at the moment, because the processes for it do not"
            " start: ask again later; the server's log has the reason."
        )
        self.detail = detail


class Hiring:
    """Starts and ends workers by way of the keeper; one command at a time."""

    def __init__(self, jobs: Sequence[str], limits: Limits) -> None:
        self._jobs = list(jobs)
        self._limits = limits
        self._lock = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    async def hire(self) -> tuple[int, socket.socket]:
        """A new worker: the number of its process, and our end of the link to it; else `NoWorkers`."""
        try:
            ours, theirs = socket.socketpair()
            try:
                async with self._lock:
                    pid = await self._hired(theirs)
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
        except OSError as error:  # the system has no room for another process, or the keeper is too slow
            raise NoWorkers(f"{type(error).__name__}: {error}") from error
        ours.setblocking(False)
        return pid, ours

    async def _hired(self, theirs: socket.socket) -> int:
        order = [b"F" + bytes(8)], [theirs.fileno()]
        if self._control is not None:
            try:
                socket.send_fds(self._control, *order)
                return await self._answer(int)
            except (OSError, NoWorkers):  # the keeper was ended, and with it every worker: there is another
                await self._drop()
        socket.send_fds(await self._start(), *order)
        return await self._answer(int)

    async def end(self, pid: int) -> Ended:
        """Kill a worker unless it has ended by itself, and say how it ended."""
        async with self._lock:
            try:
                if self._control is not None:
                    self._control.send(b"E" + pid.to_bytes(8, "big"))
                    return await self._answer(Ended)
            except (OSError, NoWorkers):
                await self._drop()
            return Ended(0, 0.0, 0)  # its workers end with the keeper

    async def close(self) -> None:
        """End the keeper, and with it every worker."""
        async with self._lock:
            await self._drop()

    async def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._control = ours
        orders = {"jobs": self._jobs, "limits": self._limits, "control": theirs.fileno()}
        command = [sys.executable, "-I", "-S", "-c", STARTED_BY]
        arguments = [msgspec.json.encode(part).decode() for part in (_code_path(), orders)]
        ours.setblocking(False)
        try:
            self._process = await asyncio.to_thread(_spawn, command + arguments, theirs)
        except BaseException:
            await self._drop()
            raise
        if reason := await self._answer(str):
            await self._drop()
            raise NoWorkers(reason)
        return ours

    async def _answer(self, kind: type[T]) -> T:
        """What the keeper says; without an answer it is given up, for nobody knows what it has done."""
        try:
            async with asyncio.timeout(PATIENCE):
                length = int.from_bytes(await self._exactly(HEAD), "big")
                return msgspec.msgpack.decode(await self._exactly(length), type=kind)
        except BaseException:
            await self._drop()
            raise

    async def _exactly(self, size: int) -> bytes:
        if self._control is None:
            raise NoWorkers("The process that starts the workers was ended.")
        got = b""
        while len(got) < size:
            part = await asyncio.get_running_loop().sock_recv(self._control, size - len(got))
            if not part:
                raise NoWorkers("The process that starts the workers has ended.")
            got += part
        return got

    async def _drop(self) -> None:
        process, self._process = self._process, None
        control, self._control = self._control, None
        if control is not None:
            control.close()
        if process is not None:
            await asyncio.to_thread(_finish, process)


def _code_path() -> list[str]:
    """Where this program's code is; the other interpreter has no site of its own to find it."""
    return list(dict.fromkeys(os.path.realpath(entry) for entry in sys.path))


def _spawn(command: list[str], control: socket.socket) -> subprocess.Popen[bytes]:
    with control:
        return subprocess.Popen(  # noqa: S603 - this very program, with code of its own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[control.fileno()],
            env={},
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the server
        )


def _finish(process: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(2)
    process.kill()
    process.wait()
