"""`python -m bench`: measure all of it and print one table."""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from bench.cluster import Cluster, cluster, pgbench
from bench.counting import Counting
from bench.databases import LARGE, NoRoom, Prepared, prepare
from bench.delivering import Delivering, Sizes
from bench.delivering import explained as explained_deliveries
from bench.load import CONNECTIONS
from bench.measure import Rounds
from bench.painting import Painting
from bench.painting import explained as explained_pages
from bench.profile import KINDS, profile
from bench.progress import Shown
from bench.samples import SHOPS
from bench.starting import Starting
from bench.starting import explained as explained_starts
from bench.table import Row, rows, table
from bench.theming import Theming
from bench.theming import explained as explained_themes
from till.db.port import Dialect

PARTS = ("orders", "deliveries", "themes", "counting", "pages", "starting")
STORES = {
    "sqlite": (Dialect.SQLITE,),
    "postgresql": (Dialect.POSTGRESQL,),
    "both": (Dialect.SQLITE, Dialect.POSTGRESQL),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    stores: tuple[Dialect, ...]
    orders: list[int]
    seconds: float
    rounds: int
    cache: Path
    json: Path | None
    profile: str | None
    parts: tuple[str, ...]

    @property
    def sizes(self) -> Sizes:
        """Of deliveries: those of a quick run show that all of it works, and no more."""
        is_quick = self.seconds < 1
        backlog, dead = (400, 1_000) if is_quick else (10_000, 100_000)
        return Sizes(self.seconds, self.rounds, backlog, dead)


def main() -> None:
    wish, shown = wished(), Shown()
    if wish.profile:
        place = asyncio.run(
            prepare(Dialect.SQLITE, min(wish.orders), cache=wish.cache, cluster=None, watch=shown)
        )
        print(profile(wish.profile, place))
        return
    found: list[Row] = []
    must_be_there(wish)
    for dialect in wish.stores:
        with served(dialect, wish.cache) as server:
            for part in wish.parts:
                found += measured(part, dialect, wish, server, shown)
    if "pages" in wish.parts:
        found += Painting(seconds=wish.seconds, rounds=wish.rounds, shown=shown).run()
    if "starting" in wish.parts:
        found += Starting(rounds=wish.rounds, shown=shown).run()
    print(table(found))
    print(
        explained(wish) + explained_deliveries() + explained_themes() + explained_pages() + explained_starts()
    )
    if wish.json:
        wish.json.write_text(
            json.dumps(machine() | {"rows": [row.facts() for row in found]}, indent=1) + "\n"
        )


def measured(part: str, dialect: Dialect, wish: Wish, server: Cluster | None, shown: Shown) -> list[Row]:
    """The rows of a part on one store; none where the part has no store."""
    times: dict[str, Any] = {"seconds": wish.seconds, "rounds": wish.rounds, "shown": shown}
    if part == "orders":
        places = list(prepared(dialect, wish, server, shown))
        return rows(Rounds(places, **times).run(pgbench() if server else None)) if places else []
    if part == "deliveries":
        return Delivering(dialect, wish.sizes, shown).run(wish.cache, server)
    if part == "themes":
        return themes(dialect, wish, shown).run(wish.cache, server)
    if part == "counting":
        return Counting(dialect, **times).run(wish.cache, server)
    return []


def wished() -> Wish:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute to see that all of it works")
    parser.add_argument("--store", choices=STORES, default="both")
    parser.add_argument("--orders", help="sizes of the databases, 10000,1000000 if not given")
    parser.add_argument("--seconds", type=float, help="how long a round lasts, 2 if not given")
    parser.add_argument("--rounds", type=int, help="how many rounds, 3 if not given")
    parser.add_argument("--json", type=Path, help="write all figures of all rounds here")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "till-bench",
        help="where the databases are kept (default: %(default)s)",
    )
    parser.add_argument("--profile", choices=KINDS, help="instead of measuring, show what one request costs")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of it; may be said again")
    asked = parser.parse_args()
    sizes = asked.orders or ("1000,2000" if asked.quick else "10000,1000000")
    return Wish(
        stores=STORES[asked.store],
        orders=sorted({int(size) for size in sizes.split(",")}),
        seconds=asked.seconds or (0.3 if asked.quick else 2.0),
        rounds=asked.rounds or (2 if asked.quick else 3),
        cache=asked.cache.resolve(),
        json=asked.json,
        profile=asked.profile,
        parts=tuple(asked.only or PARTS),
    )


def themes(dialect: Dialect, wish: Wish, shown: Shown) -> Theming:
    files = 500 if wish.seconds >= 1 else 40
    return Theming(dialect, seconds=wish.seconds, rounds=wish.rounds, files=files, shown=shown)


def must_be_there(wish: Wish) -> None:
    """Leave at once with a sentence, rather than after the first half."""
    if Dialect.POSTGRESQL in wish.stores and pgbench() is None:
        sys.exit(
            "There is no PostgreSQL with its pgbench here: say `make tools`, put their programs into PATH, "
            "or leave that store out with --store sqlite."
        )


@contextlib.contextmanager
def served(dialect: Dialect, cache: Path) -> Iterator[Cluster | None]:
    if dialect is Dialect.SQLITE:
        yield None
        return
    with cluster(cache) as server:
        yield server


def prepared(dialect: Dialect, wish: Wish, server: Cluster | None, shown: Shown) -> Iterator[Prepared]:
    for orders in wish.orders:
        shown.begin(0)

        def watch(what: str, orders: int = orders) -> None:
            shown(f"{dialect}, {orders:,} orders: {what}")

        try:
            yield asyncio.run(prepare(dialect, orders, cache=wish.cache, cluster=server, watch=watch))
        except NoRoom as refusal:
            shown.note(str(refusal))


def explained(wish: Wish) -> str:
    facts = machine()
    return f"""
{facts["processors"]} processors, {facts["memory"]} GB; Python {facts["python"]}, SQLite {facts["sqlite"]}.
{wish.rounds} rounds of {wish.seconds:g} s over {CONNECTIONS} connections, all asked in turn; the load comes
from this machine too. A ratio is that of one round; Till and limit are medians of all rounds.

The limit of a read is the same uvicorn and protocol sending the same bytes from memory, with as many workers.
The limit of a write is the store alone doing the statements that the server's own handler was recorded to
make, as durably: on SQLite by apsw in one loop, 32 orders to a commit; on PostgreSQL by pgbench, one
transaction an order, over 32 connections. Cancelled are orders just created. Others, of which nothing was
paid, are created aside, then paid, then shipped whole, then refunded by one unit. The limit of a cost is
the same of the smallest database. Memory is what the processes hold of their own; its limit is the bare
server, or the same server after the first round.

"Counted" is a server that counts calls and logs requests, its limit one that does not, on a database of its
own; "processor" is what either spends of a processor on a request.

Orders are spread over {SHOPS} shops and half a year. Databases of up to {LARGE:,} orders were filled by
the store's own Orders.add. Larger ones were filled with rows recorded from POST /orders and printed anew,
with ids, numbers, times and words of their own, after one order of each kind had been compared with what
the handler makes. They are kept in {wish.cache}, where runs leave orders behind;
past a quarter more they are made anew."""


def machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
    }


if __name__ == "__main__":
    main()
