"""`.theme-check.yml`: which rules are asked, how bad they are, and for which files; read where it is simple.

Simple is a map of names to a word, a list, or another map of those. What goes beyond is refused, for a
setting that is overlooked is worse than one that is missing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pathspec
from msgspec import Struct, field

from till.checking.finding import Severity
from till.errors import Invalid

FILE = ".theme-check.yml"
LINE = re.compile(r"(?P<indent> *)(?P<item>- +)?(?:(?P<key>[A-Za-z][\w:-]*): *)?(?P<value>.*?)\s*\Z")
WORDS = {"true": True, "false": False, "yes": True, "no": False, "": None, "~": None, "null": None}
SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "suggestion": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.INFO,
    "0": Severity.ERROR,
    "1": Severity.WARNING,
    "2": Severity.INFO,
}
NOTHING = frozenset({"nothing", ":nothing", "theme-check:nothing"})
# What the platform's own tool reads there, and means nothing here.
OTHERS = frozenset({"root", "require", "include_categories", "exclude_categories", "context"})


class BadConfiguration(Invalid):
    """The file `.theme-check.yml` cannot be read."""


class Wish(Struct, frozen=True):
    """What is said of one rule: whether it is asked, how bad it is, and which files it leaves alone."""

    enabled: bool | None = None
    severity: Severity | None = None
    ignore: tuple[str, ...] = ()


class Configuration(Struct, frozen=True):
    """`unasked` turns off all rules but those that are enabled; `ignore` are patterns as in a .gitignore."""

    rules: dict[str, Wish] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    unasked: bool = False

    def asks(self, rule: str) -> bool:
        """True of a rule that is to be looked at."""
        enabled = self.rules.get(rule, Wish()).enabled
        return not self.unasked if enabled is None else enabled

    def severity(self, rule: str, usual: Severity) -> Severity:
        """How bad what this rule finds is."""
        return self.rules.get(rule, Wish()).severity or usual

    def left_alone(self, rule: str) -> pathspec.GitIgnoreSpec:
        """The files that a rule says nothing of."""
        return pathspec.GitIgnoreSpec.from_lines([*self.ignore, *self.rules.get(rule, Wish()).ignore])


def read(text: str, known: Iterable[str]) -> Configuration:
    """The configuration of a file; `known` are the names of rules. `BadConfiguration` names the line."""
    rules: dict[str, Wish] = {}
    ignore: tuple[str, ...] = ()
    unasked = False
    names = set(known)
    lower = {name.lower(): name for name in names}
    for key, (line, value) in _mapping(list(_lines(text))).items():
        if key == "ignore":
            ignore = _texts(value, line)
        elif key == "extends":
            unasked = any(each in NOTHING for each in _texts(value, line))
        elif isinstance(value, Mapping):
            # A rule that only another tool has is no mistake; one in other letters is.
            if key not in names and key.lower() in lower:
                raise _bad(line, f"there is no rule {key}: write {lower[key.lower()]}")
            rules[key] = _wish(value)
        elif key not in OTHERS:
            raise _bad(line, f"{key} is no map of settings: write {key}:, and enabled: below it")
    return Configuration(rules, ignore, unasked)


def _wish(settings: Mapping[str, tuple[int, Any]]) -> Wish:
    enabled: bool | None = None
    severity: Severity | None = None
    ignore: tuple[str, ...] = ()
    for key, (line, value) in settings.items():
        if key == "enabled":
            if not isinstance(value, bool):
                raise _bad(line, "enabled is true or false")
            enabled = value
        elif key == "severity":
            severity = SEVERITIES.get(str(value))
            if severity is None:
                raise _bad(line, f"severity is error, warning or info, and not {value}")
        elif key == "ignore":
            ignore = _texts(value, line)
    return Wish(enabled, severity, ignore)


class _Line(Struct, frozen=True):
    number: int
    indent: int
    is_item: bool
    key: str | None
    value: Any


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = _uncommented(line)
        if not bare.strip() or bare.strip() == "---":
            continue
        if "\t" in bare[: len(bare) - len(bare.lstrip())]:
            raise _bad(number, "it is indented by tabs: use blanks")
        found = LINE.fullmatch(bare)
        if found is None or (found["item"] and found["key"]):
            raise _bad(number, "this is more than names, words and lists")
        yield _Line(
            number, len(found["indent"]), bool(found["item"]), found["key"], _scalar(found["value"], number)
        )


def _uncommented(line: str) -> str:
    if line.lstrip().startswith("#"):
        return ""
    return re.sub(r"\s+#(?=(?:[^\"']*[\"'][^\"']*[\"'])*[^\"']*\Z).*", "", line)


def _scalar(text: str, number: int) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(each.strip(), number) for each in text[1:-1].split(",") if each.strip()]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text[:1] in ("{", "&", "|", ">", "!"):
        raise _bad(number, "this is more than names, words and lists")
    return WORDS.get(text.lower(), text)


def _mapping(lines: list[_Line]) -> dict[str, tuple[int, Any]]:
    """Names to the number of their line and their value."""
    found: dict[str, tuple[int, Any]] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.key is None or line.indent != lines[0].indent:
            raise _bad(line.number, "a name with a colon is expected")
        end = at + 1
        while end < len(lines) and (
            lines[end].indent > line.indent or (lines[end].is_item and lines[end].indent == line.indent)
        ):
            end += 1
        inner = lines[at + 1 : end]
        value = line.value
        if inner and value is not None:
            raise _bad(inner[0].number, "this belongs to nothing")
        if inner:
            value = [each.value for each in inner] if all(each.is_item for each in inner) else _mapping(inner)
        found[line.key] = (line.number, value)
        at = end
    return found


def _texts(value: Any, line: int) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(each, str) for each in listed):
        raise _bad(line, "this is a list of texts")
    return tuple(listed)


def _bad(line: int, said: str) -> BadConfiguration:
    return BadConfiguration(f"{FILE}, line {line}: {said}.")
