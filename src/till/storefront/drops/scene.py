"""What all objects of one page share: the catalogue, the visit, and each object made once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from till import clock
from till.liquid.drop import Drop, Record, shown
from till.storefront.stock import Stock
from till.storefront.visit import Visit
from till.storefront.world import Image

Maker = Callable[["Scene", Any], Drop]


@dataclass(slots=True)
class Scene:
    """One page of one visitor; `makers` make the object of each kind of thing."""

    stock: Stock
    visit: Visit
    makers: Mapping[str, Maker]
    _made: dict[tuple[str, ...], Drop] = field(default_factory=dict)

    def make(self, kind: str, thing: Any) -> Drop:
        """The object of a thing of the catalogue; the same one each time it is asked for."""
        parts = thing if isinstance(thing, tuple) else (thing,)
        key = (kind, *(each.handle for each in parts))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self.makers[kind](self, thing)
        return found

    def find(self, kind: str, handle: str) -> Drop | None:
        """The product, collection, page, blog, menu or policy of a handle."""
        stock = self.stock
        shelves: dict[str, Callable[[str], object | None]] = {
            "product": stock.products.get,
            "collection": stock.collection,
            "page": stock.pages.get,
            "blog": stock.blogs.get,
            "link_list": stock.menus.get,
            "policy": stock.policies.get,
        }
        look = shelves.get(kind)
        thing = look(handle) if look else None
        return None if thing is None else self.make(kind, thing)

    def url(self, path: str) -> str:
        """A path of this storefront in the language of the visit."""
        if not path.startswith("/"):
            return path
        return (self.visit.root + path).rstrip("/") or "/"

    def here(self, **changed: str | None) -> str:
        """This page with other parameters in its query; None takes one out."""
        kept = [(name, value) for name, value in self.visit.query if name not in changed]
        return self.listed(kept + [(name, value) for name, value in changed.items() if value is not None])

    def listed(self, query: list[tuple[str, str]]) -> str:
        """This page with this query."""
        return self.url(quote(self.visit.path)) + (f"?{urlencode(query)}" if query else "")

    def time(self, moment: datetime | None) -> str | None:
        """A moment as the date filter reads it, in the zone of the shop."""
        return None if moment is None else clock.iso(clock.micros(moment), self.visit.timezone)


class Metafield(Drop):
    """One value of the shop's own; prints as the value."""

    kind = "metafield"

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        if isinstance(self._value, bool):
            return str(self._value).lower()
        return "" if self._value is None else str(self._value)

    @shown
    def value(self) -> object:
        return self._value

    @shown
    def type(self) -> str:
        held = self._value[0] if isinstance(self._value, list) and self._value else self._value
        name = TYPES.get(type(held), "json")
        return f"list.{name}" if isinstance(self._value, list) else name

    @shown("list?")
    def is_list(self) -> bool:
        return isinstance(self._value, list)


TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number_integer",
    float: "number_decimal",
    str: "single_line_text_field",
}


def metafields(meta: Mapping[str, Mapping[str, object]]) -> Record:
    """`metafields.namespace.key`; what is not there is nil, and no fault."""
    spaces = {
        name: Record("namespace", {key: Metafield(value) for key, value in fields.items()}, is_open=True)
        for name, fields in meta.items()
    }
    return Record("metafields", spaces, is_open=True)


class ImageDrop(Drop):
    """A picture of the catalogue; prints as its URL."""

    kind = "image"
    absent = frozenset({"presentation", "attached_to_variant?", "variants"})

    def __init__(
        self, scene: Scene, image: Image, *, position: int = 1, product_id: int | None = None
    ) -> None:
        self._scene, self._image, self._position, self._product_id = scene, image, position, product_id

    def __str__(self) -> str:
        return str(self["src"])

    @shown
    def src(self) -> str:
        return file_url(self._image.src)

    @shown
    def url(self) -> str:
        return file_url(self._image.src)

    @shown
    def id(self) -> int:
        return self._position if self._product_id is None else self._product_id * 10 % 2**48 + self._position

    @shown
    def alt(self) -> str:
        return self._scene.stock.said(self._image.alt)

    @shown
    def width(self) -> int:
        return self._image.width

    @shown
    def height(self) -> int:
        return self._image.height

    @shown
    def aspect_ratio(self) -> float:
        return round(self._image.width / self._image.height, 4)

    @shown
    def position(self) -> int:
        return self._position

    @shown
    def product_id(self) -> int | None:
        return self._product_id

    @shown
    def media_type(self) -> str:
        return "image"

    @shown
    def preview_image(self) -> "ImageDrop":
        return self

    def plain(self) -> object:
        """As the platform's JSON has it."""
        names = ("alt", "id", "position", "aspect_ratio", "height", "media_type", "src", "width")
        return {name: self[name] for name in names}


def file_url(name: str) -> str:
    """Where a picture of the catalogue is served."""
    return f"/files/{quote(name)}"
