"""`{% schema %}` of sections and blocks: their settings, their blocks, the element around them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from till.liquid.faults import Fault, Kind, line_of
from till.liquid.grammar import opaque
from till.liquid.locales import without_comments

SILENT = frozenset({"header", "paragraph", "line_break"})
"""Entries among the settings that only the editor shows."""
WRAPPERS = frozenset({"article", "aside", "div", "footer", "header", "section"})


@dataclass(frozen=True, slots=True)
class Schema:
    """What a section or a block says of itself."""

    name: str = ""
    tag: str = "div"
    """The element around it; empty where it has none (blocks only)."""
    css: str = ""
    settings: tuple[Mapping[str, Any], ...] = ()
    blocks: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Type -> settings, for blocks that the section itself describes."""
    default: Mapping[str, Any] = field(default_factory=dict)
    """Settings and blocks of a section that a template names by `{% section %}`."""
    presets: tuple[Mapping[str, Any], ...] = ()
    locales: Mapping[str, Any] = field(default_factory=dict)
    """Language -> texts that belong to this section alone."""


def read_schema(file: str, source: str) -> tuple[Schema, list[Fault]]:
    """The schema of a file, and what is wrong with it. A file without one has no settings."""
    found = list(opaque(source, "schema"))
    if not found:
        return Schema(), []
    start, body = found[0]
    first = line_of(source, start)
    faults = []
    if len(found) > 1:
        said = "a file has one schema; this is a second one, and is not read"
        faults.append(Fault(file, line_of(source, found[1][0]), "schema", said))
    value, fault = load(file, body, first)
    if fault is not None:
        return Schema(), [*faults, fault]
    if not isinstance(value, dict):
        return Schema(), [*faults, Fault(file, first, "schema", "a schema is a JSON object")]
    faults += [Fault(file, first, "schema", said) for said in _complaints(value)]
    return _schema(value), faults


def load(file: str, text: str, first: int = 1, kind: Kind = "json") -> tuple[Any, Fault | None]:
    """A JSON text of a theme; `first` is the line of the file in which it begins."""
    try:
        return json.loads(without_comments(text)), None
    except json.JSONDecodeError as error:
        return None, Fault(file, first + error.lineno - 1, kind, f"this is no JSON: {error.msg}")
    except (ValueError, RecursionError):
        return None, Fault(file, first, kind, "this JSON is nested too deep, or has a number too long")


def entries(value: object) -> tuple[Mapping[str, Any], ...]:
    """The settings among the entries of a `settings` list: those with an id."""
    if not isinstance(value, list):
        return ()
    return tuple(
        entry
        for entry in value
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry.get("type") not in SILENT
    )


def _schema(value: Mapping[str, Any]) -> Schema:
    tag = value.get("tag", "div")
    blocks = value.get("blocks")
    default = value.get("default")
    return Schema(
        name=str(value.get("name", "")),
        tag=tag if isinstance(tag, str) and tag.isalnum() else "" if tag is None else "div",
        css=str(value.get("class") or ""),
        settings=entries(value.get("settings")),
        blocks={
            str(block.get("type")): entries(block.get("settings"))
            for block in (blocks if isinstance(blocks, list) else [])
            if isinstance(block, dict)
        },
        default=default if isinstance(default, dict) else {},
        presets=tuple(each for each in value.get("presets") or () if isinstance(each, dict)),
        locales=value["locales"] if isinstance(value.get("locales"), dict) else {},
    )


def _complaints(value: Mapping[str, Any]) -> list[str]:
    found = [
        f"{name} of a schema is a list"
        for name in ("settings", "blocks", "presets")
        if name in value and not isinstance(value[name], list)
    ]
    found += _of_settings("the section", value.get("settings"))
    for block in value["blocks"] if isinstance(value.get("blocks"), list) else []:
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            found.append("each of the blocks of a schema is an object with a type")
        else:
            found += _of_settings(f"block {block['type']}", block.get("settings"))
    return found


def _of_settings(owner: str, value: object) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for entry in value if isinstance(value, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            found.append(f"each of the settings of {owner} is an object with a type")
            continue
        if entry["type"] in SILENT:
            continue
        name = entry.get("id")
        if not isinstance(name, str) or not name:
            found.append(f"a setting of {owner} of type {entry['type']} has no id")
        elif name in seen:
            found.append(f"two settings of {owner} have the id {name}")
        else:
            seen.add(name)
    return found
