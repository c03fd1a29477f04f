"""One request to a storefront, read: who asks, in which shop and language, for which page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from till.errors import Unreadable
from till.staff.origin import Network, Origin, origin_of
from till.storefront.ports import Front
from till.storefront.previews import Preview
from till.storefront.stock import Stock, stock_of, world_of
from till.storefront.visit import CartState, Visit

CART, PREVIEW, DESIGN = "till_cart", "till_preview", "till_design"
MOST_SECTIONS = 5
MOST_PARAMETERS = 100
LONGEST_TOKEN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """`path` comes without the prefix of a language, which is `root`; `preview` is what it shows."""

    request: Request
    origin: Origin
    front: Front
    stock: Stock
    path: str
    root: str
    query: tuple[tuple[str, str], ...]
    token: str
    preview: Preview | None
    now: int

    @property
    def theme_id(self) -> int | None:
        """The theme that a preview shows."""
        return None if self.preview is None else self.preview.theme_id

    def visit(self, cart: CartState, **more: Any) -> Visit:
        """What is rendered for this guest; `more` are further fields of `Visit`."""
        return Visit(
            path=more.pop("path", None) or self.path,
            query=self.query,
            method=self.request.method,
            host=self.origin.host,
            scheme=self.origin.scheme,
            locale=self.stock.locale,
            root=self.root,
            shop=self.front.handle,
            currency=self.front.currency,
            timezone=self.front.timezone,
            now=self.now,
            cart=cart,
            design_mode=self.theme_id is not None and self.first("design_mode") == "true",
            marks=self.theme_id is not None,
            **more,
        )

    def first(self, name: str) -> str:
        """The first value of a name in the query."""
        return next((value for key, value in self.query if key == name), "")

    def url(self, path: str) -> str:
        """A path of this storefront in the guest's language."""
        return (self.root + path).rstrip("/") or "/"

    @property
    def sections(self) -> tuple[str, ...]:
        return sections_of(self.first("sections"))


def sections_of(text: str) -> tuple[str, ...]:
    """The ids of a `sections` parameter; `Unreadable` for more than five."""
    found = tuple(each.strip() for each in text.split(",") if each.strip())
    if len(found) > MOST_SECTIONS:
        raise Unreadable(f"{len(found)} sections are asked for: ask for {MOST_SECTIONS} at a time at most.")
    return found


def guest_of(
    request: Request,
    front: Front,
    world: bytes,
    *,
    proxies: tuple[Network, ...],
    preview: Preview | None,
    now: int,
) -> Guest:
    """The guest of a request; the first part of a path may be a language of the shop."""
    path = str(request.scope["path"])
    root, locale = "", ""
    first, _, rest = path.removeprefix("/").partition("/")
    shop = world_of(world).shop
    if first in {each.lower(): each for each in shop.locales[1:]}:
        locale = next(each for each in shop.locales if each.lower() == first)
        root, path = f"/{first}", f"/{rest}"
    origin = origin_of(request, proxies)
    return Guest(
        request=request,
        origin=origin,
        front=front,
        stock=stock_of(world, locale or shop.locales[0], front.currency),
        path=path,
        root=root,
        query=_query(request.url.query),
        token=cookie(request.cookies, origin.cookie(CART)),
        preview=preview,
        now=now,
    )


def cookie(cookies: Mapping[str, str], name: str) -> str:
    """A cookie of ours; what is no token of ours is nothing."""
    found = cookies.get(name, "")
    return found if len(found) <= LONGEST_TOKEN and found.isascii() and found.isalnum() else ""


def design_token(request: Request) -> str:
    """The token of an editor that shows the page inside of itself, where browsers keep no cookies for it.

    It stands in the address, or in that of the page from which this is asked for.
    """
    found = request.query_params.get(DESIGN, "")
    asking = urlsplit(request.headers.get("referer", ""))
    if found or asking.netloc != request.headers.get("host", ""):
        return found
    return dict(_query(asking.query)).get(DESIGN, "")


def _query(text: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
    except ValueError:
        raise Unreadable(f"The query has more than {MOST_PARAMETERS} parameters: leave some out.") from None
