"""SQLite behind the port: reads on the event loop, one writer thread, commits in groups."""

import asyncio
import contextlib
import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import apsw

from till.db.port import Database, Dialect, StoreUnavailable, Work
from till.db.sqlite_link import UNABLE, SqliteTx, WriteLock, connect, drive, unable
from till.db.sqlite_writer import Job, Writer

T = TypeVar("T")

HEAVY_READERS = 2
CHECKPOINT_EVERY = 0.25
# A passive checkpoint never catches up with a busy writer; past this many pages it is made to wait.
LONGEST_LOG = 16_384
# So long may writers wait for a slow reader when the log is cut.
CUT_MS = 50


class Sqlite(Database):
    """One file, `till.db`, in a folder of its own.

    A get takes microseconds, ten times less than a hop to a thread, hence reads on the loop.
    """

    dialect = Dialect.SQLITE

    def __init__(self, folder: Path) -> None:
        self._path = folder / "till.db"
        self._lock = WriteLock(folder / "write.lock")
        with self._lock.held():  # so that two processes do not both turn a new file to WAL
            self._writes = connect(self._path, writes=True)
        self._reads = connect(self._path, writes=False)
        self._reading = SqliteTx(self._reads)
        self._heavy = ThreadPoolExecutor(HEAVY_READERS, "till-reader", self._join_readers)
        self._of_thread = threading.local()
        self._heavy_reads: list[apsw.Connection] = []
        self._checkpoints = Checkpoints(self._path, WriteLock(folder / "write.lock"))
        self._writer = Writer(self._writes, self._lock, self._checkpoints.wanted)
        self._closed = False

    @classmethod
    def open(cls, folder: Path) -> Self:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(folder)
        except (apsw.Error, OSError) as error:
            raise StoreUnavailable(f"The database in {folder} cannot be opened: {error}.") from None

    async def read(self, work: Work[T], *, heavy: bool = False) -> T:
        self._must_be_open()
        if heavy:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._heavy, self._read_aside, work)
        return drive(work, self._reading)

    def mark(self) -> object | None:
        return self._reads.execute("PRAGMA data_version").fetchone()

    async def write(
        self,
        work: Work[T],
        *,
        shop_id: int | None = None,  # noqa: ARG002 - all writes are serialised, whatever the shop
        key: Hashable = None,
    ) -> T:
        self._must_be_open()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writer.put(Job(work, key, future, loop))
        return await future

    async def scrub(self) -> None:
        """Have the log cut by the thread that carries it over: it holds pages as they were."""
        self._checkpoints.is_long = True
        self._checkpoints.wanted.set()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.stop()
        self._heavy.shutdown()
        self._checkpoints.stop()
        for connection in (self._reads, *self._heavy_reads, self._writes):
            connection.close()
        self._lock.close()

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("The database is closed.")

    def _join_readers(self) -> None:
        self._of_thread.connection = connect(self._path, writes=False)
        self._heavy_reads.append(self._of_thread.connection)

    def _read_aside(self, work: Work[T]) -> T:
        connection = self._of_thread.connection
        try:
            with connection:  # a savepoint: all its statements see one moment
                return drive(work, SqliteTx(connection))
        except UNABLE as error:
            raise unable(error) from error


class Checkpoints:
    """A thread that carries the log over into the file, so that no commit has to."""

    def __init__(self, path: Path, lock: WriteLock) -> None:
        self.wanted = threading.Event()
        self.is_long = False  # the log is to be cut as soon as no reader stands in it
        self._connection = connect(path, writes=True)
        self._connection.set_busy_timeout(CUT_MS)
        self._lock = lock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="till-checkpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self.wanted.set()
        self._thread.join()
        self._cut()
        self._connection.close()
        self._lock.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self.wanted.wait()
            self.wanted.clear()
            self._carry_over()
            self._stopping.wait(CHECKPOINT_EVERY)

    def _carry_over(self) -> None:
        with contextlib.suppress(*UNABLE):  # a writer will tell if the disk is full; this comes again
            pages, _ = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            if pages > LONGEST_LOG or self.is_long:
                self._cut()
            if self.is_long:
                self.wanted.set()

    def _cut(self) -> None:
        """Carry over all of the log and begin it anew, if no reader stands in it."""
        was_long, self.is_long = self.is_long, False
        try:
            with self._lock.held():
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except UNABLE:  # a reader stands in it
            self.is_long = self.is_long or was_long
