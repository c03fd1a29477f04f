"""`till chaos`: let deliveries of a server in development mode fail, be slow, come twice or out of turn."""

from typing import Annotated, Any

import typer

from till.cli import dev
from till.cli.options import Json
from till.cli.orders.options import HERE, Url, address_of
from till.cli.outcome import Exit, stop
from till.cli.table import print_facts

app = typer.Typer()

Share = Annotated[float | None, typer.Option(min=0, max=1, metavar="SHARE", show_default=False)]


@app.command()
def chaos(  # noqa: PLR0913 - an option each
    off: Annotated[str | None, typer.Argument(metavar="[off]", help="off ends it.")] = None,
    *,
    fail: Annotated[float | None, typer.Option(min=0, max=1, help="Share that fails, e.g. 0.3.")] = None,
    slow: Annotated[float | None, typer.Option(min=0, max=1, help="Share that is slow.")] = None,
    slow_seconds: Annotated[
        float | None, typer.Option(min=0, max=60, help="How slow.", show_default="2")
    ] = None,
    duplicate: Annotated[float | None, typer.Option(min=0, max=1, help="Share that comes twice.")] = None,
    reorder: Annotated[float | None, typer.Option(min=0, max=1, help="Share that others overtake.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another number, another fate.")] = None,
    topics: Annotated[str | None, typer.Option(help="Only these, with commas between.")] = None,
    url: Url = HERE,
    json: Json = False,
) -> None:
    """Show or set what befalls webhook deliveries; without options, show it and what it has done so far."""
    wishes = {
        "fail": fail,
        "slow": slow,
        "slowSeconds": slow_seconds,
        "duplicate": duplicate,
        "reorder": reorder,
        "seed": seed,
        "topics": [word.strip() for word in topics.split(",")] if topics else None,
    }
    given: dict[str, Any] = {name: value for name, value in wishes.items() if value is not None}
    if off is not None and (off != "off" or given):
        stop("Say `till chaos off`, or give options such as --fail 0.3.", Exit.USAGE)
    if off is not None:
        told = dev.asked(address_of(url), "DELETE", "/chaos", json=json)
    elif given:
        told = dev.asked(address_of(url), "POST", "/chaos", given, json=json)
    else:
        told = dev.asked(address_of(url), "GET", "/chaos", json=json)
    if not json:
        chaos = told["chaos"] | {"topics": ", ".join(told["chaos"]["topics"]) or "all"}
        print_facts(chaos | {f"{name} so far": count for name, count in told["done"].items()})
