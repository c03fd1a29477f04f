"""What must hold between the parts of a catalogue: handles, prices, pictures and languages."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from till import money
from till.errors import Invalid
from till.storefront.world import (
    MOST_PICTURE_BYTES,
    BadCatalogue,
    Image,
    Link,
    Product,
    Text,
    Variant,
    World,
    decode,
    encode,
    load,
    pictures,
    price_of,
)

HANDLE = re.compile(r"[a-z0-9_]+(?:-[a-z0-9_]+)*\Z")
PICTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(?:svg|png|jpe?g|webp|gif|avif)\Z")
LOCALE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?\Z")
DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,3})?\Z")
MOST_PRODUCTS, MOST_VARIANTS, MOST_OPTIONS, DEEPEST_MENU = 5_000, 250, 3, 3


def catalogue_of(place: Path) -> bytes:
    """The checked catalogue at `place` as one JSON file; `BadCatalogue` names the first mistake."""
    world = decode(load(place), f"The catalogue at {place}")
    for sentence in mistakes(world, pictures(place)):
        raise BadCatalogue(sentence)
    return encode(world)


def mistakes(world: World, files: dict[str, Path]) -> Iterator[str]:
    """One sentence for each thing that cannot be, in the order of the catalogue."""
    yield from _shop(world)
    yield from _handles("products", (each.handle for each in world.products))
    if len(world.products) > MOST_PRODUCTS:
        yield f"There are {len(world.products)} products, and a catalogue has at most {MOST_PRODUCTS:,}."
    for product in world.products:
        yield from _product(product, world.locale)
    yield from _collections(world)
    yield from _handles("pages", (each.handle for each in world.pages))
    yield from _handles("blogs", (each.handle for each in world.blogs))
    for blog in world.blogs:
        yield from _handles(f"blogs.{blog.handle}.articles", (each.handle for each in blog.articles))
    yield from _handles("menus", (each.handle for each in world.menus))
    for menu in world.menus:
        yield from _links(f"menus.{menu.handle}", menu.links, 1)
    for where, image in _images(world):
        yield from _image(where, image, files)
    for where, text in _texts(world):
        yield from _text(where, text, world.shop.locales)


def _shop(world: World) -> Iterator[str]:
    locales = world.shop.locales
    if not locales or not all(LOCALE.match(each) for each in locales) or len(set(locales)) < len(locales):
        yield f'shop.locales is {list(locales)}: give each once, like ["en", "de"], the default first.'
    try:
        money.digits_of(world.shop.currency)
    except Invalid as refusal:
        yield f"shop.currency: {refusal.message}"
    yield from _handles("shop.policies", (each.handle for each in world.shop.policies))


def _handles(where: str, handles: Iterable[str]) -> Iterator[str]:
    for handle, times in Counter(handles).items():
        if not HANDLE.match(handle):
            yield f"{where} has the handle {handle!r}: use a-z, 0-9, _ and single hyphens."
        if times > 1:
            yield f"{where} has the handle {handle!r} {times} times: give each its own."


def _product(product: Product, locale: str) -> Iterator[str]:
    where = f"products.{product.handle}"
    if not 1 <= len(product.variants) <= MOST_VARIANTS:
        yield f"{where} has {len(product.variants)} variants: give 1 to {MOST_VARIANTS}."
    if len(product.options) > MOST_OPTIONS:
        yield f"{where} has {len(product.options)} options: give at most {MOST_OPTIONS}."
    offered = [{said(value, locale, locale) for value in option.values} for option in product.options]
    pictured = {image.src for image in product.images}
    seen: set[tuple[str, ...]] = set()
    for index, variant in enumerate(product.variants):
        here = f"{where}.variants[{index}]"
        yield from _prices(here, variant)
        if len(variant.options) != len(product.options):
            yield f"{here} chooses {len(variant.options)} of {len(product.options)} options: give each."
        for values, chosen in zip(offered, variant.options, strict=False):
            if chosen not in values:
                yield f"{here} has the option {chosen!r}{_nearest(chosen, values)}: name one that is offered."
        if variant.options in seen:
            yield f"{here} chooses what an earlier variant does: each choice is one variant."
        seen.add(variant.options)
        if variant.image is not None and variant.image not in pictured:
            yield f"{here}.image is {variant.image!r}, which is no image of the product: add it to images."


def _prices(where: str, variant: Variant) -> Iterator[str]:
    for name, price in (("price", variant.price), ("compareAtPrice", variant.compare_at_price)):
        if price is not None and not _is_price(price):
            yield f'{where}.{name} is {price!r}: give a decimal number such as "24.00".'


def _is_price(text: str) -> bool:
    return bool(DECIMAL.match(text)) and price_of(text, "USD") <= money.LARGEST


def _collections(world: World) -> Iterator[str]:
    handles = {each.handle for each in world.products}
    yield from _handles("collections", (each.handle for each in world.collections))
    for collection in world.collections:
        where = f"collections.{collection.handle}"
        for handle, times in Counter(collection.products).items():
            if handle not in handles:
                yield f"{where} has the product {handle!r}{_nearest(handle, handles)}, which there is not."
            if times > 1:
                yield f"{where} has the product {handle!r} {times} times: name it once."
        if collection.sort not in SORTS:
            yield f"{where}.sort is {collection.sort!r}: give one of {', '.join(SORTS)}."


SORTS = (
    "manual",
    "best-selling",
    "title-ascending",
    "title-descending",
    "price-ascending",
    "price-descending",
    "created-ascending",
    "created-descending",
)


def _links(where: str, links: tuple[Link, ...], depth: int) -> Iterator[str]:
    if links and depth > DEEPEST_MENU:
        yield f"{where} is {depth} links deep: a menu has at most {DEEPEST_MENU}."
        return
    for index, link in enumerate(links):
        here = f"{where}.links[{index}]"
        if not link.url.startswith(("/", "https://", "http://", "mailto:", "#")):
            yield f"{here}.url is {link.url!r}: give a path such as /collections/all, or a whole URL."
        yield from _links(here, link.links, depth + 1)


def _images(world: World) -> Iterator[tuple[str, Image]]:
    for product in world.products:
        yield from ((f"products.{product.handle}.images", image) for image in product.images)
    for collection in world.collections:
        if collection.image:
            yield f"collections.{collection.handle}.image", collection.image
    for blog in world.blogs:
        for article in blog.articles:
            if article.image:
                yield f"blogs.{blog.handle}.articles.{article.handle}.image", article.image
    if world.shop.brand.logo:
        yield "shop.brand.logo", world.shop.brand.logo


def _image(where: str, image: Image, files: dict[str, Path]) -> Iterator[str]:
    if not PICTURE.match(image.src):
        yield f"{where} has the picture {image.src!r}: name a file in files/, such as mug.svg or mug.jpg."
    elif image.src not in files:
        yield f"{where} has the picture {image.src!r}{_nearest(image.src, files)}, which files/ has not."
    elif files[image.src].stat().st_size > MOST_PICTURE_BYTES:
        yield f"{where} has the picture {image.src!r}, longer than {MOST_PICTURE_BYTES // 1_000_000} MB."
    if min(image.width, image.height) < 1:
        yield f"{where} has the size {image.width} by {image.height}: give pixels, at least 1."


def _texts(world: World) -> Iterator[tuple[str, Text]]:
    for name in ("products", "collections", "pages", "blogs", "menus"):
        for each in getattr(world, name):
            yield from _texts_of(f"{name}.{each.handle}", each)
    for blog in world.blogs:
        for article in blog.articles:
            yield from _texts_of(f"blogs.{blog.handle}.articles.{article.handle}", article)
    for product in world.products:
        for option in product.options:
            yield f"products.{product.handle}.options", option.name
            yield from ((f"products.{product.handle}.options", value) for value in option.values)


def _texts_of(where: str, part: object) -> Iterator[tuple[str, Text]]:
    for name in ("title", "description", "content", "excerpt", "body"):
        text = getattr(part, name, None)
        if text is not None:
            yield f"{where}.{name}", text


def _text(where: str, text: Text, locales: tuple[str, ...]) -> Iterator[str]:
    if isinstance(text, dict):
        for locale in text:
            if locale not in locales:
                yield f"{where} is told in {locale!r}, which shop.locales has not: add it, or leave it out."


def said(text: Text, locale: str, default: str) -> str:
    """`text` in `locale`, else in the default one, else in any."""
    if isinstance(text, str):
        return text
    found = text.get(locale, text.get(default))
    return found if found is not None else next(iter(text.values()), "")


def _nearest(name: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(names), 1)
    return f" ({found[0]}?)" if found else ""
