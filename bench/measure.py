"""One store's rounds: every server and every limit in turn, as often as wished."""

import contextlib
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench.asking import Subject
from bench.bare import Answer, spelled
from bench.databases import Prepared
from bench.limit_postgres import PostgresLimit
from bench.limit_sqlite import SqliteLimit
from bench.load import NotAnswered, Result
from bench.moves import API, LIFE, WRITES
from bench.progress import Shown
from bench.servers import Server, bare, till
from till.db.port import Dialect

READS = ("get", "list 50", "count")


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """Who was asked: Till with so many orders, or, with none, a limit."""

    workers: int
    orders: int = 0


Results = dict[str, dict[Who, list[Result]]]
Memory = dict[Who, float]
Limit = SqliteLimit | PostgresLimit


@dataclass(slots=True)
class Seen:
    """All that was measured on one store, round by round; a write has a limit on each database."""

    dialect: Dialect
    reads: Results
    writes: Results
    limits: dict[str, dict[int, list[Result]]]
    # Megabytes of each server: at its start, then after the first and the last round of reads and of writes.
    memory: list[Memory]


class Rounds:
    def __init__(self, places: list[Prepared], *, seconds: float, rounds: int, shown: Shown) -> None:
        self.dialect = places[0].dialect
        self._places = places
        self._seconds = seconds
        self._rounds = rounds
        self._shown = shown
        self._workers = (1, 2) if self.dialect is Dialect.POSTGRESQL else (1,)
        self._seen = Seen(self.dialect, _table(), _table(), defaultdict(lambda: defaultdict(list)), [])

    def run(self, pgbench: Path | None) -> Seen:
        """Serve all databases at once, and ask each server in turn."""
        with contextlib.ExitStack() as stack:
            subjects = {
                Who(workers, place.orders): Subject(stack.enter_context(till(place, workers)), place)
                for place in self._places
                for workers in self._workers
            }
            answers = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "answers"
            answers.write_text(spelled(_answers(next(iter(subjects.values())).server, self._places[0])))
            for workers in self._workers:
                server = stack.enter_context(bare(answers, workers))
                subjects[Who(workers)] = Subject(server, self._places[0])
            limits = self._limits(stack, pgbench)
            tills = len(self._places) * len(self._workers)
            writes = (len(WRITES) + 1) * (tills + len(limits)) if limits else 0
            self._shown.begin(self._rounds * (len(READS) * len(subjects) + writes))
            self._note_memory(subjects)
            for number in range(self._rounds):
                self._read(subjects)
                if number in (0, self._rounds - 1):
                    self._note_memory(subjects)
            for number in range(self._rounds if limits else 0):
                self._write(subjects, limits)
                if number in (0, self._rounds - 1):
                    self._note_memory(subjects)
        return self._seen

    def _read(self, subjects: dict[Who, Subject]) -> None:
        for what in READS:
            for who, subject in subjects.items():
                self._step(what, who)
                self._seen.reads[what][who].append(subject.read(what, self._seconds))

    def _write(self, subjects: dict[Who, Subject], limits: dict[int, Limit]) -> None:
        for what in WRITES:
            for orders, limit in limits.items():
                asked = {who: subject for who, subject in subjects.items() if who.orders == orders}
                if what == LIFE[0]:
                    for who, each in ((Who(1, orders), limit), *asked.items()):
                        self._step("orders to be paid", who)
                        each.ready(self._seconds)
                self._step(f"limit of {what}", Who(1, orders))
                self._seen.limits[what][orders].append(limit.write(what, self._seconds))
                for who, subject in asked.items():
                    self._step(what, who)
                    self._seen.writes[what][who].append(subject.write(what, self._seconds))

    def _limits(self, stack: contextlib.ExitStack, pgbench: Path | None) -> dict[int, Limit]:
        limits: dict[int, Limit] = {}
        for place in self._places:
            if place.url is None:
                limits[place.orders] = SqliteLimit(Path(place.folder))
            elif pgbench is not None:
                limits[place.orders] = PostgresLimit(pgbench, place.url)
        for limit in limits.values():
            stack.callback(limit.close)
        return limits

    def _note_memory(self, subjects: dict[Who, Subject]) -> None:
        self._seen.memory.append({who: each.server.memory() for who, each in subjects.items()})

    def _step(self, what: str, who: Who) -> None:
        of = f"{who.orders:,} orders" if who.orders else "the bare server"
        self._shown.step(
            f"{self.dialect}: {what}, {of}, {who.workers} worker{'s' if who.workers > 1 else ''}"
        )


def _table() -> Results:
    return defaultdict(lambda: defaultdict(list))


def _answers(server: Server, place: Prepared) -> dict[str, Answer]:
    """What Till itself answers to each kind of read, for the bare server to repeat."""
    shop = place.ids[0][0]
    orders = [
        answered(server, f"{API}/orders/{order_id}", place.tokens[at]) for at, order_id in place.ids[:15]
    ]
    return {
        # The order of middling length, and the page of a shop.
        "": sorted(orders, key=lambda answer: len(answer[1]))[len(orders) // 2],
        f"{API}/orders": answered(server, f"{API}/orders?limit=50", place.tokens[shop]),
        f"{API}/orders/count": answered(server, f"{API}/orders/count", place.tokens[shop]),
    }


def answered(server: Server, target: str, token: str) -> Answer:
    connection = HTTPConnection(urlsplit(server.url).netloc)
    connection.request("GET", target, headers={"X-Genstore-Access-Token": token})
    got = connection.getresponse()
    body = got.read()
    connection.close()
    if got.status != 200:
        raise NotAnswered(body.decode())
    headers = [(name.encode(), value.encode()) for name, value in got.getheaders() if name.lower() != "date"]
    return headers, body
