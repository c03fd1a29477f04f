"""The routes below `/oauth2`: the authorize URL, for people, and the token endpoint, for apps."""

import os
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from till.apps.gate import InvalidClient
from till.dialect import refusals
from till.errors import MethodNotAllowed, Refusal
from till.oauth import wire
from till.oauth.bodies import body_of
from till.oauth.exchange import Exchange
from till.oauth.merchant import PATH, Merchant
from till.oauth.session_token import SessionTokens
from till.oauth.shell import Shell
from till.oauth.shops import named_shop
from till.oauth.throttle import TokenThrottle
from till.oauth.wire import Granted, TokenRequest
from till.staff.door import Door
from till.web.api import DiskFull
from till.web.call import CURRENT
from till.web.services import Services

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
JSON = "application/json; charset=utf-8"
# RFC 6749 §5.1: nobody on the way may keep it.
UNKEPT = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Genstore-Api-Version": CURRENT}
REALM = {"WWW-Authenticate": 'Basic realm="oauth2", charset="UTF-8"'}

Answers = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oauth:
    """What OAuth is served with. `bases` are the domains whose first label names a shop."""

    services: Services
    door: Door
    shell: Shell
    session_tokens: SessionTokens
    bases: tuple[str, ...]

    def routes(self) -> list[Route]:
        """The routes, for the site that has the pages."""
        merchant = Merchant(services=self.services, door=self.door, shell=self.shell, bases=self.bases)
        endpoint = _TokenEndpoint(self)
        return [
            self._route(PATH, self.shell.refused, GET=merchant.asked, POST=merchant.decided),
            self._route(TOKEN_PATH, _refusal, POST=endpoint.answer),
        ]

    def _route(self, path: str, refuse: Callable[[Request, Refusal], Response], **answers: Answers) -> Route:
        """What answers each method of a path; refusals, and faults of ours, are answered in one way."""

        async def refuse_method(request: Request) -> Response:
            raise MethodNotAllowed(
                f"This path does not take {request.method[:20]}: use {' or '.join(answers)}.",
                allowed=sorted(answers),
            )

        async def answered(request: Request) -> Response:
            try:
                return await answers.get(request.method, refuse_method)(request)
            except Refusal as refusal:
                return refuse(request, refusal)
            except Exception as error:  # noqa: BLE001 - the one place where a fault of ours becomes an answer
                return self._failed(path, error)

        route = Route(path, answered)
        route.methods = None  # all of them: what is not taken is refused above
        return route

    def _failed(self, path: str, error: Exception) -> Response:
        request_id = os.urandom(8).hex()
        self.services.log.now(
            "failure",
            requestId=request_id,
            path=path,
            error=type(error).__name__,
            trace=[line.strip() for line in traceback.format_tb(error.__traceback__)],
        )
        status, _, body = refusals.failure(request_id)
        return Response(body, status, media_type=JSON, headers=UNKEPT | {"X-Request-Id": request_id})


class _TokenEndpoint:
    def __init__(self, oauth: Oauth) -> None:
        lent = oauth.services
        self._oauth = oauth
        self._throttle = TokenThrottle()
        self._exchange = Exchange(
            db=lent.db, sealer=lent.sealer, clock=lent.clock, session_tokens=oauth.session_tokens
        )

    async def answer(self, request: Request) -> Response:
        lent = self._oauth.services
        raw = await body_of(request, patience=lent.body_timeout)
        headers = request.headers
        wish = wire.read(raw, headers.get("content-type", ""), headers.get("authorization", ""))
        if lent.is_full():
            raise DiskFull("There is too little room left on the server's disk: try again later.")
        granted = await self._granted(request, wish)
        told = {"X-Request-Id": os.urandom(8).hex(), "X-Till-Installation": str(granted.installation_id)}
        return Response(wire.write(granted, camel=wish.camel), media_type=JSON, headers=UNKEPT | told)

    async def _granted(self, request: Request, wish: TokenRequest) -> Granted:
        oauth = self._oauth
        shop = named_shop(request.headers.get("host", ""), wish.one("shop"), oauth.bases)
        address = oauth.door.origin(request).address
        self._throttle.take(wish.client_id, address, at=oauth.services.clock())
        try:
            return await self._exchange.grant(wish, shop=shop)
        except Refusal:
            self._throttle.failed(wish.client_id, address)
            raise


def _refusal(_: Request, refusal: Refusal) -> Response:
    """The one shape of error; `code` is RFC 6749's name of it."""
    request_id = os.urandom(8).hex()
    status, headers, body = refusals.answer(refusal, request_id)
    told = UNKEPT | dict(headers) | {"X-Request-Id": request_id}
    told |= REALM if isinstance(refusal, InvalidClient) else {}
    return Response(body, status, media_type=JSON, headers=told)
