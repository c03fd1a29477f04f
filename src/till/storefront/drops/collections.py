"""Collections of products, filtered and sorted as the query says."""

from functools import cached_property

from till.liquid.drop import Drop, shown
from till.storefront.drops.filtering import Filters
from till.storefront.drops.scene import ImageDrop, Scene, metafields
from till.storefront.stock import number
from till.storefront.world import Collection, Product

SORTS = {
    "manual": "Featured",
    "best-selling": "Best selling",
    "title-ascending": "Alphabetically, A-Z",
    "title-descending": "Alphabetically, Z-A",
    "price-ascending": "Price, low to high",
    "price-descending": "Price, high to low",
    "created-ascending": "Date, old to new",
    "created-descending": "Date, new to old",
}


class SortOption(Drop):
    """One way to sort."""

    kind = "sort_option"

    def __init__(self, value: str, name: str) -> None:
        self._value, self._name = value, name

    def __str__(self) -> str:
        return self._value

    @shown
    def name(self) -> str:
        return self._name

    @shown
    def value(self) -> str:
        return self._value


class CollectionDrop(Drop):
    """A collection; `collection.products` is what the visit's filters leave of it."""

    kind = "collection"

    def __init__(self, scene: Scene, collection: Collection) -> None:
        self._scene, self._collection = scene, collection

    def __str__(self) -> str:
        return str(self.title)

    @cached_property
    def _is_current(self) -> bool:
        parts = self._scene.visit.path.split("/")
        return parts[1:3] == ["collections", self._collection.handle]

    @cached_property
    def _whole(self) -> list[Product]:
        stock = self._scene.stock
        return [stock.products[each] for each in self._collection.products if each in stock.products]

    @cached_property
    def _filters(self) -> Filters:
        return Filters(self._scene, self._whole)

    @cached_property
    def _wanted(self) -> list[Product]:
        """What is left of it: by tags of the path, by filters and in the order of the query."""
        found = self._whole
        if self._is_current:
            tags = set(self._scene.visit.path.split("/")[3:4]) - {"products"}
            for tag in (part for word in tags for part in word.split("+") if part):
                found = [each for each in found if tag in map(slug, each.tags)]
            kept = {each.handle for each in self._filters.left()}
            found = [each for each in found if each.handle in kept]
        by = self.sort_by or self._collection.sort
        return self._scene.stock.sorted(found, by)

    @shown
    def id(self) -> int:
        return number("collection", self._collection.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._collection.title)

    @shown
    def handle(self) -> str:
        return self._collection.handle

    @shown
    def description(self) -> str:
        return self._scene.stock.said(self._collection.description)

    @shown
    def image(self) -> ImageDrop | None:
        return None if self._collection.image is None else ImageDrop(self._scene, self._collection.image)

    @shown
    def featured_image(self) -> object:
        first = self._whole[0].images if self._whole else ()
        return self.image or (ImageDrop(self._scene, first[0]) if first else None)

    @shown
    def url(self) -> str:
        return self._scene.url(f"/collections/{self._collection.handle}")

    @shown
    def products(self) -> list[Drop]:
        return [self._scene.make("product", each) for each in self._wanted]

    @shown
    def products_count(self) -> int:
        return len(self._wanted)

    @shown
    def all_products_count(self) -> int:
        return len(self._whole)

    @shown
    def all_tags(self) -> list[str]:
        return sorted({tag for each in self._whole for tag in each.tags})

    @shown
    def tags(self) -> list[str]:
        return sorted({tag for each in self._wanted for tag in each.tags})

    @shown
    def all_types(self) -> list[str]:
        return sorted({each.type for each in self._whole if each.type})

    @shown
    def all_vendors(self) -> list[str]:
        return sorted({each.vendor for each in self._whole if each.vendor})

    @shown
    def current_type(self) -> str | None:
        return self._scene.visit.first("q") or None if self._collection.handle == "types" else None

    @shown
    def current_vendor(self) -> str | None:
        return self._scene.visit.first("q") or None if self._collection.handle == "vendors" else None

    @shown
    def sort_by(self) -> str:
        wanted = self._scene.visit.first("sort_by") if self._is_current else ""
        return wanted if wanted in SORTS else ""

    @shown
    def default_sort_by(self) -> str:
        return self._collection.sort

    @shown
    def sort_options(self) -> list[SortOption]:
        return [SortOption(value, name) for value, name in SORTS.items()]

    @shown
    def filters(self) -> list[Drop]:
        return self._filters.all()

    @shown
    def template_suffix(self) -> str | None:
        return self._collection.template or None

    @shown
    def metafields(self) -> Drop:
        return metafields(self._collection.metafields)

    @shown
    def published_at(self) -> str | None:
        return None

    @shown
    def next_product(self) -> Drop | None:
        return self._beside(1)

    @shown
    def previous_product(self) -> Drop | None:
        return self._beside(-1)

    def _beside(self, step: int) -> Drop | None:
        handle = self._scene.visit.path.rpartition("/")[2]
        handles = [each.handle for each in self._whole]
        if not self._is_current or handle not in handles:
            return None
        index = handles.index(handle) + step
        return self._scene.make("product", self._whole[index]) if 0 <= index < len(handles) else None

    def plain(self) -> object:
        """What the `json` filter writes: the collection without its products."""
        left = {"products", "filters", "sort_options", "next_product", "previous_product", "metafields"}
        return {name: self[name] for name in self.names() if name not in left}


def slug(tag: str) -> str:
    """A tag as it stands in a path."""
    return "-".join("".join(each if each.isalnum() else " " for each in tag.casefold()).split())
