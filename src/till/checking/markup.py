"""The HTML of a Liquid file: its tags, each with the branch of the Liquid that it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What stands in for the output of Liquid: no letter, so that no name is made of it.
OUTPUT = "\ue000"
NAME = re.compile(r"\{%-?\s*(\w+|#)?")
OPAQUE = frozenset({"comment", "raw", "doc", "schema", "javascript", "stylesheet", "style"})
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
SILENT = re.compile(r"<(script|style|textarea|title)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][\w:-]*)(?P<given>(?:\"[^\"]*\"|'[^']*'|[^'\">])*)>", re.DOTALL
)
BEGIN = re.compile(r"</?[A-Za-z]")
# A tag is no longer than this; where many seem to be, the file is no HTML.
LONGEST_TAG, MOST_ENDLESS = 8_000, 100
BLOCKS = frozenset(
    {"if", "unless", "case", "for", "tablerow", "form", "paginate", "capture", "ifchanged", "block"}
)
BRANCHES = frozenset({"else", "elsif", "when"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of HTML: `given` are its attributes, with `OUTPUT` where Liquid writes something.

    `branch` names the branches of Liquid around it, the innermost last.
    """

    at: int
    end: int
    name: str
    is_close: bool
    given: str
    branch: tuple[tuple[int, int], ...]

    @property
    def is_empty(self) -> bool:
        """True of a tag that closes itself."""
        return self.given.rstrip().endswith("/")

    def has(self, attribute: str) -> bool:
        return (
            re.search(rf"(?<![\w-]){re.escape(attribute)}(?![\w-])", _without_values(self.given)) is not None
        )

    def value(self, attribute: str) -> str | None:
        """The value of an attribute between quotes."""
        found = re.search(rf"(?<![\w-]){re.escape(attribute)}\s*=\s*([\"'])(.*?)\1", self.given, re.DOTALL)
        return found[2] if found else None

    @property
    def is_open_to_more(self) -> bool:
        """True where Liquid may write attributes of its own."""
        return OUTPUT in _without_values(self.given)


@dataclass(frozen=True, slots=True)
class Mark:
    """An output or a tag of Liquid: `tag` is the tag's name."""

    start: int
    end: int
    tag: str | None


def marks_of(text: str) -> Iterator[Mark]:
    """The outputs and tags of Liquid in a text; what is never closed ends them."""
    at = text.find("{")
    while at >= 0:
        closing = {"{{": "}}", "{%": "%}"}.get(text[at : at + 2])
        if closing is None:
            at = text.find("{", at + 1)
            continue
        end = text.find(closing, at + 2)
        if end < 0:
            return
        name = NAME.match(text, at)
        yield Mark(at, end + 2, name[1] if name else None)
        at = text.find("{", end + 2)


def tags(text: str) -> Iterator[Tag]:
    """The tags of HTML in a Liquid file, in order."""
    text = _without_bodies(text)
    branches = _Branches()
    marks = list(marks_of(text))
    plain = COMMENT.sub(lambda match: _blank(match[0]), _stood_in(text, marks))
    plain = _without_silent(plain)
    waiting = iter(marks)
    mark = next(waiting, None)
    for found in _plain_tags(plain):
        while mark is not None and mark.start < found.start():
            branches.take(mark.tag, mark.start)
            mark = next(waiting, None)
        yield Tag(
            found.start(),
            found.end(),
            found["name"].lower(),
            bool(found["close"]),
            found["given"],
            branches.now(),
        )


class _Branches:
    def __init__(self) -> None:
        self._open: list[tuple[str, int, int]] = []

    def take(self, tag: str | None, at: int) -> None:
        if tag is None:
            return
        if tag in BLOCKS:
            self._open.append((tag, at, 0))
        elif tag in BRANCHES and self._open:
            name, since, branch = self._open[-1]
            self._open[-1] = (name, since, branch + 1)
        elif tag.startswith("end") and self._open and self._open[-1][0] == tag.removeprefix("end"):
            self._open.pop()

    def now(self) -> tuple[tuple[int, int], ...]:
        return tuple((since, branch) for _, since, branch in self._open)


def _without_bodies(text: str) -> str:
    """The text with what stands inside of tags emptied whose inside is no HTML."""
    parts: list[str] = []
    at, opened, since = 0, "", 0
    for mark in marks_of(text):
        tag = mark.tag or ""
        if not opened and tag in OPAQUE:
            opened, since = tag, mark.end
        elif opened and tag == f"end{opened}":
            parts += [text[at:since], _blank(text[since : mark.start])]
            at, opened = mark.start, ""
    return "".join([*parts, text[at:]])


def _without_silent(text: str) -> str:
    """The text with scripts and styles emptied; one without an end is left as it is."""
    parts: list[str] = []
    lower, at = text.lower(), 0
    while (opened := SILENT.search(text, at)) is not None:
        end = lower.find(f"</{opened[1].lower()}", opened.end())
        parts.append(text[at : opened.end()])
        at = opened.end()
        if end >= 0:
            parts.append(_blank(text[at:end]))
            at = end
        else:
            break
    return "".join([*parts, text[at:]])


def _plain_tags(text: str) -> Iterator[re.Match[str]]:
    at, endless = 0, 0
    while endless < MOST_ENDLESS and (begun := BEGIN.search(text, at)) is not None:
        found = TAG.match(text, begun.start(), begun.start() + LONGEST_TAG)
        if found is None:
            endless += 1
            at = begun.end()
        else:
            yield found
            at = found.end()


def _stood_in(text: str, marks: list[Mark]) -> str:
    """The text with Liquid taken out: an output becomes `OUTPUT`, a tag becomes blanks."""
    parts: list[str] = []
    at = 0
    for mark in marks:
        inner = text[mark.start : mark.end]
        parts += [text[at : mark.start], re.sub(r"[^\n]", OUTPUT if inner[1] == "{" else " ", inner)]
        at = mark.end
    return "".join([*parts, text[at:]])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_values(given: str) -> str:
    return re.sub(r"=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", "=", given)
