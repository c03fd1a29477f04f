"""Asks every rule of a theme, and mends what needs nobody's judgement."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from till.checking import (
    rules_files,
    rules_liquid,
    rules_markup,
    rules_names,
    rules_objects,
    rules_schemas,
    rules_settings,
    rules_templates,
    rules_texts,
)
from till.checking.configured import Configuration
from till.checking.finding import Edit, Finding, Found, Severity
from till.checking.rules import Rule, rules_of
from till.checking.source import Source
from till.checking.subject import Subject

RULES = rules_of(
    rules_files.RULES,
    rules_liquid.RULES,
    rules_names.RULES,
    rules_objects.RULES,
    rules_settings.RULES,
    rules_schemas.RULES,
    rules_templates.RULES,
    rules_texts.RULES,
    rules_markup.RULES,
)
# `{% # theme-check-disable Rule %}` up to `theme-check-enable`, or for the next line alone.
SAID = re.compile(
    r"\{%-?\s*(?:#|comment\s*-?%\})\s*theme-check-(?P<what>disable-next-line|disable|enable)"
    r"(?P<rules>[\w,\s]*?)\s*(?:-?%\}|\{%)"
)
# Who has so many findings of one rule does not go on to read the rest.
MOST = 500
LONGEST = 300


def check(
    files: dict[str, bytes],
    others: dict[str, int] | None = None,
    configuration: Configuration | None = None,
) -> list[Finding]:
    """What is wrong with a theme, by file, line and column.

    `files` are its contents by name; `others` are the sizes of those that are no text, or too large.
    """
    asked = configuration or Configuration()
    subject = Subject(files, others)
    found: list[Finding] = []
    for rule in RULES.values():
        if asked.asks(rule.name):
            found += islice(_of_rule(rule, subject, asked), MOST)
    return sorted(set(found), key=lambda each: (each.file, each.line, each.column, each.rule))


def mend(files: Mapping[str, bytes], findings: Iterable[Finding]) -> dict[str, bytes]:
    """The files that change when everything is mended that can be, with their new content.

    Of two edits that touch the same characters the first is made; whoever checks again finds the other.
    """
    edits: dict[str, list[Edit]] = defaultdict(list)
    for finding in findings:
        edits[finding.file] += finding.edits
    changed = {}
    for name, wanted in edits.items():
        if wanted and name in files:
            changed[name] = _edited(files[name].decode(), wanted).encode()
    return {name: content for name, content in changed.items() if content != files[name]}


def _edited(text: str, edits: list[Edit]) -> str:
    parts, at = [], 0
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        if edit.start >= at:
            parts += [text[at : edit.start], edit.text]
            at = edit.end
    return "".join([*parts, text[at:]])


def _of_rule(rule: Rule, subject: Subject, asked: Configuration) -> Iterator[Finding]:
    alone = asked.left_alone(rule.name)
    severity = asked.severity(rule.name, rule.severity)
    for found in rule.look(subject):
        if alone.match_file(found.file):
            continue
        finding = _finding(rule, severity, found, subject.sources.get(found.file))
        if not _is_silenced(finding, subject.sources.get(found.file)):
            yield finding


def _finding(rule: Rule, severity: Severity, found: Found, source: Source | None) -> Finding:
    line, column = (1, 1) if found.at is None or source is None else source.place(found.at)
    return Finding(
        file=found.file,
        line=line,
        column=column,
        rule=rule.name,
        severity=severity,
        message=_shown(found.message),
        fix=_shown(found.fix),
        edits=found.edits,
    )


def _shown(text: str) -> str:
    """A sentence that any terminal and any encoder takes: in one line, and without halves of characters."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return " ".join(short.encode("utf-8", "backslashreplace").decode().split())


def _is_silenced(finding: Finding, source: Source | None) -> bool:
    if source is None or "theme-check-" not in source.text:
        return False
    silenced = False
    for said in SAID.finditer(source.text):
        line = source.place(said.start())[0]
        if line > finding.line:
            break
        names = re.findall(r"\w+", said["rules"])
        if names and finding.rule not in names:
            continue
        if said["what"] == "disable-next-line":
            silenced = silenced or line + 1 + said[0].count("\n") == finding.line
        else:
            silenced = said["what"] == "disable"
    return silenced
