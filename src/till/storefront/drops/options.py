"""The choices of a product, and their values."""

from typing import TYPE_CHECKING

from till.liquid.drop import Drop, shown
from till.storefront.drops.variants import VariantDrop
from till.storefront.stock import number

if TYPE_CHECKING:
    from till.storefront.drops.products import ProductDrop


class OptionValue(Drop):
    """A value of an option; prints and compares as its name."""

    kind = "product_option_value"
    absent = frozenset({"swatch", "product_url"})

    def __init__(self, product: "ProductDrop", index: int, name: str) -> None:
        self._product, self._index, self._name = product, index, name

    def __str__(self) -> str:
        return self._name

    def __eq__(self, other: object) -> bool:
        return str(other) == self._name if isinstance(other, (str, OptionValue)) else False

    def __hash__(self) -> int:
        return hash(self._name)

    @shown
    def name(self) -> str:
        return self._name

    @shown
    def id(self) -> int:
        return number("option value", str(self._product.handle), str(self._index), self._name)

    @shown
    def selected(self) -> bool:
        return self._product.chosen(self._index) == self._name

    @shown
    def available(self) -> bool:
        return any(goods.is_available for goods in self._product.matching(self._index, self._name))

    @shown
    def variant(self) -> VariantDrop | None:
        found = self._product.matching(self._index, self._name)
        return self._product.variant(found[0]) if found else None

    def plain(self) -> object:
        """The `json` filter writes the name."""
        return self._name


class OptionDrop(Drop):
    """A choice with its values; prints as its name."""

    kind = "product_option"

    def __init__(self, product: "ProductDrop", index: int, name: str, values: tuple[str, ...]) -> None:
        self._product, self._index, self._name, self._values = product, index, name, values

    def __str__(self) -> str:
        return self._name

    @shown
    def name(self) -> str:
        return self._name

    @shown
    def position(self) -> int:
        return self._index + 1

    @shown
    def values(self) -> list[OptionValue]:
        return [OptionValue(self._product, self._index, each) for each in self._values]

    @shown
    def selected_value(self) -> str | None:
        return self._product.chosen(self._index)
