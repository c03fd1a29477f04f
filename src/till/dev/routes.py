"""The routes below `/dev`, which only a server in development mode has."""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from till.apps.store import Apps
from till.db.port import Tx
from till.deliveries.chaos import Chaos, Weather
from till.deliveries.signature import whsec
from till.dev.clock import DevClock
from till.dev.consenting import AuthorizeRequest, Consenting, SessionTokenRequest
from till.dev.shops import Founder, ShopRequest
from till.dev.wishes import ChaosRequest, ClockRequest, spell
from till.dialect.body import parse_json, read
from till.errors import Forbidden, TooLarge, Unreadable, UnsupportedMediaType
from till.oauth.session_token import SessionTokens
from till.web import call
from till.web.services import Services

W = TypeVar("W", bound=Struct)

PROOF = "x-till-dev"
LONGEST = 64 * 1024


class NotFromHere(Forbidden):
    """Another site's page, or another machine, may have sent it."""


@dataclass(frozen=True, slots=True)
class Dev:
    """What development mode is made of."""

    services: Services
    clock: DevClock
    weather: Weather
    session_tokens: SessionTokens

    def routes(self) -> list[Route]:
        """The routes, for the site that has the pages."""
        return [
            _route("/dev/clock", GET=self.show_clock, POST=self.set_clock),
            _route("/dev/chaos", GET=self.show_chaos, POST=self.set_chaos, DELETE=self.end_chaos),
            _route("/dev/shops", POST=self.found_shop),
            _route("/dev/app", GET=self.show_app),
            _route("/dev/session-token", POST=self.give_session_token),
            _route("/dev/authorize", POST=self.authorize),
        ]

    async def show_clock(self, _: Request) -> bytes:
        now = self.clock()
        return msgspec.json.encode({"now": spell(now), "offset": self.clock.offset / 1_000_000})

    async def set_clock(self, request: Request) -> bytes:
        wish = (await _body(request, ClockRequest)).checked()
        db = self.services.db
        if isinstance(wish.advance, int):
            await self.clock.advance(db, wish.advance)
        elif isinstance(wish.to, int):
            await self.clock.turn_to(db, wish.to)
        else:
            await self.clock.reset(db)
        self.services.wakes.turned.ring()
        return await self.show_clock(request)

    async def show_chaos(self, _: Request) -> bytes:
        chaos = msgspec.to_builtins(self.weather.chaos)
        chaos["slowSeconds"] = chaos.pop("slow_seconds")
        return msgspec.json.encode({"chaos": chaos, "done": self.weather.done})

    async def set_chaos(self, request: Request) -> bytes:
        self.weather.set((await _body(request, ChaosRequest)).chaos())
        return await self.show_chaos(request)

    async def end_chaos(self, request: Request) -> bytes:
        self.weather.set(Chaos())
        return await self.show_chaos(request)

    async def found_shop(self, request: Request) -> bytes:
        wish = await _body(request, ShopRequest)
        lent = self.services
        founder = Founder(db=lent.db, sealer=lent.sealer, mint=lent.mint, clock=lent.clock)
        return msgspec.json.encode(await founder.found(wish))

    async def give_session_token(self, request: Request) -> bytes:
        wish = await _body(request, SessionTokenRequest)
        return msgspec.json.encode(await self._consenting.session_token(wish))

    async def authorize(self, request: Request) -> bytes:
        wish = await _body(request, AuthorizeRequest)
        return msgspec.json.encode(await self._consenting.authorize(wish))

    @property
    def _consenting(self) -> Consenting:
        return Consenting(self.services, self.session_tokens)

    async def show_app(self, request: Request) -> bytes:
        caller = await self.services.gate.identify(call.request_of(dict(request.scope)))

        async def look(tx: Tx) -> bytes:
            return await Apps(tx).sealed_secret(caller.client_id)

        secret = self.services.sealer.unseal(await self.services.db.read(look), about=caller.client_id)
        return msgspec.json.encode(
            {
                "shop": caller.shop.handle,
                "clientId": caller.client_id,
                "clientSecret": secret,
                "whsec": whsec(secret),
            }
        )


def _route(path: str, **answers: Callable[[Request], Awaitable[bytes]]) -> Route:
    """What answers each method of a path, to those who may ask."""

    async def guarded(request: Request) -> Response:
        _must_be_from_here(request)
        return Response(await answers[request.method](request), media_type="application/json")

    route = Route(path, guarded, methods=list(answers))
    route.methods = set(answers)  # without the HEAD that Starlette adds to GET
    return route


def _must_be_from_here(request: Request) -> None:
    """No page of another site can send the header without asking, nor any name that leads here be a host."""
    if request.headers.get(PROOF) != "1":
        raise NotFromHere("What is below /dev is asked with the header X-Till-Dev: 1.")
    name = request.url.hostname or ""
    try:
        is_local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_local = name == "localhost" or name.endswith(".localhost")
    if not is_local:
        raise NotFromHere(f"The Host {name[:64]!r} is not this machine: ask 127.0.0.1 or localhost.")


async def _body(request: Request, kind: type[W]) -> W:
    """The JSON that was sent, in its shape; nothing is like an empty object."""
    said = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if said != "application/json":
        raise UnsupportedMediaType(f"Content-Type {said[:64]} is not taken: send application/json.")
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LONGEST:
            raise TooLarge(f"The body is longer than {LONGEST:,} bytes.")
    value = parse_json(raw) if raw.strip() else {}
    if not isinstance(value, dict):
        raise Unreadable("The body must be a JSON object.")
    return read(kind, value, "")
