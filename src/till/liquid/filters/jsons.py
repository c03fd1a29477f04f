"""JSON of values and objects, and schema.org's data of products and articles."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from liquid import RenderContext
from liquid.utils.html import strip_tags

from till.liquid.drop import Drop
from till.liquid.filters.common import (
    MOST_ITEMS,
    Filter,
    Html,
    get,
    items,
    plain,
    text,
    unescaped,
    with_context,
    wrong,
)
from till.liquid.filters.dates import ISO, moment
from till.liquid.filters.names import ENGLISH
from till.liquid.filters.pictures import picture_of
from till.liquid.filters.reach import registers, seen, shop
from till.liquid.filters.strftime import strftime
from till.money import DIGITS, spell

DEEPEST = 12
MOST_NODES = 50_000
# So the text may stand inside <script> (the platform writes them so too).
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
SAFE = str.maketrans(UNSAFE)


def to_json(value: object, *_: object) -> Html:
    """JSON of a value or an object; `<`, `>` and `&` are written as escapes, so it can stand in a script."""
    return written(Plain().of(value))


def written(value: object) -> Html:
    """JSON that may stand in a script element, as tight as the platform writes it."""
    return Html(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(SAFE))


class Plain:
    """Makes plain data of objects: each drop as it says itself, no deeper and no more than is sane."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def of(self, value: object, depth: int = 0) -> Any:
        """The data of a value; below the deepest level and beyond the last node there is null."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return None
        value = value.plain() if isinstance(value, Drop) else plain(value)
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return value if value.bit_length() <= 1024 else None
        if isinstance(value, (float, Decimal)):
            return float(value) if math.isfinite(value) else None
        return self._of_many(value, depth)

    def _of_many(self, value: object, depth: int) -> Any:
        if isinstance(value, (datetime, date)):
            return value.isoformat()
        if isinstance(value, Mapping):
            return {text(name): self.of(each, depth + 1) for name, each in islice(value.items(), MOST_ITEMS)}
        if isinstance(value, (list, tuple, range)) or hasattr(value, "__iter__"):
            return [self.of(each, depth + 1) for each in islice(iter(value), MOST_ITEMS)]
        return text(value)


@with_context
def structured_data(value: object, *, context: RenderContext) -> Html:
    """schema.org's data as JSON-LD: an Article, a Product, or a ProductGroup of a product with variants."""
    if get(value, "variants") is not None or get(value, "price") is not None:
        return written(_product(value, context))
    if get(value, "title") is not None:
        return written(_article(value, context))
    raise wrong("there is structured data of products and articles only")


def _article(article: object, context: RenderContext) -> dict[str, object]:
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": text(get(article, "title")),
        "url": _whole(get(article, "url"), context),
        "articleBody": _words(get(article, "content")),
        "image": _whole(picture_of(article)[0], context),
        "datePublished": _time(get(article, "published_at"), context),
        "dateModified": _time(get(article, "updated_at"), context),
    }
    author = text(get(article, "author"))
    if author:
        found["author"] = {"@type": "Person", "name": author}
    return {name: part for name, part in found.items() if part}


def _product(product: object, context: RenderContext) -> dict[str, object]:
    variants = items(get(product, "variants"))
    vendor = text(get(product, "vendor"))
    found: dict[str, object] = {
        "@context": "https://schema.org/",
        "@type": "ProductGroup" if variants else "Product",
        "name": text(get(product, "title")),
        "url": _whole(get(product, "url"), context),
        "description": _words(get(product, "description")),
        "image": _whole(picture_of(product)[0], context),
        "brand": {"@type": "Brand", "name": vendor} if vendor else None,
        "category": text(get(product, "type")),
    }
    if variants:
        found["productGroupID"] = text(get(product, "id"))
        found["hasVariant"] = [_variant(each, product, context) for each in variants]
    else:
        found["offers"] = _offer(product, context)
    return {name: part for name, part in found.items() if part}


def _variant(variant: object, product: object, context: RenderContext) -> dict[str, object]:
    found = {
        "@type": "Product",
        "name": f"{text(get(product, 'title'))} - {text(get(variant, 'title'))}",
        "sku": text(get(variant, "sku")),
        "image": _whole(picture_of(variant)[0], context),
        "offers": _offer(variant, context),
    }
    return {name: part for name, part in found.items() if part}


def _offer(sold: object, context: RenderContext) -> dict[str, object]:
    shown = registers(context)
    price = get(sold, "price")
    amount = price if isinstance(price, int) and not isinstance(price, bool) else 0
    currency = shown.currency if shown.currency in DIGITS else "USD"
    stock = "InStock" if get(sold, "available") else "OutOfStock"
    return {
        "@type": "Offer",
        "price": spell(amount, currency),
        "priceCurrency": shown.currency,
        "availability": f"https://schema.org/{stock}",
        "url": _whole(get(sold, "url") or get(seen(context, "product"), "url"), context),
    }


def _whole(url: object, context: RenderContext) -> str:
    """A URL with the origin of the shop before it; others read this data far away from the page."""
    path = text(plain(url))
    origin = text(get(seen(context, "request"), "origin")) or text(shop(context, "url"))
    return origin.rstrip("/") + path if path.startswith("/") and not path.startswith("//") else path


def _words(markup: object) -> str:
    """The text of HTML."""
    return " ".join(unescaped(strip_tags(text(plain(markup)))).split())


def _time(value: object, context: RenderContext) -> str:
    at = moment(value, context)
    return strftime(at, ISO, ENGLISH) if at else ""


FILTERS: dict[str, Filter] = {"json": to_json, "structured_data": structured_data}
