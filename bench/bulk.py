"""Fills a large database: rows recorded from the server's own creations, printed anew for every order."""

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
from bench.marks import Marks, Statement, Values
from bench.recorder import scratch
from bench.template import Template, prove, templates
from till.clock import DAY
from till.db.postgres_link import Connection, connect
from till.db.postgres_statement import statement
from till.orders.counts import COUNT_UP
from till.orders.store import ADD
from till.settings import Settings

CHUNK = 5_000
SET_COUNTERS = """
    UPDATE counters SET order_number = :order_number, event_number = :event_number WHERE shop_id = :shop_id
"""
# Rows that are put in as they stand: nothing is computed, and nothing asked of what is there.
PLAIN = re.compile(r"INSERT INTO (\w+)\s*\(([^()]*)\)\s*VALUES\s*(\([^()]*\)(?:\s*,\s*\([^()]*\))*)")
ROW = re.compile(r"\(([^()]*)\)")

Coming = list[tuple[int, int, Marks]]
Rows = dict[str, list[dict[str, Any]]]
Watch = Callable[[str], None]


class Sink(Protocol):
    async def take(self, sql: str, rows: list[dict[str, Any]]) -> None: ...

    async def end(self) -> None: ...


async def fill(settings: Settings, orders: int, watch: Watch) -> list[tuple[int, int]]:
    """Add so many orders; answers which may be asked for."""
    async with scratch(settings.database) as db:
        known = await templates(db)
        for variant, _, marks in _one_of_each(islice(_numbered(spread(orders), known), CHUNK)):
            await prove(db, known[variant], variant, marks)
    sink = await _sink(settings)
    coming, asked, kept = _numbered(spread(orders), known), Asked(orders), Kept()
    writing: asyncio.Task[None] | None = None
    done = 0
    while chunk := list(islice(coming, CHUNK)):
        rows = await asyncio.to_thread(_printed, known, chunk)
        for _, place, marks in chunk:
            asked.see(place, marks.id)
        kept.see(rows, known, chunk)
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
    last: Counter[int] = Counter()
    for variant, place, marks in coming:
        yield variant, place, replace(marks, event=last[place] + 1)
        last[place] += _events(known[variant])


def _events(found: Template) -> int:
    return sum(len(each.statement.events()) for each in found.writes["create"] if each.statement.counts)


def _one_of_each(coming: Iterator[tuple[int, int, Marks]]) -> Iterator[tuple[int, int, Marks]]:
    """The first order of each kind."""
    seen = set()
    for variant, place, marks in coming:
        if variant not in seen:
            seen.add(variant)
            yield variant, place, marks


def _printed(known: list[Template], chunk: Coming) -> Rows:
    rows: Rows = defaultdict(list)
    for variant, _, marks in chunk:
        found = known[variant]
        values = Values(marks, found.email)
        for each in found.writes["create"]:
            if _is_put(each.statement):
                rows[each.statement.sql].append(each.printed(values))
    return rows


def _is_put(each: Statement) -> bool:
    """False for what is counted, which is put in at the end, and for what looked for rows and found none."""
    return not each.counts and each.sql != COUNT_UP and each.rows != []


async def _put(sink: Sink, rows: Rows) -> None:
    for sql, several in rows.items():
        await sink.take(sql, several)


class Kept:
    """What the store keeps count of: orders by day and status, and the last numbers of each shop."""

    def __init__(self) -> None:
        self._days: Counter[tuple[int, int, int]] = Counter()
        self._last: dict[int, tuple[int, int]] = {}

    def see(self, rows: Rows, known: list[Template], chunk: Coming) -> None:
        for row in rows[ADD]:
            self._days[row["shop_id"], row["created_at"] // DAY, row["status"]] += 1
        for variant, _, marks in chunk:
            self._last[marks.shop_id] = (marks.number, marks.event + _events(known[variant]) - 1)

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
            # What answers rows goes on only as they are taken.
            self._connection.executemany(sql, rows).fetchall()

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
        plain = PLAIN.fullmatch(sql.strip())
        places = [_names(each) for each in ROW.findall(plain[3])] if plain else []
        if plain and all(name in rows[0] for place in places for name in place):
            records = [tuple(row[name] for name in place) for row in rows for place in places]
            await self._connection.copy_records_to_table(
                plain[1], columns=[each.strip() for each in plain[2].split(",")], records=records
            )
        else:
            asked = statement(sql)
            await self._connection.executemany(asked.text, [asked.values(row) for row in rows])

    async def end(self) -> None:
        for sql in (self._index, "VACUUM ANALYZE", "CHECKPOINT"):
            await self._connection.execute(sql)
        await self._connection.close()


def _names(row: str) -> list[str]:
    """The parameters of one row of VALUES; a constant gives a name that no parameter has."""
    return [each.strip().removeprefix(":") for each in row.split(",")]
