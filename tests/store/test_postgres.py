"""What is true of PostgreSQL alone: it may go away and come back, and answers travel together."""

import asyncio
import contextlib
from functools import partial

import pytest

from postgres import Server
from till.db.open import open_database
from till.db.port import StoreUnavailable
from till.db.postgres_statement import statement
from till.testing.ports import free_port

NAMES = "SELECT name FROM facts ORDER BY name"
PUT = "INSERT INTO facts (name, value) VALUES (:name, '')"


def put(name):
    return lambda tx: tx.execute(PUT, name=name)


async def names(db):
    return [name for (name,) in await db.read(lambda tx: tx.fetch(NAMES))]


@pytest.fixture
def url(postgres, migrated):
    url = postgres.create_database(migrated)
    yield url
    postgres.drop_database(url)


async def until_it_works(act):
    for _ in range(100):
        try:
            return await act()
        except StoreUnavailable:
            await asyncio.sleep(0.05)
    return await act()


def test_the_store_is_unavailable_while_the_server_is_down_and_recovers_by_itself(run):
    async def act(server):
        db = await open_database(folder=None, url=server.create_database())
        await db.write(put("before"))
        server.stop("immediate")
        attempts = [db.write(put(f"lost{n}")) for n in range(3)]
        attempts += [names(db), db.read(lambda tx: tx.fetch(NAMES), heavy=True)]
        down = await asyncio.gather(*attempts, return_exceptions=True)
        server.start()
        await until_it_works(lambda: db.write(put("after")))
        found = await names(db)
        await db.read(lambda tx: tx.fetch(NAMES), heavy=True)
        await db.close()
        return down, found

    with Server.started() as server:
        down, found = run(act(server))
    assert [type(error) for error in down] == [StoreUnavailable] * 5
    assert found == ["after", "before"]
    assert "cannot be reached" in down[0].message


def test_what_was_acknowledged_survives_a_crash_of_the_server_under_load(run):
    async def act(server):
        db = await open_database(folder=None, url=server.create_database())
        told, stop = [], asyncio.Event()

        async def client(lane):
            for n in range(100_000):
                if stop.is_set():
                    return
                try:
                    await db.write(put(f"{lane}-{n}"), key=(lane, n))
                except StoreUnavailable:
                    await asyncio.sleep(0.01)
                else:
                    told.append(f"{lane}-{n}")

        clients = [asyncio.create_task(client(lane)) for lane in range(16)]
        for _ in range(2):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.restart, "immediate")
        await asyncio.sleep(0.3)
        stop.set()
        await asyncio.gather(*clients)
        found = await names(db)
        await db.close()
        return told, found

    with Server.started() as server:
        told, found = run(act(server))
    assert sorted(told) == found


def test_a_commit_whose_answer_is_lost_is_looked_up(url, run):
    async def act():
        async with Cut(url) as cut:
            db = await open_database(folder=None, url=cut.url)
            await db.write(put("before"))
            cut.armed = True
            await asyncio.gather(*(db.write(put(f"n{n}")) for n in range(3)))
            found = await names(db)
            await db.close()
            return cut.armed, found

    assert run(act()) == (False, ["before", "n0", "n1", "n2"])


class Cut:
    """A wire to the server that, once armed, passes a COMMIT on and breaks before its answer."""

    def __init__(self, url):
        self._host, _, self._port = url.split("@")[1].split("/")[0].partition(":")
        self._name = url.rpartition("/")[2]
        self.armed = False
        self._joined = []

    async def __aenter__(self):
        port = free_port()
        self._server = await asyncio.start_server(self._join, "127.0.0.1", port)
        self.url = f"postgresql://till@127.0.0.1:{port}/{self._name}?sslmode=disable"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await asyncio.wait_for(asyncio.gather(*self._joined), 30)

    async def _join(self, reader, writer):
        self._joined.append(asyncio.current_task())
        theirs, ours = await asyncio.open_connection(self._host, int(self._port))
        back = asyncio.ensure_future(self._copy(theirs, writer))
        await self._copy(reader, ours, back)
        back.cancel()
        for end in (writer, ours):
            end.transport.abort()
        await asyncio.wait([back])

    async def _copy(self, reader, writer, back=None):
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                writer.write(chunk)
                if back and self.armed and b"COMMIT" in chunk:
                    self.armed = False
                    back.cancel()
                    await asyncio.sleep(0.2)  # long enough for the server to commit
                    break
        writer.close()


def test_reads_of_one_turn_each_get_their_own_rows(url, run):
    async def act():
        db = await open_database(folder=None, url=url)
        await asyncio.gather(*(db.write(put(f"n{n}"), key=n) for n in range(50)))

        async def one(name):
            sql = "SELECT name, 1 AS a, 2 AS a FROM facts WHERE name = :name"
            return await db.read(lambda tx: tx.fetch(sql, name=name))

        found = await asyncio.gather(*(one(f"n{n}") for n in range(60)))
        await db.close()
        return [[tuple(row) for row in rows] for rows in found]

    assert run(act()) == [[(f"n{n}", 1, 2)] if n < 50 else [] for n in range(60)]


def test_a_read_with_a_wrong_value_harms_no_other(url, run):
    async def act():
        db = await open_database(folder=None, url=url)

        async def divide(by):
            return await db.read(lambda tx: tx.fetch("SELECT 6 / CAST(:by AS INTEGER)", by=by))

        found = await asyncio.gather(*map(divide, [1, 0, "x", 3]), return_exceptions=True)
        await db.close()
        return found

    six, zero, word, two = run(act())
    assert (six[0][0], two[0][0]) == (6, 2)
    assert isinstance(zero, Exception)
    assert isinstance(word, Exception)


def test_two_servers_that_lock_rows_in_opposite_order_both_finish(url, run):
    async def move(tx, first, second):
        for name in (first, second):
            await tx.execute("UPDATE facts SET value = value || 'x' WHERE name = :name", name=name)
            await tx.fetch("SELECT pg_sleep(0.02)")

    async def act():
        one, two = [await open_database(folder=None, url=url) for _ in range(2)]
        await one.write(put("a"))
        await one.write(put("b"))
        jobs = [one.write(partial(move, first="a", second="b")) for _ in range(4)]
        jobs += [two.write(partial(move, first="b", second="a")) for _ in range(4)]
        await asyncio.gather(*jobs)
        rows = await one.read(lambda tx: tx.fetch("SELECT value FROM facts"))
        await one.close()
        await two.close()
        return [row[0] for row in rows]

    assert run(act()) == ["x" * 8] * 2


def test_a_server_that_cannot_be_reached_is_told_in_a_sentence_without_the_password(run):
    url = f"postgresql://till:secret@127.0.0.1:{free_port()}/shop"
    with pytest.raises(StoreUnavailable) as refused:
        run(open_database(folder=None, url=url))
    assert "cannot be reached" in refused.value.message
    assert '"shop" at 127.0.0.1:' in refused.value.message
    assert "secret" not in refused.value.message


def test_a_database_that_does_not_exist_is_told_in_a_sentence(postgres, run):
    with pytest.raises(StoreUnavailable, match=r'"nowhere" at .* does not exist'):
        run(open_database(folder=None, url=postgres.url("nowhere")))


@pytest.mark.parametrize(
    ("sql", "text", "given"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT ':a', \":b\", :c::text", "SELECT ':a', \":b\", $1::text", ("c",)),
        ("SELECT 1 -- :a\n, /* :b */ :c", "SELECT 1 -- :a\n, /* :b */ $1", ("c",)),
        ("SELECT x[1:2], 'it''s :a', $$ :b $$", "SELECT x[1:2], 'it''s :a', $$ :b $$", ()),
    ],
)
def test_names_become_numbers_but_not_in_literals_comments_or_casts(sql, text, given):
    assert (statement(sql).text, statement(sql).names) == (text, given)


@pytest.mark.parametrize(
    ("sql", "changes"),
    [
        ("SELECT 1 FOR UPDATE SKIP LOCKED", False),
        ("WITH a AS (SELECT 1) SELECT * FROM a", False),
        ("WITH a AS (DELETE FROM b RETURNING c) SELECT * FROM a", True),
        ("update facts set value = ''", True),
        ("LOCK TABLE nodes", True),
    ],
)
def test_a_statement_that_changes_something_is_known_as_such(sql, changes):
    assert statement(sql).changes is changes
