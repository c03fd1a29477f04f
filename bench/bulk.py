"""Fills a large database: rows recorded from the store's own `Orders.add`, printed anew for every order."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import apsw

from bench.directory import Asked, spread
from bench.samples import request
from bench.template import Marks, Printer, Template, prove, templates
from till.clock import DAY
from till.db.port import Dialect
from till.db.postgres_link import Connection, connect
from till.db.postgres_statement import statement
from till.orders.store import ADD, ADD_TERMS, COUNT_UP
from till.settings import Settings
from till.webhooks.outbox import ADD_EVENT

CHUNK = 5_000
PROVED = 20
SET_COUNTERS = """
    UPDATE counters SET order_number = :order_number, event_number = :event_number WHERE shop_id = :shop_id
"""
TABLE = re.compile(r"INSERT INTO (\w+)")

Rows = dict[str, list[dict[str, Any]]]
Watch = Callable[[str], None]


class Sink(Protocol):
    async def take(self, sql: str, rows: list[dict[str, Any]]) -> None: ...

    async def end(self) -> None: ...


async def fill(dialect: Dialect, settings: Settings, orders: int, watch: Watch) -> list[tuple[int, int]]:
    """Add so many orders; answers which may be asked for."""
    sink = await _sink(settings)
    known = await asyncio.to_thread(templates, dialect)
    coming, asked, kept = _numbered(spread(orders), known), Asked(orders), Kept()
    writing: asyncio.Task[None] | None = None
    done = 0
    while chunk := list(islice(coming, CHUNK)):
        if not done:
            await asyncio.to_thread(_prove, dialect, known, chunk)
        rows = await asyncio.to_thread(_printed, known, [(variant, m) for variant, _, m in chunk])
        for _, place, marks in chunk:
            asked.see(place, marks.id)
        kept.see(rows)
        if writing:
            await writing
        writing = asyncio.create_task(_put(sink, rows))
        done += len(chunk)
        watch(f"{done:,} of {orders:,} orders, printed from recorded rows")
    if writing:
        await writing
    await _put(sink, kept.rows())
    watch("finishing: indexes and statistics")
    await sink.end()
    return asked.ids


def _numbered(
    coming: Iterator[tuple[int, int, Marks]], known: list[Template]
) -> Iterator[tuple[int, int, Marks]]:
    """The same with the numbers of their events, of which some orders have more than one."""
    several = [sum(each.sql == ADD_EVENT for each in found.add) for found in known]
    last: Counter[int] = Counter()
    for variant, place, marks in coming:
        yield variant, place, replace(marks, event=last[place] + 1)
        last[place] += several[variant]


def _prove(dialect: Dialect, known: list[Template], chunk: list[tuple[int, int, Marks]]) -> None:
    for variant, _, marks in chunk[:PROVED]:
        prove(known[variant], dialect, request(variant), marks)


def _printed(known: list[Template], chunk: list[tuple[int, Marks]]) -> Rows:
    rows: Rows = defaultdict(list)
    for variant, marks in chunk:
        found = known[variant]
        printer = Printer(marks, found.email)
        for each in found.add:
            # What is counted is put in at the end; every other row is.
            if not each.numbers and each.sql != COUNT_UP:
                rows[each.sql].append(printer(each).params)
    return rows


async def _put(sink: Sink, rows: Rows) -> None:
    for sql, several in rows.items():
        await sink.take(sql, several)


class Kept:
    """What the store keeps count of: orders by day and status, and the last numbers of each shop."""

    def __init__(self) -> None:
        self._days: Counter[tuple[int, int, int]] = Counter()
        self._last: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def see(self, rows: Rows) -> None:
        for row in rows[ADD]:
            self._days[row["shop_id"], row["created_at"] // DAY, row["status"]] += 1
            self._last[row["shop_id"]][0] = row["number"]
        for row in rows[ADD_EVENT]:
            self._last[row["shop_id"]][1] = row["number"]

    def rows(self) -> Rows:
        names = ("shop_id", "day", "status")
        return {
            COUNT_UP: [dict(zip(names, key, strict=True)) | {"by": n} for key, n in self._days.items()],
            SET_COUNTERS: [
                {"shop_id": shop_id, "order_number": order, "event_number": event}
                for shop_id, (order, event) in self._last.items()
            ],
        }


async def _sink(settings: Settings) -> Sink:
    if settings.database is None:
        return Sqlite(settings.data / "till.db")
    return await Postgres.open(settings.database)


class Sqlite:
    """Writes without caring for power cuts; what is left is a database like any other."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path))
        for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -1000000"):
            self._connection.execute(f"PRAGMA {pragma}")

    async def take(self, sql: str, rows: list[dict[str, Any]]) -> None:
        await asyncio.to_thread(self._take, sql, rows)

    def _take(self, sql: str, rows: list[dict[str, Any]]) -> None:
        with self._connection:
            self._connection.executemany(sql, rows)

    async def end(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.close()


class Postgres:
    """Copies rows in; the index of words is built once, at the end."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection = connection
        self._index = index

    @classmethod
    async def open(cls, url: str) -> "Postgres":
        connection = await connect(url, seconds=3_600)
        index = await connection.fetchval(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'order_terms_words'"
        )
        await connection.execute("DROP INDEX order_terms_words")
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        return cls(connection, index)

    async def take(self, sql: str, rows: list[dict[str, Any]]) -> None:
        table = TABLE.match(sql.strip())
        if table and sql not in (COUNT_UP, ADD_TERMS[Dialect.POSTGRESQL]):
            columns = list(rows[0])
            records = [tuple(row.values()) for row in rows]
            await self._connection.copy_records_to_table(table[1], columns=columns, records=records)
        else:
            asked = statement(sql)
            await self._connection.executemany(asked.text, [asked.values(row) for row in rows])

    async def end(self) -> None:
        for sql in (self._index, "VACUUM ANALYZE", "CHECKPOINT"):
            await self._connection.execute(sql)
        await self._connection.close()
