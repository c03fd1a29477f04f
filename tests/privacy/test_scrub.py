"""What was removed from the words of orders is gone from the file itself, whatever merge was under way."""

import asyncio
import random

import pytest

from people import files_with
from till.db.open import open_database
from till.privacy.sweeping import scrub

ROWS = 12_000
ADD = "INSERT INTO order_terms (rowid, terms) VALUES (:id, :terms)"
BEGIN_MERGE = "INSERT INTO order_terms (order_terms, rank) VALUES ('merge', -50)"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


def test_a_merge_that_was_under_way_hides_nothing(run, folder):
    chance = random.Random("words")

    async def fill(tx, first):
        for row in range(first, first + 500):
            words = " ".join(f"1azw{chance.getrandbits(40):x}" for _ in range(12))
            await tx.execute(ADD, id=row, terms=words)

    async def late(tx):
        await tx.execute(ADD, id=ROWS + 1, terms="1azpqz1azqmarkedwordzz")
        await tx.execute(BEGIN_MERGE)

    async def whole():
        db = await open_database(folder=folder, url=None)
        for first in range(1, ROWS, 500):
            await db.write(lambda tx, first=first: fill(tx, first))
        await db.write(late)
        await db.write(lambda tx: tx.execute("DELETE FROM order_terms WHERE rowid = :id", id=ROWS + 1))
        await db.scrub()
        await _cut(folder)
        before = files_with(folder, ["qmarkedword"])
        await scrub(db)
        await _cut(folder)
        after = files_with(folder, ["qmarkedword"])
        found = await db.read(lambda tx: tx.fetch("SELECT count(*) FROM order_terms"))
        await db.close()
        return before, after, found

    before, after, ((count,),) = run(whole())
    assert "till.db" in before
    assert after == {}
    assert count == ROWS


async def _cut(folder):
    """Wait until the log is carried over."""
    async with asyncio.timeout(20):
        while (folder / "till.db-wal").stat().st_size:  # noqa: ASYNC110 - a file rings no bell
            await asyncio.sleep(0.02)
