"""Starts what is asked: Till itself, the bare server, and a PostgreSQL that keeps its data."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.databases import Prepared
from bench.load import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import running  # type: ignore[import-not-found]  # noqa: E402 - the tests' own way of starting Till

running.FORKS = False


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int

    def memory(self) -> float:
        """Megabytes of its own that the server and its children hold, without what it maps of files."""
        return sum(_anonymous(pid) for pid in _family(self.pid)) / 1_000


@contextmanager
def till(place: Prepared, workers: int) -> Iterator[Server]:
    options = [] if place.url is None else ["--data", str(place.folder), "--workers", str(workers)]
    with running.serve(place.url or place.folder, *options) as served:
        yield Server(served.url, served.pid)


def seeded(place: Any, scopes: str, **options: Any) -> str:
    """Found a shop with an app that holds `scopes`; the app's token."""
    return str(running.seed(place, scopes=scopes, **options).accessToken)


@contextmanager
def at_work(place: Any, *options: str, within: tuple[str, ...] = ()) -> Iterator[Server]:
    """Till, serving what was founded there; `within` is a command that runs it."""
    with running.serve(place, *options, within=within, cwd=ROOT) as served:
        yield Server(served.url, served.pid)


@contextmanager
def bare(answers: Path, workers: int) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare", str(answers), str(workers)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said: dict[str, Any] = json.loads(process.stdout.readline())
        yield Server(said["url"], process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def _family(pid: int) -> list[int]:
    """A process, and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def _anonymous(pid: int) -> int:
    """Kilobytes of a process that are its own."""
    facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(facts["RssAnon"].split()[0])
