"""The filters of a list of products: availability, price, vendor, type and tag, as the query sets them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from till import money
from till.errors import Invalid
from till.liquid.drop import Drop, shown
from till.storefront.drops.scene import Scene
from till.storefront.world import Product

LOWEST, HIGHEST = "filter.v.price.gte", "filter.v.price.lte"


class FilterValue(Drop):
    """One value that can be ticked."""

    kind = "filter_value"
    absent = frozenset({"swatch", "image", "color", "display"})

    def __init__(self, scene: Scene, name: str, value: str, label: str, count: int) -> None:
        self._scene, self._name, self._value, self._label, self._count = scene, name, value, label, count

    @shown
    def label(self) -> str:
        return self._label

    @shown
    def value(self) -> str:
        return self._value

    @shown
    def count(self) -> int:
        return self._count

    @shown
    def param_name(self) -> str:
        return self._name

    @shown
    def active(self) -> bool:
        return (self._name, self._value) in self._scene.visit.query

    @shown
    def url_to_add(self) -> str:
        return _with(self._scene, [*self._others(), (self._name, self._value)])

    @shown
    def url_to_remove(self) -> str:
        return _with(self._scene, self._others())

    def _others(self) -> list[tuple[str, str]]:
        return [each for each in self._scene.visit.query if each != (self._name, self._value)]


class Price(Drop):
    """An end of the range of prices, in minor units."""

    kind = "filter price"

    def __init__(self, name: str, value: int | None) -> None:
        self._name, self._value = name, value

    @shown
    def param_name(self) -> str:
        return self._name

    @shown
    def value(self) -> int | None:
        return self._value

    @shown
    def active(self) -> bool:
        return self._value is not None


class FilterDrop(Drop):
    """One filter of a list."""

    kind = "filter"
    absent = frozenset({"true_value", "false_value", "presentation"})

    def __init__(
        self, scene: Scene, label: str, name: str, values: Sequence[FilterValue], most: int = 0
    ) -> None:
        self._scene, self._label, self._name, self._values, self._most = scene, label, name, values, most

    @shown
    def label(self) -> str:
        return self._label

    @shown
    def param_name(self) -> str:
        return self._name

    @shown
    def type(self) -> str:
        return "price_range" if self._name == "filter.v.price" else "list"

    @shown
    def operator(self) -> str:
        return "OR"

    @shown
    def values(self) -> list[FilterValue]:
        return list(self._values)

    @shown
    def active_values(self) -> list[FilterValue]:
        return [each for each in self._values if each.active]

    @shown
    def inactive_values(self) -> list[FilterValue]:
        return [each for each in self._values if not each.active]

    @shown
    def min_value(self) -> Price:
        return Price(LOWEST, _price(self._scene, LOWEST))

    @shown
    def max_value(self) -> Price:
        return Price(HIGHEST, _price(self._scene, HIGHEST))

    @shown
    def range_max(self) -> int:
        return self._most

    @shown
    def url_to_remove(self) -> str:
        named = {self._name, LOWEST, HIGHEST} if self.type == "price_range" else {self._name}
        return _with(self._scene, [each for each in self._scene.visit.query if each[0] not in named])


class Filters:
    """The filters that some products offer, and what the query leaves of them."""

    def __init__(self, scene: Scene, products: Sequence[Product]) -> None:
        self._scene, self._products = scene, products
        self._kinds: tuple[tuple[str, str, Callable[[Product], Iterable[str]]], ...] = (
            ("Availability", "filter.v.availability", self._availability),
            ("Vendor", "filter.p.vendor", lambda each: filter(None, [each.vendor])),
            ("Product type", "filter.p.product_type", lambda each: filter(None, [each.type])),
            ("Tag", "filter.p.tag", lambda each: each.tags),
        )

    def _availability(self, product: Product) -> Iterable[str]:
        return ("1" if any(each.is_available for each in self._scene.stock.goods_of(product)) else "0",)

    def left(self) -> list[Product]:
        """The products that every filter of the query lets through."""
        found = list(self._products)
        for _, name, values_of in self._kinds:
            wanted = {value for key, value in self._scene.visit.query if key == name}
            if wanted:
                found = [each for each in found if wanted.intersection(values_of(each))]
        low, high = _price(self._scene, LOWEST), _price(self._scene, HIGHEST)
        if low is not None or high is not None:
            found = [each for each in found if self._within(each, low or 0, high)]
        return found

    def _within(self, product: Product, low: int, high: int | None) -> bool:
        prices = [each.price for each in self._scene.stock.goods_of(product)]
        return any(low <= each and (high is None or each <= high) for each in prices)

    def all(self) -> list[Drop]:
        """The filters that have something to choose from."""
        found: list[Drop] = []
        for label, name, values_of in self._kinds:
            counts = Counter(value for each in self._products for value in values_of(each))
            values = [
                FilterValue(self._scene, name, value, _label(name, value), counts[value])
                for value in sorted(counts)
            ]
            if values:
                found.append(FilterDrop(self._scene, label, name, values))
        prices = [goods.price for each in self._products for goods in self._scene.stock.goods_of(each)]
        if prices:
            found.append(FilterDrop(self._scene, "Price", "filter.v.price", (), max(prices)))
        return found


def _label(name: str, value: str) -> str:
    if name == "filter.v.availability":
        return "In stock" if value == "1" else "Out of stock"
    return value


def _price(scene: Scene, name: str) -> int | None:
    text = scene.visit.first(name)
    try:
        return money.parse(text, scene.stock.currency) if text else None
    except (money.BadAmount, Invalid):
        return None


def _with(scene: Scene, query: Sequence[tuple[str, str]]) -> str:
    return scene.listed([each for each in query if each[0] != "page"])
