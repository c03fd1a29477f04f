"""Ruby's strftime, which is what templates write, with the names of the page's language."""

import re
from collections.abc import Callable
from datetime import datetime

from till.liquid.filters.names import Names

DIRECTIVE = re.compile(r"%([-0^#_]*)(\d{0,3})(:{0,2}[A-Za-z%+])")
# A format is short; a longer one would only repeat itself.
LONGEST_FORMAT = 1000
WIDEST = 100

# Directive -> its digits, how many, and what fills the front.
NUMBERS: dict[str, tuple[Callable[[datetime], int], int, str]] = {
    "Y": (lambda at: at.year, 4, "0"),
    "C": (lambda at: at.year // 100, 2, "0"),
    "y": (lambda at: at.year % 100, 2, "0"),
    "m": (lambda at: at.month, 2, "0"),
    "d": (lambda at: at.day, 2, "0"),
    "e": (lambda at: at.day, 2, " "),
    "j": (lambda at: at.timetuple().tm_yday, 3, "0"),
    "H": (lambda at: at.hour, 2, "0"),
    "k": (lambda at: at.hour, 2, " "),
    "I": (lambda at: at.hour % 12 or 12, 2, "0"),
    "l": (lambda at: at.hour % 12 or 12, 2, " "),
    "M": (lambda at: at.minute, 2, "0"),
    "S": (lambda at: at.second, 2, "0"),
    "L": (lambda at: at.microsecond // 1000, 3, "0"),
    "N": (lambda at: at.microsecond * 1000, 9, "0"),
    "s": (lambda at: int(at.timestamp()), 1, "0"),
    "u": (lambda at: at.isoweekday(), 1, "0"),
    "w": (lambda at: at.isoweekday() % 7, 1, "0"),
    "G": (lambda at: at.isocalendar().year, 4, "0"),
    "g": (lambda at: at.isocalendar().year % 100, 2, "0"),
    "V": (lambda at: at.isocalendar().week, 2, "0"),
    "U": (lambda at: (at.timetuple().tm_yday + 6 - at.isoweekday() % 7) // 7, 2, "0"),
    "W": (lambda at: (at.timetuple().tm_yday + 6 - at.weekday()) // 7, 2, "0"),
}
WORDS: dict[str, Callable[[datetime, Names], str]] = {
    "A": lambda at, names: names.days[at.weekday()],
    "a": lambda at, names: names.short_days[at.weekday()],
    "B": lambda at, names: names.months[at.month - 1],
    "b": lambda at, names: names.short_months[at.month - 1],
    "h": lambda at, names: names.short_months[at.month - 1],
    "p": lambda at, _: "PM" if at.hour >= 12 else "AM",
    "P": lambda at, _: "pm" if at.hour >= 12 else "am",
    "Z": lambda at, _: at.tzname() or "UTC",
    "z": lambda at, _: _offset(at, ""),
    ":z": lambda at, _: _offset(at, ":"),
    "n": lambda _at, _names: "\n",
    "t": lambda _at, _names: "\t",
    "%": lambda _at, _names: "%",
}
TOGETHER = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "v": "%e-%^b-%Y",
    "+": "%a %b %e %H:%M:%S %Z %Y",
}


def strftime(at: datetime, form: str, names: Names) -> str:
    """`at` by a format; what is no directive stays as it is written. `at` knows its timezone."""

    def written(found: re.Match[str]) -> str:
        flags, width, name = found.groups()
        if name in TOGETHER:
            return strftime(at, TOGETHER[name], names)
        if name in NUMBERS:
            given, digits, fill = NUMBERS[name]
            return _number(given(at), flags, min(int(width or digits), WIDEST), fill)
        if name not in WORDS:
            return found[0]
        word = WORDS[name](at, names)
        if "^" in flags:
            word = word.upper()
        if "#" in flags:
            word = word.swapcase()
        return word.rjust(min(int(width or 0), WIDEST), "0" if "0" in flags else " ")

    return DIRECTIVE.sub(written, form[:LONGEST_FORMAT])


def _number(value: int, flags: str, width: int, fill: str) -> str:
    if "-" in flags:
        return str(value)
    if "_" in flags:
        fill = " "
    elif "0" in flags:
        fill = "0"
    return str(value).rjust(width, fill)


def _offset(at: datetime, between: str) -> str:
    plain = at.strftime("%z") or "+0000"
    return f"{plain[:3]}{between}{plain[3:5]}"
