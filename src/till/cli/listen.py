"""`till listen`: bring the shop's events to an app on this machine."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from till.cli import dev
from till.cli.durations import seconds_of
from till.cli.listening.forward import check_url
from till.cli.listening.listener import Listener
from till.cli.listening.state import Place, State, usual_file
from till.cli.listening.telling import Teller
from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url, talking
from till.cli.outcome import Exit, end_quietly, print_json, refusals, stop, while_read
from till.cli.remote import Remote
from till.cli.table import print_facts

app = typer.Typer()

# Longer than the server may wait for an event before it answers.
PATIENCE = 75.0


@app.command()
def listen(  # noqa: PLR0913 - an option each
    *,
    forward_to: Annotated[
        str,
        typer.Option("--forward-to", metavar="URL", help="Where the app takes webhooks.", show_default=False),
    ] = "",
    topics: Annotated[
        str | None, typer.Option(help="Only these, e.g. orders/paid,orders/create.", show_default="all")
    ] = None,
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="CURSOR",
            help="beginning, now, or the cursor of the event to begin after.",
            show_default="where it stood, else now",
        ),
    ] = None,
    once: Annotated[
        bool,
        typer.Option("--once", help="Bring what there is by now, and end; 1 where the app refused some."),
    ] = False,
    until_idle: Annotated[
        str | None,
        typer.Option(
            "--until-idle",
            metavar="SPAN",
            help="End when nothing came for so long, e.g. 30s or 5m; 1 where the app refused some.",
        ),
    ] = None,
    retry_refused: Annotated[
        bool,
        typer.Option(
            "--retry-refused", help="Hold back what the app refuses, and what follows, until it takes it."
        ),
    ] = False,
    give_up: Annotated[
        str | None,
        typer.Option(
            "--give-up",
            metavar="SPAN",
            help="End with exit code 3 when the server is away, or the app does not take an event, for so "
            "long.",
            show_default="never",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="File that keeps where it stands.", show_default="one below XDG_STATE_HOME"),
    ] = None,
    print_secret: Annotated[
        bool, typer.Option("--print-secret", help="Only show what signatures are made with.")
    ] = False,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Bring every event to an app on this machine, signed as its webhooks are, and lose none.

    Where it stands is kept, so that what happens while either side is away is replayed. An app that cannot
    be reached, or for which 502, 503 or 504 is answered, holds up what follows. Any other answer counts as
    taken: a refusal is shown, and the next event sent, unless --retry-refused holds it back.
    """
    if once and until_idle is not None:
        stop("--once and --until-idle say two things about when to end: give one of them.", Exit.USAGE)
    idle = None if until_idle is None else seconds_of("--until-idle", until_idle)
    limit = None if give_up is None else float(seconds_of("--give-up", give_up))
    end_quietly()
    with refusals(), talking(url, token, json=json) as remote, while_read(), contextlib.ExitStack() as stack:
        remote.patience, remote.fidelity = PATIENCE, None  # webhooks are in the installation's own
        if print_secret:
            _print_secret(remote, json=json)
            return
        if not forward_to:
            stop("Say where the app takes webhooks, such as --forward-to http://localhost:8000.", Exit.USAGE)
        place, newest = _place(remote, check_url(forward_to), topics)
        kept = State(state or usual_file(place), place)
        stack.enter_context(kept.alone())
        listener = Listener(
            remote=remote,
            forward_to=place.forward_to,
            topics=topics,
            state=kept,
            teller=Teller(json=json),
            cursor=_cursor(begin, kept, newest),
            give_up=limit,
            retry_refused=retry_refused,
        )
        listener.begin(newest)
        if once:
            listener.catch_up()
        elif idle is not None:
            listener.until_idle(idle)
        else:
            listener.forever()
        if listener.refused:
            stop(f"The app refused {listener.refused:,} of {listener.received:,} events.")


def _place(remote: Remote, forward_to: str, topics: str | None) -> tuple[Place, int]:
    """Who listens to what, and the cursor of the newest event there."""
    newest = int(remote.get("/events", after="latest", limit=1)["cursor"])
    headers = remote.ask("GET", "/events?after=latest&limit=1").headers
    return (
        Place(
            server=remote.url,
            shop=headers.get("x-genstore-shop-domain", ""),
            installation=headers.get("x-till-installation", ""),
            forward_to=forward_to,
            topics=topics,
        ),
        newest,
    )


def _cursor(begin: str | None, kept: State, newest: int) -> int:
    """Where to begin: as was said, else where it stood, else now."""
    if begin is None:
        found = kept.load()
        if found is not None and found > newest:
            stop(
                f"It stood at event {found}, but the newest is {newest}: the store was set back. Begin anew "
                "with --from beginning, or with --from now."
            )
        return newest if found is None else found
    if begin in ("beginning", "now"):
        return newest if begin == "now" else 0
    if not (begin.isascii() and begin.isdigit() and int(begin) <= newest):
        stop(f"--from {begin}: give beginning, now, or a cursor up to {newest}.", Exit.USAGE)
    return int(begin)


def _print_secret(remote: Remote, *, json: bool) -> None:
    try:
        told = dev.ask(remote.url, "GET", "/app", token=remote.token)
    except dev.NotDev:
        stop(
            "Only a server in development mode shows an app's secret, and this one is none: it was shown "
            "once, by `till app create`."
        )
    if json:
        print_json(told)
    else:
        print_facts(told)
