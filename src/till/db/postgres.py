"""PostgreSQL behind the port: reads of one turn travel together, writes share a commit."""

import asyncio
from collections.abc import Hashable
from typing import Any, Self, TypeVar

from till.db.port import Database, Dialect, Row, StoreUnavailable, Tx, Work
from till.db.postgres_desk import Desk
from till.db.postgres_group import Job
from till.db.postgres_link import Connection, Link
from till.db.postgres_reads import ReadTx, next_batch, serve, told
from till.db.postgres_statement import statement
from till.db.postgres_writes import next_group, settle

T = TypeVar("T")

READERS = 2
WRITERS = 1
HEAVY_READERS = 4
HEAVY_SECONDS = 300


class Postgres(Database):
    """One database on a server; a connection that is lost is made anew by the next who needs it."""

    dialect = Dialect.POSTGRESQL

    def __init__(self, url: str) -> None:
        self._reads = Desk([Link(url, reads=True) for _ in range(READERS)], next_batch, serve)
        self._reading = ReadTx(self._reads)
        self._writes = Desk([Link(url) for _ in range(WRITERS)], next_group, settle)
        self._heavy: asyncio.Queue[Link] = asyncio.Queue()
        for _ in range(HEAVY_READERS):
            self._heavy.put_nowait(Link(url, reads=True, seconds=HEAVY_SECONDS))
        self._closed = False

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open the database at `url`, and say in one sentence why if it cannot be reached."""
        link = Link(url)
        await link.connection()
        await link.close()
        return cls(url)

    async def read(self, work: Work[T], *, heavy: bool = False) -> T:
        self._must_be_open()
        return await (self._read_aside(work) if heavy else work(self._reading))

    async def write(self, work: Work[T], *, shop_id: int | None = None, key: Hashable = None) -> T:
        self._must_be_open()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writes.put(Job(work, shop_id, key, future))
        return await future

    def mark(self) -> object | None:
        return None

    async def scrub(self) -> None:
        """Vacuum does so in its own time."""

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._writes.close()
        await self._reads.close()
        for _ in range(HEAVY_READERS):
            await (await self._heavy.get()).close()

    def _must_be_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("The database is closed.")

    async def _read_aside(self, work: Work[T]) -> T:
        """Read on a connection of its own, where all statements see one moment."""
        link = await self._heavy.get()
        try:
            connection = await link.connection()
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await work(DirectTx(connection))
        except asyncio.CancelledError:
            link.drop()
            raise
        except Exception as error:
            raise told(error, link) from error
        finally:
            self._heavy.put_nowait(link)


class DirectTx(Tx):
    dialect = Dialect.POSTGRESQL

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        asked = statement(sql)
        rows: list[Any] = await self._connection.fetch(asked.text, *asked.values(params))
        return rows

    async def execute(self, sql: str, **params: Any) -> None:
        await self.fetch(sql, **params)
