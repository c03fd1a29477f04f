"""`till orders create`, `update` and `note`: what an order says."""

import json as jsons
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, IfMatch, Key, Named, Token, Url, talking
from till.cli.orders.picking import order_of
from till.cli.orders.telling import tell
from till.cli.orders.words import Json
from till.cli.outcome import Exit, stop

app = typer.Typer()

QUICK = re.compile(r"(?P<title>.+)=(?P<price>\d+(?:\.\d+)?)(?:[*x](?P<quantity>\d+))?", re.DOTALL)
File = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="The fields as a JSON object; - is standard input.")
]
Email = Annotated[str | None, typer.Option(help="The customer's e-mail address.")]
Phone = Annotated[str | None, typer.Option(help="The customer's telephone number.")]
Note = Annotated[str | None, typer.Option(help="The note that everybody sees who reads the order.")]
Tags = Annotated[str | None, typer.Option(help="All tags, with commas between.")]


@app.command()
def create(  # noqa: PLR0913 - an option each
    file: File = None,
    *,
    line: Annotated[
        list[str] | None,
        typer.Option(
            "--line", metavar="TITLE=PRICE[*QTY]", help="A line, such as 'Tea=4.50*2'; repeat for more."
        ),
    ] = None,
    email: Email = None,
    phone: Phone = None,
    note: Note = None,
    tags: Tags = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code.", show_default="the shop's")] = None,
    source: Annotated[str | None, typer.Option(help="The channel, as its sourceName.")] = None,
    source_id: Annotated[str | None, typer.Option(help="The channel's own number for it.")] = None,
    paid: Annotated[bool, typer.Option("--paid", help="It is paid already.")] = False,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Create an order from a file, from options, or from both.

    What --line names has no product behind it; its ids are made of its title.
    """
    with talking(url, token, json=json, key=key) as remote:
        fields = _fields(file) | _given(
            email=email,
            phone=phone,
            note=note,
            tags=tags,
            currency=currency,
            sourceName=source,
            sourceIdentifier=source_id,
            financialStatus="paid" if paid else None,
        )
        if line:
            fields["lineItems"] = [*fields.get("lineItems", []), *map(_quick_line, line)]
        if not fields.get("lineItems"):
            stop(
                "An order needs a line: give a FILE with lineItems, or --line 'TITLE=PRICE*QTY'.", Exit.USAGE
            )
        answer = remote.write("POST", "/orders", {"order": fields})
        order = answer["order"]
        tell(remote, answer, f"Order {order['name']} is created: {order['id']}.", order["id"], json=json)


@app.command()
def update(  # noqa: PLR0913 - an option each
    order: Named,
    file: File = None,
    *,
    note: Note = None,
    tags: Tags = None,
    email: Email = None,
    phone: Phone = None,
    marketing: Annotated[
        bool | None,
        typer.Option("--marketing/--no-marketing", help="Whether the customer takes advertising."),
    ] = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Change note, tags, e-mail, telephone, and by FILE the addresses; an empty text takes one away."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        fields = _fields(file) | _given(
            note=note, tags=tags, email=email, phone=phone, buyerAcceptsMarketing=marketing
        )
        if not fields:
            stop("There is nothing to change: give an option such as --note, or a FILE.", Exit.USAGE)
        old = order_of(remote, order)
        answer = remote.write("PUT", f"/orders/{old['id']}", {"order": fields})
        changed = answer["order"]["version"] != old["version"]
        said = "is updated" if changed else "was so already: nothing changed"
        tell(remote, answer, f"Order {old['name']} {said}.", old["id"], json=json)


@app.command()
def note(  # noqa: PLR0913 - an option each
    order: Named,
    text: Annotated[str, typer.Argument(help="What to note; - reads standard input.")],
    *,
    author: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    pinned: Annotated[bool, typer.Option("--pinned", help="Keep it in sight.")] = False,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Put a note on an order's timeline; it changes nothing of the order and tells no app."""
    with talking(url, token, json=json, key=key) as remote:
        found = order_of(remote, order)
        said = sys.stdin.read().strip() if text == "-" else text
        body = {"text": said} | _given(author=author, pinned=pinned or None)
        answer = remote.write("POST", f"/orders/{found['id']}/timeline", {"note": body})
        tell(remote, answer, f"Noted on order {found['name']}.", None, json=json)


def _fields(file: str | None) -> Json:
    """The object in a file, bare or in the envelope `order`."""
    if file is None:
        return {}
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        value = jsons.loads(text)
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}.", Exit.USAGE)
    except ValueError as error:
        stop(f"{'Standard input' if file == '-' else file} is no JSON: {error}.", Exit.USAGE)
    if isinstance(value, dict) and value.keys() == {"order"}:
        value = value["order"]
    if not isinstance(value, dict):
        stop('The file must hold one order: {"order": {…}}, or what stands in it.', Exit.USAGE)
    fields: Json = value
    return fields


def _given(**fields: Any) -> Json:
    """The fields that were given; an empty text stands for none."""
    return {name: None if value == "" else value for name, value in fields.items() if value is not None}


def _quick_line(text: str) -> Json:
    found = QUICK.fullmatch(text)
    if found is None:
        stop(f"--line {text}: give TITLE=PRICE or TITLE=PRICE*QTY, such as 'Tea=4.50*2'.", Exit.USAGE)
    slug = re.sub(r"[^a-z0-9]+", "-", found["title"].lower()).strip("-")[:60] or "item"
    return {
        "productId": slug,
        "variantId": slug,
        "title": found["title"],
        "price": found["price"],
        "quantity": int(found["quantity"] or 1),
    }
