"""`till webhooks list`, `show`, `deliveries` and `stats`: what is asked of the server, and shown."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Token, Url, talking
from till.cli.orders.paint import FAINT, STRONG, head, indented, paint, printable, table, word
from till.cli.orders.reading import moment
from till.cli.outcome import print_json
from till.cli.remote import Json, Remote

app = typer.Typer()

PAGE = 250
Named = Annotated[str, typer.Argument(metavar="WEBHOOK", help="The subscription's id.")]
MaybeNamed = Annotated[
    str | None, typer.Argument(metavar="[WEBHOOK]", help="The subscription's id; all of them without it.")
]
Since = Annotated[
    str | None, typer.Option("--from", help="From then on: 2026-03-01, a time with its offset, or 7d, 12h.")
]
Until = Annotated[str | None, typer.Option("--to", help="Up to then, spelled likewise.")]


@app.command("list")
def list_(
    *,
    topic: Annotated[str | None, typer.Option(help="Of this topic, e.g. orders/paid.")] = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """List the subscriptions of the app."""
    with talking(url, token, json=json) as remote:
        found = [
            each
            for page, _ in remote.pages("/app/webhooks", topic=topic, limit=PAGE)
            for each in page["webhooks"]
        ]
        if json:
            print_json({"webhooks": found})
        elif not found:
            typer.echo("There is no subscription.")
        else:
            heads = ("webhook", "topic", "state", "failures", "last success", "address")
            rows = [
                (
                    str(each["id"]),
                    each["topic"],
                    word(each["state"]),
                    str(each["failures"]),
                    _time(each["lastSuccessAt"]),
                    each["address"],
                )
                for each in found
            ]
            paint([table(heads, rows, right=["failures"])])


@app.command()
def show(webhook: Named, *, url: Url = HERE, token: Token = "", json: AsJson = False) -> None:
    """Show one subscription: what it wants, how it stands, and what was sent to it last."""
    with talking(url, token, json=json) as remote:
        answer = remote.get(f"/app/webhooks/{webhook}")
        if json:
            print_json(answer)
        else:
            latest = remote.get(f"/app/webhooks/{webhook}/deliveries", limit=10)["deliveries"]
            paint(_drawn(answer["webhook"], latest))


@app.command()
def deliveries(  # noqa: PLR0913 - an option each
    webhook: MaybeNamed = None,
    *,
    state: Annotated[
        str | None,
        typer.Option(
            help="pending, retry_wait, paused, leased, delivered, exhausted, blocked or cancelled; several "
            "with commas."
        ),
    ] = None,
    topic: Annotated[str | None, typer.Option(help="Of this topic.")] = None,
    order: Annotated[str | None, typer.Option(help="Of events of the order with this id.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, newest first.")] = 50,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """List deliveries, newest first."""
    query = {
        "state": state,
        "topic": topic,
        "orderId": order,
        "from": moment("--from", since, ends=False),
        "to": moment("--to", until, ends=True),
        "limit": min(limit, PAGE),
    }
    with talking(url, token, json=json) as remote:
        found = _up_to(remote, deliveries_of(webhook), query, limit)
        if json:
            print_json({"deliveries": found})
        elif not found:
            typer.echo("There is no such delivery.")
        else:
            paint([_log(found)])


@app.command()
def stats(  # noqa: PLR0913 - an option each
    webhook: MaybeNamed = None,
    *,
    since: Since = None,
    until: Until = None,
    by_hour: Annotated[bool, typer.Option("--by-hour", help="Also each hour.")] = False,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Show how deliveries fared: rates, times, and what waits; of seven days without --from."""
    path = "/app/webhooks/stats" if webhook is None else f"/app/webhooks/{webhook}/stats"
    span = {"from": moment("--from", since, ends=False), "to": moment("--to", until, ends=True)}
    with talking(url, token, json=json) as remote:
        answer = remote.get(path, by="hour" if by_hour else None, **span)
        if json:
            print_json(answer)
        else:
            paint(_figures(answer["stats"]))


def deliveries_of(webhook: str | None) -> str:
    """The path of one subscription's deliveries, or of all."""
    return "/app/deliveries" if webhook is None else f"/app/webhooks/{webhook}/deliveries"


def _up_to(remote: Remote, path: str, query: dict[str, Any], most: int) -> list[Json]:
    found: list[Json] = []
    for page, _ in remote.pages(path, **query):
        found += page["deliveries"]
        if len(found) >= most:
            break
    return found[:most]


def _drawn(webhook: Json, latest: list[Json]) -> Iterator[RenderableType]:
    yield Text.assemble((str(webhook["id"]), STRONG), "  ", webhook["topic"], "  ", word(webhook["state"]))
    told = {
        "address": webhook["address"],
        "name": webhook["name"],
        "reason": webhook["reason"],
        "filter": webhook["filter"],
        "fields": ", ".join(webhook["fields"]),
        "headers": ", ".join(webhook["headers"]),
        "ordering": webhook["ordering"],
        "schedule": webhook["schedule"],
        "rate": webhook["rate"] and f"{webhook['rate']:g} a second",
        "timeout": webhook["timeout"] and f"{webhook['timeout']} s",
        "failures": str(webhook["failures"]),
        "last success": _time(webhook["lastSuccessAt"]),
    }
    yield table(
        ("", ""), [(Text(name, FAINT), value) for name, value in told.items() if value], headless=True
    )
    if latest:
        yield head("Deliveries")
        yield indented(_log(latest))


def _log(found: list[Json]) -> RenderableType:
    heads = ("delivery", "created", "topic", "resource", "state", "attempts", "last", "reason")
    rows = [
        (
            each["id"],
            _time(each["createdAt"]),
            each["topic"],
            each["resourceId"] or "",
            word(each["state"]),
            str(each["attempts"]),
            str(each["lastStatus"] or each["lastError"] or ""),
            printable(each["reason"]),
        )
        for each in found
    ]
    return table(heads, rows, right=["attempts"])


def _figures(told: Json) -> Iterator[RenderableType]:
    ended = ", ".join(f"{told[name]} {name}" for name in ("exhausted", "blocked", "cancelled"))
    facts = {
        "from": _time(told["from"]),
        "to": _time(told["to"]),
        "attempts": f"{told['attempts']}, {told['retries']} of them retries",
        "delivered": f"{told['delivered']}{_share(told['successRate'])}",
        "failed": f"{told['failed']}{_share(told['failureRate'])}",
        "time": _times(told),
        "given up": ended,
        "pending": f"{told['pending']}{_age(told['oldestPendingSeconds'])}",
    }
    yield table(("", ""), [(Text(name, FAINT), value) for name, value in facts.items()], headless=True)
    if told["hours"]:
        rows = [
            (_time(each["hour"]), str(each["delivered"]), str(each["failed"]), _times(each))
            for each in told["hours"]
        ]
        yield head("By hour")
        yield indented(table(("hour", "delivered", "failed", "time"), rows, right=["delivered", "failed"]))


def _times(told: Json) -> str:
    if told["averageMs"] is None:
        return "-"
    shown = {"average": "averageMs", "p50": "p50Ms", "p95": "p95Ms", "p99": "p99Ms"}
    return ", ".join(f"{name} {told[key]:.1f} ms" for name, key in shown.items())


def _share(rate: float | None) -> str:
    return "" if rate is None else f" ({rate:.1%})"


def _age(seconds: int | None) -> str:
    return "" if seconds is None else f", the oldest for {seconds} s"


def _time(text: str | None) -> str:
    """A time to the second, in the zone that the server writes it in."""
    return f"{text[:10]} {text[11:19]}" if text else ""
