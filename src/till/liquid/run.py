"""One page being rendered: what it found wrong, what it took, how long each file took."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from till.liquid.faults import Faults
from till.liquid.limits import Limits, Meter
from till.liquid.registers import Registers

if TYPE_CHECKING:
    from till.liquid.compose import Composer
    from till.liquid.environment import ThemeEnvironment


class Run:
    """The state of one page, shared by all its files."""

    def __init__(
        self,
        environment: "ThemeEnvironment",
        registers: Registers,
        limits: Limits,
        page: Mapping[str, object],
    ) -> None:
        self.environment = environment
        self.registers = registers
        self.meter = Meter(limits)
        self.globals = page
        self.faults = Faults()
        self.spent: dict[str, float] = {}
        self.layout = "theme"
        self.composer: Composer | None = None
        self.depth = 0
        self._open: list[float] = []
        registers.faults = self.faults

    def knows(self, name: str) -> bool:
        """Whether a name can be a variable: an object of the page, or set by some file of the theme."""
        return name in self.globals or name in self.environment.declared

    @contextmanager
    def timing(self, file: str) -> Iterator[None]:
        """Add the time of a file, without that of the files inside it."""
        start = perf_counter()
        self._open.append(0.0)
        try:
            yield
        finally:
            whole = perf_counter() - start
            self.spent[file] = self.spent.get(file, 0.0) + whole - self._open.pop()
            if self._open:
                self._open[-1] += whole
