"""How far a long command is: a bar with rate and time left on a terminal, else a line now and then."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

EVERY = 5.0

# Told: how many orders are done, and how many bytes of the file are read.
Watch = Callable[[int, int], None]


@contextlib.contextmanager
def watching(size: int | None) -> Iterator[Watch]:
    """Show progress on standard error; `size` is the file's in bytes, where it is known."""
    if sys.stderr.isatty():
        with _bar(size) as watch:
            yield watch
    else:
        yield Lines(size)


@contextlib.contextmanager
def _bar(size: int | None) -> Iterator[Watch]:
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[done]:,} orders, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, began = bar.add_task("orders", total=size, done=0, rate=0.0), time.monotonic()

        def watch(done: int, read: int) -> None:
            rate = done / max(time.monotonic() - began, 0.001)
            bar.update(task, completed=read, done=done, rate=rate)

        yield watch


class Lines:
    """The same as plain lines, for logs."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._began = self._last = time.monotonic()

    def __call__(self, done: int, read: int) -> None:
        now = time.monotonic()
        if now - self._last < EVERY:
            return
        self._last, passed = now, now - self._began
        left = f", {passed * (self._size / read - 1):,.0f} s left" if self._size and read else ""
        typer.echo(f"{done:,} orders, {done / passed:,.0f}/s{left}", err=True)
