"""The limit for writes on SQLite: the store's own statements, by apsw in a loop, 32 orders to a commit."""

import random
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

from bench.load import Result
from bench.marks import ID, MINTED, Marks, Mould, Values
from bench.moves import AFTER, CREATIONS, LIFE
from bench.samples import SHOPS, UNPAID, VARIANTS, shop_at
from bench.template import templates_on
from till import clock
from till.db.sqlite import Checkpoints
from till.db.sqlite_link import WriteLock, connect

GROUP = 32
# Of seven digits, like the mark that it stands for.
NUMBERS = range(10**6, 10**7)

# A statement, what it is asked with, and what of that the counters give: the parameter and which number.
Ready = tuple[Mould, dict[str, Any], list[tuple[str, str]]]
COUNTED = ("order_number", "event_")


class SqliteLimit:
    """As durable as the server (WAL, synchronous=FULL, checkpoints aside), without all that it does beside.

    Only the statements and the commit are timed; what they are to write is made ready before.
    """

    def __init__(self, folder: Path) -> None:
        path, lock = folder / "till.db", folder / "write.lock"
        self._connection = connect(path, writes=True)
        self._lock = WriteLock(lock)
        self._checkpoints = Checkpoints(path, WriteLock(lock))
        self._templates = templates_on(None)
        # Above those of the recording and below all that servers mint.
        self._next = ID + int(time.time()) * 1_000_000
        self._dice = random.Random(self._next)
        self._coming: dict[str, deque[tuple[int, Marks]]] = defaultdict(deque)

    def close(self) -> None:
        self._checkpoints.stop()
        self._connection.close()
        self._lock.close()

    def ready(self, seconds: float) -> None:
        """Create orders of which nothing is paid, for as long as a round lasts."""
        _, made = self._create(UNPAID, SHOPS, seconds)
        self._coming[LIFE[0]].extend(made)

    def write(self, what: str, seconds: float) -> Result:
        """Create in many shops, or in the one that is asked for; or move what is there, oldest first."""
        if what not in CREATIONS:
            return self._move(what, seconds)
        shops = 1 if "one shop" in what else SHOPS
        result, made = self._create(range(VARIANTS), shops, seconds)
        if shops == SHOPS:
            self._coming["cancel"].extend(made)
        return result

    def _create(
        self, variants: range | tuple[int, ...], shops: int, seconds: float
    ) -> tuple[Result, list[tuple[int, Marks]]]:
        made: list[tuple[int, Marks]] = []
        spent = 0.0
        while spent < seconds:
            fresh = [(self._dice.choice(variants), self._fresh(shops)) for _ in range(GROUP)]
            spent += self._commit(fresh, "create")
            made += fresh
        return Result(len(made), spent), made

    def _move(self, what: str, seconds: float) -> Result:
        coming, done, spent = self._coming[what], 0, 0.0
        while spent < seconds and len(coming) >= GROUP:
            group = [coming.popleft() for _ in range(GROUP)]
            spent += self._commit(group, what)
            if what in AFTER:
                self._coming[AFTER[what]].extend(group)
            done += GROUP
        return Result(done, spent)

    def _fresh(self, shops: int) -> Marks:
        self._next += MINTED
        return Marks(
            id=self._next,
            shop_id=shop_at(SHOPS + self._dice.randrange(shops)).id,
            at=clock.now() // clock.SECOND * clock.SECOND,
            number=self._dice.choice(NUMBERS),
            event=self._dice.choice(NUMBERS),
        )

    def _printed(self, variant: int, marks: Marks, what: str) -> list[Ready]:
        found = self._templates[variant]
        values = Values(marks, found.email)
        return [(each, each.printed(values), _counted(each)) for each in found.writes[what]]

    def _commit(self, group: list[tuple[int, Marks]], what: str) -> float:
        works = [self._printed(variant, marks, what) for variant, marks in group]
        run = self._connection.execute
        began = time.perf_counter()
        with self._lock.held():
            run("BEGIN IMMEDIATE")
            for work in works:
                numbers: dict[str, int] = {}
                for mould, params, counted in work:
                    for name, number in counted:
                        params[name] = numbers[number]
                    rows: list[Any] = run(mould.statement.sql, params).fetchall()
                    if mould.statement.counts:
                        order, last, _ = rows[0]
                        behind = mould.statement.events()
                        numbers = {"order_number": order} | {mark: last - n for mark, n in behind.items()}
            run("COMMIT")
        spent = time.perf_counter() - began
        self._checkpoints.wanted.set()
        return spent


def _counted(mould: Mould) -> list[tuple[str, str]]:
    return [(name, mark) for name, mark in mould.numbers.items() if mark.startswith(COUNTED)]
