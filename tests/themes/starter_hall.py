"""The default theme over the shipped catalogue: rendered as the workers do it, and opened in a browser."""

import hashlib
from urllib.parse import parse_qsl, urlsplit

from till.liquid.bundle import Asset, Bundle
from till.storefront.rendering import render
from till.storefront.shipped import shipped
from till.storefront.stock import stock_of
from till.storefront.visit import CartLine, CartState, Visit
from till.themes.files import TEXT
from till.themes.starter import starter

ORIGIN = "http://demo.store.localhost"
KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def bundle():
    """The theme as it is given to a renderer."""
    files = starter()
    texts = {name: raw.decode() for name, raw in files.items() if name.rpartition(".")[2] in TEXT}
    assets = {
        name.removeprefix("assets/"): Asset(hashlib.sha256(raw).hexdigest(), len(raw))
        for name, raw in files.items()
        if name.startswith("assets/")
    }
    return Bundle("starter", "Starter", texts, assets)


def full_cart():
    """A cart with three lines, one of them with words of the visitor's own."""
    first, second, third = list(stock_of(shipped().raw, "en", "USD").goods)[:3]
    gift = CartLine(variant_id=first, quantity=2, properties={"For": "Nora <b>", "_hidden": "no"})
    lines = (gift, CartLine(variant_id=second, quantity=1), CartLine(variant_id=third, quantity=30))
    return CartState(token="t", lines=lines, note="Ring <twice>", attributes={"Gift": "Yes"})


def visit(url, *, cart=None, **more):
    """What the page at `url` (a path, with the locale's prefix) is asked for with."""
    parts = urlsplit(url)
    german = parts.path == "/de" or parts.path.startswith("/de/")
    query = tuple(parse_qsl(parts.query))
    wanted = dict(query)
    return render(
        bundle(),
        shipped().raw,
        Visit(
            path=(parts.path[3:] or "/") if german else parts.path,
            query=query,
            locale="de" if german else "en",
            root="/de" if german else "",
            cart=cart or CartState(),
            now=1_790_000_000_000_000,
            sections=tuple(filter(None, wanted.get("sections", "").split(","))),
            section_id=wanted.get("section_id"),
            **more,
        ),
    )


def serve(page, cart=None):
    """Answer all that `page` asks for from here; anything else than the shop's own is a failure."""

    def answer(route):
        url = route.request.url
        assert url.startswith(ORIGIN), f"the theme asks elsewhere: {url}"
        name = urlsplit(url).path.rpartition("/")[2]
        asset, picture = starter().get(f"assets/{name}"), shipped().files.get(name)
        if asset is not None:
            route.fulfill(body=asset, content_type=KINDS[name.rpartition(".")[2]])
        elif picture is not None:
            route.fulfill(body=picture.read_bytes(), content_type=KINDS["svg"])
        else:
            found = visit(url.removeprefix(ORIGIN), cart=cart)
            route.fulfill(body=found.body, content_type=found.content_type, status=found.status)

    page.route("**/*", answer)
