"""The composition root: settings in, ASGI application out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.routing import Route

from till import chores, clock
from till.admin.doing import Desk
from till.admin.forms import sign_in_path
from till.admin.routes import routes as admin_routes
from till.admin.shell import leave, page, refused
from till.apps.buckets import OwnBuckets, SharedBuckets
from till.apps.gate import Gate
from till.clock import Clock
from till.db.nodes import NodeLease
from till.db.open import open_database
from till.db.port import Database, Dialect
from till.deliveries.chaos import ChaosSender, Weather
from till.deliveries.figures import Figures, Room
from till.deliveries.following import follow
from till.deliveries.guard import check_address
from till.dev.clock import DevClock
from till.dev.routes import Dev
from till.dialect.pages import PageTokens
from till.fence.noting import note
from till.fence.pool import Fence
from till.log import Log
from till.monitor.chores import monitoring
from till.oauth.routes import Oauth
from till.oauth.session_token import SessionTokens
from till.oauth.shell import Shell
from till.pages import Noted, pages
from till.settings import Settings
from till.slices import ENDPOINTS
from till.staff.door import Door
from till.staff.origin import Network, is_among, networks_of
from till.storefront.host import Storefronts, hosts_of, link_maker, storefronts_of
from till.storefront.previews import Previews
from till.themes.founding import found_all
from till.vault import key_of, open_vault
from till.web.api import Api
from till.web.metrics import Metrics
from till.web.protocol import FORWARDED
from till.web.services import Services
from till.web.wakes import Wakes
from till.webhooks.fanout import set_usual
from till.working import Lent, in_touch, installing, rules_of, working

BASES = ("genmystore.com", "genmystore.ai", "localhost")
# Who asks through a socket of this machine that has no address.
NEAR = ("127.0.0.1", 0)


@dataclass(slots=True)
class Running:
    """What lives between start and stop."""

    db: Database
    lease: NodeLease
    api: Api
    pages: Any
    log: Log
    wakes: Wakes
    proxies: tuple[Network, ...]
    storefronts: Storefronts
    shops: Any

    def serve(self, scope: dict[str, Any]) -> Any:
        """What answers a request: a storefront on its own host and nowhere else, there nothing but it."""
        if self.storefronts.handle(scope) is not None:
            return self.shops
        is_api = scope["path"].startswith("/api/") or scope["path"] == "/api"
        return self.api if is_api else self.pages


class Application:
    """The whole server as one ASGI application; its lifespan opens and closes the store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: Running | None = None
        self._stack = contextlib.AsyncExitStack()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        running = self._running
        if scope["type"] != "http" or running is None:
            return
        if FORWARDED in scope.get("extensions", ()) and is_among(
            (scope["client"] or NEAR)[0], running.proxies
        ):
            scope["scheme"] = "https"
        await running.serve(scope)(scope, receive, send)

    def end(self) -> None:
        """Tell those who wait and listen that the server stops; their answers end, so that it can."""
        if self._running is not None:
            self._running.wakes.end()

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            self._running = await self._stack.enter_async_context(running(self._settings))
        except Exception as error:  # noqa: BLE001 - uvicorn prints it and stops with status 3
            await send({"type": "lifespan.startup.failed", "message": _sentence(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def _sentence(error: Exception) -> str:
    return getattr(error, "message", None) or f"{type(error).__name__}: {error}"


@contextlib.asynccontextmanager
async def running(settings: Settings, now: Clock = clock.now) -> AsyncIterator[Running]:
    """Open the store, lend its parts to the endpoints, and let go of all of it in the end.

    All of it goes by the clock `now`; in development mode by one that can be set, which is ahead of it.
    """
    log, metrics, wakes = Log(), Metrics(), Wakes()
    settable = DevClock(now)
    if settings.dev:
        now = settable
    key = key_of(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(log.flush)
        db = await open_database(folder=settings.data, url=settings.database)
        stack.push_async_callback(db.close)
        await settable.load(db)
        if settable.offset and not settings.dev:
            log.line("the clock was set ahead in development mode", seconds=settable.offset / clock.SECOND)
        sealer = await open_vault(db, key)
        await db.write(lambda tx: set_usual(tx, settings.fidelity))
        rules = rules_of(settings, is_local=settings.is_local)
        proxies = networks_of(settings.proxies)
        figures = Figures(metrics.registry, log)
        room = Room(settings.data, figures)
        lease = await NodeLease.take(db)
        stack.push_async_callback(lease.release)
        await found_all(db, lease.minter, at=now())
        fence = await stack.enter_async_context(Fence(noticed=partial(note, log)))
        previews = Previews(key)
        shared = db.dialect is Dialect.POSTGRESQL
        bases = (*BASES, *([settings.base_domain.lower().strip(".")] if settings.base_domain else []))
        services = Services(
            db=db,
            gate=Gate(
                db=db,
                buckets=SharedBuckets(db) if shared else OwnBuckets(),
                bases=bases,
                fidelity=settings.fidelity,
                clock=now,
                sealer=sealer,
            ),
            clock=now,
            mint=lease.minter,
            sealer=sealer,
            pages=PageTokens(key),
            delivered_kept=settings.keep_delivered_days * clock.DAY,
            check_address=partial(check_address, rules=rules),
            log=log,
            metrics=metrics,
            max_body=settings.max_body,
            body_timeout=settings.body_timeout,
            wakes=wakes,
            is_full=lambda: room.is_out,
            parse=fence.parse,
            preview=link_maker(previews, hosts_of(settings)),
        )
        door = Door(
            db=db,
            clock=now,
            mint=lease.minter,
            proxies=proxies,
            plain_sign_in=settings.plain_sign_in,
        )
        stack.callback(door.passwords.close)
        await stack.enter_async_context(monitoring(services, days=settings.keep_requests_days))
        storefronts = storefronts_of(services, settings, fence, previews, proxies)
        duties = (
            chores.flush(log),
            chores.prune(db, log, now, door.forget_old, storefronts.carts.forget_old),
            chores.lapse(services),
            chores.erase(services),
            chores.sweep_themes(services),
            chores.mind(room, db),
            follow(services),
        )
        for duty in duties:
            task = asyncio.create_task(duty)
            stack.callback(task.cancel)
        weather = Weather()
        more = for_people(services, door, key, bases)
        more += Dev(services, settable, weather, SessionTokens(key)).routes() if settings.dev else []
        site = pages(db, metrics, ENDPOINTS, log, more=more)
        engine = None
        lent = Lent(
            db=db,
            sealer=sealer,
            rules=rules,
            clock=now,
            log=log,
            wakes=wakes,
            recent=services.recent,
            tally=services.tally,
            figures=figures,
            parse=services.parse,
        )
        await stack.enter_async_context(installing(settings, lent))
        if settings.work:
            if settings.dev:
                lent = replace(lent, through=partial(ChaosSender, weather=weather))
            engine = await stack.enter_async_context(working(settings, lent))
        heard = engine.wake if engine is not None else None
        await stack.enter_async_context(in_touch(settings, wakes, heard))
        stack.callback(wakes.end)
        yield Running(
            db=db,
            lease=lease,
            api=Api(ENDPOINTS, services),
            pages=site,
            log=log,
            wakes=wakes,
            proxies=proxies,
            storefronts=storefronts,
            shops=Noted(storefronts, log, metrics),
        )


def for_people(services: Services, door: Door, key: bytes, bases: tuple[str, ...]) -> list[Route]:
    """The routes of pages for people, and of what apps get by them."""
    tokens = SessionTokens(key)
    oauth = Oauth(
        services=services,
        door=door,
        shell=Shell(page=page, refused=refused, leave=leave, sign_in_path=sign_in_path),
        session_tokens=tokens,
        bases=bases,
    )
    return [*oauth.routes(), *admin_routes(Desk(services, door, tokens))]
