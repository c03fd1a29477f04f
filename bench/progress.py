"""How far a run is: a bar on a terminal, else a line now and then."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

EVERY = 5.0


class Shown:
    """Says on standard error what is being done; draws only between rounds, so as not to disturb them."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TimeElapsedColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._began = time.monotonic()
        self._said = 0.0
        self._done = self._total = 0

    def begin(self, rounds: int) -> None:
        """So many rounds are to come."""
        self._done, self._total = 0, rounds
        self._bar.reset(self._task, total=rounds)

    def step(self, what: str) -> None:
        """The next round begins."""
        self._done += 1
        self(what)

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        if sys.stderr.isatty():
            self._bar.update(self._task, description=what, completed=self._done)
            self._bar.refresh()
        elif now - self._said > EVERY:
            self._said = now
            of = f"{self._done} of {self._total}, " if self._total else ""
            print(f"{now - self._began:6.0f} s  {of}{what}", file=sys.stderr, flush=True)

    def note(self, sentence: str) -> None:
        """Say something that stays."""
        self._console.print(sentence, highlight=False, soft_wrap=True)
