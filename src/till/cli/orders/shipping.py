"""`till orders ship`, `track` and `unship`: what goes out to the customer."""

from typing import Annotated

import typer

from till.cli.options import Json as AsJson
from till.cli.orders import money
from till.cli.orders.options import HERE, IfMatch, Key, Lines, Named, Token, Url, talking
from till.cli.orders.picking import as_items, lines_of, order_of, part_of
from till.cli.orders.telling import tell
from till.cli.orders.words import Json
from till.cli.outcome import Exit, stop

app = typer.Typer()

Number = Annotated[str | None, typer.Option("--tracking", metavar="NUMBER", help="The tracking number.")]
Company = Annotated[str | None, typer.Option("--company", help="Who carries it.")]
TrackingUrl = Annotated[
    str | None, typer.Option("--tracking-url", metavar="URL", help="Where it is followed.")
]
Shipment = Annotated[
    str,
    typer.Argument(
        metavar="SHIPMENT", help="The shipment: 1043.1 or its id; the order alone, where it has but one."
    ),
]


@app.command()
def ship(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    line: Lines = None,
    tracking: Number = None,
    company: Company = None,
    tracking_url: TrackingUrl = None,
    location: Annotated[str | None, typer.Option(help="Where it left, by its id.")] = None,
    message: Annotated[str | None, typer.Option(help="What to say about it.")] = None,
    notify: Annotated[bool, typer.Option("--notify", help="Tell the customer.")] = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Ship an order, or the named lines of it; without --line, all that is left."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        body = _tracking(tracking, company, tracking_url) | {"orderId": found["id"]}
        more = {"locationId": location, "message": message, "notifyCustomer": notify or None}
        body |= {name: value for name, value in more.items() if value is not None}
        if line:
            body["lineItems"] = as_items(lines_of(found, line))
        answer = remote.write("POST", "/fulfillments", {"fulfillment": body})
        made = answer["fulfillment"]
        units = money.units_of(found, made["lineItems"])
        tell(remote, answer, f"Shipped as {made['name']}: {units}.", found["id"], json=json)


@app.command()
def track(  # noqa: PLR0913 - an option each
    shipment: Shipment,
    *,
    tracking: Number = None,
    company: Company = None,
    tracking_url: TrackingUrl = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Say how a shipment is followed."""
    body = _tracking(tracking, company, tracking_url)
    if not body:
        stop("There is nothing to change: give --tracking, --company or --tracking-url.", Exit.USAGE)
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        shipment_id = part_of(remote, shipment, "fulfillments", mark=".")
        answer = remote.write("PUT", f"/fulfillments/{shipment_id}/update_tracking", {"fulfillment": body})
        made = answer["fulfillment"]
        followed = " ".join(
            filter(None, (made["trackingCompany"], made["trackingNumber"], made["trackingUrl"]))
        )
        tell(remote, answer, f"Shipment {made['name']} is followed by {followed}.", None, json=json)


@app.command()
def unship(
    shipment: Shipment,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Cancel a shipment: its units are to be shipped again."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        shipment_id = part_of(remote, shipment, "fulfillments", mark=".")
        answer = remote.write("PUT", f"/fulfillments/{shipment_id}/cancel")
        made = answer["fulfillment"]
        tell(remote, answer, f"Shipment {made['name']} is cancelled.", made["orderId"], json=json)


def _tracking(number: str | None, company: str | None, url: str | None) -> Json:
    told = {"trackingNumber": number, "trackingCompany": company, "trackingUrl": url}
    return {name: value or None for name, value in told.items() if value is not None}
