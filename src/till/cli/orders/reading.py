"""`till orders list`, `show` and `timeline`: what is asked of the server, and shown."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders.drawing import draw, gather, timeline_table
from till.cli.orders.options import HERE, Named, Token, Url, talking
from till.cli.orders.paint import paint, printable, table, word
from till.cli.orders.picking import order_of
from till.cli.orders.words import Json, payment_of, person_of, plain, shipping_of, state_of, time_of
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Refused, Remote

app = typer.Typer()

PAGE = 250
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HEADS = ("order", "created", "payment", "shipping", "state", "total", "customer", "channel", "tags")


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
        "createdAtMin": _moment("--since", since, ends=False),
        "createdAtMax": _moment("--until", until, ends=True),
        "limit": min(limit, PAGE),
    }
    with talking(url, token, json=json) as remote:
        walk = Walk(remote, query, most=None if all_ else limit)
        if json:
            _print_all(walk)
        else:
            _draw_all(walk)


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
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind, e.g. note or shipped.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="How many entries at most.")] = PAGE,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Show what happened to an order, oldest first."""
    with talking(url, token, json=json) as remote:
        found = remote.get(f"/orders/{order_of(remote, order)['id']}/timeline", kind=kind, limit=limit)
        if json:
            print_json(found)
        elif not found["timeline"]:
            typer.echo("There is no such entry.")
        else:
            paint([timeline_table(plain(found["timeline"]))])


class Walk:
    """The pages of a list, up to so many orders; `is_cut` says afterwards whether others follow."""

    def __init__(self, remote: Remote, query: dict[str, Any], *, most: int | None) -> None:
        self._remote = remote
        self._query = query
        self._left = most
        self.is_cut = False

    def __iter__(self) -> Iterator[list[Json]]:
        for answer, goes_on in self._remote.pages("/orders", **self._query):
            orders: list[Json] = answer["orders"]
            if self._left is not None:
                self.is_cut = goes_on or len(orders) > self._left
                orders = orders[: self._left]
                self._left -= len(orders)
            yield orders
            if self._left == 0:
                return


def _print_all(walk: Walk) -> None:
    """All pages as one answer on one line, of which no more than a page is held."""
    lead = '{"orders":['
    try:
        for page in walk:
            typer.echo(lead, nl=False)
            typer.echo(",".join(msgspec.json.encode(order).decode() for order in page), nl=False)
            lead = "," if page else ""
    except Refused:
        if lead in ("", ","):
            typer.echo()  # what came before it ends here, unfinished
        raise
    typer.echo("]}")


def _draw_all(walk: Walk) -> None:
    widths = [len(each) for each in HEADS]
    told = 0
    for page in walk:
        rows = [_row(plain(order)) for order in page]
        if not rows and not told:
            typer.echo("There is no such order.")
            return
        for row in rows:
            widths = [max(width, len(each)) for width, each in zip(widths, row, strict=True)]
        drawn = table(HEADS, rows, right=["total"], headless=bool(told))
        for column, width in zip(drawn.columns, widths, strict=True):
            column.min_width = width if column.header not in ("customer", "tags") else None
        paint([drawn])
        told += len(rows)
    if walk.is_cut:
        typer.echo(f"{told} orders, and more follow: --limit shows more, --all all of them.", err=True)


def _row(order: Json) -> tuple[Text, ...]:
    others = (person_of(order), order.get("sourceName"), order.get("tags"))
    return (
        Text(order["name"]),
        Text(time_of(order["createdAt"])),
        word(payment_of(order)),
        word(shipping_of(order)),
        word(state_of(order)),
        Text(f"{order['totalPrice']} {order['currency']}"),
        *(Text(printable(each) or "-") for each in others),
    )


def _moment(option: str, text: str | None, *, ends: bool) -> str | None:
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
