"""What is true of SQLite alone: its log stays short, and a full disk is told and survived."""

import asyncio

import pytest

from till.db import sqlite
from till.db.open import open_database
from till.db.port import StoreUnavailable


def put(name, size=10):
    async def work(tx):
        await tx.execute("INSERT INTO facts VALUES (:name, :value)", name=name, value="x" * size)

    return work


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "shop"


def test_it_serves_a_plain_event_loop_too(folder):
    async def act():
        db = await open_database(folder=folder, url=None)
        await asyncio.gather(*(db.write(put(f"n{n}")) for n in range(100)))
        rows = await db.read(lambda tx: tx.fetch("SELECT COUNT(*) FROM facts"))
        await db.close()
        return rows

    assert asyncio.run(act()) == [(100,)]


def test_the_log_does_not_grow_without_bound(folder, run, monkeypatch):
    monkeypatch.setattr(sqlite, "LONGEST_LOG", 100)
    monkeypatch.setattr(sqlite, "CHECKPOINT_EVERY", 0.01)

    async def act():
        db = await open_database(folder=folder, url=None)
        for n in range(60):
            await db.write(put(f"n{n}", 100_000))
            await asyncio.sleep(0.01)
        size = (folder / "till.db-wal").stat().st_size
        await db.close()
        return size

    assert run(act()) < 3_000_000


def test_closing_leaves_one_file_and_the_lock(folder, run):
    async def act():
        db = await open_database(folder=folder, url=None)
        await db.write(put("n"))
        await db.close()

    run(act())
    assert sorted(path.name for path in folder.iterdir()) == ["till.db", "write.lock"]


def test_a_full_store_is_unavailable_until_there_is_room_again(folder, run):
    async def act():
        db = await open_database(folder=folder, url=None)
        ((pages,),) = db._writes.execute("PRAGMA page_count").fetchall()
        db._writes.execute(f"PRAGMA max_page_count = {pages + 5}").fetchall()
        works = [put("small"), put("large", 1_000_000)]
        refused = await asyncio.gather(*map(db.write, works), return_exceptions=True)
        rows = await db.read(lambda tx: tx.fetch("SELECT name FROM facts"))
        db._writes.execute("PRAGMA max_page_count = 1000000").fetchall()
        await db.write(put("large", 1_000_000))
        await db.close()
        return refused, rows

    refused, rows = run(act())
    assert isinstance(refused[1], StoreUnavailable)
    assert "full" in refused[1].message
    # Whether the small one stood is SQLite's choice; what it was told must be what is so.
    assert [name for (name,) in rows] == ([] if refused[0] else ["small"])


def test_a_failed_commit_refuses_the_whole_group_and_the_writer_lives_on(folder, run):
    async def act():
        db = await open_database(folder=folder, url=None)
        db._writes.set_commit_hook(lambda: True)
        works = [put(f"n{n}") for n in range(5)]
        refused = await asyncio.gather(*map(db.write, works), return_exceptions=True)
        db._writes.set_commit_hook(None)
        await db.write(put("after"))
        rows = await db.read(lambda tx: tx.fetch("SELECT name FROM facts"))
        await db.close()
        return refused, rows

    refused, rows = run(act())
    assert [type(error) for error in refused] == [StoreUnavailable] * 5
    assert rows == [("after",)]


def test_savepoints_are_for_groups_of_which_a_work_failed_after_it_wrote(folder, run):
    """Within a savepoint SQLite copies every page that is touched, so that one is worth avoiding."""

    async def refuse(tx):
        await tx.fetch("SELECT name FROM facts")
        raise LookupError("before anything was written")

    async def fail(tx):
        await put("gone")(tx)
        raise LookupError("after it wrote")

    async def act():
        db, asked = await open_database(folder=folder, url=None), []
        db._writes.exec_trace = lambda _, sql, __: asked.append(sql) or True
        await asyncio.gather(*map(db.write, [put("a"), put("b"), refuse, put("c")]), return_exceptions=True)
        without = list(asked)
        await asyncio.gather(*map(db.write, [put("d"), put("e"), fail, put("f")]), return_exceptions=True)
        rows = await db.read(lambda tx: tx.fetch("SELECT name FROM facts ORDER BY name"))
        await db.close()
        return without, asked[len(without) :], [name for (name,) in rows]

    without, savepoints, rows = run(act())
    assert "SAVEPOINT work" not in without
    assert savepoints.count("SAVEPOINT work") == savepoints.count("RELEASE work") > 0
    assert rows == list("abcdef")


def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        run(open_database(folder=tmp_path / "file" / "shop", url=None))
