"""What it costs to count the calls of apps and to log their requests: the same server with it and without."""

import contextlib
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.cluster import Cluster
from bench.delivering import fresh
from bench.load import load, request
from bench.paced import api
from bench.progress import Shown
from bench.samples import NUMBER, requests
from bench.servers import Server, at_work, seeded
from bench.table import Row, Target
from till.db.port import Dialect

# Each round asks one server, then the other, then in the other order: what else goes on hits both.
MORE_ROUNDS = 4
COUNTED = Target(0.97, least=True)
COST = Target(1.03)
NAME = "till_bench_counting"
ORDERS = 50


class Counting:
    """All rounds on one store."""

    def __init__(self, dialect: Dialect, *, seconds: float, rounds: int, shown: Shown) -> None:
        self._dialect, self._seconds = dialect, seconds
        self._rounds, self._shown = rounds * MORE_ROUNDS, shown

    def run(self, cache: Path, cluster: Cluster | None) -> list[Row]:
        """Orders that are got, one by one: the cheapest request, of which counting is the largest share."""
        rates: dict[bool, list[float]] = defaultdict(list)
        costs: dict[bool, list[float]] = defaultdict(list)
        self._shown.begin(self._rounds * 2)
        with contextlib.ExitStack() as stack:
            sides = {
                counted: stack.enter_context(self._served(cache, cluster, counted=counted))
                for counted in (True, False)
            }
            for number in range(self._rounds):
                for counted in (True, False) if number % 2 else (False, True):
                    self._shown.step(f"get, {'counted' if counted else 'not counted'}")
                    server, asked = sides[counted]
                    spent, sent = _spent(server.pid), asked.n
                    rates[counted].append(load(server.url, asked, seconds=self._seconds).rate)
                    costs[counted].append((_spent(server.pid) - spent) * 1e6 / (asked.n - sent))
        return [
            Row("get, counted", self._dialect, 1, str(ORDERS), rates[True], rates[False], "/s", COUNTED),
            Row("get, processor", self._dialect, 1, str(ORDERS), costs[True], costs[False], "µs", COST),
        ]

    @contextlib.contextmanager
    def _served(
        self, cache: Path, cluster: Cluster | None, *, counted: bool
    ) -> Iterator[tuple[Server, "Asked"]]:
        name = f"{NAME}_{'with' if counted else 'without'}"
        folder = cache / f"{self._dialect}-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        place: Any = folder if cluster is None else fresh(cluster, name)
        token = seeded(place, "read_orders,write_orders", **({} if cluster is None else {"key": folder}))
        options = ["--no-work"] if cluster is None else ["--no-work", "--data", str(folder)]
        within = () if counted else (sys.executable, "-m", "bench.uncounted")
        with at_work(place, *options, within=within) as server:
            yield server, Asked(_gets(server, token))


class Asked:
    """Requests without end, and how many there were."""

    def __init__(self, requests: list[bytes]) -> None:
        self._coming = cycle(requests)
        self.n = 0

    def __iter__(self) -> "Asked":
        return self

    def __next__(self) -> bytes:
        self.n += 1
        return next(self._coming)


def _gets(server: Server, token: str) -> list[bytes]:
    made = []
    for number, body in zip(range(ORDERS), cycle(requests()), strict=False):
        sent = json.loads(body.replace(str(NUMBER).encode(), b"%07d" % number))
        made.append(api(server.url, token, "POST", "/orders", sent)["order"]["orderId"])
    return [request("GET", f"/api/202412/orders/{order_id}", token) for order_id in made]


def _spent(pid: int) -> float:
    """Seconds of a processor that the threads of a process have had."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
