"""Values as Ruby spells them where a filter of text is given something else: `true`, `[1, nil]`, `1..3`."""

from itertools import islice
from typing import Any

MOST = 1000
DEEPEST = 5


def liquid_text(value: object) -> object:
    """What Liquid makes of a truth value, a list, a range or a mapping before it works on its text.

    Everything else is handed on: text, numbers, nil and objects mean the same in both languages.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, (list, tuple, dict)):
        return inspected(value)
    return value


def joinable(value: object) -> object:
    """A list whose truth values and gaps are text; anything else as it is."""
    if isinstance(value, (list, tuple)):
        return ["" if each is None else liquid_text(each) for each in value]
    return liquid_text(value) if isinstance(value, bool) else value


def inspected(value: object, depth: int = 0) -> str:
    """A value as Ruby's `inspect` shows it: `[1, true, nil, "a"]`, `{"a"=>1}`; cut where large or deep."""
    if value is None:
        return "nil"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, (list, tuple, dict)):
        return _inside(value, depth + 1) if depth < DEEPEST else "…"
    return str(liquid_text(value))


def _inside(value: list[Any] | tuple[Any, ...] | dict[Any, Any], depth: int) -> str:
    if isinstance(value, dict):
        pairs = islice(value.items(), MOST)
        shown = (f"{inspected(name, depth)}=>{inspected(each, depth)}" for name, each in pairs)
        return "{" + ", ".join(shown) + "}"
    return "[" + ", ".join(inspected(each, depth) for each in islice(value, MOST)) + "]"
