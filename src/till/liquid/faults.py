"""What is wrong with a theme, said with file and line, while the page still stands."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

MOST = 200
"""So many faults of one page are kept; a loop must not fill the memory with the same complaint."""

Kind = Literal[
    "syntax",
    "unknown_filter",
    "unknown_tag",
    "unknown_object",
    "unknown_property",
    "missing_file",
    "missing_translation",
    "bad_argument",
    "limit",
    "schema",
    "json",
]


FATAL: frozenset[Kind] = frozenset({"syntax", "unknown_tag", "json", "schema", "limit"})
"""With these a file is not taken, for they leave something out of the page; `theme check` tells the rest."""


class Fault(Struct, frozen=True):
    """One fault of a theme file. `line` counts from 1; 0 where no line can be named."""

    file: str
    line: int
    kind: Kind
    message: str
    hint: str = ""
    """The nearest known name, bare: `money` for `mony`; empty where nothing comes near."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" \N{EN DASH} {self.hint}?" if self.hint else "")


def fatal(faults: Iterable[Fault]) -> list[Fault]:
    """The faults with which a file is not taken."""
    return [fault for fault in faults if fault.kind in FATAL]


class Faults:
    """The faults of one page: in order, each once, at most `MOST`."""

    def __init__(self) -> None:
        self._all: dict[Fault, None] = {}

    def add(self, fault: Fault) -> None:
        """Keep a fault."""
        if len(self._all) < MOST:
            self._all[fault] = None

    def extend(self, faults: Iterable[Fault]) -> None:
        """Keep several."""
        for fault in faults:
            self.add(fault)

    def all(self) -> list[Fault]:
        """In the order in which they were met."""
        return list(self._all)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that `name` was probably meant to be, or an empty string."""
    found = get_close_matches(name[:100], known, n=1, cutoff=0.7)
    return found[0] if found else ""


def line_of(source: str, index: int) -> int:
    """The line, from 1, in which the character at `index` stands."""
    return source.count("\n", 0, max(index, 0)) + 1
