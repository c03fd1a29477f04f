"""The databases that are measured: small ones made by the store itself, large ones kept between runs."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bench import bulk, small
from bench.cluster import Cluster
from bench.directory import found
from till.cli.store import Store, opened
from till.db.migrate import migrations
from till.db.port import Dialect, Tx
from till.settings import Settings

PACKAGE = Path(__file__).parent
TILL = PACKAGE.parent / "src" / "till"
# The parts of Till that make the rows of an order.
MAKERS = ("orders", "customers", "webhooks")
# Above this the rows are printed from recorded ones, and the database is kept for the next run.
LARGE = 50_000
# What an order takes on disk with all that belongs to it, rounded up; PostgreSQL compresses.
BYTES = {Dialect.SQLITE: 21_000, Dialect.POSTGRESQL: 15_000}
RESERVE = 2 << 30
HELD = "SELECT COALESCE(SUM(n), 0) FROM order_counts WHERE day = -1"
# Runs leave orders behind; past this the database is no longer of the size that it is called by.
GROWN = 1.25

Watch = Callable[[str], None]


class NoRoom(Exception):
    """The disk is too full for a database of this size."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A database ready to be served."""

    dialect: Dialect
    orders: int
    folder: str
    url: str | None
    tokens: list[str]
    # Orders to ask for, each as the place of its shop and its id.
    ids: list[tuple[int, int]]

    @property
    def settings(self) -> Settings:
        return Settings(data=Path(self.folder), database=self.url)

    def keep(self) -> Self:
        (Path(self.folder) / "bench.json").write_text(json.dumps(asdict(self)), encoding="utf-8")
        return self


async def prepare(
    dialect: Dialect, orders: int, *, cache: Path, cluster: Cluster | None, watch: Watch
) -> Prepared:
    """The database of this size: as it was kept, if it is still what this release would make."""
    folder = cache / f"{dialect}-{orders}"
    name = f"till_bench_{orders}"
    url = cluster.url(name) if cluster else None
    mark = _mark(dialect)
    if orders > LARGE and (kept := await _kept(folder, url, mark)):
        watch("kept from an earlier run")
        return kept
    shutil.rmtree(folder, ignore_errors=True)
    if cluster:
        await cluster.drop(name)
    _must_fit(dialect, orders, cache)
    folder.mkdir(parents=True)
    if cluster:
        await cluster.create(name)
    made = await _made(dialect, orders, folder, url, watch)
    (folder / "mark").write_text(mark)
    return made.keep()


async def _made(dialect: Dialect, orders: int, folder: Path, url: str | None, watch: Watch) -> Prepared:
    settings = Settings(data=folder, database=url)
    async with opened(settings) as store:
        tokens = await found(store)
        if orders <= LARGE:
            ids = await small.fill(store.db, orders, watch)
    if orders > LARGE:
        ids = await bulk.fill(settings, orders, watch)
    return Prepared(dialect, orders, str(folder), url, tokens, ids)


async def _kept(folder: Path, url: str | None, mark: str) -> Prepared | None:
    try:
        if (folder / "mark").read_text() != mark:
            return None
        facts = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    except OSError:
        return None
    kept = Prepared(**facts | {"dialect": Dialect(facts["dialect"]), "url": url})
    try:
        async with opened(kept.settings) as store:
            is_of_size = await held(store) <= kept.orders * GROWN
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is made anew
        return None
    return kept if is_of_size else None


async def held(store: Store) -> int:
    """How many orders there are by now."""

    async def ask(tx: Tx) -> int:
        return int((await tx.fetch(HELD))[0][0])

    return await store.db.read(ask)


def _must_fit(dialect: Dialect, orders: int, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    needed, free = orders * BYTES[dialect] + RESERVE, shutil.disk_usage(cache).free
    if orders > LARGE and free < needed:
        raise NoRoom(
            f"{orders:,} orders on {dialect} need {needed / 1e9:.0f} GB in {cache}, and {free / 1e9:.0f} GB "
            "are free: their rows are left out. Make room, or give another folder with --cache."
        )


def _mark(dialect: Dialect) -> str:
    """What the content of a database depends on: the schema, and the code that makes its rows."""
    sources = [path for name in MAKERS for path in (TILL / name).rglob("*.py")]
    sources += [
        PACKAGE / name for name in ("samples.py", "marks.py", "template.py", "bulk.py", "directory.py")
    ]
    digest = hashlib.sha256("".join(item.digest for item in migrations(dialect)).encode())
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()
