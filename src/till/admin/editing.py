"""Changing a theme by hand: the editor of its sections and settings, and that of its code."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from till.admin.batches import Batch, Moved, Sketched, batch_of
from till.admin.conflicts import conflicts_of
from till.admin.doing import Desk, route
from till.admin.shell import page, safe
from till.admin.theme_choices import described, is_document, is_read
from till.admin.themes import preview_url, theme_of
from till.db.port import Tx
from till.dialect import refusals
from till.errors import Invalid, Refusal, Stale, Unavailable, Unreadable
from till.shop import Shop
from till.staff.person import Membership, Visitor
from till.storefront.guest import PREVIEW
from till.themes.files import is_text
from till.themes.manifest import Manifest
from till.themes.preparing import prepared
from till.themes.sketches import Sketches
from till.themes.store import Drop, Put, Themes
from till.themes.theme import AssetNotFound, Theme


class NoDocument(Invalid):
    """Only what the editor of sections changes is shown before it is saved."""


@dataclass(frozen=True, slots=True)
class Editing:
    """Two pages, and what their scripts ask for."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        one = "/admin/{shop}/themes/{theme}"
        return [
            route(log, f"{one}/editor", GET=self.editor),
            route(log, f"{one}/editor/data", GET=_as_json(self.data)),
            route(log, f"{one}/code", GET=self.code),
            route(log, f"{one}/file", GET=_as_json(self.file)),
            route(log, f"{one}/files", POST=_as_json(self.save)),
            route(log, f"{one}/sketch", POST=_as_json(self.sketch)),
            route(log, f"{one}/session", GET=_as_json(self.session)),
        ]

    async def editor(self, request: Request) -> Response:
        """The page; what it shows of the theme is on the storefront's own origin."""
        visitor, member = await self.desk.member(request)
        found, _ = await self._files(request, member)
        origin, token = self._link(request, member, found)
        return self._page(
            request, "theme_editor.html", visitor, member, found, frames=[origin], origin=origin, token=token
        )

    async def data(self, request: Request) -> Response:
        """The theme as the editor's script needs it."""
        _, member = await self.desk.member(request)
        theme_id = theme_of(request)

        async def work(tx: Tx) -> tuple[Manifest, dict[str, bytes]]:
            themes = Themes(tx, member.shop)
            manifest = await themes.manifest(await themes.find(theme_id))
            return manifest, await themes.contents(manifest, filter(is_read, manifest))

        manifest, contents = await self.desk.services.db.read(work, heavy=True)
        return _told(await asyncio.to_thread(described, manifest, contents))

    async def session(self, request: Request) -> Response:
        """The form token of whoever is signed in now; an open page may hold that of a session before."""
        visitor, _ = await self.desk.member(request)
        return _told({"csrf": visitor.csrf})

    async def code(self, request: Request) -> Response:
        """The page with the files of a theme."""
        visitor, member = await self.desk.member(request)
        found, manifest = await self._files(request, member)
        folders: dict[str, list[str]] = {}
        for name in sorted(manifest):
            folders.setdefault(name.rpartition("/")[0], []).append(name)
        return self._page(
            request, "theme_code.html", visitor, member, found, script=True, folders=folders, is_text=is_text
        )

    async def file(self, request: Request) -> Response:
        """A file: its text, or null for one that has none."""
        _, member = await self.desk.member(request)
        theme_id, name = theme_of(request), request.query_params.get("name", "")

        async def work(tx: Tx) -> tuple[str, str | None]:
            themes = Themes(tx, member.shop)
            manifest = await themes.manifest(await themes.find(theme_id))
            if name not in manifest:
                raise AssetNotFound("The theme has no such file any more.")
            body = await themes.blob(manifest[name].sha256) if is_text(name) else None
            return manifest[name].checksum, None if body is None else body.decode("utf-8", "replace")

        checksum, text = await self.desk.services.db.read(work)
        return _told({"name": name, "checksum": checksum, "text": text})

    async def save(self, request: Request) -> Response:
        """Keep what an editor changed as one version.

        Where a file is not as the editor read it, the answer says what it is now (till.admin.conflicts).
        """
        visitor, member = await self.desk.member(request)
        batch = await batch_of(request, Batch)
        self._check(request, batch.csrf, visitor)
        lent, at, theme_id, shop = (
            self.desk.services,
            self.desk.services.clock(),
            theme_of(request),
            member.shop,
        )
        mine = {each.name: each.text for each in batch.files}
        if len({*mine, *(each.to for each in batch.moved)}) < len(batch.files) + len(batch.moved):
            raise Unreadable("What was saved names a file twice: load the page again.")
        contents = {name: text.encode() for name, text in mine.items()}
        wanted = {each.name: each.if_match for each in batch.files}
        for name, content in (await self._moved(shop, theme_id, batch.moved)).items():
            contents[name], wanted[name] = content, ""
        pieces = await prepared(contents, lent.parse, shop_id=shop.id, at=at)
        puts = [Put(piece, wanted[piece.entry.name]) for piece in pieces]
        drops = [Drop(each.name, each.if_match) for each in batch.gone]
        drops += [Drop(each.name, each.if_match) for each in batch.moved]

        async def work(tx: Tx) -> dict[str, Any]:
            outcome = await Themes(tx, shop).change(theme_id, puts, drops, at=at, by=visitor.author)
            checksums = {name: outcome.manifest[name].checksum for name in wanted}
            return {"version": outcome.theme.version, "checksums": checksums}

        try:
            told = await lent.db.write(work, shop_id=shop.id)
        except Stale as stale:
            names = sorted(stale.fields or {})
            found = await lent.db.read(lambda tx: conflicts_of(tx, shop, theme_id, names, mine), heavy=True)
            return _told({"message": stale.message, "stale": found}, refusals.status_of(stale))
        lent.wakes.wrote(shop.id)
        return _told(told)

    async def sketch(self, request: Request) -> Response:
        """Keep for a while what an editor did not save, and answer the token that shows it.

        It refuses what `save` refuses, but minds nobody who changes the theme meanwhile.
        """
        visitor, member = await self.desk.member(request)
        sketched = await batch_of(request, Sketched)
        self._check(request, sketched.csrf, visitor)
        lent, at, theme_id, shop = (
            self.desk.services,
            self.desk.services.clock(),
            theme_of(request),
            member.shop,
        )
        wrong = next((name for name in sketched.files if not is_document(name)), None)
        if wrong is not None:
            raise NoDocument(
                f"{wrong} is not shown before it is saved: only templates, groups and settings are."
            )
        contents = {name: text.encode() for name, text in sketched.files.items()}
        puts = [Put(piece) for piece in await prepared(contents, lent.parse, shop_id=shop.id, at=at)]

        async def work(tx: Tx) -> tuple[Theme, str]:
            outcome = await Themes(tx, shop).tried(theme_id, puts)
            return outcome.theme, await Sketches(tx, shop.id).put(theme_id, sketched.files, at=at)

        found, digest = await lent.db.write(work, shop_id=shop.id, key=("sketches", shop.id))
        return _told({"sketch": digest, "token": self._link(request, member, found, sketch=digest)[1]})

    def _check(self, request: Request, csrf: str, visitor: Visitor) -> None:
        """Refuse what no page of ours sent, and whatever there is no room for."""
        self.desk.door.check_form(request, csrf, visitor)
        if self.desk.services.is_full():
            raise Unavailable("There is too little room left on the server's disk: try again later.")

    def _link(
        self, request: Request, member: Membership, found: Theme, *, sketch: str = ""
    ) -> tuple[str, str]:
        """The storefront's origin, and the token with which its pages show a theme in the editor's frame."""
        editor = self.desk.door.origin(request).url
        link = urlsplit(preview_url(self.desk, request, member.shop, found, editor=editor, sketch=sketch))
        return f"{link.scheme}://{link.netloc}", link.query.removeprefix(f"{PREVIEW}=")

    async def _moved(self, shop: Shop, theme_id: int, moved: Iterable[Moved]) -> dict[str, bytes]:
        """What is in the files that are to have other names, by these; one that is gone is refused later."""
        names = {each.name: each.to for each in moved}
        if not names:
            return {}

        async def work(tx: Tx) -> dict[str, bytes]:
            themes = Themes(tx, shop)
            manifest = await themes.manifest(await themes.find(theme_id))
            return await themes.contents(manifest, filter(manifest.__contains__, names))

        found = await self.desk.services.db.read(work, heavy=True)
        return {names[name]: content for name, content in found.items()}

    async def _files(self, request: Request, member: Membership) -> tuple[Theme, Manifest]:
        theme_id = theme_of(request)

        async def work(tx: Tx) -> tuple[Theme, Manifest]:
            themes = Themes(tx, member.shop)
            found = (await themes.find(theme_id)).ready()
            return found, await themes.manifest(found)

        return await self.desk.services.db.read(work)

    def _page(
        self, request: Request, name: str, visitor: Visitor, member: Membership, found: Theme, **values: Any
    ) -> Response:
        return page(request, name, visitor=visitor, shop=member.shop, tab="themes", theme=found, **values)


def _as_json(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """What refuses with JSON instead of a page, for a script asked."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except Refusal as refusal:
            told = {"message": refusal.message, "fields": dict(refusal.fields or {})}
            return _told(told, refusals.status_of(refusal))

    return answered


def _told(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, headers=safe(), media_type="application/json")
