"""What was acknowledged survives the process, and several processes may write at once."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from till.db.open import open_database

CHILD = """
import asyncio, sys
from pathlib import Path
from till.db.open import open_database

PUT = "INSERT INTO facts (name, value) VALUES (:name, '')"
HAS = "SELECT COUNT(*) FROM facts WHERE name = :name"

async def main(folder, url, first, step, last):
    db = await open_database(folder=Path(folder), url=url or None)

    async def put(number):
        async def work(tx):
            rows = await tx.fetch(HAS, name=str(number))
            assert rows[0][0] == 0
            await tx.execute(PUT, name=str(number))
            await tx.execute(PUT, name=f"{number}b")

        await db.write(work, key=number)
        print(number, flush=True)

    async def worker(lane):
        for number in range(first + lane * step, last, 16 * step):
            await put(number)

    await asyncio.gather(*map(worker, range(16)))
    await db.close()

asyncio.run(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
"""


def child(store, first, step, last):
    numbers = map(str, (first, step, last))
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, store["folder"], store["url"] or "", *numbers],
        stdout=subprocess.PIPE,
        text=True,
    )


def kept(run, store):
    async def act():
        db = await open_database(**store)
        rows = await db.read(lambda tx: tx.fetch("SELECT name FROM facts"))
        await db.close()
        return {row[0] for row in rows}

    return run(act())


@pytest.mark.parametrize("after", [1, 150, 700])
def test_a_killed_process_loses_nothing_that_it_acknowledged(store, run, after):
    with child(store, 0, 1, 1_000_000) as process:
        told = [process.stdout.readline() for _ in range(after)]
        os.kill(process.pid, signal.SIGKILL)
        told += process.stdout.readlines()
    names = kept(run, store)
    assert {line.strip() for line in told if line.endswith("\n")} <= names
    whole = {name for name in names if not name.endswith("b")}
    assert names == whole | {f"{name}b" for name in whole}


def test_two_processes_write_at_once(store, run):
    with child(store, 0, 2, 1_000) as even, child(store, 1, 2, 1_000) as odd:
        told = even.stdout.readlines() + odd.stdout.readlines()
    assert (even.returncode, odd.returncode) == (0, 0)
    assert {line.strip() for line in told} == {str(n) for n in range(1_000)}
    assert len(kept(run, store)) == 2_000


def test_several_stores_may_be_open_in_one_process(run, tmp_path):
    async def act():
        opened = [await open_database(folder=tmp_path / str(n), url=None) for n in range(3)]
        for n, db in enumerate(opened):
            await db.write(lambda tx, n=n: tx.execute(f"INSERT INTO facts VALUES ('n', '{n}')"))
        found = [await db.read(lambda tx: tx.fetch("SELECT value FROM facts")) for db in opened]
        await asyncio.gather(*(db.close() for db in opened))
        return found

    assert run(act()) == [[("0",)], [("1",)], [("2",)]]
