"""Several serving processes on one socket: started, restarted when one dies, stopped together."""

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from till.cli.serving import serve
from till.errors import Unavailable
from till.log import Log
from till.settings import Settings

SPAWN = multiprocessing.get_context("spawn")
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
# A worker that dies sooner is not started again at once, or it would die in a circle.
SHORT_LIFE = 1.0
GRACE = 5.0


@dataclass(slots=True)
class Worker:
    process: SpawnProcess
    word: Connection  # one byte comes when it is ready, the end when it is gone
    leash: Connection  # held by the parent: its end tells the worker to stop
    since: float
    ready: bool = False


class Workers:
    """Keeps as many workers as the settings say; each is a whole server of its own."""

    def __init__(self, settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> None:
        self._settings = settings
        self._listening = listening
        self._on_ready = on_ready
        self._log = Log()
        self._workers: list[Worker] = []
        self._stopping = False
        self._told = False
        self._wake, self._woken = os.pipe()

    def run(self) -> None:
        """Keep the workers at work until a signal says stop; then let them finish."""
        with tempfile.TemporaryDirectory(prefix="till-figures-") as figures:
            os.environ[FIGURES] = figures
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, self._stop)
            try:
                self._workers = [self._start() for _ in range(self._settings.workers)]
                while not self._stopping:
                    self._watch()
            finally:
                self._end()
                del os.environ[FIGURES]

    def _stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signals are handled
        self._stopping = True
        os.write(self._woken, b"x")

    def _start(self) -> Worker:
        word, its_word = SPAWN.Pipe(duplex=False)
        its_leash, leash = SPAWN.Pipe(duplex=False)
        process = SPAWN.Process(
            target=work, args=(self._settings, self._listening, its_word, its_leash), name="till-worker"
        )
        process.start()
        its_word.close()
        its_leash.close()
        return Worker(process, word, leash, time.monotonic())

    def _watch(self) -> None:
        """Wait for a word of a worker, for its end, or for a signal."""
        by_word = {worker.word: worker for worker in self._workers}
        for source in wait([*by_word, self._wake]):
            # By its type `wait` may answer sockets and numbers too; what is no worker has none here.
            worker = by_word.get(source)  # type: ignore[call-overload]
            if worker is None:
                continue
            try:
                worker.word.recv_bytes()
                worker.ready = True
            except EOFError:
                self._replace(worker)
        if not self._told and all(worker.ready for worker in self._workers):
            self._told = True
            self._on_ready()

    def _replace(self, worker: Worker) -> None:
        code = self._bury(worker)
        if self._stopping:
            return
        if not self._told:
            raise Unavailable("A worker could not start; its reason stands above.")
        self._log.now("worker died", pid=worker.process.pid, code=code)
        if time.monotonic() - worker.since < SHORT_LIFE:
            time.sleep(SHORT_LIFE)
        self._workers[self._workers.index(worker)] = self._start()

    def _end(self) -> None:
        for worker in self._workers:
            worker.leash.close()
        until = time.monotonic() + self._settings.stop_timeout + GRACE
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            self._bury(worker)

    def _bury(self, worker: Worker) -> int | None:
        """See a worker to its end, and forget what it showed of itself."""
        process = worker.process
        process.join(GRACE)
        if process.exitcode is None:
            process.kill()
            process.join()
        worker.word.close()
        # prometheus-client declares no types here.
        mark_process_dead(process.pid)  # type: ignore[no-untyped-call]  # the library's
        return process.exitcode


def work(settings: Settings, listening: socket.socket, word: Connection, leash: Connection) -> None:
    """Be one worker: serve until a signal, or until the parent lets go of the leash."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: sys.exit(0))
    threading.Thread(target=_stop_with, args=(leash,), name="till-leash", daemon=True).start()
    serve(settings, listening, lambda: word.send_bytes(b"r"))


def _stop_with(leash: Connection) -> None:
    """Stop as the parent does, even where it was killed."""
    with contextlib.suppress(EOFError, OSError):
        leash.recv_bytes()
    signal.raise_signal(signal.SIGTERM)
