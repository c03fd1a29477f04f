"""Which page a path names: its type, its template and the thing that it shows. Pure."""

import re
from collections.abc import Iterator

from msgspec import Struct

from till.storefront.stock import Stock


class Place(Struct, frozen=True, kw_only=True):
    """A page: `template` without an alternate, `thing` by the name of its global object."""

    type: str
    template: str
    kind: str = ""
    thing: object = None
    status: int = 200
    alternate: str = ""
    collection: str = ""


LOST = Place(type="404", template="404", status=404)
PLAIN = {
    "/": ("index", "index"),
    "/collections": ("list-collections", "list-collections"),
    "/cart": ("cart", "cart"),
    "/search": ("search", "search"),
    "/search/suggest": ("predictive_search", "search"),
    "/recommendations/products": ("recommendations", "product"),
    "/account": ("customers/account", "customers/login"),
    "/account/login": ("customers/login", "customers/login"),
    "/account/register": ("customers/register", "customers/register"),
    "/account/recover": ("customers/login", "customers/login"),
    "/password": ("password", "password"),
}
HANDLE = r"([^/]+)"


def locate(path: str, stock: Stock) -> Place:
    """The page at `path` (without the prefix of a language); what is not there is the page 404."""
    clean = path.rstrip("/") or "/"
    if clean in PLAIN:
        kind, template = PLAIN[clean]
        return Place(type=kind, template=template)
    for found in _things(clean, stock):
        return found
    return LOST


def _things(path: str, stock: Stock) -> Iterator[Place]:
    if found := re.fullmatch(rf"(?:/collections/{HANDLE})?/products/{HANDLE}", path):
        product = stock.products.get(found[2])
        if product is not None and (found[1] is None or stock.collection(found[1])):
            yield _place("product", product, product.template, collection=found[1] or "")
    elif found := re.fullmatch(rf"/collections/{HANDLE}(?:/{HANDLE})?", path):
        collection = stock.collection(found[1])
        if collection is not None:
            yield _place("collection", collection, collection.template)
    elif found := re.fullmatch(rf"/pages/{HANDLE}", path):
        page = stock.pages.get(found[1])
        if page is not None:
            yield _place("page", page, page.template)
    elif found := re.fullmatch(rf"/policies/{HANDLE}", path):
        policy = stock.policies.get(found[1])
        if policy is not None:
            yield Place(type="policy", template="policy", kind="policy", thing=policy)
    elif found := re.fullmatch(rf"/blogs/{HANDLE}(?:/{HANDLE})?(?:/{HANDLE})?", path):
        yield from _of_blogs(stock, found[1], found[2], found[3])


def _of_blogs(stock: Stock, handle: str, second: str | None, third: str | None) -> Iterator[Place]:
    blog = stock.blogs.get(handle)
    if blog is None:
        return
    if second is None or (second == "tagged" and third):
        yield _place("blog", blog, blog.template)
    elif third is None:
        for article in blog.articles:
            if article.handle == second:
                yield _place("article", (blog, article), article.template)


def _place(kind: str, thing: object, alternate: str, *, collection: str = "") -> Place:
    return Place(type=kind, template=kind, kind=kind, thing=thing, alternate=alternate, collection=collection)
