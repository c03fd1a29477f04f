"""Conditions on a payload, in the search syntax of the platform: `financialStatus:paid AND totalPrice:>100`.

    condition  = either { "OR" either }
    either     = one { [ "AND" ] one }
    one        = "NOT" one | "(" condition ")" | path ":" [ "<" | "<=" | ">" | ">=" ] value

A path is dotted, from the thing that the payload tells (`customer.email`, `lineItems.sku`); of a list any
element may meet the condition. Numbers are compared as exact decimals and times as moments; all else as
text, without regard to case. `path:*` asks whether there is anything, `path:te*` how it begins; quotes
take a value as it is.
"""

import operator
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Protocol

from msgspec import Struct

from till.errors import Invalid

LONGEST = 1_000
DEEPEST = 20
TOKEN = re.compile(r'\s*(?:([()])|((?:[^\s()":]+:)?(?:[<>]=?)?"(?:[^"\\]|\\.)*")|([^\s()"]+))')
TERM = re.compile(r"([A-Za-z_][\w.]*):(<=|>=|<|>)?(.*)", re.DOTALL)
PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class BadFilter(Invalid):
    """The filter cannot be understood."""


class Condition(Protocol):
    """Something that is true of a thing or not."""

    def holds(self, thing: Any) -> bool: ...


class Both(Struct, frozen=True):
    parts: tuple[Condition, ...]

    def holds(self, thing: Any) -> bool:
        return all(part.holds(thing) for part in self.parts)


class Either(Struct, frozen=True):
    parts: tuple[Condition, ...]

    def holds(self, thing: Any) -> bool:
        return any(part.holds(thing) for part in self.parts)


class Not(Struct, frozen=True):
    part: Condition

    def holds(self, thing: Any) -> bool:
        return not self.part.holds(thing)


class Term(Struct, frozen=True):
    """One comparison; `quoted` values have no stars in them. `number` and `moment` are the value as such."""

    path: tuple[str, ...]
    compare: str | None
    value: str
    quoted: bool
    number: Decimal | None
    moment: datetime | None

    def holds(self, thing: Any) -> bool:
        return any(self._is(each) for each in _at(thing, self.path))

    def _is(self, found: Any) -> bool:
        if found is None:
            return False
        said = _text(found)
        if self.compare is None:
            return self._equals(said)
        if self.number is not None:
            number = _number(said)
            return number is not None and COMPARE[self.compare](number, self.number)
        moment = _moment(said)
        return moment is not None and COMPARE[self.compare](moment, self.moment)

    def _equals(self, said: str) -> bool:
        if not self.quoted and self.value.endswith("*"):
            return said.lower().startswith(self.value[:-1].lower())
        number = None if self.number is None else _number(said)
        return said.lower() == self.value.lower() if number is None else number == self.number


class Filter(Struct, frozen=True):
    """A condition, and the paths that it looks at."""

    condition: Condition
    paths: tuple[str, ...]

    def matches(self, payload: dict[str, Any]) -> bool:
        """True when the thing in the envelope of `payload` meets the condition."""
        return any(self.condition.holds(thing) for thing in payload.values())


@lru_cache(maxsize=1024)
def compiled(text: str) -> Filter:
    """Read a filter; `BadFilter` says what is wrong with it and where."""
    if len(text) > LONGEST:
        raise _bad(f"is {len(text):,} characters long: give at most {LONGEST:,}")
    reader = _Reader(text)
    condition = reader.condition(0)
    if reader.word is not None:
        raise _bad(f"has {reader.word!r} where it should end")
    return Filter(condition, tuple(reader.paths))


class _Reader:
    """Reads a condition word by word."""

    def __init__(self, text: str) -> None:
        self._words = _words(text)
        self.paths: list[str] = []
        self.word: str | None = None
        self._next()

    def _next(self) -> str | None:
        word, self.word = self.word, next(self._words, None)
        return word

    def condition(self, depth: int) -> Condition:
        parts = [self._all(depth)]
        while self.word == "OR":
            self._next()
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self.word not in (None, "OR", ")"):
            if self.word == "AND":
                self._next()
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise _bad(f"is nested more than {DEEPEST} deep")
        word = self._next()
        if word == "NOT":
            return Not(self._one(depth + 1))
        if word == "(":
            inner = self.condition(depth + 1)
            if self._next() != ")":
                raise _bad("has a bracket that is not closed")
            return inner
        if word is None or word in (")", "AND", "OR"):
            raise _bad(
                "ends" if word is None else f"has {word!r}",
                "where a condition such as totalPrice:>100 should be",
            )
        return self._term(word)

    def _term(self, word: str) -> Term:
        match = TERM.fullmatch(word)
        if match is None or not PATH.fullmatch(match[1]) or not match[3]:
            raise _bad(f"has {word!r}", "which is no condition such as financialStatus:paid")
        value, quoted = match[3], match[3].startswith('"')
        if quoted:
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        number, moment = _number(value), _moment(value)
        if match[2] and number is None and moment is None:
            raise _bad(f"compares {match[1]} with {value!r}, which is neither a number nor a time")
        self.paths.append(match[1])
        return Term(tuple(match[1].split(".")), match[2], value, quoted, number, moment)


def _words(text: str) -> Iterator[str]:
    at, text = 0, text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise _bad(f"has a quote that is not closed at {text[at:].strip()[:20]!r}")
        at = match.end()
        yield next(filter(None, match.groups()))


def _bad(*said: str) -> BadFilter:
    what = " ".join(said)
    return BadFilter(
        f"The filter {what}: write it like financialStatus:paid AND totalPrice:>100.",
        fields={"webhook.filter": [what]},
    )


def _at(thing: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """All values at a path; of a list, those of each element."""
    if isinstance(thing, list):
        for each in thing:
            yield from _at(each, path)
    elif not path:
        yield thing
    elif isinstance(thing, dict) and path[0] in thing:
        yield from _at(thing[path[0]], path[1:])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
