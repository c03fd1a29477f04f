"""Rules of Liquid itself: what cannot be parsed, is not known, or is out of date."""

from collections.abc import Iterator

from till.checking.facts import INSTEAD, deprecated
from till.checking.finding import Found, Severity
from till.checking.rules import Rule
from till.checking.subject import Subject, at_of
from till.liquid.faults import Kind

LAYOUT_OBJECTS = (("content_for_header", "</head>", True), ("content_for_layout", "<body", False))


def _of(kinds: set[Kind], subject: Subject, fix: str) -> Iterator[Found]:
    for name, tree in subject.trees.items():
        for at, fault in tree.faults:
            if fault.kind in kinds:
                hint = f"write {fault.hint!r}" if fault.hint else fix
                yield Found(name, at, _sentence(fault.message), hint)


def syntax(subject: Subject) -> Iterator[Found]:
    yield from _of({"syntax", "bad_argument", "limit"}, subject, "")


def unknown_tag(subject: Subject) -> Iterator[Found]:
    yield from _of({"unknown_tag"}, subject, "use one of the tags of the platform")


def unknown_filter(subject: Subject) -> Iterator[Found]:
    yield from _of({"unknown_filter"}, subject, "use one of the filters of the platform")


def deprecated_tag(subject: Subject) -> Iterator[Found]:
    for name, tree in subject.trees.items():
        for node in tree.nodes:
            word = node.token.value
            if node.token.kind == "tag" and word in deprecated():
                yield Found(name, at_of(node), f"the tag {word} is out of date", f"use {INSTEAD[word]}")


def deprecated_filter(subject: Subject) -> Iterator[Found]:
    for name, tree in subject.trees.items():
        for value in tree.filtered():
            for each in value.filters or []:
                if each.name in deprecated():
                    said = f"the filter {each.name} is out of date"
                    yield Found(name, at_of(each), said, f"use {INSTEAD.get(each.name, 'another')}")


def unused_assign(subject: Subject) -> Iterator[Found]:
    """Names that a file assigns and nobody reads; one that includes another file may have it read there."""
    for name, tree in subject.trees.items():
        used = {str(path.path[0]) for path in tree.paths()}
        if any(node.token.value == "include" for node in tree.nodes) or _is_included(subject, name):
            continue
        for node in tree.nodes:
            if node.token.value not in ("assign", "capture"):
                continue
            for identifier in node.template_scope():
                if str(identifier) not in used:
                    yield Found(name, at_of(node), f"{identifier} is set and never read", "remove it")


def _is_included(subject: Subject, name: str) -> bool:
    stem = name.removeprefix("snippets/").removesuffix(".liquid")
    return any(
        node.token.value == "include" and stem in str(getattr(node, "name", ""))
        for tree in subject.trees.values()
        for node in tree.nodes
    )


def _sentence(text: str) -> str:
    return text.rstrip(".")


RULES = (
    Rule("LiquidHTMLSyntaxError", Severity.ERROR, "Liquid that cannot be parsed", syntax),
    Rule("UnknownTag", Severity.ERROR, "Tags that the platform does not have", unknown_tag),
    Rule("UnknownFilter", Severity.ERROR, "Filters that the platform does not have", unknown_filter),
    Rule("DeprecatedTag", Severity.WARNING, "Tags that are out of date", deprecated_tag),
    Rule("DeprecatedFilter", Severity.WARNING, "Filters that are out of date", deprecated_filter),
    Rule("UnusedAssign", Severity.WARNING, "Variables that nobody reads", unused_assign),
)
