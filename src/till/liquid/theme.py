"""What is read of a theme once, whatever the page: schemas, JSON files, settings, CSS and scripts."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from till.liquid.faults import Fault
from till.liquid.grammar import opaque
from till.liquid.schema import Schema, entries, load, read_schema

SETTINGS = "config/settings_data.json"
DEFINITIONS = "config/settings_schema.json"
GATHERED = ("sections/", "blocks/", "snippets/")


class Theme:
    """The files of a theme, read as sections, groups, templates and settings."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self._schemas: dict[str, tuple[Schema, list[Fault]]] = {}
        self._json: dict[str, tuple[Any, list[Fault]]] = {}

    def over(self, documents: Mapping[str, str]) -> "Theme":
        """The same theme with other JSON files; what is read of its Liquid is shared."""
        made = Theme({**self.files, **documents})
        made._schemas = self._schemas
        made._json = {name: found for name, found in self._json.items() if name not in documents}
        made.head = self.head
        return made

    def schema(self, file: str) -> tuple[Schema, list[Fault]]:
        """The schema of a section or a block, and what is wrong with it."""
        found = self._schemas.get(file)
        if found is None:
            found = self._schemas[file] = read_schema(file, self.files.get(file, ""))
        return found

    def json(self, file: str) -> tuple[Mapping[str, Any], list[Fault]]:
        """A template or a section group; empty where it is no JSON object."""
        found = self._json.get(file)
        if found is None:
            value, fault = load(file, self.files[file])
            faults = [fault] if fault else []
            if not fault and not isinstance(value, dict):
                faults.append(Fault(file, 1, "json", "this file is a JSON object with sections and order"))
            found = self._json[file] = (value if isinstance(value, dict) else {}, faults)
        return found

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The names of the section groups: `header-group`."""
        return tuple(
            name.removeprefix("sections/").removesuffix(".json")
            for name in self.files
            if name.startswith("sections/") and name.endswith(".json")
        )

    @cached_property
    def definitions(self) -> tuple[Mapping[str, Any], ...]:
        """The settings of config/settings_schema.json."""
        groups = self._list(DEFINITIONS)
        return tuple(
            entry for group in groups if isinstance(group, dict) for entry in entries(group.get("settings"))
        )

    @cached_property
    def current(self) -> Mapping[str, Any]:
        """What config/settings_data.json holds: its `current`, or the preset that `current` names."""
        if SETTINGS not in self.files:
            return {}
        value, _ = load(SETTINGS, self.files[SETTINGS])
        current = value.get("current") if isinstance(value, dict) else None
        if isinstance(current, str):
            presets = value.get("presets")
            current = presets.get(current) if isinstance(presets, dict) else None
        return current if isinstance(current, dict) else {}

    @cached_property
    def faults(self) -> list[Fault]:
        """What is wrong with the files under config/."""
        read = [load(name, self.files[name])[1] for name in (DEFINITIONS, SETTINGS) if name in self.files]
        return [fault for fault in read if fault]

    @cached_property
    def head(self) -> str:
        """The CSS and scripts of all `{% stylesheet %}` and `{% javascript %}` tags, each once."""
        styles = self._gathered("stylesheet")
        scripts = [f"(function () {{\n{body}\n}})();" for body in self._gathered("javascript")]
        found = ""
        if styles:
            found += f"<style data-till-stylesheet>\n{_joined(styles)}\n</style>\n"
        if scripts:
            found += f'<script type="module" data-till-javascript>\n{_joined(scripts)}\n</script>\n'
        return found

    def line(self, file: str, word: str) -> int:
        """The line of a JSON file in which a word stands between quotes; 1 where it does not."""
        index = self.files.get(file, "").find(f'"{word}"')
        return self.files[file].count("\n", 0, index) + 1 if index >= 0 else 1

    def _gathered(self, tag: str) -> list[str]:
        return [
            body.strip()
            for name, text in sorted(self.files.items())
            if name.startswith(GATHERED) and name.endswith(".liquid") and tag in text
            for _, body in opaque(text, tag)
            if body.strip()
        ]

    def _list(self, file: str) -> list[Any]:
        value = load(file, self.files[file])[0] if file in self.files else None
        return value if isinstance(value, list) else []


def _joined(parts: list[str]) -> str:
    return "\n".join(parts)
