"""The catalogue that a storefront shows: its format, read and checked with one sentence for each mistake.

A catalogue is one JSON file, or a folder of `*.json` files whose lists are put together; pictures lie in
a folder `files/` beside them. Names are camelCase; a key that is not named below is a mistake.

    {"shop":        {"name", "description"?, "email"?, "locales": ["en", "de"], "currency"?: "USD",
                     "moneyFormat"?, "moneyWithCurrencyFormat"?, "brand"?: {"slogan"?, "logo"?: IMAGE},
                     "address"?: {"address1"?, "city"?, "zip"?, "country"?, "countryCode"?},
                     "policies"?: [{"handle", "title": TEXT, "body": TEXT}], "metafields"?: META},
     "products":    [{"handle", "title": TEXT, "description"?: TEXT (HTML), "vendor"?, "type"?, "tags"?: [],
                      "options"?: [{"name": TEXT, "values": [TEXT]}], "variants": [VARIANT],
                      "images"?: [IMAGE], "publishedAt"?, "template"?: "alternate", "metafields"?: META}],
     "collections": [{"handle", "title": TEXT, "description"?: TEXT, "products": [handles in order],
                      "image"?: IMAGE, "sort"?: "manual", "template"?, "metafields"?: META}],
     "pages":       [{"handle", "title": TEXT, "content": TEXT (HTML), "author"?, "publishedAt"?,
                      "template"?, "metafields"?: META}],
     "blogs":       [{"handle", "title": TEXT, "template"?, "metafields"?: META, "articles":
                     [{"handle", "title": TEXT, "content": TEXT, "excerpt"?: TEXT, "author"?, "tags"?: [],
                       "image"?: IMAGE, "publishedAt", "comments"?: [{"author", "content", "createdAt"}],
                       "template"?, "metafields"?: META}]}],
     "menus":       [{"handle": "main-menu", "title": TEXT,
                      "links": [{"title": TEXT, "url": "/collections/all", "links"?: [as here]}]}]}

TEXT is a string, or one string a locale: {"en": "Mug", "de": "Becher"}; the first of `locales` is the
default one, in which a missing translation is shown. IMAGE is {"src": "mug.svg" (in `files/`), "width",
"height", "alt"?: TEXT}. VARIANT is {"options"?: ["S", "Blue"] (values in the default locale, one for each
option), "price": "24.00", "compareAtPrice"?, "sku"?, "barcode"?, "grams"?, "inventory"? (none: never sold
out), "image"?: the src of one of the product's images}. Times are RFC 3339: "2026-03-01T09:00:00Z".
META is {"namespace": {"key": value}}. At most 5,000 products with 250 variants each.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from till import money
from till.errors import Invalid

Text = str | dict[str, str]
Meta = dict[str, dict[str, Any]]
MOST_BYTES = 20_000_000
MOST_PICTURE_BYTES = 2_000_000


class BadCatalogue(Invalid):
    """The catalogue cannot be shown; the message is one sentence that names the place."""


class _Part(
    Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True
):
    """A part of a catalogue; what it does not know it refuses."""


class Image(_Part, frozen=True):
    """A picture in `files/`, with its size in pixels."""

    src: str
    width: int
    height: int
    alt: Text = ""


class Variant(_Part, frozen=True):
    """One thing that can be bought; `price` is a decimal string, `inventory` a count of units."""

    price: str
    options: tuple[str, ...] = ()
    compare_at_price: str | None = None
    sku: str | None = None
    barcode: str | None = None
    grams: int = 0
    inventory: int | None = None
    image: str | None = None


class Option(_Part, frozen=True):
    """A choice such as a size, with its values in the order in which they are offered."""

    name: Text
    values: tuple[Text, ...]


class Product(_Part, frozen=True):
    handle: str
    title: Text
    variants: tuple[Variant, ...]
    description: Text = ""
    vendor: str = ""
    type: str = ""
    tags: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    images: tuple[Image, ...] = ()
    published_at: datetime | None = None
    template: str = ""
    metafields: Meta = field(default_factory=dict)


class Collection(_Part, frozen=True):
    handle: str
    title: Text
    products: tuple[str, ...]
    description: Text = ""
    image: Image | None = None
    sort: str = "manual"
    template: str = ""
    metafields: Meta = field(default_factory=dict)


class Page(_Part, frozen=True):
    handle: str
    title: Text
    content: Text
    author: str = ""
    published_at: datetime | None = None
    template: str = ""
    metafields: Meta = field(default_factory=dict)


class Comment(_Part, frozen=True):
    author: str
    content: str
    created_at: datetime


class Article(_Part, frozen=True):
    handle: str
    title: Text
    content: Text
    published_at: datetime
    excerpt: Text = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    image: Image | None = None
    comments: tuple[Comment, ...] = ()
    template: str = ""
    metafields: Meta = field(default_factory=dict)


class Blog(_Part, frozen=True):
    handle: str
    title: Text
    articles: tuple[Article, ...] = ()
    template: str = ""
    metafields: Meta = field(default_factory=dict)


class Link(_Part, frozen=True):
    title: Text
    url: str
    links: tuple["Link", ...] = ()


class Menu(_Part, frozen=True):
    handle: str
    title: Text
    links: tuple[Link, ...] = ()


class Policy(_Part, frozen=True):
    handle: str
    title: Text
    body: Text


class Brand(_Part, frozen=True):
    slogan: Text = ""
    logo: Image | None = None


class Address(_Part, frozen=True):
    address1: str = ""
    city: str = ""
    zip: str = ""
    country: str = ""
    country_code: str = ""


class ShopFacts(_Part, frozen=True):
    """What the catalogue says of the shop; a server's own shop has its own currency and time zone."""

    name: str
    locales: tuple[str, ...]
    description: Text = ""
    email: str = ""
    currency: str = "USD"
    money_format: str | None = None
    money_with_currency_format: str | None = None
    brand: Brand = field(default_factory=Brand)
    address: Address = field(default_factory=Address)
    policies: tuple[Policy, ...] = ()
    metafields: Meta = field(default_factory=dict)


class World(_Part, frozen=True):
    """A whole catalogue, as the module's first lines describe it."""

    shop: ShopFacts
    products: tuple[Product, ...] = ()
    collections: tuple[Collection, ...] = ()
    pages: tuple[Page, ...] = ()
    blogs: tuple[Blog, ...] = ()
    menus: tuple[Menu, ...] = ()

    @property
    def locale(self) -> str:
        """The default locale."""
        return self.shop.locales[0]


def decode(raw: bytes, name: str = "The catalogue") -> World:
    """The catalogue in `raw`; `BadCatalogue` with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=World)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        where = place.rstrip("`") or "the top"
        raise BadCatalogue(f"{name} cannot be read: {what} at {where}.") from None
    except msgspec.DecodeError as error:
        raise BadCatalogue(f"{name} is not JSON: {error}.") from None


def encode(world: World) -> bytes:
    """The catalogue as one JSON file."""
    return msgspec.json.encode(world)


def load(place: Path) -> bytes:
    """The JSON of the catalogue at `place`, a file or a folder, read but not yet checked."""
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    if not files or not all(each.is_file() for each in files):
        raise BadCatalogue(f"There is no catalogue at {place}: give a JSON file, or a folder of them.")
    if sum(each.stat().st_size for each in files) > MOST_BYTES:
        raise BadCatalogue(
            f"The catalogue at {place} is longer than {MOST_BYTES // 1_000_000} MB: leave some out."
        )
    whole: dict[str, Any] = {}
    for each in files:
        try:
            part = msgspec.json.decode(each.read_bytes())
        except msgspec.DecodeError as error:
            raise BadCatalogue(f"{each.name} is not JSON: {error}.") from None
        if not isinstance(part, dict):
            raise BadCatalogue(f"{each.name} is not an object: a catalogue is one with the key shop.")
        for key, value in part.items():
            known = whole.get(key)
            if isinstance(known, list) and isinstance(value, list):
                known.extend(value)
            elif known is not None:
                raise BadCatalogue(f"{each.name} says {key} once more: give it in one file of the folder.")
            else:
                whole[key] = value
    return msgspec.json.encode(whole)


def pictures(place: Path) -> dict[str, Path]:
    """The pictures beside the catalogue at `place`, by name."""
    folder = (place if place.is_dir() else place.parent) / "files"
    return {each.name: each for each in sorted(folder.glob("*")) if each.is_file()}


def price_of(text: str, currency: str) -> int:
    """A catalogue's decimal price in minor units of `currency`, cut to as many decimals as it has."""
    whole, _, part = text.partition(".")
    digits = money.digits_of(currency)
    return money.parse(f"{whole}.{part[:digits]}" if digits and part else whole, currency)
