"""Changing a theme by hand: the editor of its sections and settings, and that of its code."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.shell import page, safe
from till.admin.theme_choices import described, is_read
from till.admin.themes import preview_url, theme_of
from till.db.port import Tx
from till.dialect import refusals
from till.errors import Refusal, TooLarge, TooSlow, Unavailable, Unreadable, UnsupportedMediaType
from till.staff.person import Membership, Visitor
from till.storefront.guest import PREVIEW
from till.themes.files import is_text
from till.themes.manifest import Manifest
from till.themes.preparing import prepared
from till.themes.store import Drop, Put, Themes
from till.themes.theme import AssetNotFound, Theme

LONGEST = 8 * 1024 * 1024
WITHIN = 30.0


class File(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file as it is to be; `if_match` is the checksum that it had, empty where it was not there."""

    name: str
    text: str
    if_match: str


class Gone(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A file that is to go."""

    name: str
    if_match: str


class Batch(Struct, frozen=True, forbid_unknown_fields=True):
    """What an editor saves: all of it, or nothing."""

    csrf: str
    files: tuple[File, ...] = ()
    gone: tuple[Gone, ...] = ()


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
        ]

    async def editor(self, request: Request) -> Response:
        """The page; what it shows of the theme is on the storefront's own origin."""
        visitor, member = await self.desk.member(request)
        found, _ = await self._files(request, member)
        link = urlsplit(preview_url(self.desk, request, member.shop, found))
        origin = f"{link.scheme}://{link.netloc}"
        token = link.query.removeprefix(f"{PREVIEW}=")
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
        """A file as text."""
        _, member = await self.desk.member(request)
        theme_id, name = theme_of(request), request.query_params.get("name", "")

        async def work(tx: Tx) -> tuple[str, bytes]:
            themes = Themes(tx, member.shop)
            manifest = await themes.manifest(await themes.find(theme_id))
            if name not in manifest or not is_text(name):
                raise AssetNotFound("The theme has no such file of text.")
            return manifest[name].checksum, await themes.blob(manifest[name].sha256)

        checksum, body = await self.desk.services.db.read(work)
        return _told({"name": name, "checksum": checksum, "text": body.decode("utf-8", "replace")})

    async def save(self, request: Request) -> Response:
        """Keep what an editor changed as one version; `Stale` where a file is not as the editor read it."""
        visitor, member = await self.desk.member(request)
        batch = await _batch_of(request)
        self.desk.door.check_form(request, batch.csrf, visitor)
        lent, at, theme_id = self.desk.services, self.desk.services.clock(), theme_of(request)
        if lent.is_full():
            raise Unavailable("There is too little room left on the server's disk: try again later.")
        contents = {each.name: each.text.encode() for each in batch.files}
        pieces = await prepared(contents, lent.parse, shop_id=member.shop.id, at=at)
        wanted = {each.name: each.if_match for each in batch.files}
        puts = [Put(piece, wanted[piece.entry.name]) for piece in pieces]
        drops = [Drop(each.name, each.if_match) for each in batch.gone]

        async def work(tx: Tx) -> dict[str, Any]:
            themes = Themes(tx, member.shop)
            outcome = await themes.change(theme_id, puts, drops, at=at, by=visitor.author)
            checksums = {name: outcome.manifest[name].checksum for name in wanted}
            return {"version": outcome.theme.version, "checksums": checksums}

        told = await lent.db.write(work, shop_id=member.shop.id)
        lent.wakes.wrote(member.shop.id)
        return _told(told)

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


async def _batch_of(request: Request) -> Batch:
    """What a script of ours sent, read with bounds."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType("This is saved by the editor only.")
    raw = bytearray()
    try:
        async with asyncio.timeout(WITHIN):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LONGEST:
                    raise TooLarge(f"What is saved at once is longer than {LONGEST:,} bytes: save less.")
    except TimeoutError:
        raise TooSlow("What was saved did not arrive in time: save it again.") from None
    try:
        return msgspec.json.decode(raw, type=Batch)
    except msgspec.DecodeError:
        raise Unreadable("What was saved cannot be read: load the page again.") from None
