"""The themes of a shop: what there is, what visitors see, what they saw before, and what they would see."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.shell import page, safe
from till.admin.writers import writers_of
from till.db.port import Tx
from till.errors import Invalid
from till.shop import Shop
from till.staff.person import Membership, Visitor
from till.themes import package
from till.themes.manifest import Change, between
from till.themes.requests import LONGEST_PACKAGE
from till.themes.shelf import Version
from till.themes.store import Themes
from till.themes.theme import MOST_THEMES, Theme, VersionNotFound, unknown
from till.web.call import Request as Asked

NEWEST = 2**53
MOST_VERSIONS = 50
# Of each kind of change so many files are named.
MOST_NAMED = 100
KINDS = {
    "install": "Installed",
    "copy": "Copied",
    "change": "Changed",
}


class TooLargeToPack(Invalid):
    """The files of a theme are more than one package holds."""


class NoPreviews(Invalid):
    """This server shows no themes."""


@dataclass(frozen=True, slots=True)
class ThemePages:
    """What can be looked at; what can be done is in `theme_deeds`."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        one = "/admin/{shop}/themes/{theme}"
        return [
            route(log, "/admin/{shop}/themes", GET=self.show),
            route(log, f"{one}/versions", GET=self.versions),
            route(log, f"{one}/preview", GET=self.preview),
            route(log, f"{one}/package", GET=self.download),
        ]

    async def show(self, request: Request) -> Response:
        visitor, member = await self.desk.member(request)
        found = await self.desk.services.db.read(lambda tx: Themes(tx, member.shop).list())
        ordered = sorted(found, key=lambda each: (not each.is_current, -each.updated_at))
        return self._page(
            request,
            "themes.html",
            visitor,
            member.shop,
            themes=ordered,
            seen=next((each.shown for each in found if each.is_current), ""),
            most=MOST_THEMES,
            most_mb=50,
        )

    async def versions(self, request: Request) -> Response:
        """The versions of a theme; `?from=` shows what became of its files since that one."""
        visitor, member = await self.desk.member(request)
        theme_id, since = theme_of(request), _number(request.query_params.get("from", ""))

        async def work(tx: Tx) -> tuple[Theme, list[Version], dict[str, str], Change | None]:
            themes = Themes(tx, member.shop)
            found = (await themes.find(theme_id)).ready()
            listed = list(await themes.versions(found.id, key=NEWEST, limit=MOST_VERSIONS))
            known = await writers_of(tx, (each.by for each in listed))
            if since is None:
                return found, listed, known, None
            return found, listed, known, await _since(themes, found, since)

        found, listed, known, change = await self.desk.services.db.read(work)
        return self._page(
            request,
            "theme_versions.html",
            visitor,
            member.shop,
            theme=found,
            versions=listed,
            writers=known,
            kinds=KINDS,
            since=since,
            change=None if change is None else parts_of(change),
        )

    async def preview(self, request: Request) -> Response:
        """On to the storefront, as this theme shows it."""
        _, member = await self.desk.member(request)
        theme_id = theme_of(request)
        found = await self.desk.services.db.read(lambda tx: Themes(tx, member.shop).find(theme_id))
        url = preview_url(self.desk, request, member.shop, found.ready())
        return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    async def download(self, request: Request) -> Response:
        """The theme as a zip, packed beside the loop."""
        _, member = await self.desk.member(request)
        theme_id = theme_of(request)

        async def work(tx: Tx) -> tuple[Theme, dict[str, bytes]]:
            themes = Themes(tx, member.shop)
            found = await themes.find(theme_id)
            manifest = await themes.manifest(found)
            if sum(entry.size for entry in manifest.values()) > 2 * LONGEST_PACKAGE:
                raise TooLargeToPack("This theme is too large for one package: get its files by the API.")
            return found, await themes.contents(manifest)

        found, files = await self.desk.services.db.read(work, heavy=True)
        packed = await asyncio.to_thread(package.write, files)
        name = f"theme-{found.id}-{found.version}.zip"
        headers = safe() | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(packed, media_type="application/zip", headers=headers)

    def _page(self, request: Request, name: str, visitor: Visitor, shop: Shop, **values: Any) -> Response:
        return page(request, name, visitor=visitor, shop=shop, tab="themes", **values)


def theme_of(request: Request) -> int:
    """The id in the path; what cannot be one is answered like an unknown one."""
    found = _number(request.path_params["theme"])
    if found is None:
        raise unknown(request.path_params["theme"])
    return found


def home(member: Membership) -> str:
    """The page that lists the themes."""
    return f"/admin/{member.shop.handle}/themes"


def preview_url(
    desk: Desk, request: Request, shop: Shop, theme: Theme, *, editor: str = "", sketch: str = ""
) -> str:
    """A link that shows a theme on the storefront's own origin; for the rest see `PreviewLinks`."""
    if desk.services.preview is None:
        raise NoPreviews("This server has no storefront, so a theme cannot be shown before it is published.")
    origin = desk.door.origin(request)
    asked = Asked(
        id="", method="GET", path="/", query="", headers={"host": origin.host}, scheme=origin.scheme
    )
    at = desk.services.clock()
    return desk.services.preview(shop, theme.id, asked, at, editor=editor, sketch=sketch)[0]


def parts_of(change: Change) -> list[tuple[str, tuple[str, ...], int]]:
    """A change for a page: what became of files, the first of their names, and how many more there are."""
    named = (("Added", change.added), ("Changed", change.changed), ("Removed", change.removed))
    return [(word, names[:MOST_NAMED], max(len(names) - MOST_NAMED, 0)) for word, names in named if names]


async def _since(themes: Themes, found: Theme, since: int) -> Change | None:
    """What became of a theme's files since a version; None where it is kept no longer."""
    try:
        return between(await themes.manifest(found, since), await themes.manifest(found))
    except VersionNotFound:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
