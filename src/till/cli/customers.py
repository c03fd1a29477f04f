"""`till customers`: erase the personal data of a customer, or hand it over, through the API of a server."""

import sys
from typing import Annotated
from urllib.parse import quote

import msgspec
import typer

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Key, Token, Url, talking
from till.cli.orders.paint import printable
from till.cli.orders.words import Json
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Remote

app = typer.Typer(no_args_is_help=True)

Named = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")]
STATES = {
    "scheduled": "will be erased at {dueTime}; until then `till customers revoke` takes it back.",
    "erasing": "is being erased.",
    "erased": "was erased at {endTime}.",
    "revoked": "stays: the wish to erase it was revoked at {endTime}.",
}


@app.command()
def redact(  # noqa: PLR0913 - an option each
    customer: Named,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="At once, without the buffer and whatever was bought lately.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why; it is erased with the data.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Have a customer's personal data erased for good, after a buffer of ten days."""
    if now and not yes and not sys.stdin.isatty():
        stop("Nobody is there to be asked: --yes erases without asking.", Exit.USAGE)
    with talking(url, token, json=json, key=key) as remote:
        if now and not yes and not typer.confirm(f"Erase customer {customer} for good, now?", err=True):
            stop("Nothing was erased.")
        body = {"now": now} | ({} if reason is None else {"reason": reason})
        _told(remote.write("POST", _path(customer, "redact"), body), json=json)


@app.command()
def revoke(
    customer: Named,
    *,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Take back the wish that a customer's personal data be erased."""
    with talking(url, token, json=json, key=key) as remote:
        _told(remote.write("DELETE", _path(customer, "redact")), json=json)


@app.command("data-request")
def data_request(
    customer: Named,
    *,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Ask all apps for what they hold about a customer."""
    with talking(url, token, json=json, key=key) as remote:
        answer = remote.write("POST", _path(customer, "data_request"))
        if json:
            print_json(answer)
        else:
            shown = answer["dataRequest"]
            typer.echo(f"Data request {shown['id']} of customer {printable(customer)} was told to the apps.")


@app.command()
def data(
    customer: Named,
    *,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Print all that the shop holds about a customer, as JSON over many lines, or over one with --json."""
    with talking(url, token, json=json) as remote:
        held = _held(remote, customer)
    if json:
        print_json(held)
    else:
        typer.echo(msgspec.json.format(msgspec.json.encode(held), indent=2).decode())


def _held(remote: Remote, customer: str) -> Json:
    """The whole document, however many answers it takes."""
    path = _path(customer, "data")
    whole = remote.get(path)
    held, after = whole["customerData"], whole["customerData"]["nextOrderId"]
    while after is not None:
        more = remote.get(path, sinceOrderId=after)["customerData"]
        held["orders"] += more["orders"]
        held["disclosures"] += more["disclosures"]
        after = held["nextOrderId"] = more["nextOrderId"]
    return whole


def _path(customer: str, what: str) -> str:
    return f"/customers/{quote(customer, safe='')}/{what}"


def _told(answer: Json, *, json: bool) -> None:
    if json:
        print_json(answer)
        return
    erasure = answer["erasure"]
    sentence = STATES[erasure["state"]].format_map(erasure)
    typer.echo(f"The personal data of customer {printable(erasure['customerId'])} {sentence}")
