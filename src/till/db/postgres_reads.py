"""Reads of PostgreSQL: what is asked in one turn of the event loop travels together."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from till.db.port import Dialect, DuplicateRow, Row, StoreUnavailable, Tx
from till.db.postgres_desk import Desk
from till.db.postgres_link import Connection, Link
from till.db.postgres_statement import Statement, statement

MOST = 256


@dataclass(slots=True)
class Ask:
    """A statement that somebody waits for."""

    statement: Statement
    values: list[Any]
    future: "asyncio.Future[list[Row]]"

    def answer(self, rows: list[Row]) -> None:
        if not self.future.done():
            self.future.set_result(rows)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class ReadTx(Tx):
    dialect = Dialect.POSTGRESQL

    def __init__(self, desk: Desk[Ask]) -> None:
        self._desk = desk

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        asked = statement(sql)
        future: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self._desk.put(Ask(asked, asked.values(params), future))
        return await future

    async def execute(self, sql: str, **params: Any) -> None:
        await self.fetch(sql, **params)


def next_batch(waiting: list[Ask]) -> tuple[list[Ask], list[Ask]]:
    return waiting[:MOST], waiting[MOST:]


async def serve(link: Link, batch: list[Ask]) -> None:
    groups: dict[Statement, list[Ask]] = defaultdict(list)
    for ask in batch:
        if not ask.future.done():
            groups[ask.statement].append(ask)
    for group in groups.values():
        try:
            await answer(link, group)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            for ask in group:
                ask.fail(told(error, link))


async def answer(link: Link, group: list[Ask]) -> None:
    """Answer all, or each alone if one spoils it, or all again if the server was lost."""
    try:
        together = await fetch(await link.connection(), group[0].statement, [a.values for a in group])
    except Exception as error:
        if link.lost(error):
            connection = await link.connection()
            together = await fetch(connection, group[0].statement, [a.values for a in group])
        elif len(group) == 1 or isinstance(error, StoreUnavailable):
            raise
        else:
            for ask in group:
                await serve(link, [ask])
            return
    for ask, rows in zip(group, together, strict=True):
        ask.answer(rows)


async def fetch(connection: Connection, asked: Statement, values: Sequence[list[Any]]) -> list[list[Row]]:
    """Answer the rows of one statement for each of many lists of values."""
    if len(values) == 1 or asked.counted is None:
        alone: list[Any] = [await connection.fetch(asked.text, *each) for each in values]
        return alone
    answers: list[list[Row]] = [[] for _ in values]
    numbered = [[*each, number] for number, each in enumerate(values)]
    for row in await connection.fetchmany(asked.counted, numbered):
        answers[row[0]].append(row[1:])
    return answers


def told(error: Exception, link: Link) -> Exception:
    if isinstance(error, asyncpg.UniqueViolationError):
        return DuplicateRow(str(error))
    if link.lost(error) or isinstance(error, StoreUnavailable):
        return link.unavailable(error)
    return error
