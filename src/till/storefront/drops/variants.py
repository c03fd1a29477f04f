"""What can be bought: variants."""

from typing import TYPE_CHECKING

from till.liquid.drop import Drop, Record, shown
from till.storefront.drops.scene import ImageDrop, Scene, metafields
from till.storefront.stock import Goods

if TYPE_CHECKING:
    from till.storefront.drops.products import ProductDrop

ABSENT = frozenset({"unit_price", "unit_price_measurement", "selected_selling_plan_allocation", "category"})


class VariantDrop(Drop):
    """One thing to buy."""

    kind = "variant"
    absent = ABSENT | {"next_incoming_date", "quantity_rule", "quantity_price_breaks_configured?"}

    def __init__(self, scene: Scene, goods: Goods, product: "ProductDrop") -> None:
        self._scene, self._goods, self._product = scene, goods, product

    def __str__(self) -> str:
        return self._goods.title

    @shown
    def id(self) -> int:
        return self._goods.id

    @shown
    def title(self) -> str:
        return self._goods.title

    @shown
    def options(self) -> list[str]:
        return list(self._goods.options) or ["Default Title"]

    @shown
    def options_with_values(self) -> list[Drop]:
        pairs = zip(self._product.options, self._goods.options, strict=False)
        return [Record("option_with_value", {"name": name, "value": value}) for name, value in pairs]

    @shown
    def option1(self) -> str | None:
        return self._option(0)

    @shown
    def option2(self) -> str | None:
        return self._option(1)

    @shown
    def option3(self) -> str | None:
        return self._option(2)

    def _option(self, index: int) -> str | None:
        options: list[str] = self.options
        return options[index] if index < len(options) else None

    @shown
    def sku(self) -> str | None:
        return self._goods.variant.sku

    @shown
    def barcode(self) -> str | None:
        return self._goods.variant.barcode

    @shown
    def price(self) -> int:
        return self._goods.price

    @shown
    def compare_at_price(self) -> int | None:
        return self._goods.compare_at

    @shown
    def available(self) -> bool:
        return self._goods.is_available

    @shown
    def inventory_quantity(self) -> int:
        return self._goods.variant.inventory or 0

    @shown
    def inventory_management(self) -> str | None:
        return None if self._goods.variant.inventory is None else "shopify"

    @shown
    def inventory_policy(self) -> str:
        return "continue" if self._goods.variant.inventory is None else "deny"

    @shown
    def incoming(self) -> bool:
        return False

    @shown
    def image(self) -> ImageDrop | None:
        return self._product.image_of(self._goods.variant.image)

    @shown
    def featured_image(self) -> ImageDrop | None:
        return self._product.image_of(self._goods.variant.image)

    @shown
    def featured_media(self) -> ImageDrop | None:
        return self._product.image_of(self._goods.variant.image)

    @shown
    def product(self) -> "ProductDrop":
        return self._product

    @shown
    def url(self) -> str:
        return f"{self._product['url']}?variant={self._goods.id}"

    @shown
    def selected(self) -> bool:
        return self._scene.visit.first("variant") == str(self._goods.id)

    @shown
    def matched(self) -> bool:
        return True

    @shown
    def requires_shipping(self) -> bool:
        return True

    @shown
    def taxable(self) -> bool:
        return True

    @shown
    def requires_selling_plan(self) -> bool:
        return False

    @shown
    def selling_plan_allocations(self) -> list[object]:
        return []

    @shown
    def store_availabilities(self) -> list[object]:
        return []

    @shown
    def quantity_price_breaks(self) -> list[object]:
        return []

    @shown
    def weight(self) -> int:
        return self._goods.variant.grams

    @shown
    def weight_unit(self) -> str:
        return "kg"

    @shown
    def weight_in_unit(self) -> float:
        return self._goods.variant.grams / 1_000

    @shown
    def metafields(self) -> Drop:
        return metafields({})

    def plain(self) -> object:
        """As the platform's JSON has it."""
        left = {
            "product",
            "metafields",
            "url",
            "options_with_values",
            "selected",
            "matched",
            "incoming",
            "image",
            "store_availabilities",
        }
        return {name: self[name] for name in self.names() if name not in left} | {
            "name": f"{self._product['title']} - {self._goods.title}",
            "public_title": self._goods.title if self._goods.options else None,
        }
