"""`till trigger`: make an event happen, by really doing what it tells of."""

from typing import Annotated, Any

import typer
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Token, Url, talking
from till.cli.orders.paint import FAINT, STRONG, paint, printable
from till.cli.orders.picking import order_of
from till.cli.orders.words import Json
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Remote
from till.cli.triggering.deeds import RECIPES, Deed, do
from till.dialect.body import nearest

app = typer.Typer()


@app.command()
def trigger(  # noqa: PLR0913 - an option each
    topic: Annotated[str, typer.Argument(help=f"One of {', '.join(RECIPES)}.")],
    *,
    order: Annotated[
        str | None,
        typer.Option(help="The order: its number (1043 or '#1043') or its id.", show_default="a new one"),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="A field of the order that is made or updated, e.g. customer.email=ada@example.com.",
        ),
    ] = None,
    times: Annotated[int, typer.Option(min=1, max=1_000, help="How often.")] = 1,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Really do what the topic tells of, on an order of the shop or on a new one, and show what was told."""
    if topic not in RECIPES:
        near = nearest(topic, list(RECIPES))
        stop(f"There is no trigger {topic!r}{near}: choose from {', '.join(RECIPES)}.", Exit.USAGE)
    recipe = RECIPES[topic]
    if order is not None and not recipe.before:
        stop(f"{topic} makes an order, so that --order has no place beside it.", Exit.USAGE)
    if order is not None and set_ and not recipe.takes_fields:
        stop(f"{topic} sets no fields of an order that is there: leave --set, or --order.", Exit.USAGE)
    with talking(url, token, json=json) as remote:
        found = None if order is None else order_of(remote, order)
        done: list[Json] = []
        for _ in range(times):
            done.append(_once(remote, topic, found, set_ or []))
            if not json:
                paint([_drawn(done[-1])])
        if json:
            print_json({"topic": topic, "done": done})
        if not all(topic in (told["topic"] for told in each["events"]) for each in done):
            stop(f"{topic} was not told: what was done changed nothing of the order.")


def _once(remote: Remote, topic: str, order: Json | None, wishes: list[str]) -> Json:
    """Do it, and find out what was told of it."""
    since = remote.get("/events", after="latest", limit=1)["cursor"]
    deed = do(remote, topic, order, wishes)
    told = _told(remote, deed, since)
    return {
        "order": {"id": deed.order["id"], "name": deed.order["name"]},
        "made": [{"kind": kind, "id": made} for kind, made in deed.made],
        "events": [{name: each[name] for name in ("cursor", "id", "topic")} for each in told],
    }


def _drawn(done: Json) -> Text:
    """The order, what was made, and what was told: a line each."""
    parts: list[Any] = [("Order ", FAINT), (printable(done["order"]["name"]), STRONG)]
    parts.append((f"  {done['order']['id']}", FAINT))
    parts += [f"\n  {each['kind']} {each['id']}" for each in done["made"] if each["kind"] != "order"]
    for each in done["events"]:
        parts.append(f"\n  told {each['topic']}")
        parts.append((f"  event {each['cursor']}", FAINT))
    return Text.assemble(*parts)


def _told(remote: Remote, deed: Deed, since: str) -> list[Json]:
    """The events of the order since then."""
    found: list[Json] = []
    more: Any = True
    while more:
        answer = remote.get("/events", after=since, resourceId=deed.order["id"], limit=250)
        found += answer["events"]
        since, more = answer["cursor"], answer["more"]
    return found
