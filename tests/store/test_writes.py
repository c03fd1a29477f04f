"""A work is durable as a whole or leaves no trace, whatever shares its commit."""

import asyncio
from functools import partial

import pytest

from till.db.port import DuplicateRow, StoreUnavailable

SET = "INSERT INTO facts (name, value) VALUES (:name, :value)"
ALL = "SELECT name, value FROM facts ORDER BY name"
GET = "SELECT value FROM facts WHERE name = :name"
PUT = "UPDATE facts SET value = :value WHERE name = :name"
SHOP = 7


async def put(tx, name, value="x"):
    await tx.execute(SET, name=name, value=value)
    return name


async def everything(tx):
    return [tuple(row) for row in await tx.fetch(ALL)]


async def a_counter(db):
    await db.write(partial(put, name="counter", value="0"))
    await db.write(partial(counters, shop_id=SHOP))


async def counters(tx, shop_id):
    await tx.execute(
        "INSERT INTO counters (shop_id, order_number, event_number) VALUES (:shop_id, 0, 0)",
        shop_id=shop_id,
    )


async def add_one(tx):
    """Read, then write what was read: exact only if nobody comes in between."""
    ((value,),) = await tx.fetch(GET, name="counter")
    await tx.execute(PUT, name="counter", value=str(int(value) + 1))
    return int(value) + 1


def test_what_a_work_wrote_is_read_once_write_has_returned(db, run):
    async def act():
        for name in ("a", "b", "c"):
            assert await db.write(partial(put, name=name)) == name
            assert (name, "x") in await db.read(everything)
            assert (name, "x") in await db.read(everything, heavy=True)

    run(act())


def test_a_work_that_raises_undoes_only_itself(db, run):
    async def fail(tx, name):
        await put(tx, name)
        raise LookupError(name)

    async def act():
        works = [partial(fail if n % 3 == 0 else put, name=f"n{n:02}") for n in range(30)]
        return await asyncio.gather(*map(db.write, works), return_exceptions=True)

    answers = run(act())
    for n, answer in enumerate(answers):
        assert isinstance(answer, LookupError) if n % 3 == 0 else answer == f"n{n:02}"
    kept = [name for name, _ in run(db.read(everything))]
    assert kept == [f"n{n:02}" for n in range(30) if n % 3]


def test_a_refusal_before_anything_was_written_leaves_the_others_alone(db, run):
    async def refuse(tx):
        await tx.fetch(ALL)
        raise LookupError("refused")

    async def act():
        works = [refuse if n % 2 else partial(put, name=f"n{n}") for n in range(8)]
        return await asyncio.gather(*map(db.write, works), return_exceptions=True)

    answers = run(act())
    assert [type(answer) for answer in answers] == [str, LookupError] * 4
    assert len(run(db.read(everything))) == 4


def test_a_taken_key_is_told_to_the_work_which_may_go_on(db, run):
    async def put_twice(tx, name):
        await put(tx, name)
        try:
            await put(tx, name)
        except DuplicateRow:
            await put(tx, name + "-again")
        return name

    async def act():
        await asyncio.gather(*(db.write(partial(put_twice, name=f"n{n}")) for n in range(5)))
        return await db.read(everything)

    assert [name for name, _ in run(act())] == [f"n{n}{again}" for n in range(5) for again in ("", "-again")]


def test_a_taken_key_that_the_work_does_not_catch_undoes_the_work(db, run):
    async def put_both(tx, name):
        await put(tx, name)
        await put(tx, "taken")

    async def act():
        await db.write(partial(put, name="taken"))
        works = [partial(put_both, name="lost"), partial(put, name="kept")]
        return await asyncio.gather(*map(db.write, works), return_exceptions=True)

    refused, kept = run(act())
    assert isinstance(refused, DuplicateRow)
    assert kept == "kept"
    assert [name for name, _ in run(db.read(everything))] == ["kept", "taken"]


def test_200_concurrent_increments_of_one_row_are_exact(db, run):
    async def increment(tx):
        rows = await tx.fetch(
            "UPDATE counters SET order_number = order_number + 1"
            " WHERE shop_id = :shop_id RETURNING order_number",
            shop_id=SHOP,
        )
        return rows[0][0]

    async def act():
        await a_counter(db)
        jobs = (db.write(increment, shop_id=SHOP, key=n) for n in range(200))
        return await asyncio.gather(*jobs)

    assert sorted(run(act())) == list(range(1, 201))


@pytest.mark.parametrize("shop_id", [SHOP, None])
@pytest.mark.parametrize("key", ["one", None])
def test_works_that_read_before_they_write_never_overlap(db, run, shop_id, key):
    async def act():
        await a_counter(db)
        jobs = (db.write(add_one, shop_id=shop_id, key=key) for _ in range(40))
        return await asyncio.gather(*jobs)

    assert sorted(run(act())) == list(range(1, 41))


def test_a_work_that_waits_for_anything_but_its_tx_is_a_bug_that_harms_nobody_else(db, run):
    async def idle(tx):
        await asyncio.sleep(0.1)

    async def act():
        works = [idle, partial(put, name="kept")]
        return await asyncio.gather(*map(db.write, works), return_exceptions=True)

    broken, kept = run(act())
    assert isinstance(broken, RuntimeError)
    assert kept == "kept"


def test_a_read_cannot_write(db, run):
    async def act():
        with pytest.raises(Exception, match=r"(?i)read.?only"):
            await db.read(partial(put, name="a"))
        return await db.read(everything)

    assert run(act()) == []


def test_closing_finishes_what_was_accepted_and_takes_no_more(db, run):
    async def act():
        waiting = [asyncio.ensure_future(db.write(partial(put, name=f"n{n}"))) for n in range(100)]
        await asyncio.sleep(0)
        await db.close()
        done = await asyncio.gather(*waiting)
        with pytest.raises(StoreUnavailable):
            await db.write(partial(put, name="late"))
        with pytest.raises(StoreUnavailable):
            await db.read(everything)
        return len(done)

    assert run(act()) == 100


def test_an_asker_who_went_away_holds_up_nobody(db, run):
    async def act():
        waiting = [asyncio.ensure_future(db.write(partial(put, name=f"n{n}"))) for n in range(10)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await db.write(partial(put, name="after"))
        return [name for name, _ in await db.read(everything)]

    names = run(act())
    assert {f"n{n}" for n in range(1, 10, 2)} | {"after"} <= set(names)


def test_values_come_back_as_they_went_in(db, run):
    async def act():
        await db.write(partial(counters, shop_id=2**53 - 1))
        await db.write(partial(put, name="name", value="':not' -- a 'comment' é ☃"))
        facts = await db.read(everything)
        (row,) = await db.read(lambda tx: tx.fetch("SELECT shop_id, order_number FROM counters"))
        return facts, row

    facts, (shop_id, number) = run(act())
    assert facts == [("name", "':not' -- a 'comment' é ☃")]
    assert (shop_id, number) == (2**53 - 1, 0)
