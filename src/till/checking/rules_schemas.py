"""Rules of schemas: what sections, blocks and the theme say of their settings, so that it can be shown."""

import re
from collections.abc import Iterable, Iterator

from till.checking.facts import SETTING_TYPES, SILENT_SETTINGS
from till.checking.finding import Found, Severity
from till.checking.jsons import Value
from till.checking.rules import Rule
from till.checking.rules_settings import DEFINITIONS, Settings, wrong_value
from till.checking.subject import Subject
from till.liquid.faults import nearest
from till.liquid.grammar import opaque
from till.liquid.schema import WRAPPERS

ID = re.compile(r"[A-Za-z0-9_-]+\Z")
LONGEST_NAME = 25
MOST_STEPS = 101
MOST_BLOCKS = 50
KNOWN = frozenset(
    (
        *("name", "tag", "class", "limit", "settings", "blocks", "max_blocks", "presets", "default"),
        *("locales", "enabled_on", "disabled_on", "templates"),
    )
)


def broken_json(subject: Subject) -> Iterator[Found]:
    """JSON files and schemas that are no JSON."""
    for name, bad in subject.broken:
        yield Found(name, bad.at, f"this is no JSON: {bad.said}", "mend it there", bad.edits)


def twice(subject: Subject) -> Iterator[Found]:
    """Names that an object of JSON has twice: the first of them is never read."""
    for name, root in [*subject.jsons.items(), *subject.schemas.items()]:
        for value in root.walk():
            for key, at in value.twice:
                yield Found(name, at, f"{key!r} is there twice, and only this one is read", "keep one")


def schema(subject: Subject) -> Iterator[Found]:
    """Schemas that the editor cannot show, or that the storefront reads otherwise than meant."""
    for name, root in subject.schemas.items():
        if root.members is None:
            yield Found(name, root.at, "a schema is an object: { … }", "write one")
            continue
        bodies = list(opaque(subject.sources[name].text, "schema"))
        if len(bodies) > 1:
            yield Found(
                name, bodies[1][0], "this is a second schema, which is not read", "put it into the first"
            )
        yield from _of_section(name, root)
        yield from _blocks(name, root)
        yield from _settings(name, root.each("settings"), "the section")
        for block in root.each("blocks"):
            yield from _settings(name, block.each("settings"), f"block {block.text('type')}")
        yield from _presets(subject, name, root)


def settings_schema(subject: Subject) -> Iterator[Found]:
    """config/settings_schema.json, whose ids are unique in the whole theme."""
    root = subject.jsons.get(DEFINITIONS)
    if root is None:
        return
    if root.items is None:
        yield Found(DEFINITIONS, root.at, "this file is a list of groups of settings: [ … ]", "write one")
        return
    for group in root.items:
        if group.members is None or not group.text("name"):
            yield Found(DEFINITIONS, group.at, "a group of settings has a name", "name it")
    every = [setting for group in root.items for setting in group.each("settings")]
    yield from _settings(DEFINITIONS, every, "the theme")


def _of_section(name: str, root: Value) -> Iterator[Found]:
    for key, at in root.names.items():
        if key not in KNOWN:
            close = nearest(key, KNOWN)
            yield Found(name, at, f"a schema has no {key}", f"write {close}" if close else "remove it")
    tag = root.get("tag")
    if (
        tag is not None
        and tag.plain is not None
        and str(tag.plain) not in WRAPPERS
        and name.startswith("sections/")
    ):
        yield Found(name, tag.at, f"a section cannot be a {tag.plain!r}", f"use one of {_listed(WRAPPERS)}")
    yield from _numbers(name, root)
    title = root.get("name")
    shown = title.plain if title is not None and isinstance(title.plain, str) else ""
    if title is not None and not shown.startswith("t:") and len(shown) > LONGEST_NAME:
        said = f"the name has {len(shown)} characters, and the editor shows {LONGEST_NAME}"
        yield Found(name, title.at, said, "shorten it")


def _numbers(name: str, root: Value) -> Iterator[Found]:
    limit, most = root.get("limit"), root.get("max_blocks")
    if limit is not None and limit.plain not in (1, 2):
        yield Found(name, limit.at, "limit is 1 or 2", "write 1 or 2, or leave it out")
    if most is not None and not (isinstance(most.plain, int) and 1 <= most.plain <= MOST_BLOCKS):
        yield Found(name, most.at, f"max_blocks is a number from 1 to {MOST_BLOCKS}", "write one of those")
    if root.get("enabled_on") is not None and (both := root.get("disabled_on")) is not None:
        yield Found(name, both.at, "enabled_on and disabled_on exclude one another", "keep one")


def _blocks(name: str, root: Value) -> Iterator[Found]:
    seen: set[str] = set()
    for block in root.each("blocks"):
        kind = block.text("type")
        if kind is None:
            yield Found(name, block.at, "a block has a type", "give it one")
        elif kind in seen:
            yield Found(name, block.at, f"two blocks have the type {kind}", "give one another type")
        seen.add(kind or "")
        if kind and not kind.startswith("@") and block.get("settings") is not None and not block.text("name"):
            yield Found(name, block.at, f"the block {kind} has no name", "name it")


def _settings(file: str, settings: Iterable[Value], owner: str) -> Iterator[Found]:
    seen: set[str] = set()
    for each in settings:
        kind, id_ = each.text("type"), each.text("id")
        if kind is None:
            yield Found(file, each.at, f"a setting of {owner} has no type", "give it one")
            continue
        if kind in SILENT_SETTINGS:
            continue
        if kind not in SETTING_TYPES:
            close = nearest(kind, SETTING_TYPES)
            said = f"there is no setting of type {kind}"
            yield Found(file, each.at, said, f"write {close}" if close else "use a type of the platform")
            continue
        if id_ is None:
            yield Found(file, each.at, f"a setting of {owner} of type {kind} has no id", "give it one")
            continue
        if id_ in seen:
            yield Found(file, each.at, f"two settings of {owner} have the id {id_}", "give one another id")
        seen.add(id_)
        if not ID.match(id_):
            said = f"the id {id_!r} has other characters than letters, digits, _ and -"
            yield Found(file, each.at, said, "change it")
        if not each.text("label"):
            yield Found(file, each.at, f"the setting {id_} has no label", "say what it is for")
        yield from _of_type(file, each, kind, id_)


def _of_type(file: str, setting: Value, kind: str, id_: str) -> Iterator[Found]:
    default = setting.get("default")
    if kind in ("select", "radio"):
        if not setting.each("options"):
            yield Found(file, setting.at, f"the setting {id_} has no options", "give it some")
        for option in setting.each("options"):
            if option.text("value") is None or option.text("label") is None:
                yield Found(file, option.at, f"an option of {id_} has a value and a label", "give it both")
    if kind == "range":
        yield from _range(file, setting, id_)
    if kind == "range" and default is None:
        yield Found(file, setting.at, f"the range {id_} has no default", "give it one")
    if default is not None:
        yield from wrong_value(file, setting, default)


def _range(file: str, setting: Value, id_: str) -> Iterator[Found]:
    ends: list[float] = []
    for key in ("min", "max", "step"):
        found = setting.get(key)
        plain = found.plain if found is not None else None
        if isinstance(plain, int | float) and not isinstance(plain, bool):
            ends.append(plain)
        elif key == "step" and found is None:
            ends.append(1)
        else:
            yield Found(file, setting.at, f"the range {id_} needs the number {key}", f"add {key}")
    if len(ends) < 3:
        return
    least, most, step = ends
    if step <= 0 or most <= least:
        yield Found(file, setting.at, f"the range {id_} goes nowhere", "let max be more than min")
    elif (most - least) / step >= MOST_STEPS:
        said = f"the range {id_} has {int((most - least) / step) + 1} steps, and {MOST_STEPS} are allowed"
        yield Found(file, setting.at, said, "make step larger")


def _presets(subject: Subject, name: str, root: Value) -> Iterator[Found]:
    known = Settings(subject)
    own, blocks = known.section(name) or {}, known.blocks(name) or {}
    default = root.get("default")
    for preset in [*root.each("presets"), *([default] if default is not None else [])]:
        if preset is not default and not preset.text("name"):
            yield Found(name, preset.at, "a preset has a name", "name it")
        yield from given(name, preset, own)
        for block in [*preset.each("blocks"), *(each for _, _, each in preset.pairs("blocks"))]:
            kind = block.text("type") or ""
            if kind not in blocks and "@app" not in blocks:
                close = nearest(kind, blocks)
                said = f"no block of this section has the type {kind!r}"
                yield Found(name, block.at, said, f"write {close}" if close else "describe it in blocks")
            else:
                yield from given(name, block, blocks.get(kind, {}))


def given(file: str, holder: Value, known: dict[str, Value]) -> Iterator[Found]:
    """The settings that a section, a block or a preset is given: each must be defined, and take its value."""
    for key, at, value in holder.pairs("settings"):
        if key in known:
            yield from wrong_value(file, known[key], value)
        else:
            close = nearest(key, known)
            said = f"the setting {key} is given here, and nothing defines it"
            yield Found(file, at, said, f"write {close}" if close else "remove it")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


RULES = (
    Rule("JSONSyntaxError", Severity.ERROR, "JSON that is none", broken_json, mends=True),
    Rule("UniqueKeys", Severity.WARNING, "Names that an object of JSON has twice", twice),
    Rule("ValidSchema", Severity.ERROR, "Schemas that cannot be shown", schema),
    Rule(
        "ValidSettingsSchema", Severity.ERROR, "Settings of the theme that cannot be shown", settings_schema
    ),
)
