"""The way through the browser: an app asks, a merchant answers, and is sent back with a code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from till.apps.app import App
from till.apps.urls import origin_of
from till.errors import Refusal
from till.oauth import authorize, consent
from till.oauth.authorize import Given
from till.oauth.bodies import form_of
from till.oauth.granting import Granting, Way
from till.oauth.refused import AccessDenied, InvalidRequest, NotYourShop
from till.oauth.shell import Shell
from till.oauth.shops import named_shop
from till.shop import Shop
from till.staff.door import Door
from till.staff.person import Visitor
from till.web.services import Services

PATH = "/oauth2/authorize"
CSRF = "csrf"
DECIDING = (consent.DECISION, consent.PROTECTED, consent.OLDER_ORDERS, consent.APART, CSRF)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class _Answered(Exception):
    """The answer is known before the question could be put."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """The authorize URL. `bases` are the domains whose first label names a shop."""

    services: Services
    door: Door
    shell: Shell
    bases: tuple[str, ...] = field(default=())

    async def asked(self, request: Request) -> Response:
        """GET: the page of consent, or straight back where all was granted before."""
        try:
            given = authorize.given(authorize.pairs_of(request.url.query))
            way = await self._way(request, given, again=request.url.query)
            return await self._put(request, way)
        except _Answered as early:
            return early.response

    async def decided(self, request: Request) -> Response:
        """POST: what the merchant decided on that page."""
        try:
            pairs = await form_of(request, patience=self.services.body_timeout)
            form, given = _sorted(pairs)
            way = await self._way(request, given, again=urlencode(list(given.values.items())))
            self.door.check_form(request, "".join(form.get(CSRF, [])), way.visitor)
            return self.shell.leave(request, await self._settle(way, form))
        except _Answered as early:
            return early.response

    async def _way(self, request: Request, given: Given, *, again: str) -> Way:
        """Who asks whom; what can only be told to the person in front of the screen is refused here."""
        client_id = given.one("clientId")
        if client_id is None:
            raise InvalidRequest("clientId is missing: the app's developer must give it.")
        app, client = await self._granting.app_of(client_id)
        url = authorize.target(given, app)
        handle = named_shop(request.headers.get("host", ""), given.one("shop"), self.bases)
        visitor = await self.door.visitor(request)
        if visitor is None:
            self.door.check_secure(request)
            target = self.shell.sign_in_path(f"{PATH}?{again}")
            raise _Answered(_sent(target))
        shop = self._shop(request, given, visitor, handle, app)
        return Way(app=app, client=client, url=url, given=given, visitor=visitor, shop=shop)

    def _shop(self, request: Request, given: Given, visitor: Visitor, handle: str | None, app: App) -> Shop:
        """The shop that is meant; where several may be, the page that asks which."""
        mine = visitor.memberships
        found = visitor.member(handle) if handle is not None else mine[0] if len(mine) == 1 else None
        if found is not None:
            return found.shop
        if handle is not None:
            raise NotYourShop(
                "You do not belong to the shop that is meant, or there is none of that name: sign in as "
                "somebody who does."
            )
        rest = [*given.values.items()]
        shops = [
            (each.shop.handle, f"{PATH}?{urlencode([*rest, ('shop', each.shop.handle)])}") for each in mine
        ]
        page = self.shell.page(request, "choose_shop.html", app_name=app.name, shops=shops, visitor=visitor)
        raise _Answered(page)

    async def _put(self, request: Request, way: Way) -> Response:
        """Put the question, if there is one."""
        try:
            asked = authorize.read(way.given, way.app)
        except Refusal as refusal:
            return _sent(self._back(way, refusal))
        installed = await self._granting.installed(way)
        if installed is not None and not consent.lacks(way.app, installed, asked.scopes):
            return _sent(await self._granting.granted(way, asked, None))
        shown = dict(way.given.values) | {"shop": way.shop.handle}
        shown.pop(consent.SCOPE, None)  # which the page says as it was understood
        form = consent.Form(action=PATH, fields=tuple(shown.items()), leads_to=origin_of(way.url))
        question = consent.asking(way.app, installed, asked.scopes, shop=way.shop, form=form)
        return self.shell.page(request, "consent.html", asking=question, visitor=way.visitor)

    async def _settle(self, way: Way, form: Mapping[str, list[str]]) -> str:
        """Where the decision leads."""
        try:
            asked = authorize.read(way.given, way.app)
        except Refusal as refusal:
            return self._back(way, refusal)
        grant = consent.decided(form, way.app, asked.scopes)
        if grant is None:
            return self._back(way, AccessDenied("The app was declined."))
        return await self._granting.granted(way, asked, grant)

    def _back(self, way: Way, refusal: Refusal) -> str:
        """Back with why there is no code (RFC 6749 §4.1.2.1)."""
        said = [("error", refusal.code), ("error_description", _spelled(refusal.message))]
        return self._granting.back(way, said)

    @property
    def _granting(self) -> Granting:
        return Granting(self.services)


def _sent(url: str) -> Response:
    """On to `url`, as it is: Starlette would quote what is quoted, and signed so."""
    return Response(status_code=303, headers={"Location": url, **NO_STORE})


def _spelled(sentence: str) -> str:
    """A sentence in the characters that `error_description` may have (RFC 6749 §4.1.2.1)."""
    return "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in sentence)


def _sorted(pairs: list[tuple[str, str]]) -> tuple[dict[str, list[str]], Given]:
    """What the form decides, and what it was asked; `InvalidRequest` where it says anything else."""
    form: dict[str, list[str]] = {}
    rest = []
    for name, value in pairs:
        if name not in DECIDING and name not in authorize.NAMES:
            raise InvalidRequest("The form says more than it was asked: open the page again.")
        form.setdefault(name, []).append(value)
        rest += [(name, value)] if name in authorize.NAMES else []
    return form, authorize.given(rest)
