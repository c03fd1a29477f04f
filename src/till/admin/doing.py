"""How a path for people is answered: by its method, for somebody who signed in, and refused with a page."""

import os
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from till.admin.forms import Form, form_of, local, sign_in_path
from till.admin.shell import failed, refused
from till.errors import MethodNotAllowed, NotFound, Refusal
from till.log import Log
from till.oauth.session_token import SessionTokens
from till.staff.door import Door
from till.staff.origin import NeedsHttps
from till.staff.person import Membership, Visitor
from till.web.metrics import TEMPLATE
from till.web.services import Services

Answer = Callable[[Request], Awaitable[Response]]
HINT = (
    "A proxy that speaks https for this server has to send X-Forwarded-Proto: https and the Host that it was "
    "asked for; where it is on another machine, it is named in TILL_PROXIES. TILL_PLAIN_SIGN_IN=1 lets "
    "people sign in without https."
)


class NoSuchShop(NotFound):
    """The shop is not there, or is none of the visitor's: the answer is the same."""


class NoSuchPage(NotFound):
    """Nothing is at this path."""


class SignInFirst(Exception):
    """The page is for those who signed in; leads there, and then on to `target`."""

    def __init__(self, target: str | None) -> None:
        super().__init__()
        self.target = target


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages are made with."""

    services: Services
    door: Door
    tokens: SessionTokens

    async def visitor(self, request: Request) -> Visitor:
        """Who signed in; `SignInFirst` where nobody did."""
        found = await self.door.visitor(request)
        if found is None:
            self.door.check_secure(request)
            raise SignInFirst(_target(request))
        return found

    async def member(self, request: Request) -> tuple[Visitor, Membership]:
        """Who signed in, and what that person is in the shop of the path; `NoSuchShop` for nothing."""
        visitor = await self.visitor(request)
        found = visitor.member(request.path_params["shop"])
        if found is None:
            raise NoSuchShop("There is no such shop, or you do not belong to it.")
        return visitor, found

    async def form(self, request: Request, visitor: Visitor | None) -> Form:
        """The form that was sent, once it is sure that a page of ours sent it."""
        form = await form_of(request)
        self.door.check_form(request, form.one("csrf"), visitor)
        return form


def route(log: Log, path: str, **answers: Answer) -> Route:
    """What answers each method of a path; whatever is refused is refused with a page."""

    async def answered(request: Request) -> Response:
        request.scope[TEMPLATE] = path
        answer = answers.get("GET" if request.method == "HEAD" else request.method)
        try:
            _check_path(request)
            return await (answer(request) if answer else _not_taken(request, sorted(answers)))
        except SignInFirst as first:
            return RedirectResponse(sign_in_path(first.target), 303, {"Cache-Control": "no-store"})
        except Refusal as refusal:
            hint = HINT if isinstance(refusal, NeedsHttps) else None
            return refused(request, refusal, hint=hint)
        except Exception as error:  # noqa: BLE001 - a fault of ours is told as a page, and in full in the log
            request_id = os.urandom(8).hex()
            log.now(
                "failure",
                requestId=request_id,
                path=path,
                error=type(error).__name__,
                trace=[line.strip() for line in traceback.format_tb(error.__traceback__)],
            )
            return failed(request, request_id)

    made = Route(path, answered)
    made.methods = None  # all of them: what is not taken is refused above
    return made


def _check_path(request: Request) -> None:
    """`NoSuchPage` for what no store can look up."""
    if "\0" in request.scope["path"]:
        raise NoSuchPage("There is no such page: its address holds the character U+0000.")


async def _not_taken(request: Request, allowed: list[str]) -> Response:
    raise MethodNotAllowed(
        f"This page does not take {request.method[:20]}: use {' or '.join(allowed)}.", allowed=allowed
    )


def _target(request: Request) -> str | None:
    """The page that was asked for, if one can be led back there."""
    if request.method not in ("GET", "HEAD"):
        return None
    query = request.url.query
    return local(f"{request.url.path}?{query}" if query else request.url.path)
