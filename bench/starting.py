"""What is waited for before anything else: a server that starts, a shop for one test."""

import tempfile
import time
from pathlib import Path

from bench.bare import spelled
from bench.progress import Shown
from bench.servers import at_work, bare, seeded
from bench.table import Row, Target
from till.db.port import Dialect
from till.testing.dev import found_shop
from till.testing.server import Server

SHOPS = 30
START, SHOP = "start", "shop of a test"
TARGETS = {START: Target(2, unit="s"), SHOP: Target(30, unit="ms")}


class Starting:
    """All rounds, on SQLite; the limit of both is the bare server: its start, and that start again."""

    def __init__(self, *, rounds: int, shown: Shown) -> None:
        self._rounds, self._shown = rounds, shown

    def run(self) -> list[Row]:
        starts, limits, shops = [], [], []
        self._shown.begin(self._rounds * 2)
        with tempfile.TemporaryDirectory() as name:
            place, answers = Path(name) / "data", Path(name) / "answers"
            answers.write_text(spelled({}))
            seeded(place, "read_orders")
            for _ in range(self._rounds):
                self._shown.step("start")
                began = time.perf_counter()
                with at_work(place):
                    starts.append(time.perf_counter() - began)
                began = time.perf_counter()
                with bare(answers, 1):
                    limits.append(time.perf_counter() - began)
            with Server(Path(name)) as server:
                for _ in range(self._rounds):
                    self._shown.step("shops of tests")
                    began = time.perf_counter()
                    for _ in range(SHOPS):
                        found_shop(server)
                    shops.append((time.perf_counter() - began) * 1_000 / SHOPS)
        store = Dialect.SQLITE
        return [
            Row(START, store, 1, "", starts, limits, "s", TARGETS[START]),
            Row(SHOP, store, 1, "", shops, [limit * 1_000 for limit in limits], "ms", TARGETS[SHOP]),
        ]


def explained() -> str:
    return """

"Start" is until `till serve` says that it answers, its limit the start of the bare server. "Shop of a test"
is one that the pytest plug-in founds, app and token included; its limit is what a server for that one test
would take, were it as bare."""
