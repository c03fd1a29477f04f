"""A text file of a theme, and where in it something stands."""

from bisect import bisect_right
from functools import cached_property


class Source:
    """The text of a file; positions are characters, lines and columns count from 1."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def place(self, at: int) -> tuple[int, int]:
        """The line and the column of a character."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def start_of(self, line: int) -> int:
        """The first character of a line."""
        return self._starts[min(max(line, 1), len(self._starts)) - 1]
