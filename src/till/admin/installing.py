"""Installing an app from the admin, opening it, and the frame that shows an embedded one."""

from dataclasses import dataclass

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.shell import leave, page
from till.apps import clients
from till.apps.app import App, Grant, Installation
from till.apps.clients import Client
from till.apps.installations import Installations, NotInstalled
from till.apps.life import Life
from till.apps.store import AppNotFound, Apps
from till.apps.urls import origin_of
from till.db.port import Tx
from till.errors import Invalid, NotFound
from till.oauth import authorize, consent
from till.oauth.authorize import Asked
from till.oauth.granting import Granting, Way
from till.oauth.redirecting import signed, whence
from till.shop import Shop
from till.staff.origin import check_same_site
from till.staff.person import Membership, Visitor
from till.web.api import DiskFull

PATH = "/admin/{shop}/app-install/{app}"
# Opens an app with what it has, although it asks for more.
OPEN = "open"
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class NoSuchApp(NotFound):
    """No app has this handle or client id."""


class NotToBeFramed(Invalid):
    """The app is at the address of this very server, where a frame keeps nothing apart."""


class Case(Struct, frozen=True, kw_only=True):
    """An app in a shop, and who stands before it."""

    visitor: Visitor
    member: Membership
    app: App
    client: Client
    installed: Installation | None

    @property
    def shop(self) -> Shop:
        return self.member.shop

    @property
    def path(self) -> str:
        return f"/admin/{self.shop.handle}/app-install/{self.app.path_name}"

    @property
    def way_back(self) -> str | None:
        """Where a code is brought once the app is installed, if that is the only address that it has.

        One with pages is opened there instead, and asks for its code itself, with a state that it knows.
        """
        return None if self.app.application_url or not self.app.redirect_urls else self.app.redirect_urls[0]

    @property
    def leads_to(self) -> str | None:
        """The origin that people are sent on to once the app is installed, where it is not embedded."""
        url = None if self.app.embedded else self.app.application_url or self.way_back
        return None if url is None else origin_of(url)


@dataclass(frozen=True, slots=True)
class Installing:
    """The pages of one app in one shop."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        return [
            route(log, PATH, GET=self.show, POST=self.decide),
            route(log, f"{PATH}/session-token", POST=self.session_token),
        ]

    async def show(self, request: Request) -> Response:
        """The page of consent where it is needed, else the app; with `?open` the app with what it has."""
        case = await self._case(request)
        installed, wanted = case.installed, case.app.scopes
        if installed is not None and (
            OPEN in request.query_params or not consent.lacks(case.app, installed, wanted)
        ):
            return self._open(request, case)
        form = consent.Form(action=case.path, fields=(), leads_to=case.leads_to)
        asking = consent.asking(case.app, case.installed, case.app.scopes, shop=case.shop, form=form)
        return page(request, "consent.html", visitor=case.visitor, shop=case.shop, asking=asking)

    async def decide(self, request: Request) -> Response:
        """What the merchant decided; all that comes of it is one transaction."""
        case = await self._case(request)
        form = await self.desk.form(request, case.visitor)
        grant = consent.decided(form.fields, case.app, case.app.scopes)
        if grant is None and case.installed is None:
            return _go(f"/admin/{case.shop.handle}/apps")
        if grant is None:
            return self._onward(request, case, f"{case.path}?{OPEN}")
        back = case.way_back
        if back is not None:
            return leave(request, await self._coded(case, back, grant))
        lent, at = self.desk.services, self.desk.services.clock()
        if lent.is_full():
            raise DiskFull("There is too little room left on the server's disk: try again later.")

        async def work(tx: Tx) -> None:
            app = await Apps(tx).find(case.app.client_id)
            await consent.accept(Life(tx, case.shop, case.visitor.author, at, lent.mint), app, grant)

        await lent.db.write(work, shop_id=case.shop.id)
        lent.wakes.wrote(case.shop.id)
        return self._onward(request, case, case.path)

    def _onward(self, request: Request, case: Case, path: str) -> Response:
        """From a form into the app: to its own address, or to `path`, which shows it."""
        home = case.app.application_url
        if home is not None and not case.app.embedded:
            return leave(request, self._launched(case, home))
        return _go(path)

    def _launched(self, case: Case, home: str) -> str:
        """The address by which a standalone app is opened: it knows who sent it, and for which shop."""
        return signed(home, whence(case.shop, self.desk.services.clock()), secret=case.client.signs)

    async def _coded(self, case: Case, url: str, grant: Grant) -> str:
        """The address that brings an app its code, once it is in the shop (genstore.md §2.3)."""
        way = Way(
            app=case.app,
            client=case.client,
            url=url,
            given=authorize.given([]),
            visitor=case.visitor,
            shop=case.shop,
        )
        asked = Asked(scopes=case.app.scopes, challenge=None, online=False)
        return await Granting(self.desk.services).granted(way, asked, grant)

    async def session_token(self, request: Request) -> Response:
        """A fresh session token for the page that shows an embedded app, and for no other."""
        origin = self.desk.door.check_secure(request)
        check_same_site(request, origin)
        case = await self._case(request)
        if case.installed is None or not case.app.embedded:
            raise NotInstalled("The app is not installed in this shop.")
        token = self._token(case)
        return Response(
            msgspec.json.encode({"token": token}),
            media_type="application/json",
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )

    def _open(self, request: Request, case: Case) -> Response:
        """The app itself: in a frame, at its own address, or nowhere, for it has no pages."""
        home = case.app.application_url
        if home is None:
            return _go(f"/admin/{case.shop.handle}/apps")
        if not case.app.embedded:
            # Starlette would quote it anew; it is quoted, and signed as it is.
            return Response(status_code=303, headers={"Location": self._launched(case, home), **NO_STORE})
        if origin_of(home) == self.desk.door.origin(request).url:
            raise NotToBeFramed("The app's address is this server's own, so it cannot be shown in its pages.")
        url = signed(
            home,
            (
                *whence(case.shop, self.desk.services.clock()),
                ("embedded", "1"),
                ("sessionToken", self._token(case)),
            ),
            secret=case.client.signs,
        )
        return page(
            request,
            "app.html",
            frames=[origin_of(home)],
            visitor=case.visitor,
            shop=case.shop,
            tab="app",
            app=case.app,
            origin=origin_of(home),
            url=url,
            path=case.path,
        )

    def _token(self, case: Case) -> str:
        return self.desk.tokens.mint(
            client_id=case.app.client_id,
            secret=case.client.signs,
            person_id=case.visitor.person.id,
            shop_id=case.shop.id,
            at=self.desk.services.clock(),
        )

    async def _case(self, request: Request) -> Case:
        visitor, member = await self.desk.member(request)
        name, at = request.path_params["app"], self.desk.services.clock()

        async def look(tx: Tx) -> Case:
            app = await Apps(tx).find_by_path(name)
            client = await clients.known(tx, self.desk.services.sealer, app.client_id, at=at)
            if client is None:
                raise AppNotFound(name)
            installed = await Installations(tx, member.shop).look(app.client_id)
            return Case(visitor=visitor, member=member, app=app, client=client, installed=installed)

        try:
            return await self.desk.services.db.read(look)
        except AppNotFound:
            raise NoSuchApp(
                "There is no such app on this server: its developer may have another link."
            ) from None


def _go(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})
