"""The pages of a list of orders, printed as they come: as one JSON line, or as one table."""

import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.text import Text

from till.cli.orders.paint import paint, printable, table, word
from till.cli.orders.words import Json, payment_of, person_of, plain, shipping_of, state_of, time_of
from till.cli.remote import Refused, Remote

HEADS = ("order", "created", "payment", "shipping", "state", "total", "customer", "channel", "tags")
# What may be cut on a narrow terminal, and how much of it must stay to be worth a column.
LOOSE = ("customer", "channel", "tags")
LEAST, GAP = 10, 2


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


def print_all(walk: Walk) -> None:
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


def draw_all(walk: Walk) -> None:
    """All pages as one table, of which no more than a page is held."""
    widths = [len(head) for head in HEADS]
    told = 0
    for page in walk:
        rows = [_row(plain(order)) for order in page]
        if not rows and not told:
            typer.echo("There is no such order.")
            return
        for row in rows:
            widths = [max(width, each.cell_len) for width, each in zip(widths, row, strict=True)]
        paint([_drawn(rows, widths, headless=bool(told))])
        told += len(rows)
    if walk.is_cut:
        typer.echo(f"{told} orders, and more follow: --limit shows more, --all all of them.", err=True)


def _drawn(rows: list[tuple[Text, ...]], widths: list[int], *, headless: bool) -> RenderableType:
    """A page, in columns that are as wide as those of the page before; those without room are left out."""
    room = Console().width if sys.stdout.isatty() else None
    kept = len(HEADS)
    while room is not None and kept > len(HEADS) - len(LOOSE) and _least(widths[:kept]) > room:
        kept -= 1
    drawn = table(HEADS[:kept], [row[:kept] for row in rows], right=["total"], headless=headless)
    for column, width in zip(drawn.columns, widths, strict=False):
        column.min_width = None if column.header in LOOSE else width
    return drawn


def _least(widths: list[int]) -> int:
    """The room that columns of these widths need at least."""
    fixed = len(HEADS) - len(LOOSE)
    loose = (min(width, LEAST) for width in widths[fixed:])
    return sum(widths[:fixed]) + sum(loose) + GAP * len(widths)


def _row(order: Json) -> tuple[Text, ...]:
    others = (person_of(order), order.get("sourceName"), order.get("tags"))
    return (
        Text(order["name"]),
        Text(time_of(order["createdAt"])),
        word(payment_of(order)),
        word(shipping_of(order)),
        word(state_of(order)),
        Text(f"{order['totalPrice']} {order['currency']}"),
        *(Text(printable(each) or "-", no_wrap=True, overflow="ellipsis") for each in others),
    )
