"""The storefront as an ASGI application: one for all shops of a server, or for one folder of a developer."""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from till.clock import SECOND
from till.errors import Forbidden, MethodNotAllowed, NotFound, Refusal, TooLarge, TooSlow
from till.staff.origin import CrossSite, origin_of
from till.storefront import answers, carting, told
from till.storefront.forms import read_form
from till.storefront.guest import DESIGN, PREVIEW, Guest, design_token, guest_of
from till.storefront.pace import Pace
from till.storefront.parts import Parts
from till.storefront.ports import Front
from till.storefront.previews import LIFE, Preview
from till.storefront.selling import Counter, localized, thanked
from till.storefront.shipped import Catalogue
from till.storefront.showing import Show
from till.storefront.visit import CartState, Posted

MOST_FORM = 64_000
PATIENCE = 10.0
# What ends a preview in place of a token.
END = "off"
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
READS = ("GET", "HEAD")
OWN_FILES: dict[str, Callable[[], bytes]] = {
    "/-/till.css": partial(answers.shipped, "till.css"),
    answers.DESIGN_SCRIPT: partial(answers.shipped, "design.js"),
    # Browsers ask for it everywhere; a theme that has one says where.
    "/favicon.ico": lambda: b"",
    "/robots.txt": lambda: b"User-agent: *\nDisallow: /\n",
}


class Closed(Forbidden):
    """The storefront is not open to everybody."""


class NoShop(NotFound):
    """No shop has this host."""


class NoFile(NotFound):
    """There is no such file."""


class Site:
    """Serves shops by their handles; the caller knows which shop a host means."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._show = Show(parts)
        self._counter = Counter(parts.carts, self._show)
        self._pace = Pace(parts.now)

    async def serve(self, handle: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to the shop of this handle."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(handle, request)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            # Where there is no shop, no theme's script asks.
            is_script = carting.wants_json(request) and not isinstance(refusal, NoShop)
            answer = answers.refused(refusal, is_script=is_script)
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an answer
            self._parts.failed(request.url.path, error)
            sentence = "Nothing was changed. The server's log has the reason."
            is_script = carting.wants_json(request)
            answer = answers.failed(500, "The server failed", sentence, is_script=is_script)
        if request.method == "HEAD":
            answer.body = b""
        await answer(scope, receive, send)

    async def _answer(self, handle: str, request: Request) -> Response:
        front = await self._parts.source.front(handle)
        if front is None:
            raise NoShop("There is no shop at this address.")
        if request.method not in (*READS, "POST"):
            raise MethodNotAllowed(f"A storefront takes no {request.method}.", allowed=("GET", "POST"))
        path = request.scope["path"]
        if path in OWN_FILES:
            return answers.file(path, OWN_FILES[path](), "public, max-age=300")
        told_preview = request.query_params.get(PREVIEW)
        if told_preview is not None and request.method in READS:
            return self._enter(request, front, told_preview)
        preview = self._previewed(request, front)
        if preview is not None and _left_the_editor(request):
            kept = [*request.query_params.multi_items(), ("design_mode", "true")]
            place = answers.inside(quote(path), "/")
            return answers.elsewhere(f"{place}?{urlencode([*kept, (DESIGN, design_token(request))])}")
        if not front.is_open and preview is None:
            raise Closed("This storefront is not open: ask for a preview link, or come back later.")
        catalogue = self._parts.catalogue()
        guest = guest_of(
            request,
            front,
            catalogue.raw,
            proxies=self._parts.proxies,
            preview=preview,
            now=self._parts.now(),
        )
        if path.startswith(("/assets/", "/files/")):
            return await self._file(guest, catalogue, path)
        if request.method == "POST":
            return await self._post(guest, catalogue)
        return await self._get(guest, catalogue)

    def _previewed(self, request: Request, front: Front) -> Preview | None:
        """The preview that the visitor is in."""
        if self._parts.previews is None:
            return None
        origin = origin_of(request, self._parts.proxies)
        token = design_token(request) or request.cookies.get(origin.cookie(PREVIEW), "")
        return self._parts.previews.read(token, shop_id=front.id, at=self._parts.now())

    def _enter(self, request: Request, front: Front, token: str) -> Response:
        """Begin or end a preview: the token goes into a cookie and out of the address."""
        rest = [(name, value) for name, value in request.query_params.multi_items() if name != PREVIEW]
        path = answers.inside(quote(request.scope["path"]), "/")
        answer = answers.elsewhere(path + (f"?{urlencode(rest)}" if rest else ""))
        origin = origin_of(request, self._parts.proxies)
        name, secure = origin.cookie(PREVIEW), origin.is_secure
        if token == END:
            answer.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
            return answer
        previews = self._parts.previews
        if previews is None or previews.read(token, shop_id=front.id, at=self._parts.now()) is None:
            raise Closed("This preview link is not good any more: ask for a new one.")
        life = LIFE // SECOND
        answer.set_cookie(name, token, max_age=life, httponly=True, samesite="lax", secure=secure)
        return answer

    async def _file(self, guest: Guest, catalogue: Catalogue, path: str) -> Response:
        """A picture of the catalogue, or a file of a theme by its digest or by its name."""
        folder, _, rest = path[1:].partition("/")
        if folder == "files" and rest in catalogue.files:
            body = await asyncio.to_thread(catalogue.files[rest].read_bytes)
            return answers.file(rest, body, "public, max-age=300")
        kind, _, place = rest.partition("/") if folder == "assets" else ("", "", "")
        digest, _, name = place.partition("/")
        answer = None
        if kind == "t" and DIGEST.match(digest):
            found = await self._parts.source.asset(guest.front, digest)
            answer = None if found is None else answers.file(name, found, answers.FOREVER)
        elif kind == "l" and name:
            answer = await self._show.made(guest, catalogue, digest, name)
        if answer is None:
            raise NoFile("There is no such file here.")
        return answer

    async def _get(self, guest: Guest, catalogue: Catalogue) -> Response:
        path = guest.path
        if path == "/cart/change" and guest.first("quantity"):
            # Themes write links that take a line out.
            _check_own(guest)
            self._pace.count(guest.origin.address)
            return await self._counter.cart(guest, catalogue, path, dict(guest.query))
        if path == "/checkout":
            return await self._counter.checkout(guest)
        found = _told(guest, await self._show.cart(guest))
        if found is not None:
            return answers.told(found)
        return await self._show.page(guest, catalogue, posted=_posted(guest))

    async def _post(self, guest: Guest, catalogue: Catalogue) -> Response:
        _check_own(guest)
        self._pace.count(guest.origin.address)
        form = await _form(guest.request)
        path = guest.path.removesuffix(".js").removesuffix(".json")
        if path in carting.CALLS or path == "/cart":
            change = "/cart/update" if path == "/cart" else path
            return await self._counter.cart(guest, catalogue, change, form)
        if path == "/checkout":
            return await self._counter.check_out(guest, form)
        if path in ("/contact", "/localization"):
            return (thanked if path == "/contact" else localized)(guest, form)
        if path.startswith("/account"):
            errors = {"form": "This shop has no customer accounts."}
            posted = Posted(form="customer_login", ok=False, errors=errors)
            return await self._show.page(guest, catalogue, posted=posted)
        raise MethodNotAllowed("This page takes no form.", allowed=READS)


def _check_own(guest: Guest) -> None:
    """Refuse what a page of another site sends; tools that are no browser say nothing of it."""
    headers = guest.request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") or (
        headers.get("origin", guest.origin.url) != guest.origin.url
    ):
        raise CrossSite("This did not come from a page of this shop: open the page here, and try again.")


async def _form(request: Request) -> dict[str, Any]:
    """The body, of bounded length and arrived in time."""
    body = b""
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_FORM:
                    raise TooLarge(f"The form is longer than {MOST_FORM:,} bytes: shorten it.")
    except TimeoutError:
        raise TooSlow(f"The form did not arrive within {PATIENCE:g} s: send it faster.") from None
    return read_form(body, request.headers.get("content-type", ""))


def _left_the_editor(request: Request) -> bool:
    """True where a link inside the editor's frame leads on without what makes the frame the editor's."""
    is_page = request.method in READS and request.headers.get("sec-fetch-dest") == "iframe"
    return is_page and DESIGN not in request.query_params and bool(design_token(request))


def _posted(guest: Guest) -> Posted | None:
    """The form that the address says was sent."""
    for kind in ("contact", "customer"):
        if guest.first(f"{kind}_posted") == "true":
            return Posted(form=kind, ok=True)
    return None


def _told(guest: Guest, cart: CartState) -> dict[str, Any] | None:
    """What a script asks for as JSON; None where a page is asked for."""
    path, visit = guest.path, guest.visit(cart)
    if path in ("/cart.js", "/cart.json"):
        return told.cart_json(guest.stock, visit)
    if path == "/search/suggest.json":
        return told.suggestions_json(guest.stock, visit)
    if path == "/recommendations/products.json":
        return told.recommendations_json(guest.stock, visit)
    if path.startswith("/products/") and path.endswith((".js", ".json")):
        handle, _, ending = path.removeprefix("/products/").rpartition(".")
        found = told.product_json(guest.stock, visit, handle)
        return {"product": found} if found is not None and ending == "json" else found
    return None
