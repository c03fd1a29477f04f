"""Counts and lines of a cart."""

from typing import Any

from till.liquid.filters.common import Filter, get, items, number, plain, wrong


def item_count_for_variant(value: object, variant: object = None) -> int:
    """How many of a variant the cart holds, in all its lines."""
    wanted = number(variant) if number(variant) is not None else number(get(variant, "id"))
    if wanted is None:
        raise wrong("give the id of a variant")
    counts = (
        number(get(line, "quantity")) or 0
        for line in items(get(value, "items"))
        if number(get(line, "variant_id")) == wanted
    )
    return int(sum(counts))


def line_items_for(value: object, sold: object = None) -> list[Any]:
    """The lines of the cart that hold a product, or a variant."""
    wanted = get(sold, "id")
    if wanted is None:
        if plain(sold) is None:
            return []
        raise wrong("give a product or a variant")
    name = "variant_id" if get(sold, "variants") is None else "product_id"
    return [line for line in items(get(value, "items")) if get(line, name) == wanted]


FILTERS: dict[str, Filter] = {
    "item_count_for_variant": item_count_for_variant,
    "line_items_for": line_items_for,
}
