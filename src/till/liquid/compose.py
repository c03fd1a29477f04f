"""Puts a page together: sections and groups of sections, each within its wrapper."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from liquid import Token

from till.liquid.blocks import APP, Blocks, of_list
from till.liquid.context import ThemeContext
from till.liquid.faults import nearest
from till.liquid.sections import Place, Section, editor_attribute
from till.liquid.settings import settings
from till.liquid.theme import SETTINGS

WRAPPER = re.compile(
    r"(?P<tag>[a-z]+)(?:#(?P<id>[\w-]+))?(?P<classes>(?:\.[\w-]+)*)(?P<rest>(?:\[[^\]]*\])*)\Z"
)
ATTRIBUTE = re.compile(r"\[([\w-]+)=(['\"]?)([^\]'\"]*)\2\]")


class Composer(Blocks):
    """The sections of one page."""

    def template(self, file: str, name: str) -> str:
        """The sections of a JSON template, one after the other."""
        value, faults = self.theme.json(file)
        self.run.faults.extend(faults)
        prefix = "template--" + re.sub(r"[^\w-]", "-", name)
        return wrapped(value, self._sections(file, value, prefix, "template"))

    def group(self, name: str, context: ThemeContext | None = None, token: Token | None = None) -> str:
        """`{% sections 'header-group' %}`."""
        file = f"sections/{name}.json"
        if file not in self.theme.files:
            self.missing(file, name, self.theme.groups, context, token)
            return ""
        value, faults = self.theme.json(file)
        self.run.faults.extend(faults)
        inside = self._sections(file, value, f"sections--{name}", _location(value))
        return (
            f'<div id="shopify-section-group-{escape(name)}" class="shopify-section-group">{inside}</div>'
            if self.design
            else inside
        )

    def static(
        self, name: str, context: ThemeContext | None = None, token: Token | None = None
    ) -> str | None:
        """`{% section 'name' %}`: its settings stand in config/settings_data.json."""
        file = f"sections/{name}.liquid"
        if file not in self.theme.files:
            self.missing(file, name, self.stems("sections/"), context, token)
            return None
        stored = self.data.get("sections")
        data = stored.get(name) if isinstance(stored, dict) else None
        schema, _ = self.theme.schema(file)
        if not isinstance(data, dict):
            data = of_list(schema.default)
        return self.section(name, {**data, "type": name}, Place("static"), (SETTINGS, name))

    def one(self, wanted: str, template: str, name: str) -> str | None:
        """One section by its id, as Section Rendering asks for it; None where the page has none."""
        prefix = "template--" + re.sub(r"[^\w-]", "-", name)
        sources = [(f"templates/{template}.json", prefix)]
        sources += [(f"sections/{group}.json", f"sections--{group}") for group in self.theme.groups]
        for file, each in sources:
            value = self.theme.json(file)[0] if file in self.theme.files else {}
            short = wanted.removeprefix(f"{each}__")
            found = value.get("sections")
            if isinstance(found, dict) and isinstance(found.get(short), dict):
                order = _order(value)
                place = Place(_location(value) if "group" in each or not file.startswith("t") else "template")
                place.index = order.index(short) + 1 if short in order else None
                return self.section(f"{each}__{short}", found[short], place, (file, short))
        return self.static(wanted) if f"sections/{wanted}.liquid" in self.theme.files else None

    def _sections(self, file: str, value: Mapping[str, Any], prefix: str, location: str) -> str:
        sections = value.get("sections")
        sections = sections if isinstance(sections, dict) else {}
        order = _order(value)
        most = self.run.meter.limits.sections
        if len(order) > most:
            self.fault(file, 1, "limit", f"{len(order)} sections; a template or group has at most {most}")
        parts = []
        for index, name in enumerate(order[:most], 1):
            data = sections.get(name)
            if not isinstance(data, dict):
                line = self.theme.line(file, name)
                said = f"order names {name}, and sections has none of this name"
                self.fault(file, line, "json", said, nearest(name, sections))
            elif not data.get("disabled"):
                place = Place(location, index)
                parts.append(self.section(f"{prefix}__{name}", data, place, (file, name)))
        return "".join(parts)

    def section(self, identity: str, data: Mapping[str, Any], place: Place, source: tuple[str, str]) -> str:
        """A section within its wrapper; `source` is the JSON file that names it, and its name there."""
        type_ = str(data.get("type", ""))
        file = f"sections/{type_}.liquid"
        if file not in self.theme.files:
            if not type_.startswith(APP):
                known = self.stems("sections/")
                line = self.theme.line(source[0], source[1])
                self.fault(source[0], line, "missing_file", f"there is no {file}", nearest(type_, known))
            return ""
        if file in self.open:
            self.fault(
                file, 1, "limit", "this section stands inside of itself; show it beside itself instead"
            )
            return ""
        schema, faults = self.theme.schema(file)
        self.run.faults.extend(faults)
        values = data.get("settings")
        made = settings(schema.settings, values if isinstance(values, dict) else {}, self.world)
        blocks = self.blocks_of(data, schema.blocks, 1, file)
        drop = Section(identity, data, made, blocks, place)
        self.open.append(file)
        try:
            inside = self.render(file, {"section": drop})
        finally:
            self.open.pop()
        tag = schema.tag or "div"
        classes = f"shopify-section {escape(schema.css)}".strip()
        extra = " " + editor_attribute("section", {"id": identity, "type": type_}) if self.design else ""
        return f'<{tag} id="shopify-section-{escape(identity)}" class="{classes}"{extra}>{inside}</{tag}>'


def _order(value: Mapping[str, Any]) -> list[str]:
    order = value.get("order")
    return [str(name) for name in order] if isinstance(order, list) else []


def _location(value: Mapping[str, Any]) -> str:
    return str(value.get("type") or "static")


def wrapped(value: Mapping[str, Any], inside: str) -> str:
    """The sections of a template within its `wrapper`: `main#content.wide[data-page=product]`."""
    found = WRAPPER.match(str(value.get("wrapper") or ""))
    if not found:
        return inside
    attributes = f' id="{escape(found["id"])}"' if found["id"] else ""
    if found["classes"]:
        attributes += f' class="{escape(found["classes"].replace(".", " ").strip())}"'
    for name, _, text in ATTRIBUTE.findall(found["rest"]):
        attributes += f' {name}="{escape(text)}"'
    return f"<{found['tag']}{attributes}>{inside}</{found['tag']}>"
