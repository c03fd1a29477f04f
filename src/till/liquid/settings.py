"""Settings of a theme, a section or a block: defaults of the schema, values of the merchant, typed."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from till.liquid.drop import Drop, Record
from till.liquid.values import Color, Font, Scheme, VideoUrl

INSIDE = re.compile(r"shopify://(?P<kind>\w+)/(?P<handle>[^\s?#]+)")
KINDS = {
    "products": "product",
    "collections": "collection",
    "pages": "page",
    "blogs": "blog",
    "articles": "article",
    "shop_images": "image",
    "files": "file",
    "metaobject": "metaobject",
}
PICKED = frozenset(
    {"product", "collection", "page", "blog", "article", "link_list", "metaobject", "video", "image_picker"}
)
LISTS = {
    "product_list": "product",
    "collection_list": "collection",
    "article_list": "article",
    "metaobject_list": "metaobject",
}


class World:
    """What settings need to become objects."""

    def __init__(
        self,
        find: Callable[[str, str], object],
        evaluate: Callable[[str], object],
        schemes: Mapping[str, Drop] | None = None,
    ) -> None:
        self.find = find
        self.evaluate = evaluate
        """Renders the Liquid of a `liquid` setting and of a dynamic source."""
        self.schemes = schemes or {}


def settings(
    definitions: Iterable[Mapping[str, Any]],
    values: Mapping[str, Any],
    world: World,
    *,
    kind: str = "section.settings",
    is_open: bool = True,
) -> Record:
    """The settings as an object; each is made of its value when a template first reads it.

    A value without a definition is shown as it stands: themes keep values of settings they have renamed.
    """
    found: dict[str, object] = {name: partial(_dynamic, value, world) for name, value in values.items()}
    for definition in definitions:
        name, type_ = str(definition["id"]), str(definition.get("type"))
        value = values.get(name, definition.get("default"))
        found[name] = partial(typed, type_, value, world, definition)
    return Record(kind, found, is_open=is_open)


def _dynamic(value: object, world: World) -> object:
    return world.evaluate(value) if isinstance(value, str) and "{{" in value else value


def typed(type_: str, value: object, world: World, definition: Mapping[str, Any]) -> object:
    """The object that a value of a setting stands for."""
    if type_ == "liquid":
        return world.evaluate(str(value)) if value else value
    value = _dynamic(value, world)
    if type_ == "checkbox":
        return value is True or value == "true"
    if type_ == "color_scheme_group":
        return _schemes(value, definition, world)
    if value in (None, "", []) or isinstance(value, Drop):
        return None if type_ in PICKED and not isinstance(value, Drop) else value
    return _picked(type_, value, world) if type_ in PICKED or type_ in LISTS else _shaped(type_, value, world)


def _picked(type_: str, value: object, world: World) -> object:
    if type_ in LISTS:
        found = [world.find(LISTS[type_], _handle(each)) for each in _list(value)]
        return [each for each in found if each is not None]
    return world.find("image" if type_ == "image_picker" else type_, _handle(value))


def _shaped(type_: str, text: object, world: World) -> object:
    if not isinstance(text, str):
        return text
    if type_ == "color_scheme":
        return world.schemes.get(text, text)
    if type_ == "url":
        return _url(text, world)
    make = MADE.get(type_)
    return make(text) if make else text


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _handle(value: object) -> str:
    text = str(value)
    found = INSIDE.match(text)
    return found["handle"] if found else text


def _url(text: str, world: World) -> str:
    found = INSIDE.match(text)
    if not found:
        return text
    target = world.find(KINDS.get(found["kind"], found["kind"]), found["handle"])
    url = target.get("url") if isinstance(target, Drop) else None
    return str(url) if url else f"/{found['kind']}/{found['handle']}"


def _number(text: str) -> object:
    try:
        return int(text) if text.removeprefix("-").isdigit() else float(text[:40])
    except ValueError:
        return None


def _schemes(value: object, definition: Mapping[str, Any], world: World) -> list[object]:
    from_schema = definition.get("definition") or []
    found: list[object] = []
    for identity, each in value.items() if isinstance(value, dict) else ():
        given = each.get("settings", {}) if isinstance(each, dict) else {}
        found.append(Scheme(identity, settings(entries_of(from_schema), given, world, kind="color_scheme")))
    return found


def entries_of(definitions: object) -> list[Mapping[str, Any]]:
    """The definitions that have an id and a type."""
    given = definitions if isinstance(definitions, list) else []
    return [each for each in given if isinstance(each, dict) and isinstance(each.get("id"), str)]


MADE: dict[str, Callable[[str], object]] = {
    "color": Color,
    "font_picker": Font,
    "number": _number,
    "range": _number,
    "video_url": VideoUrl,
}
