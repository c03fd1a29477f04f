"""`till clock`: see and set the clock of a server in development mode."""

from typing import Annotated

import typer

from till.cli import dev
from till.cli.durations import seconds_of, spell
from till.cli.options import Json
from till.cli.orders.options import HERE, Url, address_of
from till.cli.outcome import Exit, stop

app = typer.Typer()


@app.command(context_settings={"ignore_unknown_options": True})
def clock(
    to: Annotated[
        str | None,
        typer.Argument(
            metavar="[+SPAN|TIME|reset]",
            help="+4h, +90s or +2d sets it forward by that, 2026-03-01T12:00:00Z to that moment, reset back.",
        ),
    ] = None,
    *,
    url: Url = HERE,
    json: Json = False,
) -> None:
    """Show the clock that all of a server goes by, or set it forward: back-off, lapses and windows follow."""
    told = dev.asked(address_of(url), *_wish(to), json=json)
    if not json:
        ahead = f", {spell(told['offset'])} ahead" if told["offset"] else ""
        typer.echo(f"{told['now']}{ahead}")


def _wish(to: str | None) -> tuple[str, str, dict[str, object] | None]:
    if to is None:
        return "GET", "/clock", None
    if to == "reset":
        return "POST", "/clock", {"reset": True}
    if to.startswith("-"):
        stop("The clock goes forward only: give a time span such as +4h.", Exit.USAGE)
    if to.startswith("+") or to[-1:] in "smhd":
        return "POST", "/clock", {"advance": f"{seconds_of('clock', to)}s"}
    return "POST", "/clock", {"to": to}
