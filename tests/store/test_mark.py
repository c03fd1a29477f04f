"""The mark that says whether anybody has committed since."""

from till.db.port import Dialect


def test_the_mark_of_sqlite_moves_with_every_commit_and_only_then(run, db):
    async def write(tx):
        await tx.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")

    if db.dialect is Dialect.POSTGRESQL:
        assert db.mark() is None
        return
    before = db.mark()
    assert db.mark() == before
    run(db.write(write))
    after = db.mark()
    assert after != before
    assert db.mark() == after
