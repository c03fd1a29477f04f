"""The one table: every row a ratio to a limit of the same run, with its target where it has one."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.load import Result
from bench.measure import READS, Seen, Who
from bench.moves import WRITES

HEADS = ("what", "store", "workers", "orders", "Till", "limit", "min", "ratio", "max", "target", "met")
P99 = 0.99


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio, or with a unit Till's own figure, shall be at least or at most."""

    bound: float
    least: bool = False
    unit: str = ""

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:g}{' ' + self.unit if self.unit else ''}"

    def met(self, ratio: float, ours: float) -> bool:
        value = ours if self.unit else ratio
        return value >= self.bound if self.least else value <= self.bound


TARGETS = {
    "get": Target(0.6, least=True),
    "list 50": Target(0.4, least=True),
    "create": Target(0.3, least=True),
    "get, p99": Target(10, unit="ms"),
    "list 50, p99": Target(40, unit="ms"),
}
SCALE = Target(1.3)
GROWTH = Target(1.3)


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    store: str
    workers: int
    orders: str
    ours: list[float]
    limit: list[float]
    unit: str
    target: Target | None = None

    @property
    def ratios(self) -> list[float]:
        """Round by round."""
        return [ours / limit for ours, limit in zip(self.ours, self.limit, strict=True)]

    @property
    def met(self) -> bool | None:
        return self.target.met(median(self.ratios), median(self.ours)) if self.target else None

    def cells(self) -> tuple[str, ...]:
        ratios, is_met = self.ratios, self.met
        return (
            self.what,
            self.store,
            str(self.workers),
            self.orders,
            _figure(median(self.ours), self.unit),
            _figure(median(self.limit), self.unit),
            f"{min(ratios):.2f}",
            f"{median(ratios):.2f}",
            f"{max(ratios):.2f}",
            str(self.target or ""),
            "" if is_met is None else "yes" if is_met else "NO",
        )

    def facts(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "store": self.store,
            "workers": self.workers,
            "orders": self.orders,
            "unit": self.unit,
            "till": self.ours,
            "limit": self.limit,
            "ratio": median(self.ratios),
            "target": str(self.target) if self.target else None,
            "met": self.met,
        }


def rows(seen: Seen) -> list[Row]:
    return [*_reads(seen), *_scale(seen), *_writes(seen), *_memory(seen)]


def _reads(seen: Seen) -> Iterable[Row]:
    for what in READS:
        tills = {who: found for who, found in seen.reads[what].items() if who.orders}
        for who, found in sorted(tills.items()):
            limit = seen.reads[what][Who(who.workers)]
            yield _row(seen, what, who, _rates(found), _rates(limit), "/s")
            if f"{what}, p99" in TARGETS:
                yield _row(seen, f"{what}, p99", who, _p99(found), _p99(limit), "ms")


def _scale(seen: Seen) -> Iterable[Row]:
    """What an answer costs of the largest database, by what it costs of the smallest."""
    for what in READS:
        for workers in sorted({who.workers for who in seen.reads[what]}):
            sizes = sorted(who.orders for who in seen.reads[what] if who.workers == workers and who.orders)
            if len(sizes) > 1:
                large, small = (
                    [1e6 / rate for rate in _rates(seen.reads[what][Who(workers, size)])]
                    for size in (sizes[-1], sizes[0])
                )
                of = f"{_short(sizes[-1])} by {_short(sizes[0])}"
                yield Row(f"{what}, cost", seen.dialect, workers, of, large, small, "µs", SCALE)


def _writes(seen: Seen) -> Iterable[Row]:
    for what in WRITES:
        for who, found in sorted(seen.writes[what].items()):
            limit = _rates(seen.limits[what][who.orders])
            yield _row(seen, what, who, _rates(found), limit, "/s")


def _memory(seen: Seen) -> Iterable[Row]:
    idle, *later = seen.memory
    for who in sorted(who for who in idle if who.orders):
        yield _row(seen, "memory, idle", who, [idle[who]], [idle[Who(who.workers)]], "MB")
        for index, of in enumerate(("reads", "writes")[: len(later) // 2]):
            first, last = later[2 * index][who], later[2 * index + 1][who]
            yield Row(
                f"memory, {of}", seen.dialect, who.workers, _short(who.orders), [last], [first], "MB", GROWTH
            )


def _row(seen: Seen, what: str, who: Who, ours: list[float], limit: list[float], unit: str) -> Row:
    target = TARGETS.get(what)
    return Row(what, seen.dialect, who.workers, _short(who.orders), ours, limit, unit, target)


def _rates(results: list[Result]) -> list[float]:
    return [each.rate for each in results]


def _p99(results: list[Result]) -> list[float]:
    return [each.within(P99) for each in results]


def _short(orders: int) -> str:
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if orders % size == 0:
            return f"{orders // size}{letter}"
    return str(orders)


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def table(found: list[Row]) -> str:
    """The rows as Markdown, with their columns under one another."""
    lines = [HEADS, *(row.cells() for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    spelled = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([spelled[0], rule, *spelled[1:]])
