"""PostgreSQL plans for tables as they are, soon after they have grown; SQLite needs no telling."""

import asyncio

from till.db.open import open_database
from till.db.planning import LEAST, count_grown

FILL = """
    INSERT INTO facts (name, value)
    SELECT CAST(:first + n AS text), '' FROM generate_series(1, :count) n
"""
KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'facts'::regclass"
TOLD = "SELECT n_mod_since_analyze FROM pg_stat_user_tables WHERE relname = 'facts'"


def test_what_has_grown_is_counted_and_what_has_not_is_left_alone(run, postgres, migrated):
    async def one(db, sql):
        return (await db.read(lambda tx: tx.fetch(sql)))[0][0]

    async def fill(db, first, count):
        """Insert rows, and wait until the statistics tell of them: a connection tells them once a second."""
        before = await one(db, TOLD)
        await db.write(lambda tx: tx.execute(FILL, first=first, count=count))
        while await one(db, TOLD) < before + count:
            await asyncio.sleep(0.05)
            await db.write(lambda tx: tx.fetch("SELECT 1"))

    async def act():
        db = await open_database(folder=None, url=url)
        # Nobody else counts it meanwhile.
        await db.write(lambda tx: tx.execute("ALTER TABLE facts SET (autovacuum_enabled = false)"))
        await db.write(lambda tx: tx.execute("ANALYZE facts"))
        await fill(db, 0, LEAST * 5)
        found = [await count_grown(db), await count_grown(db)]
        known = await one(db, KNOWN)
        await fill(db, LEAST * 5, LEAST)
        found.append(await count_grown(db))
        await db.close()
        return found, known

    url = postgres.create_database(migrated)
    found, known = run(act())
    postgres.drop_database(url)
    assert ["facts" in each for each in found] == [True, False, False]
    assert known == LEAST * 5


def test_sqlite_plans_by_itself(run, tmp_path):
    async def act():
        db = await open_database(folder=tmp_path, url=None)
        found = await count_grown(db)
        await db.close()
        return found

    assert run(act()) == []
