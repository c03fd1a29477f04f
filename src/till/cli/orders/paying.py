"""`till orders pay`, `capture`, `void`, `refund` and `refunds`: the money of an order."""

from typing import Annotated

import typer

from till.cli.options import Json as AsJson
from till.cli.orders import money
from till.cli.orders.options import HERE, DryRun, IfMatch, Key, Lines, Named, Token, Url, talking
from till.cli.orders.paint import paint
from till.cli.orders.picking import lines_of, order_of, part_of
from till.cli.orders.telling import tell
from till.cli.orders.words import Json, plain
from till.cli.outcome import Exit, stop
from till.cli.remote import Remote

app = typer.Typer()

SAID = {"sale": "Received", "authorization": "Authorized", "capture": "Captured", "void": "Released"}
Amount = Annotated[str | None, typer.Option(help="So much, such as 12.50.", show_default="all that is due")]
Parent = Annotated[
    str | None,
    typer.Option("--of", metavar="AUTHORIZATION", help="The authorization's id, where several are open."),
]


@app.command()
def pay(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    amount: Amount = None,
    authorize: Annotated[
        bool, typer.Option("--authorize", help="Only reserve it: `capture` takes it, `void` releases it.")
    ] = False,
    gateway: Annotated[str | None, typer.Option(help="Through what, e.g. manual or bank.")] = None,
    reference: Annotated[str | None, typer.Option(help="The payment's number at the gateway.")] = None,
    at: Annotated[
        str | None, typer.Option(help="When, e.g. 2026-03-01T12:00:00Z.", show_default="now")
    ] = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Book that money came in; without --amount, all that is outstanding."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        body = {"gateway": gateway, "channelTrxNo": reference, "processedAt": at}
        if authorize or amount is not None:
            kind = "authorization" if authorize else "sale"
            _book(remote, found, body | {"kind": kind, "amount": amount}, json=json)
            return
        answer = remote.write("POST", f"/orders/{found['id']}/mark_as_paid", _without_none(body))
        tell(remote, answer, f"Order {found['name']} is marked as paid.", found["id"], json=json)


@app.command()
def capture(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    amount: Amount = None,
    of: Parent = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Take money that was authorized."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        body = {"kind": "capture", "amount": amount, "parentId": of}
        _book(remote, order_of(remote, order), body, json=json)


@app.command()
def void(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    of: Parent = None,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Release what is left of an authorization."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _book(remote, order_of(remote, order), {"kind": "void", "parentId": of}, json=json)


def _book(remote: Remote, order: Json, body: Json, *, json: bool) -> None:
    path = f"/orders/{order['id']}/transactions"
    answer = remote.write("POST", path, {"transaction": _without_none(body)})
    booked = answer["transaction"]
    sentence = f"{SAID[body['kind']]} {booked['amount']} {booked['currency']} for order {order['name']}"
    tell(remote, answer, f"{sentence}: transaction {booked['id']}.", order["id"], json=json)


@app.command()
def refund(  # noqa: PLR0913 - an option each
    order: Named,
    *,
    line: Lines = None,
    all_: Annotated[bool, typer.Option("--all", help="All lines that are left, and the shipping.")] = False,
    amount: Annotated[
        str | None, typer.Option(help="So much.", show_default="what the lines and the shipping are worth")
    ] = None,
    shipping: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="So much of the shipping; `all` for all of it.")
    ] = None,
    restock: Annotated[bool, typer.Option("--restock", help="The units go back to stock.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; the customer sees it.")] = None,
    of_return: Annotated[
        str | None, typer.Option("--return", metavar="RETURN", help="For what came in with it, e.g. 1043-R1.")
    ] = None,
    review: Annotated[bool, typer.Option("--review", help="Only put it up for review.")] = False,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Give money back: for lines, for shipping, or just an amount."""
    if not (line or all_ or amount or shipping or of_return):
        stop("Say what to give back: --line, --shipping, --amount, --return or --all.", Exit.USAGE)
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        found = order_of(remote, order)
        items = _items(found, line, all_lines=all_, restock=restock, reason=reason)
        body = {"orderId": found["id"], "amount": amount, "note": reason, "status": 0 if review else None}
        if of_return:
            body["returnId"] = part_of(remote, of_return, "returns", mark="-R")
            items = items or _received(remote, body["returnId"], reason)
        if items:
            body["lineItems"] = items
        if shipping or all_:
            whole = all_ or shipping == "all"
            body["shipping"] = {"fullRefund": True} if whole else {"amount": shipping}
        path = "/refunds/calculate" if dry_run else "/refunds"
        answer = remote.write("POST", path, {"refund": _without_none(body)})
        made = plain(answer["refund"])
        if dry_run and not json:
            paint([f"It would give back of order {found['name']}; nothing was changed:"])
            paint([money.refund_line(found, made)])
            return
        verb = "Put up for review:" if review else "Gave back"
        sentence = f"{verb} {made['amount']} {found['currency']} of order {found['name']}"
        tell(remote, answer, f"{sentence}: refund {made['refundId']}.", found["id"], json=json)


def _items(
    order: Json, wanted: list[str] | None, *, all_lines: bool, restock: bool, reason: str | None
) -> list[Json]:
    """The lines of a refund; without a number of units, all that stand of a line."""
    picked = lines_of(order, wanted)
    if all_lines:
        picked = [(line, None) for line in order["lineItems"] if int(line["currentQuantity"])]
    why = {"rightsReason": reason} if reason else {}
    items: list[Json] = []
    for line, units in picked:
        count = int(line["currentQuantity"]) if units is None else units
        kind = _restocked(line, count) if restock else "no_restock"
        items.append({"lineItemId": line["id"], "quantity": count, "restockType": kind} | why)
    return items


def _restocked(line: Json, count: int) -> str:
    """How units go back to stock: those that were not shipped are never sent, the others came back."""
    unshipped = int(line["fulfillableQuantity"])
    if 0 < unshipped < count:
        stop(
            f"Of line {line['title']!r} {unshipped} are not shipped and others are: to restock both, refund "
            f"them apart, first --line {line['id']}={unshipped}.",
            Exit.USAGE,
        )
    return "cancel" if unshipped else "return"


def _received(remote: Remote, return_id: str, reason: str | None) -> list[Json]:
    """What came in with a return and was not refunded yet."""
    found = remote.get(f"/returns/{return_id}")["return"]
    why = {"rightsReason": reason} if reason else {}
    return [
        {"lineItemId": each["lineItemId"], "quantity": left} | why
        for each in found["lineItems"]
        if (left := int(each["receivedQuantity"]) - int(each["refundedQuantity"])) > 0
    ]


refunds = typer.Typer(no_args_is_help=True, help="Decide on refunds that await review.")
Refund = Annotated[str, typer.Argument(metavar="REFUND", help="The refund's id.")]


@refunds.command()
def accept(
    refund_id: Refund,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Give the money back."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _decide(remote, refund_id, 1, "is done", json=json)


@refunds.command()
def decline(
    refund_id: Refund,
    *,
    key: Key = None,
    if_match: IfMatch = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Do not give it back."""
    with talking(url, token, json=json, key=key, if_match=if_match) as remote:
        _decide(remote, refund_id, 2, "is declined", json=json)


def _decide(remote: Remote, refund_id: str, status: int, said: str, *, json: bool) -> None:
    answer = remote.write("PUT", f"/refunds/{refund_id}", {"refund": {"status": status}})
    made = answer["refund"]
    tell(remote, answer, f"The refund of {made['amount']} {said}.", made.get("orderId"), json=json)


def _without_none(body: Json) -> Json:
    return {name: value for name, value in body.items() if value is not None}


app.add_typer(refunds, name="refunds")
