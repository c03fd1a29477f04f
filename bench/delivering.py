"""Deliveries: how soon an event has arrived, how fast a backlog goes, what is lost beside either."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.bare_sender import IN_FLIGHT
from bench.claims import claimed, pile_up
from bench.cluster import Cluster
from bench.load import PATIENCE, Result, load, request
from bench.paced import Ask, Sink, api, asks, paced, triggered_now, within
from bench.progress import Shown
from bench.samples import NUMBER, requests
from bench.servers import ROOT, Server, at_work, seeded
from bench.table import Row, Target
from till.db.port import Dialect

RATE = 200
# So long a round of them lasts, for its 95th of a hundred to mean something.
LEAST_SECONDS = 2.0
P95 = 0.95
TOPIC = "orders/create"
SUBSCRIPTIONS = 4
NAME = "till_bench_deliveries"
ARRIVED = {Dialect.SQLITE: Target(25, unit="ms"), Dialect.POSTGRESQL: Target(60, unit="ms")}
TARGETS = {
    "drain": Target(0.5, least=True),
    "arrived beside a dead endpoint, p95": Target(2),
    "create, delivering": Target(0.5, least=True),
    "memory, idle": Target(90, unit="MB"),
    "memory, delivering": Target(150, unit="MB"),
}
CLAIMED = Target(20_000, least=True, unit="/s")


def _orders() -> Iterator[bytes]:
    """Orders without end, each with words of its own."""
    mark = str(NUMBER).encode()
    for number, body in zip(itertools.count(1_000_000), itertools.cycle(requests()), strict=False):
        yield body.replace(mark, str(number).encode())


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: seconds of a round, rounds, deliveries of a backlog, and of the dead one's."""

    seconds: float
    rounds: int
    backlog: int
    dead: int


@dataclass(slots=True)
class Shop:
    """The one shop of this part, and how to ask its server."""

    server: Server
    token: str
    sink: Sink
    orders: Iterator[bytes] = field(default_factory=_orders)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return api(self.server.url, self.token, method, path, body)

    def subscribe(self, place: str) -> str:
        sent = {"webhook": {"topic": TOPIC, "address": f"{self.sink.url}{place}"}}
        return f"/app/webhooks/{self.call('POST', '/app/webhooks', sent)['webhook']['id']}"

    def count(self) -> int:
        return int(self.call("GET", "/orders/count")["count"])

    @property
    def creating(self) -> Ask:
        return asks(
            f"{self.server.url}/api/202412/orders", self.token, list(itertools.islice(self.orders, 2_000))
        )

    def create(self, seconds: float) -> Result:
        ready = (request("POST", "/api/202412/orders", self.token, body) for body in self.orders)
        return load(self.server.url, ready, seconds=seconds)


class Delivering:
    """All rounds on one store; `rows` are what came of them."""

    def __init__(self, dialect: Dialect, sizes: Sizes, shown: Shown) -> None:
        self._dialect, self._sizes, self._shown = dialect, sizes, shown
        self._ours: dict[str, list[float]] = defaultdict(list)
        self._limit: dict[str, list[float]] = defaultdict(list)

    def run(self, cache: Path, cluster: Cluster | None) -> list[Row]:
        folder = cache / f"{self._dialect}-deliveries"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        place: Any = folder
        if cluster is not None:
            place = fresh(cluster, NAME)
        self._shown.begin(self._sizes.rounds * 6 + 1)
        with sink() as seen:
            lane = self._serve(place, folder, seen)
        self._step("claims")
        for _ in range(self._sizes.rounds):
            ours, limit = claimed(folder, place if cluster else None, lane, self._sizes.backlog)
            self._note("claim", ours, limit)
        return list(self._rows())

    def _serve(self, place: Any, folder: Path, seen: Sink) -> int:
        """Ask a server; answers a subscription that is left behind, and paused."""
        key = {"key": folder} if place is not folder else {}
        token = seeded(place, "read_orders,write_orders,read_apps,write_apps", **key)
        options = [] if place is folder else ["--data", str(folder)]
        with at_work(place, *options) as served:
            shop = Shop(served, token, seen)
            shop.create(0.5)
            idle = shop.server.memory()
            for _ in range(self._sizes.rounds):
                self._note("memory, idle", idle, idle)
                self._arriving(shop)
                self._draining(shop)
                self._creating(shop)
                self._beside_a_dead_one(shop, folder, None if place is folder else place)
            left = shop.subscribe("/left")
            shop.call("POST", f"{left}/disable", {})
            return number_of(left)

    def _arriving(self, shop: Shop) -> None:
        self._step("events that arrive")
        mine = shop.subscribe("/mine")
        ours = self._arrival(shop, shop.creating)
        shop.call("DELETE", mine)
        self._step("events that arrive from a bare client")
        limit = self._arrival(
            shop, lambda _: (f"{shop.sink.url}/bare", {"X-Genstore-Triggered-At": triggered_now()}, b"{}")
        )
        self._note("arrived, p95", ours, limit)
        self._note("memory, delivering", shop.server.memory(), shop.server.memory())

    def _arrival(self, shop: Shop, ask: Ask) -> float:
        shop.sink.seen()
        seconds = max(self._sizes.seconds, LEAST_SECONDS)
        paced(ask, rate=RATE, seconds=seconds)
        return within(shop.sink.wait_for(int(RATE * seconds)), P95)

    def _draining(self, shop: Shop) -> None:
        self._step("a backlog that goes out")
        mine = [shop.subscribe(f"/drain-{index}") for index in range(SUBSCRIPTIONS)]
        for each in mine:
            shop.call("POST", f"{each}/disable", {})
        before = made = shop.count()
        while (made - before) * SUBSCRIPTIONS < self._sizes.backlog:
            shop.create(0.5)
            made = shop.count()
        count = (made - before) * SUBSCRIPTIONS
        shop.sink.seen()
        for each in mine:
            shop.call("POST", f"{each}/enable", {"deliveries": "all"})
        seen = sorted(at for at, _ in shop.sink.wait_for(count))
        sample = shop.call("GET", f"{mine[0]}/deliveries?limit=1")["deliveries"][0]
        whole = shop.call("GET", f"{mine[0]}/deliveries/{sample['id']}")["delivery"]
        for each in mine:
            shop.call("DELETE", each)
        self._step("the same by a bare client")
        spent = bare_sender(f"{shop.sink.url}/bare", whole["request"], count)
        shop.sink.wait_for(count)
        self._note("drain", (count - 1) / ((seen[-1] - seen[0]) / 1e6), count / spent)

    def _creating(self, shop: Shop) -> None:
        self._step("creating while delivering")
        limit = shop.create(self._sizes.seconds).rate
        mine = shop.subscribe("/beside")
        ours = shop.create(self._sizes.seconds).rate
        shop.call("DELETE", mine)
        self._note("create, delivering", ours, limit)

    def _beside_a_dead_one(self, shop: Shop, folder: Path, url: str | None) -> None:
        self._step("beside a dead endpoint")
        dead = shop.subscribe("/dead")
        pile_up(folder, url, number_of(dead), self._sizes.dead)
        mine = shop.subscribe("/mine")
        ours = self._arrival(shop, shop.creating)
        shop.call("DELETE", mine)
        shop.call("DELETE", dead)
        self._note("arrived beside a dead endpoint, p95", ours, self._ours["arrived, p95"][-1])

    def _step(self, what: str) -> None:
        self._shown.step(f"{self._dialect}: {what}")

    def _note(self, what: str, ours: float, limit: float) -> None:
        self._ours[what].append(ours)
        self._limit[what].append(limit)

    def _rows(self) -> Iterator[Row]:
        targets = TARGETS | {"arrived, p95": ARRIVED[self._dialect], "claim": CLAIMED}
        for what, ours in self._ours.items():
            unit = "MB" if what.startswith("memory") else "ms" if "p95" in what else "/s"
            yield Row(what, self._dialect, 1, "-", ours, self._limit[what], unit, targets.get(what))


def number_of(path: str) -> int:
    return int(path.rpartition("/")[2])


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True
    )
    try:
        assert process.stdout is not None
        yield Sink(json.loads(process.stdout.readline())["url"])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def bare_sender(url: str, asked: dict[str, Any], count: int) -> float:
    """The seconds that the bare client takes for so many posts of the same request."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bare_sender", url, str(count)],
        input=json.dumps(
            {"headers": {each["name"]: each["value"] for each in asked["headers"]}, "body": asked["body"]}
        ),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=600,
    )
    return float(json.loads(done.stdout)["seconds"])


def fresh(cluster: Cluster, name: str) -> str:
    """A new database of this name, by its URL."""

    async def make() -> None:
        await cluster.drop(name)
        await cluster.create(name)

    asyncio.run(make())
    return cluster.url(name)


def explained() -> str:
    return f"""
Deliveries are those of one shop to a receiver on this machine that does nothing. "Arrived" is from the
moment that the event tells as its own to the receiver's clock, at {RATE} orders a second; its limit is a
bare client posting as often. A backlog is that of {SUBSCRIPTIONS} subscriptions; its limit is a bare client
posting the same bytes with the same headers, {IN_FLIGHT} at once. The limit of creating while delivering is
creating without any subscription, that of arriving beside a dead endpoint is arriving without one, and that
of claiming is one statement that does nothing else."""
