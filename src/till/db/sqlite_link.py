"""Connections to one SQLite file, and transactions on them."""

import fcntl
import os
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import apsw

from till.db.port import Dialect, DuplicateRow, Row, StoreUnavailable, Tx, Work

T = TypeVar("T")

BUSY_MS = 10_000
# Address space, not memory: a database of up to 64 GiB is read without copying its pages.
MAPPED_BYTES = 1 << 36
# Negative: KiB rather than pages.
CACHE = -32_768
UNIQUE = {
    apsw.SQLITE_CONSTRAINT_UNIQUE,
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
    apsw.SQLITE_CONSTRAINT_ROWID,
}
UNABLE = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.CantOpenError,
    apsw.ReadOnlyError,
    apsw.NoMemError,
    apsw.ConnectionClosedError,
)


def connect(path: Path, *, writes: bool) -> apsw.Connection:
    """Open a connection that never checkpoints by itself, and if it only reads refuses to write."""
    connection = apsw.Connection(str(path), statementcachesize=256)
    connection.set_busy_timeout(BUSY_MS)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    # What was removed is overwritten, so that nobody finds erased people in the file (till.privacy).
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = {CACHE}")
    if not writes:
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        connection.execute("PRAGMA query_only = ON")
    return connection


def unable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"The database cannot be used at the moment: {error}.")


class SqliteTx(Tx):
    """Runs each statement at once, so a work on it never really waits.

    `wrote` becomes True with the first statement that is no plain SELECT; who drives works clears it.
    """

    dialect = Dialect.SQLITE

    def __init__(self, connection: apsw.Connection) -> None:
        self.wrote = False
        self._run = connection.execute

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        self.wrote = self.wrote or not sql.lstrip().startswith("SELECT")
        try:
            rows: list[Any] = self._run(sql, params).fetchall()
        except apsw.ConstraintError as error:
            raise taken(error) from error
        except UNABLE as error:
            raise unable(error) from error
        return rows

    async def execute(self, sql: str, **params: Any) -> None:
        await self.fetch(sql, **params)


def taken(error: apsw.ConstraintError) -> Exception:
    code = getattr(error, "extendedresult", None)  # the stubs do not know it
    return DuplicateRow(str(error)) if code in UNIQUE else error


def drive(work: Work[T], tx: SqliteTx) -> T:
    """Run `work` to its end; no event loop is needed, for nothing in it waits."""
    steps = awaited(work(tx))
    try:
        steps.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    steps.close()
    raise RuntimeError("a work may await nothing but its tx")


def awaited(awaitable: Awaitable[T]) -> Any:
    """Answer the steps of an awaitable; a coroutine is its own, which spares a wrapper."""
    return awaitable if hasattr(awaitable, "send") else awaitable.__await__()


class WriteLock:
    """Only one process writes at a time: fairer than SQLite's own busy waiting, which starves."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._file)
