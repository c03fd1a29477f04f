"""Search, suggestions and recommendations."""

from functools import cached_property

from till.liquid.drop import Drop, Record, shown
from till.storefront.drops.collections import SORTS, SortOption
from till.storefront.drops.filtering import Filters
from till.storefront.drops.scene import Scene
from till.storefront.world import Product

KINDS = ("product", "article", "page")
MOST_SUGGESTED = 10


class SearchDrop(Drop):
    """What was searched for, and what was found."""

    kind = "search"

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @cached_property
    def _kinds(self) -> tuple[str, ...]:
        wanted = self._scene.visit.first("type").split(",")
        return tuple(each for each in KINDS if each in wanted) or KINDS

    @cached_property
    def _found(self) -> list[tuple[str, object]]:
        return self._scene.stock.search(self.terms, self._kinds)

    @cached_property
    def _products(self) -> list[Product]:
        return [each for _, each in self._found if isinstance(each, Product)]

    @shown
    def terms(self) -> str:
        return self._scene.visit.first("q")[:200]

    @shown
    def performed(self) -> bool:
        return bool(self.terms.strip())

    @shown
    def results(self) -> list[Drop]:
        left = {each.handle for each in Filters(self._scene, self._products).left()}
        products = self._scene.stock.sorted(
            (each for each in self._products if each.handle in left), self.sort_by
        )
        others = [(kind, thing) for kind, thing in self._found if kind != "product"]
        shown_as = [*(("product", each) for each in products), *others]
        return [self._scene.make(kind, thing) for kind, thing in shown_as]

    @shown
    def results_count(self) -> int:
        return len(self.results)

    @shown
    def types(self) -> list[str]:
        return list(self._kinds)

    @shown
    def sort_by(self) -> str:
        wanted = self._scene.visit.first("sort_by")
        return wanted if wanted in SORTS else ""

    @shown
    def default_sort_by(self) -> str:
        return "relevance"

    @shown
    def sort_options(self) -> list[SortOption]:
        named = {"relevance": "Relevance"} | {
            key: SORTS[key] for key in ("price-ascending", "price-descending")
        }
        return [SortOption(value, name) for value, name in named.items()]

    @shown
    def filters(self) -> list[Drop]:
        return Filters(self._scene, self._products).all()


def predictive_search_of(scene: Scene) -> Drop:
    """Suggestions for what is being typed: a few of each kind."""
    terms = scene.visit.first("q")[:200]
    asked = scene.visit.first("resources[type]").split(",")
    most = scene.visit.first("resources[limit]")
    limit = (
        min(int(most), MOST_SUGGESTED)
        if most.isascii() and most.isdigit() and len(most) < 4
        else MOST_SUGGESTED
    )
    every = ("product", "collection", "page", "article")
    kinds = tuple(each for each in every if each in asked) or every
    found: dict[str, list[Drop]] = {f"{each}s": [] for each in every}
    for kind, thing in scene.stock.search(terms, kinds):
        if len(found[f"{kind}s"]) < limit:
            found[f"{kind}s"].append(scene.make(kind, thing))
    resources = Record("predictive_search_resources", {**found, "queries": []})
    performed = bool(terms.strip())
    return Record(
        "predictive_search",
        {"terms": terms, "performed": performed, "types": list(kinds), "resources": resources},
    )


def recommendations_of(scene: Scene) -> Drop:
    """Products beside one: of its collections first, then of its type."""
    wanted = scene.visit.first("product_id")
    limit = scene.visit.first("limit")
    most = min(int(limit), 10) if limit.isascii() and limit.isdigit() and len(limit) < 4 else 10
    stock = scene.stock
    product = next(
        (each for each in stock.world.products if str(scene.make("product", each)["id"]) == wanted), None
    )
    found: dict[str, Product] = {}
    if product is not None:
        for collection in stock.world.collections:
            if product.handle in collection.products:
                found |= {
                    each: stock.products[each] for each in collection.products if each in stock.products
                }
        found |= {each.handle: each for each in stock.world.products if each.type == product.type}
        found.pop(product.handle, None)
    products = [scene.make("product", each) for each in list(found.values())[:most]]
    return Record(
        "recommendations",
        {
            "performed": product is not None,
            "performed?": product is not None,
            "products": products,
            "products_count": len(products),
            "intent": scene.visit.first("intent") or "related",
        },
    )
