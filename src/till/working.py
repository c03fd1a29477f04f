"""The delivery engine as part of a server, or as a process of its own: made, woken, stopped."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from till.clock import Clock
from till.db.bell import Bell
from till.db.open import choose
from till.db.port import Database, Dialect
from till.deliveries.addresses import read_networks
from till.deliveries.envelope import spell_id
from till.deliveries.fetching import Fetcher
from till.deliveries.figures import Figures, standing
from till.deliveries.guard import Rules
from till.deliveries.loading import Loader
from till.deliveries.posting import Sends
from till.deliveries.queue import Queue
from till.deliveries.retention import Keep, expire, prune
from till.deliveries.sender import Sender
from till.deliveries.settling import Done
from till.deliveries.worker import Engine, Tuning
from till.keys import Sealer
from till.log import Log
from till.settings import Settings
from till.themes.installing import Installer
from till.web.recent import Entry, Recent
from till.web.services import Parse
from till.web.tally import Tally
from till.web.wakes import Signal, Wakes
from till.webhooks.subscription import Schedule

LONG = 3_600.0
INSTALL_SECONDS = 5.0
# Whoever writes much does not make the installer look as often.
INSTALL_REST = 0.2
TIDY_SECONDS = 600.0
WATCH_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """What an engine goes by; `through` stands between it and the sender (chaos, in development mode).

    `recent` takes down each attempt, for the app to watch; `tally` counts it. `parse` looks
    through the Liquid of themes that are installed.
    """

    db: Database
    sealer: Sealer
    rules: Rules
    clock: Clock
    log: Log
    wakes: Wakes
    through: Callable[[Sends], Sends] = lambda sender: sender
    tuning: Tuning | None = None
    figures: Figures | None = None
    recent: Recent = field(default_factory=Recent)
    tally: Tally = field(default_factory=Tally)
    parse: Parse | None = None

    def seen(self, done: Done) -> None:
        """Take down an attempt that has ended."""
        parcel, outcome = done.parcel, done.outcome
        if not parcel.is_test:
            self.tally.attempt(parcel.client_id, done.tally, outcome.timings.total, is_retry=done.is_retry)
        self.recent.note(
            Entry(
                owner=(parcel.claim.shop_id, parcel.client_id),
                at=done.ended_at,
                kind="attempt",
                method="POST",
                target=parcel.address,
                status=outcome.status,
                ms=round(outcome.timings.total / 1_000, 2),
                code=outcome.error,
                id=spell_id(parcel.claim.id),
                topic=parcel.topic,
            )
        )


def rules_of(settings: Settings, *, is_local: bool) -> Rules:
    """Where webhooks may be sent; who serves this machine alone may send to it, and without TLS.

    The setting `local_webhooks` closes that, for a server that others reach through a proxy, or opens this
    machine to one that listens elsewhere; plain http is open to all only where nobody else is served.
    """
    local = is_local if settings.local_webhooks is None else settings.local_webhooks
    return Rules(
        plain_http=settings.plain_http or (is_local and local),
        loopback=local,
        allow=read_networks(part for part in settings.allow.split(",") if part.strip()),
        nat64=settings.nat64,
    )


@contextlib.asynccontextmanager
async def working(settings: Settings, lent: Lent) -> AsyncIterator[Engine]:
    """An engine that delivers for as long as this lasts, then finishes what it had begun."""
    async with contextlib.AsyncExitStack() as stack:
        db = lent.db
        if db.dialect is Dialect.POSTGRESQL:
            # Connections of its own, so that no write of the API waits for one of its.
            db = await choose(settings.data, settings.database)
            stack.push_async_callback(db.close)
        ca_file = Path(settings.ca_file) if settings.ca_file else None
        sender = Sender(lent.rules, ca_file=ca_file, now=lent.clock)
        stack.push_async_callback(sender.close)
        engine = Engine(
            queue=Queue(db, clock=lent.clock, told=lent.wakes.written.ring),
            loader=Loader(db, lent.sealer, usual=Schedule(settings.schedule)),
            sender=lent.through(sender),
            clock=lent.clock,
            log=lent.log,
            tuning=lent.tuning or Tuning(timeout=settings.delivery_timeout),
        )
        engine.seen = lent.seen
        await engine.start()
        wakes = lent.wakes
        for signal, act in (
            (wakes.written, engine.wake),
            (wakes.turned, engine.wake),
            (wakes.stopped, engine.cease),
        ):
            task = asyncio.create_task(_on(signal, act))
            stack.callback(task.cancel)
        for chore in (_tidy(settings, db, lent), _watch(db, lent, engine)):
            task = asyncio.create_task(chore)
            stack.callback(task.cancel)
        try:
            yield engine
        finally:
            await engine.stop(settings.stop_timeout)


@contextlib.asynccontextmanager
async def installing(settings: Settings, lent: Lent) -> AsyncIterator[None]:
    """Install the themes that wait, for as long as this lasts; one that is under way then waits again."""
    fetch = Fetcher(lent.rules, ca_file=Path(settings.ca_file) if settings.ca_file else None)
    installer = Installer(
        db=lent.db,
        clock=lent.clock,
        fetch=fetch,
        parse=lent.parse,
        log=lent.log,
        told=lent.wakes.wrote,
    )
    task = asyncio.create_task(_install(installer, lent))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await fetch.close()


@contextlib.asynccontextmanager
async def in_touch(settings: Settings, wakes: Wakes, heard: Callable[[], None] | None) -> AsyncIterator[None]:
    """Tell the other processes of a PostgreSQL database that this one wrote.

    `heard` is called when one of them did; None where nobody here wants to know.
    """
    if settings.database is None:
        yield
        return
    bell = Bell(settings.database, heard)
    task = asyncio.create_task(_on(wakes.written, bell.ring))
    try:
        async with bell.hung():
            yield
    finally:
        task.cancel()


async def _on(signal: Signal, act: Callable[[], None]) -> None:
    """Act whenever a signal rings."""
    rung = signal.rung
    while True:
        if await signal.wait(LONG, since=rung):
            rung = signal.rung
            act()


async def _install(installer: Installer, lent: Lent) -> None:
    """Look for packages after each write of this process, and for those of others every few seconds."""
    while True:
        written = lent.wakes.written.rung
        try:
            await installer.install_due()
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            lent.log.now("could not look for packages of themes", reason=str(error))
        await asyncio.sleep(INSTALL_REST)
        await lent.wakes.written.wait(INSTALL_SECONDS, since=written)


async def _tidy(settings: Settings, db: Database, lent: Lent) -> None:
    """Remove what was kept for long enough, and give up what has waited for too long."""
    keep = Keep(settings.keep_delivered_days, settings.keep_failed_days)
    usual = Schedule(settings.schedule)
    while True:
        turned = lent.wakes.turned.rung
        try:
            await expire(db, at=lent.clock(), usual=usual, told=lent.wakes.written.ring)
            await prune(db, at=lent.clock(), keep=keep)
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            lent.log.now("could not tidy up webhooks", reason=str(error))
        # Not all at the same time, where there are several.
        seconds = TIDY_SECONDS * (1 + random.random() / 10)  # noqa: S311 - no secret
        await lent.wakes.turned.wait(seconds, since=turned)


async def _watch(db: Database, lent: Lent, engine: Engine) -> None:
    """Show how the queue stands, and raise the alarm where it stands badly."""
    figures = lent.figures or Figures(CollectorRegistry(), lent.log)
    while True:
        try:
            figures.note(await standing(db, at=lent.clock()), breakers=engine.open_breakers)
        except Exception as error:  # noqa: BLE001 - likewise
            lent.log.now("could not count webhooks", reason=str(error))
        await asyncio.sleep(WATCH_SECONDS)
