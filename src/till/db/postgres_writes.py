"""Writes to PostgreSQL: waiting works share a transaction, each can be undone on its own."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable

import asyncpg

from till.db.port import StoreUnavailable
from till.db.postgres_group import Job, Run, alone, together
from till.db.postgres_link import Connection, Link

MOST = 64
RETRIES = 5
VERDICT_SECONDS = 3
# Every writer takes its shops' rows first, in one order, so that no two wait for each other.
# The transaction's number tells later what became of it, should the answer to COMMIT be lost.
LOCK = """SELECT pg_current_xact_id()::text, (SELECT count(*) FROM (
    SELECT 1 FROM counters WHERE shop_id = ANY($1::bigint[]) ORDER BY shop_id FOR UPDATE) locked)"""
NUMBER = "SELECT pg_current_xact_id()::text"
VERDICT = "SELECT pg_xact_status($1::text::xid8)"
AGAIN = (
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)

Drive = Callable[[Connection, list[Run]], Awaitable[None]]


class CommitLost(Exception):
    """The server went away after COMMIT was sent."""

    def __init__(self, number: str) -> None:
        super().__init__("a commit was lost")
        self.number = number


def next_group(waiting: list[Job]) -> tuple[list[Job], list[Job]]:
    """Split into those that may share a transaction now, and those that wait for a later one."""
    group: list[Job] = []
    later: list[Job] = []
    keys: set[Hashable] = set()
    for job in waiting:
        if len(group) == MOST or (job.key is not None and job.key in keys):
            later.append(job)
        else:
            group.append(job)
            keys.add(job.key)
    return group, later


async def settle(link: Link, jobs: list[Job]) -> None:
    """Bring all to their end, whatever happens."""
    try:
        runs = await commit(link, jobs, together)
    except Exception as error:  # noqa: BLE001 - whatever it was, each work is told its part
        if isinstance(error, StoreUnavailable):
            for job in jobs:
                job.fail(link.unavailable(error))
            return
        for job in jobs:
            await settle_alone(link, job)
        return
    for job, run in zip(jobs, runs, strict=True):
        job.settle(run)


async def settle_alone(link: Link, job: Job) -> None:
    for attempt in range(RETRIES):
        try:
            (run,) = await commit(link, [job], lambda c, runs: alone(c, runs[0]))
        except AGAIN as error:
            refusal: Exception = link.unavailable(error)
            await asyncio.sleep(random.uniform(0, 0.01) * 2**attempt)  # noqa: S311 - no secret
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the work
            job.fail(error)
            return
        else:
            job.settle(run)
            return
    job.fail(refusal)


async def commit(link: Link, jobs: list[Job], drive: Drive) -> list[Run]:
    """Run all in one transaction; a second time if the server was lost before COMMIT was sent."""
    for last in (False, True):
        runs = [Run(job) for job in jobs]
        try:
            await transact(link, runs, drive)
        except CommitLost as error:
            if not await committed(link, error.number):
                raise link.unavailable(error) from error
        except Exception as error:
            if not link.lost(error):
                await rollback(link)
                raise
            if last:
                raise link.unavailable(error) from error
            continue
        finally:
            for run in runs:
                run.close()
        return runs
    raise AssertionError  # the second round returns or raises


async def transact(link: Link, runs: list[Run], drive: Drive) -> None:
    connection = await link.connection()
    await connection.execute("BEGIN")
    shops = sorted({run.job.shop_id for run in runs if run.job.shop_id is not None})
    number = await (connection.fetchval(LOCK, shops) if shops else connection.fetchval(NUMBER))
    await drive(connection, runs)
    if all(run.error is not None for run in runs):
        await connection.execute("ROLLBACK")
        return
    try:
        await connection.execute("COMMIT")
    except Exception as error:
        if link.lost(error):
            raise CommitLost(number) from error
        raise


async def rollback(link: Link) -> None:
    """Leave the failed transaction; a connection that cannot even do that is given up."""
    try:
        await (await link.connection()).execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - a new connection is as good as a rollback
        link.drop()


async def committed(link: Link, number: str) -> bool:
    """Ask what became of a transaction whose COMMIT was never answered."""
    loop = asyncio.get_running_loop()
    until = loop.time() + VERDICT_SECONDS
    while loop.time() < until:
        try:
            verdict = await (await link.connection()).fetchval(VERDICT, number)
        except Exception as error:
            if not (isinstance(error, StoreUnavailable) or link.lost(error)):
                raise
        else:
            if verdict != "in progress":
                return bool(verdict == "committed")
        await asyncio.sleep(0.1)
    raise StoreUnavailable(
        "PostgreSQL went away in the midst of a commit; whether it kept the change is not known."
    )
