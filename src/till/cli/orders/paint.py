"""Prints styled text and tables: in the terminal's width and colours, or plain and unbroken into a pipe."""

import sys
from collections.abc import Iterable, Sequence

import typer
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

UNBROKEN = 4_000
GOOD, OPEN, BAD, FAINT, STRONG = "green", "yellow", "red", "dim", "bold"
# The colours of the words that say how an order is.
STYLES = {
    "paid": GOOD,
    "shipped": GOOD,
    "unpaid": OPEN,
    "authorized": OPEN,
    "partially paid": OPEN,
    "unshipped": OPEN,
    "partially shipped": OPEN,
    "requested": OPEN,
    "cancelled": BAD,
    "refunded": BAD,
    "partially refunded": BAD,
    "voided": BAD,
    "failure": BAD,
    "error": BAD,
    "declined": BAD,
    "closed": FAINT,
}


def paint(parts: Iterable[RenderableType]) -> None:
    """Print each part on lines of its own."""
    if sys.stdout.isatty():
        console = Console(highlight=False)
        for part in parts:
            console.print(part)
        return
    console = Console(highlight=False, width=UNBROKEN, color_system=None)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


class Lines(Console):
    """Prints lines as they come, whole; `BrokenPipeError` where nobody reads them any more (`while_read`)."""

    def __init__(self) -> None:
        super().__init__(highlight=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Leave it to the command how to end; rich itself would fail it."""
        raise BrokenPipeError


def word(text: str) -> Text:
    """A word in the colour of what it says."""
    return Text(text, STYLES.get(text, ""))


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    right: Sequence[str] = (),
    headless: bool = False,
) -> Table:
    """Rows under their heads, without frames; the columns in `right` stand to the right.

    Text is never read as markup: what a customer wrote is shown as it is.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT, show_header=not headless)
    for head in heads:
        made.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(each if isinstance(each, Text) else _cell(each, headless=headless) for each in row))
    return made


def _cell(text: str, *, headless: bool) -> Text:
    """Where a column has a head, a dash says that there is nothing below it."""
    return Text(printable(text) or ("" if headless else "-"))


def indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2))


def head(text: str) -> Text:
    """The head of a section, with a blank line before it."""
    return Text.assemble("\n", (text, STRONG))


def printable(text: object) -> str:
    """`text` without the control characters that could play tricks on a terminal."""
    shown = "" if text is None else str(text)
    return "".join(each if each.isprintable() else " " for each in shown)
