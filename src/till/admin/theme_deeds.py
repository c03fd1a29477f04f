"""What can be done with a shop's themes: uploaded, published, copied, named, deleted, rolled back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.shell import page
from till.admin.themes import home, parts_of, theme_of
from till.admin.uploads import sent_of
from till.db.port import Tx
from till.errors import Invalid, Unavailable
from till.staff.person import Membership
from till.themes.founding import default_pieces
from till.themes.installing_uploads import add
from till.themes.manifest import Change, between
from till.themes.requests import LONGEST_PACKAGE
from till.themes.store import Themes
from till.themes.theme import LONGEST_NAME, Theme

T = TypeVar("T")


class NoFile(Invalid):
    """The form came without a package."""


@dataclass(frozen=True, slots=True)
class ThemeDeeds:
    """Each answers by leading back to the list, or refuses with a page."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        one = "/admin/{shop}/themes/{theme}"
        return [
            route(log, "/admin/{shop}/themes/upload", POST=self.upload),
            route(log, "/admin/{shop}/themes/add", POST=self.add),
            route(log, "/admin/{shop}/themes/rollback", POST=self.roll_back),
            route(log, f"{one}/publish", GET=self.ask_publish, POST=self.publish),
            route(log, f"{one}/duplicate", POST=self.duplicate),
            route(log, f"{one}/rename", POST=self.rename),
            route(log, f"{one}/delete", POST=self.delete),
            route(log, f"{one}/rollback", POST=self.roll_to),
        ]

    async def upload(self, request: Request) -> Response:
        """Take a package; it is unpacked later, and what became of it stands in the list."""
        visitor, member = await self.desk.member(request)
        sent = await sent_of(request, longest=LONGEST_PACKAGE)
        self.desk.door.check_form(request, sent.fields.get("csrf", ""), visitor)
        file_name, content = sent.files.get("file", ("", b""))
        if not content:
            raise NoFile("No file was chosen: choose a zip of a theme.")
        stem = file_name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
        name = sent.fields.get("name", "").strip() or stem[:LONGEST_NAME] or "Uploaded theme"
        lent, at = self.desk.services, self.desk.services.clock()

        async def work(tx: Tx) -> None:
            made = await Themes(tx, member.shop).begin(lent.mint(), name, at=at)
            await add(tx, made.id, shop_id=member.shop.id, src=None, file=content, by=visitor.author, at=at)

        return await self._done(member, work)

    async def add(self, request: Request) -> Response:
        """Add a copy of the theme that comes with Till."""
        visitor, member, name = await self._named(request)
        lent, at = self.desk.services, self.desk.services.clock()

        async def work(tx: Tx) -> Theme:
            pieces = default_pieces(at=at)
            return await Themes(tx, member.shop).add(lent.mint(), name, pieces, at=at, by=visitor)

        return await self._done(member, work)

    async def ask_publish(self, request: Request) -> Response:
        """What visitors would see instead of what."""
        visitor, member = await self.desk.member(request)
        theme_id = theme_of(request)

        async def work(tx: Tx) -> tuple[Theme, Theme | None, Change]:
            themes = Themes(tx, member.shop)
            found, now = (await themes.find(theme_id)).ready(), await themes.current()
            old = {} if now is None else await themes.manifest(now)
            return found, now, between(old, await themes.manifest(found))

        found, now, change = await self.desk.services.db.read(work)
        return page(
            request,
            "theme_publish.html",
            visitor=visitor,
            shop=member.shop,
            tab="themes",
            theme=found,
            now=now,
            change=parts_of(change),
        )

    async def publish(self, request: Request) -> Response:
        visitor, member, _ = await self._named(request)
        theme_id, at = theme_of(request), self.desk.services.clock()
        return await self._done(
            member, lambda tx: Themes(tx, member.shop).publish(theme_id, at=at, by=visitor)
        )

    async def roll_back(self, request: Request) -> Response:
        """Show visitors again what they saw before what the page says; asked twice, it is done once."""
        visitor, member = await self.desk.member(request)
        seen = (await self.desk.form(request, visitor)).one("seen")
        at = self.desk.services.clock()

        return await self._done(member, lambda tx: Themes(tx, member.shop).roll_back(at=at, seen=seen))

    async def duplicate(self, request: Request) -> Response:
        visitor, member, name = await self._named(request)
        theme_id, lent = theme_of(request), self.desk.services
        at = lent.clock()

        async def work(tx: Tx) -> Theme:
            themes = Themes(tx, member.shop)
            return await themes.duplicate(theme_id, name or None, new_id=lent.mint(), at=at, by=visitor)

        return await self._done(member, work)

    async def rename(self, request: Request) -> Response:
        _, member, name = await self._named(request)
        theme_id, at = theme_of(request), self.desk.services.clock()
        return await self._done(member, lambda tx: Themes(tx, member.shop).rename(theme_id, name, at=at))

    async def delete(self, request: Request) -> Response:
        _, member, _ = await self._named(request)
        theme_id = theme_of(request)
        return await self._done(member, lambda tx: Themes(tx, member.shop).delete(theme_id))

    async def roll_to(self, request: Request) -> Response:
        """Show another version of a theme."""
        visitor, member = await self.desk.member(request)
        form = await self.desk.form(request, visitor)
        theme_id, text, at = theme_of(request), form.one("version"), self.desk.services.clock()
        version = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

        async def work(tx: Tx) -> Theme:
            return await Themes(tx, member.shop).roll_to(theme_id, version, at=at, by=visitor.author)

        return await self._done(member, work, f"/{theme_id}/versions")

    async def _named(self, request: Request) -> tuple[str, Membership, str]:
        """Who sent a form of ours, for which shop, and the name that stands in it."""
        visitor, member = await self.desk.member(request)
        form = await self.desk.form(request, visitor)
        return visitor.author, member, form.one("name").strip()

    async def _done(
        self, member: Membership, work: Callable[[Tx], Awaitable[T]], beneath: str = ""
    ) -> Response:
        """Do the work with the shop to itself, and lead to the list or a page beneath it."""
        lent = self.desk.services
        if lent.is_full():
            raise Unavailable("There is too little room left on the server's disk: try again later.")
        await lent.db.write(work, shop_id=member.shop.id)
        lent.wakes.wrote(member.shop.id)
        return RedirectResponse(home(member) + beneath, 303, {"Cache-Control": "no-store"})
