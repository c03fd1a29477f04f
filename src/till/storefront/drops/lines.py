"""The lines of a cart."""

from functools import cached_property

from till.liquid.drop import Drop, Record, shown
from till.storefront.drops.products import ProductDrop
from till.storefront.drops.scene import Scene
from till.storefront.drops.variants import VariantDrop
from till.storefront.stock import Goods
from till.storefront.visit import CartLine

NEVER = frozenset(
    {
        "unit_price",
        "unit_price_measurement",
        "selling_plan_allocation",
        "fulfillment",
        "fulfillment_service",
        "parent_relationship",
        "instructions",
        "error_message",
        "swatch",
    }
)


class LineDrop(Drop):
    """A line of the cart; prices in minor units, nothing is ever taken off."""

    kind = "line_item"
    absent = NEVER

    def __init__(self, scene: Scene, line: CartLine, number: int) -> None:
        self._scene, self._line, self._number = scene, line, number

    @cached_property
    def _goods(self) -> Goods:
        return self._scene.stock.goods[self._line.variant_id]

    @shown
    def key(self) -> str:
        return self._line.key

    @shown
    def id(self) -> int:
        return self._line.variant_id

    @shown
    def variant_id(self) -> int:
        return self._line.variant_id

    @shown
    def product_id(self) -> int:
        return int(self.product.id)

    @shown
    def product(self) -> Drop:
        return self._scene.make("product", self._goods.product)

    @shown
    def variant(self) -> VariantDrop:
        product = self.product
        assert isinstance(product, ProductDrop)  # noqa: S101 - what a product is made as
        return product.variant(self._goods)

    @shown
    def quantity(self) -> int:
        return self._line.quantity

    @shown
    def title(self) -> str:
        named = f" - {self._goods.title}" if self._goods.options else ""
        return f"{self.product.title}{named}"

    @shown
    def price(self) -> int:
        return self._goods.price

    @shown
    def original_price(self) -> int:
        return self._goods.price

    @shown
    def final_price(self) -> int:
        return self._goods.price

    @shown
    def line_price(self) -> int:
        return self._goods.price * self._line.quantity

    @shown
    def original_line_price(self) -> int:
        return self._goods.price * self._line.quantity

    @shown
    def final_line_price(self) -> int:
        return self._goods.price * self._line.quantity

    @shown
    def total_discount(self) -> int:
        return 0

    @shown
    def line_level_total_discount(self) -> int:
        return 0

    @shown
    def discounts(self) -> list[object]:
        return []

    @shown
    def discount_allocations(self) -> list[object]:
        return []

    @shown
    def line_level_discount_allocations(self) -> list[object]:
        return []

    @shown
    def tax_lines(self) -> list[object]:
        return []

    @shown
    def item_components(self) -> list[object]:
        return []

    @shown
    def message(self) -> str:
        return ""

    @shown
    def sku(self) -> str | None:
        return self._goods.variant.sku

    @shown
    def vendor(self) -> str:
        return self._goods.product.vendor

    @shown
    def grams(self) -> int:
        return self._goods.variant.grams

    @shown
    def image(self) -> object:
        return self.variant.image or self.product.featured_image

    @shown
    def url(self) -> str:
        return f"{self.product.url}?variant={self._line.variant_id}"

    @shown
    def url_to_remove(self) -> str:
        return self._scene.url(f"/cart/change?line={self._number}&quantity=0")

    @shown
    def properties(self) -> dict[str, str]:
        return self._line.properties

    @shown
    def options_with_values(self) -> list[Drop]:
        names = [self._scene.stock.said(each.name) for each in self._goods.product.options]
        pairs = zip(names, self._goods.options, strict=True)
        return [Record("line_item option", {"name": name, "value": value}) for name, value in pairs]

    @shown
    def requires_shipping(self) -> bool:
        return True

    @shown
    def taxable(self) -> bool:
        return True

    @shown
    def gift_card(self) -> bool:
        return False

    @shown
    def successfully_fulfilled_quantity(self) -> int:
        return 0

    def plain(self) -> object:
        """As `/cart.js` has it."""
        left = {"product", "variant", "url_to_remove", "tax_lines", "item_components", "message", "image"}
        own = {name: self[name] for name in self.names() if name not in left}
        said = self._scene.stock.said
        image = self.image
        options = [{"name": each["name"], "value": each["value"]} for each in self.options_with_values]
        return own | {
            "title": self.title,
            "handle": self._goods.product.handle,
            "product_title": self.product.title,
            "product_description": said(self._goods.product.description),
            "product_type": self._goods.product.type,
            "variant_title": self._goods.title if self._goods.options else None,
            "variant_options": list(self._goods.options) or ["Default Title"],
            "image": None if image is None else image.src,
            "featured_image": None if image is None else image.plain() | {"url": image.src},
            "properties": self._line.properties or None,
            "options_with_values": options,
            "presentment_price": self._goods.price,
            "discounted_price": self._goods.price,
        }
