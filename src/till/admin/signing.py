"""Signing in and out, and the links by which somebody becomes staff or gets a new password."""

import secrets
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.doing import Desk, route
from till.admin.forms import local
from till.admin.shell import headers_of, leave, page
from till.db.port import Tx
from till.dialect.refusals import status_of
from till.errors import Forbidden, Invalid, Refusal, Throttled
from till.shops.store import Shops
from till.staff.door import COOKIE, FORM_COOKIE, Entry
from till.staff.invitations import Invitation, Kind
from till.staff.origin import Origin, cookies_of
from till.staff.passwords import LONGEST, SHORTEST
from till.staff.person import Person, Visitor
from till.staff.sessions import COOKIE_BYTES, form_token
from till.staff.store import People

HOME = "/admin"


@dataclass(frozen=True, slots=True)
class Signing:
    """The pages before somebody is known."""

    desk: Desk

    def routes(self) -> list[Route]:
        log = self.desk.services.log
        return [
            route(log, "/admin/sign-in", GET=self.show_sign_in, POST=self.sign_in),
            route(log, "/admin/sign-out", POST=self.sign_out),
            route(log, "/admin/set-up", GET=self.show_link, POST=self.accept),
            route(log, "/admin/invitation", GET=self.show_link, POST=self.accept),
        ]

    async def show_sign_in(self, request: Request) -> Response:
        origin = self.desk.door.check_secure(request)
        following = local(request.query_params.get("next", ""))
        if await self.desk.door.visitor(request) is not None:
            return _go(following or HOME)
        return await self._sign_in_page(request, origin, following=following)

    async def sign_in(self, request: Request) -> Response:
        """Where it succeeds the browser gets a new cookie, whatever it had."""
        visitor = await self.desk.door.visitor(request)
        form = await self.desk.form(request, visitor)
        origin = self.desk.door.origin(request)
        following = local(form.one("next"))
        entry = Entry(email=form.one("email"), password=form.one("password"))
        try:
            cookie = await self.desk.door.sign_in(request, entry)
        except (Forbidden, Throttled) as refusal:
            return await self._sign_in_page(
                request, origin, following=following, email=entry.email, refusal=refusal
            )
        # Where it leads on to may be a way out, which no redirect of a form takes.
        return _let_in(leave(request, following) if following else _go(HOME), origin, cookie)

    async def sign_out(self, request: Request) -> Response:
        visitor = await self.desk.visitor(request)
        await self.desk.form(request, visitor)
        await self.desk.door.sign_out(request)
        gone = _go("/admin/sign-in")
        _set(gone, self.desk.door.origin(request), COOKIE, "", max_age=0)
        return gone

    async def show_link(self, request: Request) -> Response:
        origin = self.desk.door.check_secure(request)
        return await self._link_page(request, origin, request.query_params.get("token", ""))

    async def accept(self, request: Request) -> Response:
        """Become what the link offers; then it is spent."""
        visitor = await self.desk.door.visitor(request)
        form = await self.desk.form(request, visitor)
        origin = self.desk.door.origin(request)
        entry = Entry(email=form.one("email"), name=form.one("name"), password=form.one("password"))
        try:
            cookie = await self.desk.door.accept(request, form.one("token"), entry)
        except (Invalid, Forbidden, Throttled) as refusal:
            return await self._link_page(request, origin, form.one("token"), entry=entry, refusal=refusal)
        return _let_in(_go(HOME), origin, cookie)

    async def _sign_in_page(
        self,
        request: Request,
        origin: Origin,
        *,
        following: str | None,
        email: str = "",
        refusal: Refusal | None = None,
    ) -> Response:
        async def look(tx: Tx) -> bool:
            return await People(tx).anybody()

        values = {
            "next": following or "",
            "email": email,
            "anybody": await self.desk.services.db.read(look),
        }
        return await self._with_form(request, origin, "sign_in.html", refusal, **values)

    async def _link_page(
        self,
        request: Request,
        origin: Origin,
        token: str,
        *,
        entry: Entry | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        offered, person = await self.desk.door.invitation(token)
        values = {
            "token": token,
            "action": request.url.path,
            "offered": offered,
            "place": await self._place(offered),
            "known": person,
            "fresh": person is None or offered.kind is Kind.RESET,
            "entry": entry or Entry(email=offered.email or "", password=""),
            "shortest": SHORTEST,
            "longest": LONGEST,
            "heading": _heading(offered, person),
        }
        return await self._with_form(request, origin, "link.html", refusal, **values)

    async def _place(self, offered: Invitation) -> str | None:
        """The handle of the shop that a link is for."""
        if offered.shop_id is None:
            return None
        shop_id = offered.shop_id

        async def look(tx: Tx) -> str:
            return (await Shops(tx).get(shop_id)).handle

        return await self.desk.services.db.read(look)

    async def _with_form(
        self, request: Request, origin: Origin, name: str, refusal: Refusal | None, **values: Any
    ) -> Response:
        """A page with a form whose token is bound to a session, or else to a cookie that comes with it."""
        visitor: Visitor | None = await self.desk.door.visitor(request)
        cookie = cookies_of(request, origin, FORM_COOKIE) or secrets.token_urlsafe(COOKIE_BYTES)
        values |= {
            "csrf": form_token(cookie) if visitor is None else visitor.csrf,
            "wrong": refusal.message if refusal else None,
            "fields": refusal.fields if refusal else {},
        }
        status = status_of(refusal) if refusal else 200
        headers = headers_of(refusal) if refusal else {}
        answer = page(request, name, status, headers=headers, visitor=visitor, **values)
        _set(answer, origin, FORM_COOKIE, cookie)
        return answer


def _heading(offered: Invitation, person: Person | None) -> str:
    if offered.kind is Kind.RESET:
        return "Choose a new password"
    if offered.shop_id is None and offered.email is None:
        return "Set up this server"
    return "Accept the invitation" if person else "Create your account"


def _go(path: str) -> Response:
    """On to a page of ours; the path says no host, so that no Host header can lead elsewhere."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _let_in(inside: Response, origin: Origin, cookie: str) -> Response:
    _set(inside, origin, COOKIE, cookie)
    return inside


def _set(answer: Response, origin: Origin, name: str, value: str, max_age: int | None = None) -> None:
    """A cookie for this host alone, which scripts cannot read and other sites cannot have sent with forms."""
    answer.set_cookie(
        origin.cookie(name),
        value,
        max_age=max_age,
        path="/",
        secure=origin.is_secure,
        httponly=True,
        samesite="lax",
    )
