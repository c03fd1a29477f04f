"""Products."""

from functools import cached_property

from till.liquid.drop import Drop, shown
from till.storefront.drops.options import OptionDrop
from till.storefront.drops.scene import ImageDrop, Scene, metafields
from till.storefront.drops.variants import ABSENT, VariantDrop
from till.storefront.stock import Goods, number
from till.storefront.world import Product


class ProductDrop(Drop):
    """A product with its variants."""

    kind = "product"
    absent = ABSENT | {
        "selected_selling_plan",
        "selected_or_first_available_selling_plan_allocation",
    }

    def __init__(self, scene: Scene, product: Product) -> None:
        self._scene, self._product = scene, product
        self._variants: dict[int, VariantDrop] = {}

    def __str__(self) -> str:
        return str(self.title)

    @cached_property
    def _goods(self) -> tuple[Goods, ...]:
        return self._scene.stock.goods_of(self._product)

    def variant(self, goods: Goods) -> VariantDrop:
        """The object of one of the product's variants."""
        found = self._variants.get(goods.id)
        if found is None:
            found = self._variants[goods.id] = VariantDrop(self._scene, goods, self)
        return found

    def image_of(self, src: str | None) -> ImageDrop | None:
        """The picture of the product with this name."""
        for image in self.images:
            if src is not None and image["src"].endswith(f"/{src}"):
                found: ImageDrop = image
                return found
        return None

    @cached_property
    def _selected(self) -> Goods | None:
        wanted = self._scene.visit.first("variant")
        return next((each for each in self._goods if str(each.id) == wanted), None)

    @cached_property
    def _current(self) -> Goods:
        first = next((each for each in self._goods if each.is_available), self._goods[0])
        return self._selected or first

    def chosen(self, index: int) -> str | None:
        """The value of an option in the variant that is shown."""
        options = self._current.options
        return options[index] if index < len(options) else None

    def matching(self, index: int, value: str) -> list[Goods]:
        """The variants with this value that otherwise are as the one that is shown, or begin as it does."""
        before = self._current.options[:index]
        return [each for each in self._goods if each.options[: index + 1] == (*before, value)] or [
            each for each in self._goods if index < len(each.options) and each.options[index] == value
        ]

    @shown
    def id(self) -> int:
        return number("product", self._product.handle)

    @shown
    def title(self) -> str:
        return self._scene.stock.said(self._product.title)

    @shown
    def handle(self) -> str:
        return self._product.handle

    @shown
    def description(self) -> str:
        return self._scene.stock.said(self._product.description)

    @shown
    def content(self) -> str:
        return self._scene.stock.said(self._product.description)

    @shown
    def vendor(self) -> str:
        return self._product.vendor

    @shown
    def type(self) -> str:
        return self._product.type

    @shown
    def tags(self) -> list[str]:
        return list(self._product.tags)

    @shown
    def object_type(self) -> str:
        """What a result of a search is."""
        return "product"

    @shown
    def url(self) -> str:
        return self._scene.url(f"/products/{self._product.handle}")

    @shown
    def published_at(self) -> str | None:
        return self._scene.time(self._product.published_at)

    @shown
    def created_at(self) -> str | None:
        return self._scene.time(self._product.published_at)

    @shown
    def template_suffix(self) -> str | None:
        return self._product.template or None

    @shown
    def metafields(self) -> Drop:
        return metafields(self._product.metafields)

    @shown
    def price(self) -> int:
        return min(each.price for each in self._goods)

    @shown
    def price_min(self) -> int:
        return min(each.price for each in self._goods)

    @shown
    def price_max(self) -> int:
        return max(each.price for each in self._goods)

    @shown
    def price_varies(self) -> bool:
        return len({each.price for each in self._goods}) > 1

    @cached_property
    def _compared(self) -> list[int]:
        return [each.compare_at for each in self._goods if each.compare_at is not None]

    @shown
    def compare_at_price(self) -> int | None:
        return min(self._compared, default=None)

    @shown
    def compare_at_price_min(self) -> int:
        return min(self._compared, default=0)

    @shown
    def compare_at_price_max(self) -> int:
        return max(self._compared, default=0)

    @shown
    def compare_at_price_varies(self) -> bool:
        return len(set(self._compared)) > 1

    @shown
    def available(self) -> bool:
        return any(each.is_available for each in self._goods)

    @shown
    def has_only_default_variant(self) -> bool:
        return not self._product.options

    @shown
    def variants(self) -> list[VariantDrop]:
        return [self.variant(each) for each in self._goods]

    @shown
    def variants_count(self) -> int:
        return len(self._goods)

    @shown
    def first_available_variant(self) -> VariantDrop | None:
        return next((self.variant(each) for each in self._goods if each.is_available), None)

    @shown
    def selected_variant(self) -> VariantDrop | None:
        return None if self._selected is None else self.variant(self._selected)

    @shown
    def selected_or_first_available_variant(self) -> VariantDrop:
        return self.variant(self._current)

    @shown
    def options(self) -> list[str]:
        return [self._scene.stock.said(each.name) for each in self._product.options] or ["Title"]

    @shown
    def options_with_values(self) -> list[OptionDrop]:
        said = self._scene.stock.said
        return [
            OptionDrop(self, index, said(each.name), tuple(map(said, each.values)))
            for index, each in enumerate(self._product.options)
        ] or [OptionDrop(self, 0, "Title", ("Default Title",))]

    @shown
    def options_by_name(self) -> dict[str, OptionDrop]:
        options: list[OptionDrop] = self.options_with_values
        return {str(each): each for each in options}

    @shown
    def images(self) -> list[ImageDrop]:
        own = number("product", self._product.handle)
        return [
            ImageDrop(self._scene, each, position=index + 1, product_id=own)
            for index, each in enumerate(self._product.images)
        ]

    @shown
    def media(self) -> list[ImageDrop]:
        return list(self.images)

    @shown
    def featured_image(self) -> ImageDrop | None:
        return next(iter(self.images), None)

    @shown
    def featured_media(self) -> ImageDrop | None:
        return next(iter(self.images), None)

    @shown
    def collections(self) -> list[Drop]:
        holding = (
            each for each in self._scene.stock.world.collections if self._product.handle in each.products
        )
        return [self._scene.make("collection", each) for each in holding]

    @shown
    def requires_selling_plan(self) -> bool:
        return False

    @shown
    def selling_plan_groups(self) -> list[object]:
        return []

    @shown("gift_card?")
    def is_gift_card(self) -> bool:
        return False

    @shown("quantity_price_breaks_configured?")
    def has_price_breaks(self) -> bool:
        return False

    def plain(self) -> object:
        """As `/products/x.js` has it."""
        names = (
            "id title handle description published_at created_at vendor type tags price price_min price_max "
            "available price_varies compare_at_price compare_at_price_min compare_at_price_max "
            "compare_at_price_varies variants url requires_selling_plan selling_plan_groups content media"
        )
        images = [each["src"] for each in self.images]
        options = [
            {"name": each["name"], "position": each["position"], "values": list(map(str, each["values"]))}
            for each in self.options_with_values
        ]
        own = {name: self[name] for name in names.split()}
        return own | {"images": images, "featured_image": images[0] if images else None, "options": options}
