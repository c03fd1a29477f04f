"""Parsed files, kept by their source: a theme of which one file changed is not parsed anew as a whole."""

from collections import OrderedDict
from typing import NamedTuple

from liquid.ast import Node

from till.liquid.faults import Fault

MOST = 3_000_000
"""Characters of source of which the parsed form is kept."""


class Parsed(NamedTuple):
    """The nodes of a file, which rendering leaves as they are, and what is wrong with it."""

    nodes: list[Node]
    faults: list[Fault]


class Memory:
    """The files that were used last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[object, str, str], Parsed] = OrderedDict()

    def get(self, rules: object, name: str, source: str) -> Parsed | None:
        """What was kept of a file; `rules` is all that parsing depends on besides name and source."""
        key = (rules, name, source)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, rules: object, name: str, source: str, parsed: Parsed) -> None:
        """Keep a file, and forget those that were not used for longest."""
        if len(source) > self._most:
            return
        self._kept[rules, name, source] = parsed
        self._size += len(source)
        while self._size > self._most:
            (_, _, gone), _ = self._kept.popitem(last=False)
            self._size -= len(gone)
