"""The objects `section`, `block` and `template`."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from till.liquid.drop import Drop, shown


class Block(Drop):
    """A block of a section, or of another block."""

    kind = "block"

    def __init__(
        self, identity: str, data: Mapping[str, Any], settings: Drop, *, depth: int, marked: bool
    ) -> None:
        self.identity = identity
        self.data = data
        self.depth = depth
        self.marked = marked
        self._settings = settings

    @property
    def of(self) -> str:
        """Its type, for Python code."""
        return str(self.data.get("type", ""))

    @shown
    def id(self) -> str:
        """As the template's JSON names it."""
        return self.identity

    @shown
    def type(self) -> str:
        """The type, as the schema names it."""
        return self.of

    @shown
    def settings(self) -> Drop:
        """By the ids of the schema."""
        return self._settings

    @shown
    def shopify_attributes(self) -> str:
        """What the editor needs to find the block; empty outside of it."""
        if not self.marked:
            return ""
        return editor_attribute("block", {"id": self.identity, "type": self.of})


class Section(Drop):
    """A section of a page."""

    kind = "section"

    def __init__(
        self, identity: str, data: Mapping[str, Any], settings: Drop, blocks: list[Block], place: "Place"
    ) -> None:
        self.identity = identity
        self.data = data
        self._settings = settings
        self._blocks = blocks
        self._place = place

    @shown
    def id(self) -> str:
        """`template--product__main`, `sections--header-group__menu`, or the name of a static section."""
        return self.identity

    @shown
    def settings(self) -> Drop:
        """By the ids of the schema."""
        return self._settings

    @shown
    def blocks(self) -> list[Block]:
        """In the order of the template; blocks that are hidden or static are left out."""
        return self._blocks

    @shown
    def index(self) -> int | None:
        """The place within the template or group, from 1; nil for a static section."""
        return self._place.index

    @shown
    def index0(self) -> int | None:
        """The place from 0."""
        return None if self._place.index is None else self._place.index - 1

    @shown
    def location(self) -> str:
        """`template`, `static`, or the type of the group: `header`."""
        return self._place.location


class Place:
    """Where a section stands."""

    __slots__ = ("index", "location")

    def __init__(self, location: str, index: int | None = None) -> None:
        self.location = location
        self.index = index


class TemplateName(Drop):
    """The object `template`; compared and written as text it is `product.alt`."""

    kind = "template"

    def __init__(self, name: str) -> None:
        directory, _, rest = name.rpartition("/")
        self._whole = name
        self._directory = directory or None
        self._name, _, self._suffix = rest.partition(".")

    def __liquid__(self) -> str:
        return self._whole

    def __str__(self) -> str:
        return self._whole

    def __contains__(self, word: object) -> bool:
        return str(word) in self._whole

    @shown
    def name(self) -> str:
        """`product`."""
        return self._name

    @shown
    def suffix(self) -> str | None:
        """`alt` of product.alt.json."""
        return self._suffix or None

    @shown
    def directory(self) -> str | None:
        """`customers` of templates/customers/login.json."""
        return self._directory


def editor_attribute(what: str, value: Mapping[str, object]) -> str:
    """`data-shopify-editor-block="{…}"`."""
    return f'data-shopify-editor-{what}="{escape(json.dumps(value, separators=(",", ":")))}"'
