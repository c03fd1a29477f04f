"""Moves everything from one store to another, row by row, e.g. from SQLite to PostgreSQL."""

from collections.abc import Callable
from typing import Any

from till.db.port import Database, Row, Tx
from till.db.tables import DIRECTORY, OWNED, Table
from till.errors import Invalid
from till.orders.store import ADD_TERMS
from till.orders.terms import terms_of
from till.orders.view import decode

BATCH = 500
# So many rows that may have many megabytes each are in memory at a time.
FEW = 4
Told = Callable[[str, int], None]


class NotEmpty(Invalid):
    """Nothing is moved into a store that holds something."""


class Miscounted(Invalid):
    """The target does not hold as many rows as the source."""


async def move(source: Database, target: Database, told: Told) -> dict[str, int]:
    """Copy all rows of `source` into `target`, which must be empty; answers the rows per table.

    The source must not be served meanwhile. `told` hears the table and how many of its rows are
    copied. Raises `NotEmpty`, and `Miscounted` when the counts differ in the end.
    """
    for table in (*DIRECTORY, *OWNED):
        if await _count(target, table):
            raise NotEmpty(f"The target holds {table.name} already: give an empty database.")
    copied = {table.name: await _copy(source, target, table, told) for table in (*DIRECTORY, *OWNED)}
    for table in (*DIRECTORY, *OWNED):
        found = await _count(target, table)
        if found != copied[table.name]:
            raise Miscounted(f"{table.name}: {copied[table.name]} rows were copied, {found} arrived.")
    return copied


async def _count(db: Database, table: Table) -> int:
    async def work(tx: Tx) -> int:
        return int((await tx.fetch(f"SELECT count(*) FROM {table.name}"))[0][0])

    return await db.read(work, heavy=True)


async def _copy(source: Database, target: Database, table: Table, told: Told) -> int:
    after: tuple[Any, ...] | None = None
    done = 0
    while rows := await _page(source, table, after):
        await _put(target, table, rows)
        after, done = tuple(rows[-1][: len(table.key)]), done + len(rows)
        told(table.name, done)
    return done


async def _page(source: Database, table: Table, after: tuple[Any, ...] | None) -> list[Row]:
    """The next rows in the order of their key."""
    key, params = ", ".join(table.key), {}
    most = FEW if table.wide else BATCH
    where = ""
    if after is not None:
        params = {f"k{index}": value for index, value in enumerate(after)}
        where = f"WHERE ({key}) > ({', '.join(f':{name}' for name in params)})"
    sql = f"SELECT {', '.join(table.columns)} FROM {table.name} {where} ORDER BY {key} LIMIT {most}"

    async def work(tx: Tx) -> list[Row]:
        return await tx.fetch(sql, **params)

    return await source.read(work, heavy=True)


async def _put(target: Database, table: Table, rows: list[Row]) -> None:
    marks = ", ".join(f":{name}" for name in table.columns)
    add = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"

    async def work(tx: Tx) -> None:
        for row in rows:
            values = dict(zip(table.columns, row, strict=True))
            await tx.execute(add, **values)
            if table.name == "orders":
                await _index(tx, values)

    await target.write(work)


async def _index(tx: Tx, values: dict[str, Any]) -> None:
    """Make the words by which the order is found, in the form of this store."""
    shop_id = values["shop_id"]
    words = " ".join(terms_of(decode(bytes(values["body"])), shop_id))
    await tx.execute(ADD_TERMS[tx.dialect], shop_id=shop_id, id=values["id"], terms=words)
