"""What the commands say while they work: a bar on a terminal, else a line now and then."""

import contextlib
import difflib
import sys
import time
from collections.abc import Callable, Iterable, Iterator

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from till.cli.orders.paint import BAD, FAINT, GOOD, Lines, printable
from till.cli.remote import Remote

EVERY = 5.0
MB = 1_000_000
LONGEST_DIFF = 80
MOST_LINES = 25

# Told: how many bytes went, and how many there are.
Watch = Callable[[int, int], None]


@contextlib.contextmanager
def carrying(what: str, remote: Remote) -> Iterator[None]:
    """Show on standard error how much of what is sent to `remote` is on its way."""
    with _watching(what) as watch:
        remote.watch = watch
        try:
            yield
        finally:
            remote.watch = None


@contextlib.contextmanager
def _watching(what: str) -> Iterator[Watch]:
    if not sys.stderr.isatty():
        yield _Told(what)
        return
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)


class _Told:
    """The same as plain lines, and none for what is soon done."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last = time.monotonic()

    def __call__(self, done: int, size: int) -> None:
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            typer.echo(f"{self._what}: {done / MB:.1f} of {size / MB:.1f} MB", err=True)


def files(count: int) -> str:
    """So many files, as a sentence says it."""
    return "1 file" if count == 1 else f"{count:,} files"


def say_changes(put: dict[str, str], gone: tuple[str, ...]) -> None:
    """A line for each file, what became of it and its name; of many only the first."""
    lines = [("+" if how == "new" else "~", name) for name, how in put.items()]
    lines += [("-", name) for name in gone]
    console = Lines()
    for mark, name in lines[:MOST_LINES]:
        style = {"+": GOOD, "-": BAD}.get(mark, "")
        console.print(Text(f"  {mark} {printable(name)}", style))
    if len(lines) > MOST_LINES:
        console.print(Text(f"  … and {len(lines) - MOST_LINES:,} more", FAINT))


def say_diff(name: str, old: bytes, new: bytes, left: int = LONGEST_DIFF) -> int:
    """Print what differs between two texts, at most `left` lines; answers how many may follow."""
    lines = list(diff_of(name, old, new))
    say_lines(lines[:left])
    if len(lines) > left:
        say_lines([f"@ {len(lines) - left:,} more lines of {name}"])
    return max(left - len(lines), 0)


def say_lines(lines: Iterable[str]) -> None:
    """Print the lines of a diff in its colours."""
    console = Lines()
    for line in lines:
        style = {"+": GOOD, "-": BAD, "@": FAINT}.get(line[:1], "")
        console.print(Text(printable(line), style))


def diff_of(name: str, old: bytes, new: bytes) -> Iterator[str]:
    """The lines of a unified diff, or one that says that there is none to be read."""
    try:
        before, now = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        yield f"{name}: {len(old):,} bytes before, {len(new):,} now"
        return
    yield from difflib.unified_diff(before, now, f"a/{name}", f"b/{name}", lineterm="", n=2)
