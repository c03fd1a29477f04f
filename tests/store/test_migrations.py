"""A database is brought to the present schema once, whoever starts first, or refused."""

import asyncio

import pytest

from till.db.migrate import MigrationRefused, migrate, migrations, statements
from till.db.open import choose, open_database
from till.db.port import Dialect


def test_migrating_again_applies_nothing(db, run):
    assert run(migrate(db)) == []


def test_every_migration_is_recorded_in_order(db, run):
    rows = run(db.read(lambda tx: tx.fetch("SELECT number, digest FROM migrations")))
    known = migrations(db.dialect)
    assert sorted(map(tuple, rows)) == [(item.number, item.digest) for item in known]
    # Some are of one store alone; together they leave no number out.
    every = sorted({item.number for dialect in Dialect for item in migrations(dialect)})
    assert every == list(range(1, len(every) + 1))
    assert [item.number for item in known] == sorted({item.number for item in known})


def empty(store, request):
    if store["url"] is None:
        return store
    return {**store, "url": request.getfixturevalue("postgres").create_database()}


def test_several_may_migrate_an_empty_database_at_once(store, run, request):
    where = empty(store, request)

    async def act():
        opened = [await choose(**where) for _ in range(4)]
        applied = await asyncio.gather(*map(migrate, opened))
        for database in opened:
            await database.close()
        return applied

    applied = run(act())
    labels = [label for names in applied for label in names]
    assert len(labels) == len(set(labels)) > 0


def test_a_database_of_a_newer_release_is_refused(db, store, run):
    async def act():
        await db.write(lambda tx: tx.execute("INSERT INTO migrations VALUES (9999, 'future', 'x', 0)"))
        await open_database(**store)

    with pytest.raises(MigrationRefused, match=r"9999_future.*newer release"):
        run(act())


def test_a_migration_that_was_changed_since_is_refused(db, store, run):
    async def act():
        await db.write(lambda tx: tx.execute("UPDATE migrations SET digest = 'x' WHERE number = 1"))
        await open_database(**store)

    with pytest.raises(MigrationRefused, match=r"0001_directory.*another text"):
        run(act())


def test_an_address_of_another_kind_is_refused_in_a_sentence(run, tmp_path):
    with pytest.raises(ValueError, match="begins with postgresql://"):
        run(open_database(folder=tmp_path, url="mysql://somewhere/till"))


def test_statements_end_at_semicolons_outside_of_text_and_comments():
    text = "-- one; two\nA ';' /* ; */ \"b;\";\n$$ c; $$;;\nD -- end"
    assert statements(text) == ["A ';'  \"b;\"", "$$ c; $$", "D"]
