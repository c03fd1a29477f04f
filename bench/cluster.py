"""A PostgreSQL server of the bench's own, whose data outlives it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from till.db.postgres_link import connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import postgres  # type: ignore[import-not-found]  # noqa: E402 - the tests' own way of finding and starting it


# The tests' modules are found at run time, so mypy sees no types of theirs.
class Kept(postgres.Server):  # type: ignore[misc]  # tests have no types
    """The tests' server, on data that may be there already."""

    def _run(self, name: str, *arguments: Any) -> None:
        if name != "initdb" or not (self.data / "PG_VERSION").exists():
            super()._run(name, *arguments)


class Cluster:
    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, name: str) -> str:
        return str(self._server.url(name))

    async def create(self, name: str) -> None:
        await self._command(f"CREATE DATABASE {name}")

    async def drop(self, name: str) -> None:
        await self._command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def _command(self, sql: str) -> None:
        connection = await connect(self.url("postgres"), seconds=600)
        await connection.execute(sql)
        await connection.close()


@contextmanager
def cluster(cache: Path) -> Iterator[Cluster]:
    """Start it on the data of this cache, and stop it at the end."""
    folder = cache / f"cluster-{postgres.programs().parts[-2]}"
    folder.mkdir(parents=True, exist_ok=True)
    server = Kept(folder)
    server.start()
    try:
        yield Cluster(server)
    finally:
        server.stop()


def pgbench() -> Path | None:
    """PostgreSQL's own load generator, which ships with it; None where either is missing."""
    try:
        found = Path(postgres.programs()) / "pgbench"
    except RuntimeError:
        return None
    return found if found.exists() else None
