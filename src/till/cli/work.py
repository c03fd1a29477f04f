"""`till work`: deliver webhooks and install themes in a process of its own, on PostgreSQL."""

import asyncio
import os
import signal
from functools import partial
from typing import Annotated

import typer

from till import clock
from till.cli.memory import keep_freed_memory
from till.cli.options import Data, Database, Json, settings_of
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.store import opened
from till.fence.noting import note
from till.fence.pool import PARSE, Fence
from till.log import Log
from till.settings import Settings
from till.web.wakes import Wakes
from till.working import Lent, in_touch, installing, rules_of, working

FLUSH_SECONDS = 0.1

app = typer.Typer()


@app.command()
def work(  # noqa: PLR0913 - an option each
    *,
    data: Data = None,
    database: Database = None,
    schedule: Annotated[
        str | None,
        typer.Option(help="When failed webhooks are tried again.", show_default="genstore8"),
    ] = None,
    allow: Annotated[
        str | None, typer.Option(help="Private networks that may be sent to, e.g. 10.20.0.0/16,fd12::/48.")
    ] = None,
    plain_http: Annotated[bool | None, typer.Option(help="Send to http:// addresses, too.")] = None,
    local_webhooks: Annotated[
        bool | None,
        typer.Option(
            help="Send to this machine itself, there to http:// too.", show_default="no-local-webhooks"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Deliver webhooks and install themes until it is stopped; any number of these may work on one database.

    Let the serving processes leave it to them with `till serve --no-work`. Private networks, http:// and
    this machine have to be permitted here as well as there.
    """
    settings = settings_of(
        data=data,
        database=database,
        schedule=schedule,
        allow=allow,
        plain_http=plain_http,
        local_webhooks=local_webhooks,
    )
    if settings.database is None:
        stop("On SQLite one process does it all: `till serve` delivers webhooks by itself.", Exit.USAGE)
    with refusals():
        asyncio.run(_work(settings, json=json))


async def _work(settings: Settings, *, json: bool) -> None:
    keep_freed_memory()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    log, wakes = Log(), Wakes()
    crew = Fence(1, jobs=(PARSE,), noticed=partial(note, log))
    async with opened(settings) as store, crew as fence:
        lent = Lent(
            db=store.db,
            sealer=store.sealer,
            rules=rules_of(settings, is_local=False),
            clock=clock.now,
            log=log,
            wakes=wakes,
            parse=fence.parse,
        )
        flushing = asyncio.create_task(_flush(log))
        try:
            async with (
                installing(settings, lent),
                working(settings, lent) as engine,
                in_touch(settings, wakes, engine.wake),
            ):
                if json:
                    print_json({"store": "postgresql", "pid": os.getpid()})
                else:
                    typer.echo("Till is delivering webhooks (PostgreSQL)")
                await stopped.wait()
                wakes.end()
        finally:
            flushing.cancel()
            log.flush()


async def _flush(log: Log) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        log.flush()
