"""`till demo`: serve a shop full of believable orders, to try things on."""

import asyncio
import contextlib
import dataclasses
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from till.cli.links import SET_UP, link_of
from till.cli.options import Json, settings_of
from till.cli.orders.options import HERE
from till.cli.outcome import end_quietly, print_json, refusals
from till.cli.ports import PortTaken, listen, url_of
from till.cli.serving import alone, prove, serve
from till.cli.stage import SHOP, Stage, set_up
from till.settings import Settings
from till.storefront.host import hosts_of, is_open

app = typer.Typer()

FOLDER = Path("till-data/demo")
LOG = "demo.log"
ORDER = (
    '{"order": {"lineItems": [{"productId": "7010001", "variantId": "701000101", '
    '"title": "House Blend", "price": "11.50", "quantity": 2}], "email": "you@example.com"}}'
)


@app.command()
def demo(  # noqa: PLR0913 - an option each
    *,
    data: Annotated[Path, typer.Option(help="Folder of the demo; it holds nothing else.")] = FOLDER,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; if taken, a free one.", show_default="8080")
    ] = None,
    count: Annotated[int, typer.Option("--orders", min=1, max=100_000, help="How many orders.")] = 1_000,
    seed: Annotated[int, typer.Option(help="Another number, other orders.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: forget what was there.")] = False,
    json: Json = False,
) -> None:
    """Serve a shop `demo` with an app in it and a year of orders with all that happened to them.

    Another run keeps them. The access token is made anew in every run, for a token is not stored.
    """
    settings = dataclasses.replace(
        settings_of(data=data, host=host, port=port), database=None, key=None, workers=1
    )
    settings = dataclasses.replace(settings, dev=settings.is_local)
    end_quietly()
    with refusals(), contextlib.ExitStack() as stack:
        stack.enter_context(alone(settings.data))
        listening = stack.enter_context(_listening(settings))
        stage = asyncio.run(set_up(settings, seed=seed, count=count, fresh=fresh))
        first, url = asyncio.run(prove(settings)), url_of(listening)
        link = link_of(url, SET_UP, first) if first else None
        log = stack.enter_context(_logging(settings)) if sys.stderr.isatty() else None
        place = _Place(url, _storefront(settings, url), link, log)
        serve(settings, listening, _teller(stage, place, settings, json=json))


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    try:
        found = listen(settings.host, settings.port)
    except PortTaken:
        typer.echo(f"Port {settings.port} is taken, so the demo takes a free one.", err=True)
        found = listen(settings.host, 0)
    with found:
        yield found


@contextlib.contextmanager
def _logging(settings: Settings) -> Iterator[Path]:
    """Keep the lines of the log in a file, for a terminal is where the hints stand; answers its path."""
    path = settings.data / LOG
    try:
        with path.open("w", encoding="utf-8") as file, contextlib.redirect_stderr(file):
            yield path
    except SystemExit as end:
        if end.code:
            typer.echo(f"till: the demo ended by itself: {path} says why.", err=True)
        raise


def _storefront(settings: Settings, url: str) -> str | None:
    """Where the shop can be visited, if it can."""
    scheme, _, host = url.partition("://")
    return hosts_of(settings).url(SHOP, scheme=scheme, host=host) if is_open(settings) else None


@dataclasses.dataclass(frozen=True, slots=True)
class _Place:
    """Where the demo and its storefront are, the link for the first person, and the log."""

    url: str
    storefront: str | None
    link: str | None
    log: Path | None


def _teller(stage: Stage, place: _Place, settings: Settings, *, json: bool) -> Callable[[], None]:
    def tell() -> None:
        if json:
            print_json(_facts(stage, place))
            return
        for line in _lines(stage, place, settings):
            typer.echo(line)

    return tell


def _facts(stage: Stage, place: _Place) -> dict[str, Any]:
    more = {"storefront": place.storefront, "setUp": place.link}
    return {
        "url": place.url,
        "shop": SHOP,
        "shopId": stage.shop_id,
        "accessToken": stage.token,
        "clientId": stage.client_id,
        "clientSecret": stage.secret,
    } | {name: value for name, value in more.items() if value}


def _lines(stage: Stage, place: _Place, settings: Settings) -> Iterator[str]:
    url = place.url
    api, head = f"{url}/api/202412", f"-H 'X-Genstore-Access-Token: {stage.token}'"
    till = f"{'' if url == HERE else f'TILL_URL={url} '}TILL_TOKEN={stage.token} till"
    was = "made" if stage.made else "kept from an earlier run, which --fresh would forget"
    yield f"Till is ready on {url} (SQLite in {settings.data})"
    yield ""
    yield f"shop   {SHOP}, with {stage.orders:,} orders: {was}"
    if place.storefront is not None:
        yield f"visit  {place.storefront}"
    yield f"token  {stage.token}" + ("" if stage.made else " (new, as tokens are not stored)")
    if place.log is not None:
        yield f"log    {place.log}"
    if place.link is not None:
        yield f"admin  {place.link} makes you the owner, once"
    else:
        yield f"admin  {url}/admin"
    yield ""
    yield "Paid orders that wait to be shipped:"
    yield f"curl {head} '{api}/orders?financialStatus=paid&fulfillmentStatus=unfulfilled&limit=3'"
    yield "One order:"
    yield f"curl {head} '{api}/orders/{stage.order_id}'"
    yield "What happened to one of which something came back:"
    yield f"curl {head} '{api}/orders/{stage.lived_id}/timeline'"
    yield "Create one:"
    yield f"curl {head} -H 'Content-Type: application/json' -d '{ORDER}' '{api}/orders'"
    yield "Bring webhooks to an app of yours, in another terminal:"
    yield f"{till} listen --forward-to http://127.0.0.1:4000"
    yield "Make one happen:"
    yield f"{till} trigger orders/paid"
