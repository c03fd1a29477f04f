"""The state of one file while it is rendered: variables, what it may look up, and what it may take."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO

from liquid import RenderContext
from liquid.exceptions import LocalNamespaceLimitError
from liquid.undefined import UNDEFINED, Undefined

from till.liquid.drop import Drop, Shelf
from till.liquid.expressions import Missing
from till.liquid.faults import Fault, Kind, line_of, nearest
from till.liquid.metering import metered

if TYPE_CHECKING:
    from liquid.token import Token

    from till.liquid.registers import Registers
    from till.liquid.run import Run
    from till.liquid.template import ThemeTemplate

SAFE = (Mapping, Sequence)
OF_LISTS = frozenset({"size", "first", "last"})


class Output(StringIO):
    """A text that counts what is written into it."""

    def __init__(self, count: Callable[[int], None]) -> None:
        super().__init__()
        self._count = count

    def write(self, text: str, /) -> int:
        """Write, or raise `Exceeded`."""
        if text:
            self._count(len(text) if text.isascii() else len(text.encode("utf-8", "replace")))
        return super().write(text)


class ThemeContext(RenderContext):
    """A render context that reads declared names only and counts what the page takes."""

    __slots__ = ("at", "held", "run")

    def __init__(self, template: "ThemeTemplate", *, run: "Run | None" = None, **given: Any) -> None:
        super().__init__(template, **given)
        parent = self.parent_context
        self.at: Token | None = None
        self.held: int = 0
        if isinstance(parent, ThemeContext):
            self.run: Run = parent.run
            self.held = parent.held
        elif run is not None:
            self.run = run
        else:
            raise TypeError("a context needs the run that it belongs to")
        self.loop_iteration_carry = 1

    @property
    def registers(self) -> "Registers":
        """What the page lends to tags and filters."""
        return self.run.registers

    @property
    def file(self) -> str:
        """The file that is being rendered."""
        return str(self.template.name)

    def fault(self, kind: Kind, message: str, token: "Token | None" = None, hint: str = "") -> None:
        """Keep a fault of the file that is being rendered: at `token`, or where rendering stands."""
        token = token or self.at
        line = line_of(token.source, token.start_index) if token and token.start_index >= 0 else 0
        self.run.faults.add(Fault(self.file, line, kind, message, hint))

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """A text for `capture` and the like; what it takes counts as output."""
        del buf
        return Output(self.run.meter.write)

    def assign(self, key: str, val: Any) -> None:
        """Set a variable of this file, and weigh it."""
        self.held += sys.getsizeof(val, 64) - sys.getsizeof(self.locals.get(key), 64)
        if self.held > self.run.meter.limits.held:
            raise LocalNamespaceLimitError(
                f"variables of this file hold more than {self.run.meter.limits.held:,} bytes", token=None
            )
        self.locals[key] = val

    def get_size_of_locals(self) -> int:
        """What the variables weigh; kept up by `assign`."""
        return self.held

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Count the turns of a loop. Each inner loop is counted when it begins, so nothing is multiplied."""
        self.run.meter.loop(length)

    def filter(self, name: str, token: "Token | None") -> Callable[..., object]:
        """The filter of this name; one that is not known hands its value on (the parser says it is not)."""
        self.at = token or self.at
        function = self.env.filters.get(name)
        if function is None:
            if self.env.strict_filters:
                return super().filter(name, token)
            return _unchanged
        given: dict[str, Any] = {}
        if getattr(function, "with_context", False):
            given["context"] = self
        if getattr(function, "with_environment", False):
            given["environment"] = self.env
        return partial(metered, self.run.meter, name, partial(function, **given) if given else function)

    def get(self, path: list[object], *, token: "Token | None", default: object = UNDEFINED) -> object:
        """Resolve a path; what is not there is undefined, and a fault where nobody can have meant it."""
        root = path[0]
        try:
            value = self.scope[root]  # type: ignore[index] # a root that is no text is found nowhere
        except (KeyError, TypeError):
            if default is not UNDEFINED:
                return default
            if isinstance(root, str):
                self._unknown(root, token)
            return self.env.undefined(str(root), token=token)
        for segment in path[1:]:
            holder = value
            try:
                value = self.get_item(holder, segment)
            except (KeyError, TypeError, IndexError):
                if default is not UNDEFINED:
                    return default
                if isinstance(holder, Shelf) and not isinstance(segment, int):
                    return Missing(str(root), token=token)
                if isinstance(holder, Drop) and isinstance(segment, str):
                    self._lacking(holder, segment, token)
                return self.env.undefined(str(root), token=token)
        return value

    def get_item(self, obj: Any, key: Any) -> Any:
        """One step of a path: a declared name, an index, or first, last and size of a list."""
        if type(obj) is dict and type(key) is str and key not in OF_LISTS:
            return obj[key]
        if hasattr(key, "__liquid__"):
            key = key.__liquid__()
        if isinstance(key, Drop):
            key = key.get("handle")
        if isinstance(obj, Drop):
            return obj[key]
        if isinstance(obj, Undefined):
            return obj
        if not isinstance(obj, SAFE):
            raise TypeError(key)
        if isinstance(obj, Shelf) and isinstance(key, str) and key not in OF_LISTS:
            found = obj.find(key)
            if found is None:
                raise KeyError(key)
            return found
        return super().get_item(obj, key)

    def _unknown(self, root: str, token: "Token | None") -> None:
        if token is not None and not self.run.knows(root):
            self.fault("unknown_object", f"unknown object {root}", token, nearest(root, self.run.globals))

    def _lacking(self, holder: Drop, name: str, token: "Token | None") -> None:
        if holder.open or name in holder.absent or name in OF_LISTS:
            return
        self.fault("unknown_property", f"{holder.kind} has no {name}", token, nearest(name, holder.names()))


def _unchanged(value: object, *_given: object, **_named: object) -> object:
    return value
