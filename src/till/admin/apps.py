"""The apps of a shop: what it has, what it could have, what it had; and how one is taken out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.shell import page
from till.admin.writers import writers_of
from till.apps import history
from till.apps.app import App, Installation
from till.apps.history import LONGEST, REASONS, Act
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.scope import ALL_ORDERS
from till.apps.store import Apps
from till.db.port import Tx
from till.errors import Invalid
from till.oauth import consent
from till.oauth.consent import Asking, Choice, Mark
from till.shop import Shop
from till.staff.person import Membership

HOME = "/admin"
# The page shows what is asked, and asks nothing.
NO_FORM = consent.Form(action="", fields=())


class View(StrEnum):
    """The lists of the page."""

    INSTALLED = "installed"
    AVAILABLE = "available"
    UNINSTALLED = "uninstalled"


class BadReason(Invalid):
    """The reason is none of those on the page, or the note is too long."""


class Card(Struct, frozen=True, kw_only=True):
    """An app as the page shows it: what it asks for, or, where it is installed, what it has.

    `asks_more` says that it declares more than it was granted; `acts` are each with its author's name.
    """

    app: App
    granted: Asking
    installed_at: int | None = None
    installed_by: str | None = None
    asks_more: bool = False
    acts: tuple[tuple[Act, str], ...] = ()

    @property
    def apart(self) -> tuple[Choice, ...]:
        """What was asked and decided one by one."""
        older = self.granted.older_orders
        boxes = (*self.granted.protected, *([older] if older else []))
        return tuple(each for each in boxes if each.mark is Mark.KEPT)


@dataclass(frozen=True, slots=True)
class ShopApps:
    """The pages of a shop's apps."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        return [
            route(log, HOME, GET=self.start),
            route(log, "/admin/shops", GET=self.choose),
            route(log, "/admin/{shop}", GET=self.shop),
            route(log, "/admin/{shop}/apps", GET=self.show),
            route(log, "/admin/{shop}/apps/uninstall", POST=self.uninstall),
        ]

    async def start(self, request: Request) -> Response:
        """On to the only shop, or the page that lists them."""
        visitor = await self.desk.visitor(request)
        if len(visitor.memberships) == 1:
            return _go(visitor.memberships[0])
        return await self.choose(request)

    async def choose(self, request: Request) -> Response:
        visitor = await self.desk.visitor(request)
        shops = [(each.shop.handle, _apps(each)) for each in visitor.memberships]
        return page(request, "choose_shop.html", visitor=visitor, app_name=None, shops=shops)

    async def shop(self, request: Request) -> Response:
        _, member = await self.desk.member(request)
        return _go(member)

    async def show(self, request: Request) -> Response:
        visitor, member = await self.desk.member(request)
        asked = request.query_params.get("view", "")
        view = View(asked) if asked in set(View) else View.INSTALLED
        cards = await self.desk.services.db.read(lambda tx: _cards(tx, member.shop))
        return page(
            request,
            "apps.html",
            visitor=visitor,
            shop=member.shop,
            tab="apps",
            view=view,
            cards=cards[view],
            counts={each: len(cards[each]) for each in View},
            reasons=REASONS,
            longest=LONGEST,
        )

    async def uninstall(self, request: Request) -> Response:
        """Take an app out, for a reason that may be given; its tokens are dead when this is answered."""
        visitor, member = await self.desk.member(request)
        form = await self.desk.form(request, visitor)
        reason, note = form.one("reason") or None, form.one("note").strip() or None
        if reason is not None and reason not in REASONS:
            raise BadReason("This is none of the reasons on the page: choose one of them, or none.")
        if note is not None and len(note) > LONGEST:
            raise BadReason(f"The note is longer than {LONGEST:,} characters: shorten it.")
        lent, at, client_id = self.desk.services, self.desk.services.clock(), form.one("clientId")

        async def work(tx: Tx) -> None:
            life = Life(tx, member.shop, visitor.author, at, lent.mint)
            await life.uninstall(client_id, reason=reason, note=note)

        await lent.db.write(work, shop_id=member.shop.id)
        lent.wakes.wrote(member.shop.id)
        return RedirectResponse(
            f"{_apps(member)}?view={View.UNINSTALLED}", 303, {"Cache-Control": "no-store"}
        )


async def _cards(tx: Tx, shop: Shop) -> Mapping[View, list[Card]]:
    """Every app that the server knows, under what it is to the shop."""
    apps = {app.client_id: app for app in await Apps(tx).all()}
    installed = {each.client_id: each for each in await Installations(tx, shop).all()}
    acts = await history.acts(tx, shop_id=shop.id)
    writers = await writers_of(tx, (act.by for act in acts))
    found: dict[View, list[Card]] = {view: [] for view in View}
    for client_id, app in sorted(apps.items(), key=lambda each: each[1].name.casefold()):
        mine = [act for act in acts if act.client_id == client_id]
        if client_id in installed:
            found[View.INSTALLED].append(_installed(app, installed[client_id], shop, mine, writers))
            continue
        asked = consent.asking(app, None, app.scopes, shop=shop, form=NO_FORM)
        card = Card(app=app, granted=asked, acts=tuple((act, writers[act.by]) for act in mine))
        found[View.AVAILABLE].append(card)
        if mine:
            found[View.UNINSTALLED].append(card)
    return found


def _installed(
    app: App, installation: Installation, shop: Shop, acts: Iterable[Act], writers: Mapping[str, str]
) -> Card:
    apart = frozenset({ALL_ORDERS}) & app.scopes
    granted = consent.asking(app, installation, installation.scopes | apart, shop=shop, form=NO_FORM)
    came = next(
        (act for act in acts if act.installation_id == installation.id and act.kind == "installed"), None
    )
    return Card(
        app=app,
        granted=granted,
        installed_at=came.at if came else None,
        installed_by=writers[came.by] if came else None,
        asks_more=consent.lacks(app, installation, app.scopes),
    )


def _apps(member: Membership) -> str:
    return f"/admin/{member.shop.handle}/apps"


def _go(member: Membership) -> Response:
    return RedirectResponse(_apps(member), 303, {"Cache-Control": "no-store"})
