"""What the editor of themes offers: the schemas of a theme's parts, things to pick, pages to look at."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from till.liquid.grammar import opaque
from till.liquid.schema import load
from till.storefront.shipped import shipped
from till.storefront.world import Text, World, decode
from till.themes.manifest import Manifest

PLAIN = {
    "index": "/",
    "list-collections": "/collections",
    "cart": "/cart",
    "search": "/search?q=a",
    "password": "/password",
    "404": "/nowhere",
}
LABELS = ("locales/en.default.schema.json", "locales/en.schema.json")


def is_document(name: str) -> bool:
    """True of the files that the editor changes."""
    folder, _, rest = name.partition("/")
    return rest.endswith(".json") and folder in ("templates", "sections", "config")


def is_read(name: str) -> bool:
    """True of all files that the editor reads."""
    parts = name.startswith(("sections/", "blocks/")) and name.endswith(".liquid")
    return is_document(name) or parts or name in LABELS


def described(manifest: Manifest, contents: Mapping[str, bytes]) -> dict[str, Any]:
    """All that the editor is made with, of the files that it reads."""
    world = decode(shipped().raw)
    texts = {name: body.decode("utf-8", "replace") for name, body in contents.items()}
    documents = {
        name: {"text": text, "checksum": manifest[name].checksum}
        for name, text in texts.items()
        if is_document(name)
    }
    return {
        "documents": documents,
        "sections": dict(_schemas(texts, "sections/")),
        "blocks": dict(_schemas(texts, "blocks/")),
        "labels": next((json_of(texts[name]) for name in LABELS if name in texts), {}),
        "choices": choices(world),
        "pages": {
            name: page_of(name.removeprefix("templates/").removesuffix(".json"), world)
            for name in documents
            if name.startswith("templates/")
        },
    }


def json_of(text: str) -> Any:
    """A JSON text of the theme; one that cannot be read is empty."""
    found, fault = load("", text)
    return {} if fault else found


def choices(world: World) -> dict[str, list[tuple[str, str]]]:
    """What can be picked for a setting, by its type: handles, with what they are called."""

    def said(text: Text) -> str:
        return text if isinstance(text, str) else text.get(world.locale, "")

    def listed(things: Any) -> list[tuple[str, str]]:
        return [(each.handle, said(each.title)) for each in things]

    pictures = sorted({image.src for product in world.products for image in product.images})
    return {
        "product": listed(world.products),
        "collection": listed(world.collections),
        "page": listed(world.pages),
        "blog": listed(world.blogs),
        "article": [
            (f"{blog.handle}/{each.handle}", said(each.title))
            for blog in world.blogs
            for each in blog.articles
        ],
        "link_list": listed(world.menus),
        "image_picker": [(f"shopify://shop_images/{name}", name) for name in pictures],
    }


def page_of(template: str, world: World) -> str:
    """A page that a template is shown on."""
    base, _, suffix = template.partition(".")
    found = _page(base, suffix, world)
    return f"{found}?{urlencode({'view': suffix})}" if suffix else found


def _page(base: str, suffix: str, world: World) -> str:
    if base == "article":
        place = next(((blog, each) for blog in world.blogs for each in blog.articles), None)
        return f"/blogs/{place[0].handle}/{place[1].handle}" if place else "/blogs"
    things: dict[str, tuple[str, Any]] = {
        "product": ("products", world.products),
        "collection": ("collections", world.collections),
        "page": ("pages", world.pages),
        "blog": ("blogs", world.blogs),
    }
    if base in things:
        folder, listed = things[base]
        own = [each for each in listed if each.template == suffix] or list(listed)
        return f"/{folder}/{own[0].handle}" if own else "/"
    return "/account/login" if base.startswith("customers/") else PLAIN.get(base, "/")


def _schemas(texts: Mapping[str, str], folder: str) -> Iterator[tuple[str, Any]]:
    """The schema of each part of a kind, as it is written; without one it is empty."""
    for name, text in texts.items():
        if name.startswith(folder) and name.endswith(".liquid"):
            found = next((body for _, body in opaque(text, "schema")), "{}")
            schema = json_of(found)
            if isinstance(schema, dict):
                yield name.removeprefix(folder).removesuffix(".liquid"), schema
