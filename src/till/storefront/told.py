"""What a storefront tells scripts: the cart, a product, suggestions, recommendations; as JSON."""

from typing import Any

import msgspec

from till.liquid.drop import Drop
from till.storefront.drops.basket import CartDrop
from till.storefront.drops.finding import predictive_search_of, recommendations_of
from till.storefront.scenery import scene_of
from till.storefront.stock import Stock
from till.storefront.visit import Visit


def cart_json(stock: Stock, visit: Visit) -> dict[str, Any]:
    """`/cart.js`."""
    return _plain(CartDrop(scene_of(stock, visit)))


def product_json(stock: Stock, visit: Visit, handle: str) -> dict[str, Any] | None:
    """`/products/x.js`; None where there is no such product."""
    found = scene_of(stock, visit).find("product", handle)
    return None if found is None else _plain(found)


def suggestions_json(stock: Stock, visit: Visit) -> dict[str, Any]:
    """`/search/suggest.json`."""
    scene = scene_of(stock, visit)
    resources = predictive_search_of(scene)["resources"]
    assert isinstance(resources, Drop)  # noqa: S101 - what it is made as
    names = ("products", "collections", "pages", "articles")
    results = {name: [_short(each) for each in _drops(resources[name])] for name in names}
    return {"resources": {"results": {"queries": [], **results}}}


def recommendations_json(stock: Stock, visit: Visit) -> dict[str, Any]:
    """`/recommendations/products.json`."""
    found = recommendations_of(scene_of(stock, visit))
    return {"intent": found["intent"], "products": [_plain(each) for each in _drops(found["products"])]}


def _drops(value: object) -> list[Drop]:
    return [each for each in value if isinstance(each, Drop)] if isinstance(value, list) else []


def _plain(drop: Drop) -> dict[str, Any]:
    """A drop's JSON in plain values, with the drops inside it."""
    found: dict[str, Any] = msgspec.to_builtins(drop.plain(), enc_hook=_inner)
    return found


def _inner(value: object) -> object:
    return value.plain() if isinstance(value, Drop) else str(value)


def _short(drop: Drop) -> dict[str, Any]:
    names = (
        "id",
        "title",
        "handle",
        "url",
        "price",
        "price_min",
        "price_max",
        "available",
        "vendor",
        "type",
        "tags",
    )
    found = {name: drop[name] for name in names if name in drop}
    image = drop.get("featured_image")
    if isinstance(image, Drop):
        found |= {"image": image["src"], "featured_image": _plain(image)}
    return found
