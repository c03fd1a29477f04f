"""`till orders confirm`, `close`, `reopen`, `cancel` and `delete`: where an order is in its life."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders import money
from till.cli.orders.drawing import title
from till.cli.orders.options import HERE, DryRun, IfMatch, Key, Named, Token, Url, talking
from till.cli.orders.paint import FAINT, head, indented, paint
from till.cli.orders.picking import order_of
from till.cli.orders.telling import tell
from till.cli.orders.words import Json, instead, plain
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Remote
from till.orders.words import CancelReason

app = typer.Typer()


@app.command()
def confirm(
    order: Named,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Say that an order is taken on."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, order, "confirm", "is confirmed", json=json)


@app.command()
def close(
    order: Named,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Put an order away: no work is left in it."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, order, "close", "is closed", json=json)


@app.command()
def reopen(
    order: Named,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Take a closed order up again."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _move(remote, order, "reopen", "is open", json=json)


def _move(remote: Remote, named: str, action: str, said: str, *, json: bool) -> None:
    old = order_of(remote, named)
    answer = remote.write("POST", f"/orders/{old['id']}/{action}")
    already = " already" if answer["order"]["version"] == old["version"] else ""
    tell(remote, answer, f"Order {old['name']} {said}{already}.", old["id"], json=json)


@app.command()
def cancel(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    reason: Annotated[CancelReason, typer.Option(help="Why.")] = CancelReason.OTHER,
    refund: Annotated[bool, typer.Option("--refund", help="Give back all that was received.")] = False,
    restock: Annotated[
        bool, typer.Option("--restock", help="What was not shipped goes back to stock.")
    ] = False,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Cancel an order: nothing more is shipped, open authorizations are released."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        body = {"reason": reason.value, "refund": refund, "restock": restock}
        path = f"/orders/{found['id']}/cancel"
        if dry_run:
            answer = remote.write("POST", path, body, dryRun="true")
            _foretell(found, plain(answer), json=json)
        else:
            answer = remote.write("POST", path, body)
            tell(remote, answer, f"Order {found['name']} is cancelled.", found["id"], json=json)


def _foretell(order: Json, answer: Json, *, json: bool) -> None:
    """Say what a cancellation would come to; leaves with 1 where it would be refused."""
    if json:
        print_json(answer)
    elif answer["allowed"]:
        paint(_foretold(order, answer))
    if not answer["allowed"]:
        stop(f"{answer['error']}\n{instead(answer['order'] or order)}")


def _foretold(order: Json, answer: Json) -> Iterator[RenderableType]:
    yield Text(f"Order {order['name']} would be cancelled; nothing was changed.")
    yield title(answer["order"])
    if answer.get("refund"):
        yield head("It would give back")
        yield indented(money.refund_line(order, answer["refund"]))
    if answer.get("voided"):
        yield head("It would release")
        for each in answer["voided"]:
            yield indented(Text(f"{each['amount']} {each['currency']} of authorization {each['parentId']}"))
    if answer.get("topics"):
        yield head("Apps would be told")
        yield indented(Text(", ".join(answer["topics"]), FAINT))


@app.command()
def delete(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Delete an order for good: one that is cancelled, or that nothing was paid for and shipped of."""
    if not yes and not sys.stdin.isatty():
        stop("Nobody is there to be asked: --yes deletes without asking.", Exit.USAGE)
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        if not yes:
            paint([title(found)])
            if not typer.confirm(f"Delete order {found['name']} for good?", err=True):
                stop("Nothing was deleted.")
        answer = remote.write("DELETE", f"/orders/{found['id']}")
        tell(remote, answer, f"Order {found['name']} is deleted.", None, json=json)
