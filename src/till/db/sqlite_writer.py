"""The one thread that writes to a SQLite file: waiting works share a commit."""

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import apsw

from till.db.port import StoreUnavailable, Work
from till.db.sqlite_link import SqliteTx, WriteLock, drive, unable

MOST = 64


@dataclass(slots=True)
class Job:
    """A work that waits for its commit, and who waits for it."""

    work: Work[Any]
    key: Hashable
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    value: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # its asker was cancelled
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Takes works in the order of their coming, up to 64 to a commit.

    A savepoint each is only set once a work has failed after it wrote: SQLite keeps a copy of every
    page that is touched within one, which is a third of what the statements of a creation cost.
    """

    def __init__(self, connection: apsw.Connection, lock: WriteLock, committed: threading.Event) -> None:
        self._connection = connection
        self._tx = SqliteTx(connection)
        self._lock = lock
        self._committed = committed
        self._waiting: SimpleQueue[Job | None] = SimpleQueue()
        self._next: Job | None = None
        self._thread = threading.Thread(target=self._serve, name="till-writer", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        self._waiting.put(job)

    def stop(self) -> None:
        """Finish all that was put before, then return."""
        self._waiting.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            group, last = self._group()
            if group:
                self._settle(group)
            if last:
                return

    def _group(self) -> tuple[list[Job], bool]:
        """Take the next works to share a commit, and say whether they are the last."""
        job, self._next = self._next or self._waiting.get(), None
        group: list[Job] = []
        keys: set[Hashable] = set()
        while job is not None and len(group) < MOST:
            if job.key is not None and job.key in keys:
                break
            group.append(job)
            keys.add(job.key)
            try:
                job = self._waiting.get_nowait()
            except Empty:
                return group, False
        self._next = job
        return group, job is None

    def _settle(self, group: list[Job]) -> None:
        try:
            with self._lock.held():
                self._commit(group)
            self._committed.set()
        except Exception as error:  # noqa: BLE001 - whatever it was, the writer goes on living
            self._undo(group, error)
        tell(group)

    def _commit(self, group: list[Job]) -> None:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        if not self._all_together(group):
            # A full disk makes SQLite roll back everything by itself; then this fails too.
            run("ROLLBACK")
            run("BEGIN IMMEDIATE")
            self._each_apart(group)
        run("COMMIT")

    def _all_together(self, group: list[Job]) -> bool:
        """Run all, one after the other; False as soon as one fails after it wrote."""
        for job in group:
            self._tx.wrote = False
            self._run(job)
            if job.error is not None and self._tx.wrote:
                return False
        return True

    def _each_apart(self, group: list[Job]) -> None:
        """Run all again, so that each can be undone on its own."""
        run = self._connection.execute
        for job in group:
            run("SAVEPOINT work")
            self._run(job)
            if job.error is not None:
                run("ROLLBACK TO work")
            run("RELEASE work")

    def _run(self, job: Job) -> None:
        job.value = job.error = None
        try:
            job.value = drive(job.work, self._tx)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for it
            job.error = error

    def _undo(self, group: list[Job], error: Exception) -> None:
        """No work of the group came to anything, not even one that was refused in the midst."""
        reason = next((job.error for job in group if isinstance(job.error, StoreUnavailable)), error)
        for job in group:
            job.value, job.error = None, refused(reason)
        with contextlib.suppress(apsw.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def refused(reason: Exception) -> Exception:
    """Say the same to each, but not with the same object: raising it changes it."""
    if isinstance(reason, StoreUnavailable):
        return StoreUnavailable(reason.message)
    return unable(reason) if isinstance(reason, (apsw.Error, OSError)) else reason


def tell(group: list[Job]) -> None:
    """One hop into the event loop for the whole group."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = defaultdict(list)
    for job in group:
        loops[job.loop].append(job)
    for loop, jobs in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed; nobody waits any more
            loop.call_soon_threadsafe(settle_all, jobs)


def settle_all(jobs: list[Job]) -> None:
    for job in jobs:
        job.settle()
