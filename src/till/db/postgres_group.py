"""Works that share a transaction on PostgreSQL, driven in rounds of statements."""

import asyncio
from collections import defaultdict
from collections.abc import Generator, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg

from till.db.port import Dialect, DuplicateRow, Row, Tx, Work
from till.db.postgres_link import Connection
from till.db.postgres_reads import fetch
from till.db.postgres_statement import Statement, statement


class Spoilt(Exception):
    """A work of the group failed after it had written, so the group begins anew one by one."""


@dataclass(slots=True)
class Wanted:
    """What a work asks of its transaction; awaiting it hands it to whoever drives the work."""

    statement: Statement
    values: list[Any]
    rows: bool

    def __await__(self) -> Generator["Wanted", list[Row], list[Row]]:
        return (yield self)


class WriteTx(Tx):
    dialect = Dialect.POSTGRESQL

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        asked = statement(sql)
        return await Wanted(asked, asked.values(params), rows=True)

    async def execute(self, sql: str, **params: Any) -> None:
        asked = statement(sql)
        await Wanted(asked, asked.values(params), rows=False)


TX = WriteTx()


@dataclass(slots=True, eq=False)
class Job:
    """A work that waits for its commit, and who waits for it."""

    work: Work[Any]
    shop_id: int | None
    key: Hashable
    future: "asyncio.Future[Any]"

    def settle(self, run: "Run") -> None:
        if run.error is not None:
            self.fail(run.error)
        elif not self.future.done():  # else its asker was cancelled
            self.future.set_result(run.value)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Run:
    """One run of a work: what it wants next, or what it came to."""

    __slots__ = ("_steps", "error", "finished", "job", "started", "value", "wanted", "wrote")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.started = self.finished = self.wrote = False
        self.wanted: Wanted | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self._steps: Generator[Any, Any, Any] = job.work(TX).__await__()

    def start(self) -> None:
        if not self.started:
            self.started = True
            self.go_on(None)

    def go_on(self, rows: list[Row] | None) -> None:
        self._step(self._steps.send, rows)

    def throw(self, error: Exception) -> None:
        self._step(self._steps.throw, error)

    def close(self) -> None:
        self._steps.close()

    def _step(self, move: Any, what: Any) -> None:
        try:
            wanted = move(what)
            if not isinstance(wanted, Wanted):
                self._steps.close()
                # Not a TypeError of somebody's value, and told from here, where the steps can be closed.
                raise RuntimeError("a work may await nothing but its tx")  # noqa: TRY301, TRY004
        except StopIteration as done:
            self.finished, self.wanted, self.value = True, None, done.value
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the work
            self.finished, self.wanted, self.error = True, None, error
        else:
            self.wanted = wanted
            self.wrote = self.wrote or wanted.statement.changes


async def together(connection: Connection, runs: list[Run]) -> None:
    """Drive all to their end, a round of statements at a time."""
    alive = runs
    while alive:
        for run in in_turn(alive):
            run.start()
        for wanted in rounds(alive):
            await supply(connection, wanted)
        if any(run.error is not None and run.wrote for run in alive):
            raise Spoilt
        alive = [run for run in alive if not run.finished]


def in_turn(runs: Iterable[Run]) -> Iterator[Run]:
    """Choose who may run now.

    A work without a key has its shop to itself, for it may read first and write what follows from
    it; those with keys of their own have said that they do not mind each other.
    """
    seen: set[int | None] = set()
    full: set[int | None] = set()
    for run in runs:
        shop_id = run.job.shop_id
        if shop_id in full:
            continue
        if run.job.key is None:
            full.add(shop_id)
            if shop_id in seen:
                continue
        seen.add(shop_id)
        yield run


def rounds(runs: Iterable[Run]) -> list[list[Run]]:
    """Put those together that wait for the same statement."""
    groups: dict[tuple[Statement, bool], list[Run]] = defaultdict(list)
    for run in runs:
        if run.wanted is not None:
            groups[run.wanted.statement, run.wanted.rows].append(run)
    return list(groups.values())


async def supply(connection: Connection, runs: list[Run]) -> None:
    wanted = [run.wanted for run in runs if run.wanted is not None]
    asked = wanted[0].statement
    values = [each.values for each in wanted]
    if wanted[0].rows:
        answers = await fetch(connection, asked, values)
    else:
        answers = [[] for _ in values]
        await execute(connection, asked, values)
    for run, rows in zip(runs, answers, strict=True):
        run.go_on(rows)


async def execute(connection: Connection, asked: Statement, values: list[list[Any]]) -> None:
    if len(values) == 1:
        await connection.execute(asked.text, *values[0])
    else:
        await connection.executemany(asked.text, values)


async def alone(connection: Connection, run: Run) -> None:
    """Drive one to its end; a taken key undoes one statement and is told to the work."""
    run.start()
    while run.wanted is not None:
        changes = run.wanted.statement.changes
        if changes:
            await connection.execute("SAVEPOINT statement")
        try:
            await supply(connection, [run])
        except asyncpg.UniqueViolationError as error:
            await connection.execute("ROLLBACK TO statement")
            run.throw(DuplicateRow(str(error)))
