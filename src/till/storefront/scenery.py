"""The global objects of a page, put together for one visit."""

from collections.abc import Sequence
from urllib.parse import quote

from till.liquid.drop import Drop, Record, Shelf
from till.storefront.drops.asking import localization_of, request_of, routes_of
from till.storefront.drops.basket import CartDrop
from till.storefront.drops.blogs import ArticleDrop, BlogDrop
from till.storefront.drops.collections import CollectionDrop
from till.storefront.drops.finding import SearchDrop, predictive_search_of, recommendations_of
from till.storefront.drops.links import MenuDrop
from till.storefront.drops.products import ProductDrop
from till.storefront.drops.scene import ImageDrop, Maker, Scene
from till.storefront.drops.shop import ShopDrop
from till.storefront.drops.texts import PageDrop, PolicyDrop
from till.storefront.routes import Place
from till.storefront.stock import Stock
from till.storefront.visit import Visit
from till.storefront.world import Image

MAKERS: dict[str, Maker] = {
    "product": ProductDrop,
    "collection": CollectionDrop,
    "page": PageDrop,
    "blog": BlogDrop,
    "article": ArticleDrop,
    "policy": PolicyDrop,
    "link_list": MenuDrop,
}


def scene_of(stock: Stock, visit: Visit) -> Scene:
    """What the objects of one page share."""
    return Scene(stock=stock, visit=visit, makers=MAKERS)


def globals_of(scene: Scene, place: Place, template: str, theme: str) -> dict[str, object]:
    """The objects that every template may read, and those of this page."""
    visit = scene.visit
    found: dict[str, object] = {
        "shop": ShopDrop(scene),
        "request": request_of(scene, place.type),
        "routes": Record("routes", routes_of(scene)),
        "localization": localization_of(scene),
        "cart": CartDrop(scene),
        "customer": None,
        "theme": Record("theme", {"id": visit.theme_id, "name": theme, "role": visit.role}),
        "template": _template(template),
        "page_title": _title(scene, place),
        "page_description": _description(scene, place),
        "page_image": _picture(scene, place),
        "canonical_url": _canonical(scene, place),
        "handle": getattr(_thing(place), "handle", None),
        "current_page": _page_number(visit),
        "current_tags": _tags(visit),
        "powered_by_link": "Powered by Till",
        "additional_checkout_buttons": False,
        "content_for_additional_checkout_buttons": "",
        "collection": None,
        "search": SearchDrop(scene),
        "predictive_search": predictive_search_of(scene),
        "recommendations": recommendations_of(scene),
        **_shelves(scene),
    }
    if place.kind:
        thing = found[place.kind] = scene.make(place.kind, place.thing)
        if place.kind == "article" and isinstance(place.thing, tuple):
            found["blog"] = scene.make("blog", place.thing[0])
        if place.kind == "policy":
            found["page"] = Record("page", _as_page(thing), text=str(thing))
    if place.collection:
        found["collection"] = scene.find("collection", place.collection)
    return found


def _shelves(scene: Scene) -> dict[str, object]:
    world = scene.stock.world

    def shelf(name: str, kind: str, things: Sequence[object]) -> Shelf:
        return Shelf(
            name,
            lambda: [scene.make(kind, each) for each in things],
            lambda handle: scene.find(kind, handle),
        )

    articles = [(blog, article) for blog in world.blogs for article in blog.articles]

    def article(handle: str) -> Drop | None:
        found = (each for each in articles if f"{each[0].handle}/{each[1].handle}" == handle)
        return next((scene.make("article", each) for each in found), None)

    return {
        "all_products": shelf("all_products", "product", world.products),
        "collections": shelf("collections", "collection", world.collections),
        "pages": shelf("pages", "page", world.pages),
        "blogs": shelf("blogs", "blog", world.blogs),
        "linklists": shelf("linklists", "link_list", world.menus),
        "articles": Shelf("articles", lambda: [scene.make("article", each) for each in articles], article),
        "images": _images(scene),
    }


def _images(scene: Scene) -> Shelf:
    pictures: dict[str, Image] = {
        image.src: image for product in scene.stock.world.products for image in product.images
    }

    def find(name: str) -> ImageDrop | None:
        return ImageDrop(scene, pictures[name]) if name in pictures else None

    return Shelf("images", lambda: [ImageDrop(scene, each) for each in pictures.values()], find)


def image_of(scene: Scene, name: str) -> Drop | None:
    """A picture of the catalogue by the name of its file."""
    found = _images(scene).find(name.removeprefix("shopify://shop_images/"))
    return found if isinstance(found, ImageDrop) else None


def _template(name: str) -> Drop:
    base, _, suffix = name.partition(".")
    directory, _, last = base.rpartition("/")
    return Record(
        "template", {"name": last, "directory": directory or None, "suffix": suffix or None}, text=name
    )


def _thing(place: Place) -> object:
    return place.thing[1] if isinstance(place.thing, tuple) else place.thing


def _title(scene: Scene, place: Place) -> str:
    title = getattr(_thing(place), "title", None)
    if title is not None:
        return scene.stock.said(title)
    named = {
        "search": "Search",
        "cart": "Your cart",
        "404": "404 Not Found",
        "list-collections": "Collections",
        "customers/login": "Account",
        "customers/register": "Create account",
    }
    return named.get(place.type, scene.stock.world.shop.name)


def _description(scene: Scene, place: Place) -> str | None:
    thing = _thing(place)
    if thing is None:
        return scene.stock.said(scene.stock.world.shop.description) or None
    text = scene.stock.said(getattr(thing, "description", "") or getattr(thing, "excerpt", ""))
    words = " ".join("".join(part.rpartition(">")[2] + " " for part in text.split("<")).split())
    return words[:320] or None


def _picture(scene: Scene, place: Place) -> ImageDrop | None:
    thing = _thing(place)
    images = getattr(thing, "images", ()) or filter(None, [getattr(thing, "image", None)])
    return next((ImageDrop(scene, each) for each in images), None)


def _canonical(scene: Scene, place: Place) -> str:
    path = scene.visit.path
    if place.kind == "product":
        path = f"/products/{getattr(place.thing, 'handle', '')}"
    return f"{scene.visit.scheme}://{scene.visit.host}{scene.url(quote(path))}"


def _page_number(visit: Visit) -> int:
    text = visit.first("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _tags(visit: Visit) -> list[str] | None:
    parts = visit.path.split("/")
    if parts[1:2] == ["collections"] and len(parts) == 4 and parts[3]:
        return parts[3].split("+")
    if parts[1:2] == ["blogs"] and parts[3:4] == ["tagged"] and len(parts) == 5:
        return [parts[4]]
    return None


def _as_page(policy: Drop) -> dict[str, object]:
    named = {"id": policy["id"], "title": policy["title"], "handle": policy["handle"], "url": policy["url"]}
    empty = dict.fromkeys(("author", "published_at", "template_suffix", "metafields"))
    return named | empty | {"content": policy["body"]}
