"""The limit for writes on SQLite: the store's own statements, by apsw in a loop, 32 orders to a commit."""

import random
import time
from collections import deque
from pathlib import Path
from typing import Any

from bench.load import Result
from bench.samples import NUMBER, SHOPS, VARIANTS, shop_at
from bench.template import EVENT, Marks, Printer, Statement, templates
from till import clock
from till.db.port import Dialect
from till.db.sqlite import Checkpoints
from till.db.sqlite_link import WriteLock, connect
from till.ids import Minter

GROUP = 32
NODE = 30


# A statement, and which of its parameters are numbers that the counters give: so far after the first.
Ready = tuple[Statement, list[tuple[str, int]]]


def _late(each: Statement) -> list[tuple[str, int]]:
    steps = {NUMBER: 0} | {EVENT + step: step for step in range(9)}
    return [
        (name, steps[value])
        for name, value in each.params.items()
        if isinstance(value, int) and value in steps
    ]


class SqliteLimit:
    """As durable as the server (WAL, synchronous=FULL, checkpoints aside), without all that it does beside.

    Only the statements and the commit are timed; what they are to write is made ready before.
    """

    def __init__(self, folder: Path) -> None:
        path, lock = folder / "till.db", folder / "write.lock"
        self._connection = connect(path, writes=True)
        self._lock = WriteLock(lock)
        self._checkpoints = Checkpoints(path, WriteLock(lock))
        self._templates = templates(Dialect.SQLITE)
        self._mint = Minter(NODE)
        self._dice = random.Random(NODE)
        self._made: deque[tuple[int, Marks]] = deque()

    def close(self) -> None:
        self._checkpoints.stop()
        self._connection.close()
        self._lock.close()

    def create(self, what: str, seconds: float) -> Result:
        """Create in many shops, or in the one that is asked for."""
        shops, done, spent = 1 if "one shop" in what else SHOPS, 0, 0.0
        while spent < seconds:
            fresh = [self._fresh(shops) for _ in range(GROUP)]
            spent += self._commit([self._printed(variant, marks, "add") for variant, marks in fresh])
            self._made.extend(fresh)
            done += GROUP
        return Result(done, spent)

    def cancel(self, seconds: float) -> Result:
        """Cancel what was created before, oldest first."""
        done, spent = 0, 0.0
        while spent < seconds and len(self._made) >= GROUP:
            group = [self._made.popleft() for _ in range(GROUP)]
            spent += self._commit([self._printed(variant, marks, "cancel") for variant, marks in group])
            done += GROUP
        return Result(done, spent)

    def _fresh(self, shops: int) -> tuple[int, Marks]:
        shop = shop_at(SHOPS + self._dice.randrange(shops))
        at = clock.now() // clock.SECOND * clock.SECOND
        marks = Marks(
            id=self._mint(), shop_id=shop.id, at=at, number=self._dice.randrange(10**6, 10**7), event=0
        )
        return self._dice.randrange(VARIANTS), marks

    def _printed(self, variant: int, marks: Marks, what: str) -> list[Ready]:
        found = self._templates[variant]
        printer = Printer(marks, found.email)
        return [(printer(each), _late(each)) for each in (found.add if what == "add" else found.cancel)]

    def _commit(self, works: list[list[Ready]]) -> float:
        run = self._connection.execute
        began = time.perf_counter()
        with self._lock.held():
            run("BEGIN IMMEDIATE")
            for work in works:
                first = 0
                for each, late in work:
                    for name, step in late:
                        each.params[name] = first + step
                    rows: list[Any] = run(each.sql, each.params).fetchall()
                    if each.numbers:
                        first = rows[0][0] - each.params.get("n", 1) + 1
            run("COMMIT")
        spent = time.perf_counter() - began
        self._checkpoints.wanted.set()
        return spent
