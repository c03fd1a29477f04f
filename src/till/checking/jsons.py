"""JSON in which every value knows where it stands, for a finding is only of use with its line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from till.checking.finding import Edit

SPACE = re.compile(r"(?:[ \t\r\n]+|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
WORDS = {"true": True, "false": False, "null": None}
DEEPEST = 64
LONGEST_NUMBER = 400


class BadJson(Exception):
    """The text is no JSON from the character `at` on."""

    def __init__(self, said: str, at: int, edits: tuple[Edit, ...] = ()) -> None:
        super().__init__(said)
        self.said = said
        self.at = at
        self.edits = edits


@dataclass(slots=True)
class Value:
    """A value and the character where it begins.

    An object has its `members` by name, and where each name stands; a list has its `items`. `twice` are the
    places of names that an object has already.
    """

    at: int
    plain: Any = None
    members: dict[str, "Value"] | None = None
    names: dict[str, int] = field(default_factory=dict)
    items: "list[Value] | None" = None
    twice: list[tuple[str, int]] = field(default_factory=list)

    def get(self, name: str) -> "Value | None":
        """The member of an object, None where there is none."""
        return None if self.members is None else self.members.get(name)

    def text(self, name: str) -> str | None:
        """The member of an object where it is a text."""
        found = self.get(name)
        return found.plain if found is not None and isinstance(found.plain, str) else None

    def each(self, name: str) -> "list[Value]":
        """The items of a member that is a list; none where it is no list."""
        found = self.get(name)
        return [] if found is None or found.items is None else found.items

    def pairs(self, name: str) -> "Iterator[tuple[str, int, Value]]":
        """The members of a member that is an object: name, where it stands, value."""
        found = self.get(name)
        if found is not None and found.members is not None:
            for key, value in found.members.items():
                yield key, found.names[key], value

    def walk(self) -> "Iterator[Value]":
        """This value and all inside of it."""
        waiting = [self]
        while waiting:
            value = waiting.pop()
            yield value
            waiting += [*(value.members or {}).values(), *(value.items or [])]


def parse(text: str, offset: int = 0) -> Value:
    """The value of a text that begins at character `offset` of its file; `BadJson`.

    Comments are taken, for tools write them above the JSON of themes.
    """
    reader = _Reader(text, offset)
    value = reader.value(0)
    reader.space()
    if reader.at != len(text):
        raise reader.bad("something follows after its end")
    return value


class _Reader:
    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.at = 1 if text.startswith("\ufeff") else 0

    def bad(self, said: str, *edits: Edit) -> BadJson:
        return BadJson(said, min(self.at, max(len(self.text) - 1, 0)) + self.offset, edits)

    def space(self) -> None:
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def value(self, depth: int) -> Value:
        self.space()
        if depth > DEEPEST:
            raise self.bad(f"it is nested deeper than {DEEPEST}")
        letter = self.text[self.at : self.at + 1]
        if letter == "{":
            return self._object(depth)
        if letter == "[":
            return self._list(depth)
        start = self.at + self.offset
        if letter == '"':
            return Value(start, self._string())
        for word, plain in WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return Value(start, plain)
        number = NUMBER.match(self.text, self.at)
        if number is None or len(number[0]) > LONGEST_NUMBER:
            raise self.bad(f"a value is expected, and here is {self._here()}")
        self.at = number.end()
        return Value(start, json.loads(number[0]))

    def _here(self) -> str:
        return repr(self.text[self.at : self.at + 12]) if self.at < len(self.text) else "the end"

    def _string(self) -> str:
        found = STRING.match(self.text, self.at)
        if found is None:
            raise self.bad("a text is not closed by a quote, or goes over the end of its line")
        try:
            plain: str = json.loads(found[0], strict=False)
        except ValueError:
            raise self.bad("a text has a backslash before what cannot be escaped") from None
        self.at = found.end()
        return plain

    def _object(self, depth: int) -> Value:
        value = Value(self.at + self.offset, {}, members={})
        members = value.members or {}
        value.members = members
        for _ in self._parts("}"):
            start = self.at
            if self.text[start : start + 1] != '"':
                raise self.bad(f"a name between quotes is expected, and here is {self._here()}")
            name = self._string()
            self.space()
            if self.text[self.at : self.at + 1] != ":":
                raise self.bad(f"a colon is expected after {name!r}, and here is {self._here()}")
            self.at += 1
            if name in members:
                value.twice.append((name, start + self.offset))
            members[name] = self.value(depth + 1)
            value.names[name] = start + self.offset
        value.plain = {name: each.plain for name, each in members.items()}
        return value

    def _list(self, depth: int) -> Value:
        value = Value(self.at + self.offset, items=[])
        items = [self.value(depth + 1) for _ in self._parts("]")]
        value.items, value.plain = items, [each.plain for each in items]
        return value

    def _parts(self, end: str) -> Iterator[None]:
        """Stand before each part between the brackets, and behind the closing one in the end."""
        self.at += 1
        self.space()
        if self.text[self.at : self.at + 1] == end:
            self.at += 1
            return
        while True:
            yield
            self.space()
            letter, comma = self.text[self.at : self.at + 1], self.at
            if letter not in {",", end}:
                raise self.bad(f"a comma or {end} is expected, and here is {self._here()}")
            self.at += 1
            if letter == end:
                return
            self.space()
            if self.text[self.at : self.at + 1] == end:
                place = comma + self.offset
                self.at = comma
                raise self.bad(f"a comma stands before {end}", Edit(place, place + 1, ""))
