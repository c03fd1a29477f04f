"""`till orders return` and `returns`: what the customer sends back."""

from typing import Annotated

import typer

from till.cli.options import Json as AsJson
from till.cli.orders.drawing import returns_table
from till.cli.orders.options import HERE, IfMatch, Key, Lines, Named, Token, Url, talking
from till.cli.orders.paint import paint
from till.cli.orders.picking import as_items, lines_of, order_of, part_of
from till.cli.orders.telling import tell
from till.cli.orders.words import Json, plain
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Remote

app = typer.Typer()
returns = typer.Typer(no_args_is_help=True, help="List returns, decide on them, and take them in.")

Return = Annotated[
    str,
    typer.Argument(
        metavar="RETURN", help="The return: 1043-R1 or its id; the order alone, where it has but one."
    ),
]


@app.command("return")
def return_(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    line: Lines = None,
    reason: Annotated[str | None, typer.Option(help="Why the customer sends it back.")] = None,
    note: Annotated[str | None, typer.Option(help="A note for those who handle it.")] = None,
    approved: Annotated[
        bool, typer.Option("--approved", help="It is agreed: nobody need approve it.")
    ] = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Open a return of shipped lines; without units, all of a line that the customer has."""
    if not line:
        stop("Say what comes back: --line LINE=QTY.", Exit.USAGE)
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        picked = [(each, _with_customer(each) if n is None else n) for each, n in lines_of(found, line)]
        why = {"reason": reason} if reason else {}
        body: Json = {"lineItems": as_items(picked, **why), "approved": approved}
        body |= {"note": note} if note else {}
        answer = remote.write("POST", f"/orders/{found['id']}/returns", {"return": body})
        made = answer["return"]
        tell(remote, answer, f"Return {made['name']} is {made['status']}.", found["id"], json=json)


def _with_customer(line: Json) -> int:
    """How many units the customer has: those that stand, and are not still to be shipped."""
    return max(1, int(line["currentQuantity"]) - int(line["fulfillableQuantity"]))


@returns.command("list")
def list_(order: Named, *, url: Url = HERE, token: Token = "", json: AsJson = False) -> None:
    """List the returns of an order."""
    with talking(url, token, json=json) as remote:
        found = order_of(remote, order)
        answer = remote.get(f"/orders/{found['id']}/returns")
        if json:
            print_json(answer)
        elif not answer["returns"]:
            typer.echo(f"Order {found['name']} has no return.")
        else:
            paint([returns_table(found, plain(answer["returns"]))])


@returns.command()
def approve(
    name: Return,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Agree to a return that was asked for."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, name, "approve", {}, json=json)


@returns.command()
def decline(  # noqa: PLR0913 - an option each
    name: Return,
    *,
    reason: Annotated[str | None, typer.Option(help="Why; the customer sees it.")] = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Refuse a return that was asked for."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, name, "decline", {"reason": reason} if reason else {}, json=json)


@returns.command()
def receive(  # noqa: PLR0913 - an option each
    name: Return,
    *,
    line: Lines = None,
    restock: Annotated[bool, typer.Option("--restock", help="The units go back to stock.")] = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Take a return in; without --line, all of it that is not in yet."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        return_id = part_of(remote, name, "returns", mark="-R")
        body: Json = {"restock": restock}
        if line:
            of_order = remote.get(f"/returns/{return_id}")["return"]["orderId"]
            body["lineItems"] = as_items(lines_of(order_of(remote, of_order), line))
        _move(remote, return_id, "receive", body, json=json)


@returns.command()
def cancel(
    name: Return,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Take a return back of which nothing came in."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, name, "cancel", {}, json=json)


@returns.command()
def close(
    name: Return,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """End a return, whatever of it came in."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, name, "close", {}, json=json)


def _move(remote: Remote, name: str, action: str, body: Json, *, json: bool) -> None:
    return_id = part_of(remote, name, "returns", mark="-R")
    answer = remote.write("POST", f"/returns/{return_id}/{action}", body)
    made = answer["return"]
    tell(remote, answer, f"Return {made['name']} is {made['status']}.", made["orderId"], json=json)


app.add_typer(returns, name="returns")
