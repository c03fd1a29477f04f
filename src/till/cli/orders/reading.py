"""`till orders list`, `show` and `timeline`: what is asked of the server, and shown."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer

from till.cli.options import Json as AsJson
from till.cli.orders.drawing import draw, gather, timeline_table
from till.cli.orders.listing import Walk, draw_all, print_all
from till.cli.orders.options import HERE, Named, Token, Url, talking
from till.cli.orders.paint import paint
from till.cli.orders.picking import order_of
from till.cli.orders.words import plain
from till.cli.outcome import Exit, print_json, stop

app = typer.Typer()

PAGE = 250
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    status: Annotated[str | None, typer.Option(help="open, closed, cancelled; several with commas.")] = None,
    financial: Annotated[
        str | None, typer.Option(help="How far paid: unpaid, pending, authorized, partially_paid, paid, …")
    ] = None,
    fulfillment: Annotated[
        str | None, typer.Option(help="How far shipped: unshipped, unfulfilled, partial, shipped.")
    ] = None,
    tag: Annotated[str | None, typer.Option(help="With this tag.")] = None,
    source: Annotated[str | None, typer.Option(help="Of this channel, by its sourceName.")] = None,
    source_id: Annotated[str | None, typer.Option(help="Known to its channel as this.")] = None,
    email: Annotated[str | None, typer.Option(help="Of this e-mail address.")] = None,
    customer: Annotated[str | None, typer.Option(help="Of the customer with this id.")] = None,
    q: Annotated[str | None, typer.Option("-q", "--q", help="Holding these words in any field.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Created then or later: 2026-03-01, a time with its offset, or 7d, 12h."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Created then or earlier, spelled likewise.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many orders at most, newest first.")] = 50,
    all_: Annotated[bool, typer.Option("--all", help="All of them, page after page.")] = False,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """List orders, newest first."""
    query = {
        "status": status,
        "financialStatus": financial,
        "fulfillmentStatus": fulfillment,
        "tag": tag,
        "sourceName": source,
        "sourceIdentifier": source_id,
        "email": email,
        "customerId": customer,
        "q": q,
        "createdAtMin": moment("--since", since, ends=False),
        "createdAtMax": moment("--until", until, ends=True),
        "limit": min(limit, PAGE),
    }
    with talking(url, token, json=json) as remote:
        walk = Walk(remote, query, most=None if all_ else limit)
        if json:
            print_all(walk)
        else:
            draw_all(walk)


@app.command()
def show(order: Named, *, url: Url = HERE, token: Token = "", json: AsJson = False) -> None:
    """Show one order: how it stands, its lines, its money, its history, and what can be done with it."""
    with talking(url, token, json=json) as remote:
        if json:
            print_json({"order": order_of(remote, order)})
        else:
            paint(draw(gather(remote, order_of(remote, order))))


@app.command()
def timeline(
    order: Named,
    *,
    kind: Annotated[str | None, typer.Option(help="Only these, e.g. note, or shipped,refunded.")] = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Show what happened to an order, oldest first."""
    with talking(url, token, json=json) as remote:
        found = remote.get(f"/orders/{order_of(remote, order)['id']}/timeline", kind=kind)
        if json:
            print_json(found)
        elif not found["timeline"]:
            typer.echo("There is no such entry.")
        else:
            paint([timeline_table(plain(found["timeline"]))])


def moment(option: str, text: str | None, *, ends: bool) -> str | None:
    """A moment as the API takes it; a day begins or ends in the zone of this computer."""
    if text is None:
        return None
    ago = re.fullmatch(r"(\d{1,5})([mhdw])", text)
    if ago:
        found = datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        return found.isoformat(timespec="seconds")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        stop(
            f"{option} {text}: give a day such as 2026-03-01, a time such as 2026-03-01T12:00:00Z, or 7d.",
            Exit.USAGE,
        )
    if len(text) == len("2026-03-01") and ends:
        found = datetime.combine(found, time(23, 59, 59))
    return (found if found.tzinfo else found.astimezone()).isoformat(timespec="seconds")
