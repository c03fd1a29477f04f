"""A catalogue in one language and one currency, found by handle and by id."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from till import clock
from till.storefront import world as made_of
from till.storefront.surveying import said
from till.storefront.world import World, decode, price_of

# Numbers that a script can hold: JavaScript's have 53 bits.
BITS = 48


def number(kind: str, *names: str) -> int:
    """The id of a thing in a catalogue: the same for the same handle, whatever else is in it."""
    raw = "\0".join((kind, *names)).encode()
    return int.from_bytes(blake2b(raw, digest_size=8).digest()) >> (64 - BITS)


class Goods(Struct, frozen=True, kw_only=True):
    """A variant of a product as it is sold; prices in minor units."""

    id: int
    product: made_of.Product
    variant: made_of.Variant
    options: tuple[str, ...]
    price: int
    compare_at: int | None

    @property
    def title(self) -> str:
        """The chosen options, or the platform's word for a product without any."""
        return " / ".join(self.options) or "Default Title"

    @property
    def is_available(self) -> bool:
        return self.variant.inventory is None or self.variant.inventory > 0


class Stock:
    """What a storefront shows of `world` in `locale` with prices in `currency`."""

    def __init__(self, world: World, locale: str, currency: str) -> None:
        self.world, self.currency = world, currency
        self.locale = locale if locale in world.shop.locales else world.locale
        self.products = {each.handle: each for each in world.products}
        self.collections = {each.handle: each for each in world.collections}
        self.pages = {each.handle: each for each in world.pages}
        self.blogs = {each.handle: each for each in world.blogs}
        self.menus = {each.handle: each for each in world.menus}
        self.policies = {each.handle: each for each in world.shop.policies}

    def said(self, text: made_of.Text) -> str:
        return said(text, self.locale, self.world.locale)

    @cached_property
    def goods(self) -> dict[int, Goods]:
        """All that can be bought, by the id of the variant."""
        return {each.id: each for product in self.world.products for each in self.goods_of(product)}

    @cached_property
    def _goods(self) -> dict[str, tuple[Goods, ...]]:
        return {product.handle: tuple(self._variants(product)) for product in self.world.products}

    def goods_of(self, product: made_of.Product) -> tuple[Goods, ...]:
        return self._goods[product.handle]

    def _variants(self, product: made_of.Product) -> Iterator[Goods]:
        words = [
            {said(value, self.world.locale, self.world.locale): self.said(value) for value in option.values}
            for option in product.options
        ]
        for variant in product.variants:
            compare = variant.compare_at_price
            yield Goods(
                id=number("variant", product.handle, *variant.options),
                product=product,
                variant=variant,
                options=tuple(known[chosen] for known, chosen in zip(words, variant.options, strict=True)),
                price=price_of(variant.price, self.currency),
                compare_at=None if compare is None else price_of(compare, self.currency),
            )

    def collection(self, handle: str) -> made_of.Collection | None:
        """A collection; `all` is there even where the catalogue does not name it."""
        found = self.collections.get(handle)
        if found is None and handle == "all":
            title: made_of.Text = {"en": "Products", "de": "Produkte"}
            names = tuple(each.handle for each in self.world.products)
            return made_of.Collection(handle="all", title=title, products=names, sort="title-ascending")
        return found

    def sorted(self, products: Iterable[made_of.Product], by: str) -> list[made_of.Product]:
        """The products in one of the platform's orders; an unknown one leaves them as they are."""
        found = list(products)
        name, _, way = by.rpartition("-")
        keys: dict[str, Callable[[made_of.Product], Any]] = {
            "title": lambda each: self.said(each.title).casefold(),
            "price": lambda each: min(goods.price for goods in self.goods_of(each)),
            "created": lambda each: 0 if each.published_at is None else clock.micros(each.published_at),
        }
        if name in keys and way in ("ascending", "descending"):
            found.sort(key=keys[name], reverse=way == "descending")
        return found

    def search(
        self, terms: str, kinds: Iterable[str] = ("product", "article", "page")
    ) -> list[tuple[str, object]]:
        """What holds all words of `terms`, as pairs of its kind and the thing; products first."""
        words = terms.casefold().split()[:20]
        if not words:
            return []
        return [
            (kind, thing)
            for kind, thing, text in self._searched
            if kind in kinds and all(word in text for word in words)
        ]

    @cached_property
    def _searched(self) -> list[tuple[str, object, str]]:
        found: list[tuple[str, object, str]] = []
        for product in self.world.products:
            skus = [each.sku or "" for each in product.variants]
            words = [self.said(product.title), product.vendor, product.type, *product.tags, *skus]
            found.append(("product", product, " ".join([*words, self.said(product.description)]).casefold()))
        for blog in self.world.blogs:
            for article in blog.articles:
                words = [self.said(article.title), *article.tags, self.said(article.content)]
                found.append(("article", (blog, article), " ".join(words).casefold()))
        found += [
            ("page", page, f"{self.said(page.title)} {self.said(page.content)}".casefold())
            for page in self.world.pages
        ]
        found += [
            ("collection", collection, self.said(collection.title).casefold())
            for collection in self.world.collections
        ]
        return found


@lru_cache(maxsize=4)
def world_of(raw: bytes) -> World:
    """The catalogue in `raw`, read once."""
    return decode(raw)


@lru_cache(maxsize=16)
def stock_of(raw: bytes, locale: str, currency: str) -> Stock:
    """The catalogue in `raw` in one language and currency, made once."""
    return Stock(world_of(raw), locale, currency)
