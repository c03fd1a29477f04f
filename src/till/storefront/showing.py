"""Pages of a theme: rendered behind the fence, and what is shown where that fails."""

import html
from typing import Any

import msgspec
from starlette.responses import Response

from till.errors import NotFound
from till.fence.crew import Part
from till.fence.limits import Breached
from till.fence.pool import RENDER
from till.liquid.engine import Rendered
from till.storefront import answers
from till.storefront.guest import Guest
from till.storefront.parts import Parts
from till.storefront.ports import Shown
from till.storefront.rendering import MADE
from till.storefront.shipped import Catalogue
from till.storefront.visit import CartState, Posted, Visit


class NoTheme(NotFound):
    """There is nothing to show a page with."""


class Show:
    """Renders what guests ask for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(
        self, guest: Guest, catalogue: Catalogue, *, path: str | None = None, posted: Posted | None = None
    ) -> Response:
        """A page, or the sections of it that the query asks for."""
        shown = await self._theme(guest)
        visit = await self._visit(
            guest,
            shown,
            await self.cart(guest),
            path=path,
            sections=guest.sections,
            section_id=guest.first("section_id") or None,
            posted=posted,
        )
        editor = guest.preview.editor if guest.preview is not None and visit.design_mode else ""
        told = {"sketch": visit.sketch, "version": shown.version}
        try:
            rendered = await self._render(guest, shown, catalogue, visit)
        except Breached as breach:
            return fault(breach, editor, **told)
        whole = not visit.sections and visit.section_id is None
        body = self._parts.finish(visit, rendered) if whole else rendered.body
        if whole and editor:
            body = answers.framed(body, editor, **told)
        elif whole and guest.preview is not None and not visit.design_mode:
            body = with_bar(body, shown.name, len(rendered.faults))
        answer = answers.themed(body, rendered.status, rendered.content_type)
        if visit.sketch:
            answer.headers["X-Till-Sketch"] = visit.sketch
        return answer

    async def sections(
        self, guest: Guest, catalogue: Catalogue, state: CartState, names: tuple[str, ...], path: str
    ) -> dict[str, str | None]:
        """The sections that a change of the cart is to answer with, by id; null where one cannot be shown."""
        shown = await self._theme(guest)
        visit = await self._visit(guest, shown, state, path=path, sections=names)
        try:
            rendered = await self._render(guest, shown, catalogue, visit)
        except Breached:
            return dict.fromkeys(names)
        return msgspec.json.decode(rendered.body, type=dict[str, str | None])

    async def made(self, guest: Guest, catalogue: Catalogue, key: str, name: str) -> Response | None:
        """An asset that is made of Liquid: of the shop, and of nobody's cart; None where there is none."""
        shown = await self._theme(guest)
        visit = await self._visit(guest, shown, CartState(), path=f"{MADE}{shown.key}/{name}")
        try:
            rendered = await self._render(guest, shown, catalogue, visit)
        except Breached as breach:
            return fault(breach)
        cache = answers.FOREVER if key == shown.key and not visit.sketch else "no-cache"
        return answers.file(name, rendered.body.encode(), cache) if rendered.status == 200 else None

    async def cart(self, guest: Guest) -> CartState:
        """The guest's cart."""
        return await self._parts.carts.read(guest.front, guest.token) if guest.token else CartState()

    async def theme(self, guest: Guest) -> Shown | None:
        """The theme that this guest sees; the current one where a previewed one is no more."""
        shown = await self._parts.source.theme(guest.front, guest.theme_id)
        if shown is None and guest.theme_id is not None:
            shown = await self._parts.source.theme(guest.front, None)
        return shown

    async def _theme(self, guest: Guest) -> Shown:
        shown = await self.theme(guest)
        if shown is None:
            raise NoTheme("This shop has no theme to show: publish one.")
        return shown

    async def _visit(self, guest: Guest, shown: Shown, state: CartState, **more: Any) -> Visit:
        """What is rendered: of the theme as it is kept, or as an editor would have it."""
        preview, sketches = guest.preview, self._parts.sketches
        files = None
        if preview is not None and preview.sketch and sketches is not None and preview.theme_id == shown.id:
            files = await sketches(guest.front, shown.id, preview.sketch)
        return guest.visit(
            state,
            theme_id=shown.id,
            role=shown.role,
            files=files or {},
            sketch=preview.sketch if preview is not None and files else "",
            **more,
        )

    async def _render(self, guest: Guest, shown: Shown, catalogue: Catalogue, visit: Visit) -> Rendered:
        async def world() -> bytes:
            return catalogue.raw

        parts = [Part(key=shown.key, load=shown.bundle), Part(key=catalogue.key, load=world), Part(visit)]
        return await self._parts.fence.run(RENDER, parts, Rendered, lane=guest.front.handle)


def fault(breach: Breached, editor: str = "", **told: object) -> Response:
    """The page that stands in for one that was stopped; other pages go on."""
    place = f"{breach.file}:{breach.line}" if breach.line else breach.file
    return answers.fault(breach.message, place, editor, **told)


def with_bar(body: str, name: str, faults: int) -> str:
    """A page with the bar of a preview at its end."""
    found = f", {faults} fault{'' if faults == 1 else 's'}" if faults else ""
    bar = (
        '<aside aria-label="Preview" style="position:fixed;z-index:2147483647;left:0;right:0;bottom:0;'
        "padding:.5rem 1rem;font:14px/1.4 system-ui,sans-serif;color:#fff;background:#1b1c1e;display:flex;"
        'gap:1rem;justify-content:space-between">'
        f"<span>Preview of {html.escape(name)}{found}</span>"
        '<a href="?till_preview=off" style="color:#fff">End preview</a></aside>'
    )
    head, end, tail = body.rpartition("</body>")
    return head + bar + end + tail if end else body + bar
