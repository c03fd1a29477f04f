"""Rules of translations: texts that are asked for and missing, and languages that do not match."""

import re
from collections.abc import Iterator

from liquid.builtin.expressions import StringLiteral

from till.checking.finding import Found, Severity
from till.checking.jsons import Value
from till.checking.rules import Rule
from till.checking.subject import Subject, at_of
from till.liquid.faults import nearest
from till.liquid.locales import CATEGORIES

TRANSLATE = frozenset({"t", "translate"})
# Texts that the platform itself has.
OWN = ("shopify.", "customer_accounts.")
PLACE = re.compile(r"\{\{-?\s*([\w.]+)\s*-?\}\}")
NO_LANGUAGE = "locales/*.default.json"


def missing_text(subject: Subject) -> Iterator[Found]:
    """Keys behind `t` that the default language does not have."""
    known = Texts(subject, "").default
    if known is None:
        return
    for name, tree in subject.trees.items():
        for value in tree.filtered():
            left = value.left
            if not isinstance(left, StringLiteral) or not value.filters:
                continue
            if value.filters[0].name in TRANSLATE and not known.has(left.value):
                yield _missing(known, name, at_of(left), left.value)


def missing_schema_text(subject: Subject) -> Iterator[Found]:
    """Keys behind `t:` in schemas and settings that the default language of schemas does not have."""
    known = Texts(subject, ".schema").default
    holders = [*subject.schemas.items()]
    holders += [(name, value) for name, value in subject.jsons.items() if name.startswith("config/")]
    for name, holder in holders:
        for value in holder.walk():
            if not isinstance(value.plain, str) or not value.plain.startswith("t:"):
                continue
            key = value.plain.removeprefix("t:").strip()
            if known is None:
                said = f"the text {key} is in a file that is not there"
                yield Found(name, value.at, said, "add locales/en.default.schema.json")
                return
            if not known.has(key):
                yield _missing(known, name, value.at, key)


def unmatched(subject: Subject) -> Iterator[Found]:
    """Texts that one language has and the default language, or another, has not."""
    for kind in ("", ".schema"):
        texts = Texts(subject, kind)
        default = texts.default
        if default is None:
            continue
        for other in texts.others:
            yield from _between(default, other)


def unused_text(subject: Subject) -> Iterator[Found]:
    """Texts of the default language that no text between quotes names or begins."""
    known = Texts(subject, "").default
    if known is None:
        return
    written = {each.value for tree in subject.trees.values() for each in tree.texts()}
    written |= set(_keys_in_json(subject))
    begun = tuple(each for each in written if each.endswith((".", "_")))
    ends = tuple(each for each in written if each.startswith("."))
    for key, value in known.leaves.items():
        if key in written or key.startswith((*OWN, *begun)) or (ends and key.endswith(ends)):
            continue
        yield Found(known.name, value.at, f"nothing asks for the text {key}", "remove it from every language")


def no_default(subject: Subject) -> Iterator[Found]:
    languages = [name for name in subject.files if name.startswith("locales/")]
    for kind in ("", ".schema"):
        own = [name for name in languages if name.endswith(".schema.json") == bool(kind)]
        defaults = [name for name in own if name.endswith(f".default{kind}.json")]
        if own and not defaults:
            said = f"no file of locales/ is the default: one is called en.default{kind}.json"
            yield Found(own[0], None, said, "rename the one that the theme was written in")
        for name in defaults[1:]:
            yield Found(name, None, f"there are two default languages, this and {defaults[0]}", "keep one")


class Language:
    """The texts of one file by their dotted keys; those with plural forms are one text."""

    def __init__(self, name: str, root: Value) -> None:
        self.name = name
        self.root = root
        self.leaves: dict[str, Value] = {}
        waiting = [("", root)]
        while waiting:
            before, value = waiting.pop()
            for key, each in (value.members or {}).items():
                if each.members and not set(each.members) <= set(CATEGORIES):
                    waiting.append((f"{before}{key}.", each))
                else:
                    self.leaves[before + key] = each

    def has(self, key: str) -> bool:
        """True of a text, or of a plural form of one."""
        if key in self.leaves or key.startswith(OWN):
            return True
        stem, _, form = key.rpartition(".")
        return form in CATEGORIES and stem in self.leaves

    def near(self, key: str) -> int:
        """Where in the file a key belongs: the innermost of its parents that is there."""
        value = self.root
        for part in key.split("."):
            inner = value.get(part)
            if inner is None or inner.members is None:
                break
            value = inner
        return value.at


class Texts:
    """The languages of a theme, or of its schemas where `kind` is `.schema`."""

    def __init__(self, subject: Subject, kind: str) -> None:
        self.default: Language | None = None
        self.others: list[Language] = []
        for name, value in subject.jsons.items():
            if not name.startswith("locales/") or name.endswith(".schema.json") != bool(kind):
                continue
            language = Language(name, value)
            if name.endswith(f".default{kind}.json"):
                self.default = self.default or language
            else:
                self.others.append(language)


def _between(default: Language, other: Language) -> Iterator[Found]:
    for key in default.leaves:
        if key not in other.leaves and not key.startswith(OWN):
            said = f"the text {key} is in {default.name} and not here"
            yield Found(other.name, other.near(key), said, "translate it")
    for key, value in other.leaves.items():
        first = default.leaves.get(key)
        if first is None:
            if not key.startswith(OWN):
                said = f"the text {key} is not in {default.name}"
                yield Found(other.name, value.at, said, "remove it, or add it there")
        elif (first.members is None) != (value.members is None):
            form = "plural forms" if first.members is not None else "no plural forms"
            yield Found(other.name, value.at, f"the text {key} has {form} in {default.name}", "match them")
        elif lacking := _places(first) - _places(value):
            said = f"the text {key} leaves out {', '.join(sorted(lacking))}, which {default.name} has"
            yield Found(other.name, value.at, said, f"add {{{{ {min(lacking)} }}}}")


def _places(value: Value) -> set[str]:
    """What a text, or its most general plural form, has filled in."""
    shown = value.get("other") or value
    return set(PLACE.findall(shown.plain)) if isinstance(shown.plain, str) else set()


def _keys_in_json(subject: Subject) -> Iterator[str]:
    for name, holder in subject.jsons.items():
        if not name.startswith("locales/"):
            for value in holder.walk():
                if isinstance(value.plain, str):
                    yield value.plain.removeprefix("t:")


def _missing(known: Language, name: str, at: int, key: str) -> Found:
    close = nearest(key, known.leaves)
    fix = f"write {close}" if close else f"add it to {known.name}"
    return Found(name, at, f"{known.name} has no text {key}", fix)


RULES = (
    Rule("TranslationKeyExists", Severity.ERROR, "Texts that the default language has not", missing_text),
    Rule("SchemaTranslationExists", Severity.ERROR, "The same for texts of schemas", missing_schema_text),
    Rule("MatchingTranslations", Severity.WARNING, "Languages that do not match", unmatched),
    Rule("DefaultLocale", Severity.WARNING, "Languages without a default, or with two", no_default),
    Rule("UnusedTranslation", Severity.INFO, "Texts that nothing asks for", unused_text),
)
