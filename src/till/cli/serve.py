"""`till serve`: serve the API until it is stopped."""

import asyncio
import contextlib
import os
import socket
from typing import Annotated, Any

import typer

from till.cli.links import SET_UP, link_of
from till.cli.options import Data, Database, Json, settings_of
from till.cli.outcome import end_quietly, print_json, refusals
from till.cli.ports import listen, url_of
from till.cli.serving import alone, prove
from till.cli.serving import serve as serve_here
from till.cli.workers import Workers
from till.settings import Settings
from till.shop import Fidelity

app = typer.Typer()


@app.command()
def serve(  # noqa: PLR0913 - an option each
    *,
    data: Data = None,
    database: Database = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8080")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Serving processes; more than one needs PostgreSQL.", show_default="1")
    ] = None,
    base_domain: Annotated[
        str | None, typer.Option(help="A domain whose first label names the shop, e.g. shops.example.com.")
    ] = None,
    fidelity: Annotated[
        Fidelity | None, typer.Option(help="How scalars are written.", show_default="typed")
    ] = None,
    work: Annotated[
        bool | None,
        typer.Option(
            help="Deliver webhooks in this process, or leave it to `till work`.", show_default="work"
        ),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            help="When failed webhooks are tried again: genstore8, shopify4h or long.",
            show_default="genstore8",
        ),
    ] = None,
    allow: Annotated[
        str | None,
        typer.Option(help="Private networks that webhooks may be sent to, e.g. 10.20.0.0/16,fd12::/48."),
    ] = None,
    plain_http: Annotated[
        bool | None,
        typer.Option(
            help="Send webhooks to http:// addresses, too.",
            show_default="as --local-webhooks says",
        ),
    ] = None,
    local_webhooks: Annotated[
        bool | None,
        typer.Option(
            help="Send webhooks to this machine itself, there to http:// too.",
            show_default="only while listening on loopback",
        ),
    ] = None,
    dev: Annotated[
        bool,
        typer.Option("--dev", help="Development mode: a clock that can be set, chaos, shops at a call."),
    ] = False,
    json: Json = False,
) -> None:
    """Serve the API until it is stopped; options win over TILL_… variables."""
    settings = settings_of(
        data=data,
        database=database,
        host=host,
        port=port,
        workers=workers,
        base_domain=base_domain,
        fidelity=fidelity,
        work=work,
        schedule=schedule,
        allow=allow,
        plain_http=plain_http,
        local_webhooks=local_webhooks,
        dev=dev or None,
    )
    end_quietly()
    with refusals(), contextlib.ExitStack() as stack:
        if settings.database is None:
            stack.enter_context(alone(settings.data))
        listening = stack.enter_context(listen(settings.host, settings.port))
        first = asyncio.run(prove(settings))
        run(settings, listening, first, json=json)


def run(settings: Settings, listening: socket.socket, first: str | None, *, json: bool) -> None:
    """Serve, in this process or in several, and say so once it is so.

    `first` is the token of a link for the first person, if there is nobody yet.
    """

    def ready() -> None:
        said = ready_facts(settings, url_of(listening), first)
        if json:
            print_json(said)
        else:
            where = "PostgreSQL" if settings.database else f"SQLite in {settings.data}"
            typer.echo(f"Till is ready on {said['url']} ({where})")
            if first:
                typer.echo(
                    f"Nobody can sign in yet; this link, good once and for 3 days, makes the owner:\n"
                    f"{said['setUp']}"
                )

    if settings.workers == 1:
        serve_here(settings, listening, ready)
    else:
        Workers(settings, listening, ready).run()


def ready_facts(settings: Settings, url: str, first: str | None = None) -> dict[str, Any]:
    """What is said of a server that is ready; `setUp` is the link for the first person, if any."""
    said = {"url": url, "store": "postgresql" if settings.database else "sqlite", "pid": os.getpid()}
    return said | ({"setUp": link_of(url, SET_UP, first)} if first else {})
