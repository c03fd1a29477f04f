"""Rules of settings: those that are read must be defined, those that are given too."""

from collections.abc import Iterator
from functools import cached_property

from liquid.builtin.expressions import Path

from till.checking.facts import SILENT_SETTINGS
from till.checking.finding import Found, Severity
from till.checking.jsons import Value
from till.checking.rules import Rule
from till.checking.subject import Subject, at_of
from till.liquid.faults import nearest

DEFINITIONS, DATA = "config/settings_schema.json", "config/settings_data.json"


class Settings:
    """The settings that a theme, its sections and its blocks define, by their ids."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    @cached_property
    def theme(self) -> dict[str, Value] | None:
        """Those of the whole theme; None where they cannot be read."""
        root = self.subject.jsons.get(DEFINITIONS)
        if root is None:
            return None if DEFINITIONS in self.subject.files else {}
        return {id_: each for group in root.items or [] for id_, each in _defined(group).items()}

    def section(self, file: str) -> dict[str, Value] | None:
        """Those of a section or of a block in its own file; None where its schema cannot be read."""
        schema = self.subject.schemas.get(file)
        if schema is not None:
            return _defined(schema)
        source = self.subject.sources.get(file)
        return None if source is None or "endschema" in source.text else {}

    def blocks(self, file: str) -> dict[str, dict[str, Value]] | None:
        """Those of the blocks that may stand in a section or block, by the block's type; None if unknown."""
        schema = self.subject.schemas.get(file)
        if schema is None:
            return None if self.section(file) is None else {}
        found: dict[str, dict[str, Value]] = {}
        for block in schema.each("blocks"):
            kind = block.text("type") or ""
            if kind == "@theme":
                found |= {name: self._of_block(name) for name in self.subject.names("blocks", ".liquid")}
            elif block.get("settings") is None and f"blocks/{kind}.liquid" in self.subject.files:
                found[kind] = self._of_block(kind)
            else:
                found[kind] = _defined(block)
        return found

    def _of_block(self, name: str) -> dict[str, Value]:
        return self.section(f"blocks/{name}.liquid") or {}


def undefined(subject: Subject) -> Iterator[Found]:
    """Settings that Liquid reads and nothing defines."""
    known = Settings(subject)
    for name, tree in subject.trees.items():
        for path in tree.paths():
            yield from _undefined(known, name, path)


def _undefined(known: Settings, name: str, path: Path) -> Iterator[Found]:
    words = path.path
    if words[0] == "settings" and len(words) > 1:
        yield from _look(name, path, words[1], known.theme, DEFINITIONS)
    elif len(words) > 2 and words[1] == "settings":
        if words[0] == "section" and name.startswith("sections/"):
            yield from _look(name, path, words[2], known.section(name), "the schema of this section")
        elif words[0] == "block" and name.startswith("blocks/"):
            yield from _look(name, path, words[2], known.section(name), "the schema of this block")
        elif words[0] == "block" and name.startswith("sections/"):
            blocks = known.blocks(name)
            if blocks is not None and "@app" not in blocks:
                every = {id_: each for block in blocks.values() for id_, each in block.items()}
                yield from _look(name, path, words[2], every, "no block of this section")


def _look(
    name: str, path: Path, wanted: object, known: dict[str, Value] | None, where: str
) -> Iterator[Found]:
    if known is None or not isinstance(wanted, str) or wanted in known:
        return
    close = nearest(wanted, known)
    lacks = "has it" if where.startswith("no ") else "does not define it"
    said = f"the setting {wanted} is read here, and {where} {lacks}"
    yield Found(name, at_of(path), said, f"write {close}" if close else "define it, or do not read it")


def unknown_given(subject: Subject) -> Iterator[Found]:
    """Values of config/settings_data.json for settings that the theme does not define."""
    known, root = Settings(subject).theme, subject.jsons.get(DATA)
    if known is None or root is None:
        return
    holders = [value for value in (root.get("current"),) if value is not None]
    holders += [value for _, _, value in root.pairs("presets")]
    for holder in holders:
        for key, value in (holder.members or {}).items():
            if key in ("sections", "blocks", "content_for_index"):
                continue
            if key not in known:
                said = f"{DEFINITIONS} has no setting {key}"
                yield Found(DATA, holder.names[key], said, "remove it")
            else:
                yield from wrong_value(DATA, known[key], value)


def wrong_value(file: str, defined: Value, value: Value) -> Iterator[Found]:
    """A value that its setting does not take."""
    kind, name, plain = defined.text("type"), defined.text("id"), value.plain
    if kind in ("select", "radio"):
        options = [each.text("value") for each in defined.each("options")]
        if isinstance(plain, str) and plain not in options:
            said = f"the setting {name} has no option {plain!r}"
            yield Found(file, value.at, said, f"give one of {', '.join(filter(None, options))}")
    elif kind == "range" and isinstance(plain, int | float) and not isinstance(plain, bool):
        least, most = (getattr(defined.get(each), "plain", None) for each in ("min", "max"))
        if isinstance(least, int | float) and isinstance(most, int | float) and not least <= plain <= most:
            said = f"the setting {name} goes from {least} to {most}, and this is {plain}"
            yield Found(file, value.at, said, f"give {least if plain < least else most}")
    elif (kind == "checkbox") and not isinstance(plain, bool):
        yield Found(file, value.at, f"the setting {name} is true or false", "write true or false")
    elif kind in ("range", "number") and plain is not None and not isinstance(plain, int | float):
        yield Found(file, value.at, f"the setting {name} is a number", "write a number without quotes")


def _defined(holder: Value) -> dict[str, Value]:
    return {
        each.text("id") or "": each
        for each in holder.each("settings")
        if each.text("id") and each.text("type") not in SILENT_SETTINGS
    }


RULES = (
    Rule("UndefinedSetting", Severity.ERROR, "Settings that are read and not defined", undefined),
    Rule("ValidSettingsData", Severity.WARNING, "Values that no setting takes", unknown_given),
)
