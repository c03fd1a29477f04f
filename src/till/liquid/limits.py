"""How much one page may take. The fence around the process is the wall; these bounds say what is wrong."""

from liquid.exceptions import ResourceLimitError
from msgspec import Struct


class Limits(Struct, frozen=True):
    """Bounds of one page; all are counted over the whole page, not for each file."""

    loops: int = 100_000
    """Turns of all loops together."""
    output: int = 2 * 1024 * 1024
    """Bytes written, what is captured included."""
    held: int = 8 * 1024 * 1024
    """Bytes that the variables of one file and of the files that called it may hold."""
    depth: int = 40
    """Files inside files: render, include, blocks in blocks."""
    nesting: int = 60
    """Block tags inside block tags of one file."""
    grown: int = 32 * 1024 * 1024
    """Characters and items that all filters together may make."""
    value: int = 4 * 1024 * 1024
    """Characters or items of one value."""
    chain: int = 100
    """Filters behind one value."""
    sections: int = 25
    """Sections of a template or a group."""
    blocks: int = 50
    """Blocks of a section."""
    block_depth: int = 8
    """Theme blocks inside theme blocks."""


FORGIVEN = 5
"""So many failed sections of a page do not take from the others."""


class Exceeded(ResourceLimitError):
    """A bound of `Limits` was passed."""


class Meter:
    """What one page has taken so far."""

    __slots__ = ("_forgiven", "grown", "limits", "looped", "written")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.looped = 0
        self.written = 0
        self.grown = 0
        self._forgiven = 0

    def mark(self) -> tuple[int, int, int]:
        """What was taken before a file, for `forget` and `forgive`."""
        return self.written, self.looped, self.grown

    def forget(self, before: tuple[int, int, int]) -> None:
        """What a file wrote counts when it is written into the file around it."""
        self.written = before[0]

    def forgive(self, before: tuple[int, int, int]) -> None:
        """A file that failed is thrown away; the first few leave to the others what they took."""
        self.forget(before)
        self._forgiven += 1
        if self._forgiven <= FORGIVEN:
            self.looped, self.grown = before[1:]

    def loop(self, turns: int) -> None:
        """Count the turns of a loop before it begins."""
        self.looped += turns
        if self.looped > self.limits.loops:
            raise Exceeded(f"loops of this page take more than {self.limits.loops:,} turns", token=None)

    def write(self, size: int) -> None:
        """Count bytes of output."""
        self.written += size
        if self.written > self.limits.output:
            raise Exceeded(f"this page writes more than {self.limits.output:,} bytes", token=None)

    def grow(self, size: int) -> None:
        """Count what a filter made, or is about to make."""
        self.grown += size
        if size > self.limits.value:
            raise Exceeded(f"a value is larger than {self.limits.value:,} characters or items", token=None)
        if self.grown > self.limits.grown:
            raise Exceeded(
                f"filters of this page make more than {self.limits.grown:,} characters", token=None
            )
