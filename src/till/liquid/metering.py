"""What a filter is about to make is counted before it makes it, and what it made afterwards."""

from collections.abc import Callable, Sequence, Sized
from typing import Any

from till.liquid.limits import Exceeded, Meter

DIGITS = 300
"""A number of more digits is no price, no size and no count."""


def metered(
    meter: Meter, name: str, function: Callable[..., object], value: object, /, *given: Any, **named: Any
) -> object:
    """Call a filter within the bounds of the page."""
    for each in (value, *given):
        if isinstance(each, range) and each.stop - each.start > meter.limits.loops:
            raise Exceeded(f"a range has more than {meter.limits.loops:,} numbers", token=None)
    foresee = FORESEEN.get(name)
    if foresee is not None:
        meter.grow(foresee(value, *given))
    made = function(value, *given, **named)
    if isinstance(made, (str, list, tuple)):
        meter.grow(len(made))
    elif isinstance(made, int) and made.bit_length() > DIGITS * 4:
        raise Exceeded(f"a number has more than {DIGITS} digits", token=None)
    return made


def _size(value: object) -> int:
    return len(value) if isinstance(value, Sized) else len(str(value)) if value is not None else 0


def _replace(value: object, old: object = "", new: object = "", *_: object) -> int:
    text, sought = str(value), str(old)
    times = text.count(sought) if sought else len(text) + 1
    return len(text) + times * max(_size(new) - len(sought), 0)


def _join(value: object, glue: object = " ", *_: object) -> int:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _size(value)
    if isinstance(value, range):
        return len(value) * (_size(glue) + 1)
    return sum(_size(item) for item in value) + _size(glue) * len(value)


def _both(value: object, other: object = "", *_: object) -> int:
    return _size(value) + _size(other)


def _whole(value: object, *_: object) -> int:
    return _size(value)


FORESEEN: dict[str, Callable[..., int]] = {
    "append": _both,
    "concat": _both,
    "join": _join,
    "prepend": _both,
    "replace": _replace,
    "replace_first": _both,
    "replace_last": _both,
    "reverse": _whole,
    "sort": _whole,
    "sort_natural": _whole,
    "split": _whole,
    "where": _whole,
    "map": _whole,
    "uniq": _whole,
}
