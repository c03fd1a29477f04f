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
from till.cli.triggering import themes
from till.cli.triggering.deeds import RECIPES, do
from till.dialect.body import nearest

app = typer.Typer()

TOPICS = (*RECIPES, *themes.RECIPES)


@app.command()
def trigger(  # noqa: PLR0913 - an option each
    topic: Annotated[str, typer.Argument(help=f"One of {', '.join(TOPICS)}.")],
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
    """Really do what the topic tells of, and show what was told.

    That is done to an order of the shop or to a new one; or to a theme that is made for it, as a copy of
    what visitors see.
    """
    _check(topic, has_order=order is not None, has_fields=bool(set_))
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
            what = "theme" if topic in themes.RECIPES else "order"
            stop(f"{topic} was not told: what was done changed nothing of the {what}.")


def _check(topic: str, *, has_order: bool, has_fields: bool) -> None:
    """End the command where the topic is not known, or the options do not fit it."""
    if topic not in TOPICS:
        stop(
            f"There is no trigger {topic!r}{nearest(topic, list(TOPICS))}: choose from {', '.join(TOPICS)}.",
            Exit.USAGE,
        )
    if topic in themes.RECIPES:
        if has_order or has_fields:
            stop(f"{topic} is of a theme: --order and --set have no place beside it.", Exit.USAGE)
        return
    recipe = RECIPES[topic]
    if has_order and not recipe.before:
        stop(f"{topic} makes an order, so that --order has no place beside it.", Exit.USAGE)
    if has_order and has_fields and not recipe.takes_fields:
        stop(f"{topic} sets no fields of an order that is there: leave --set, or --order.", Exit.USAGE)


def _once(remote: Remote, topic: str, order: Json | None, wishes: list[str]) -> Json:
    """Do it, and find out what was told of it."""
    since = remote.get("/events", after="latest", limit=1)["cursor"]
    if topic in themes.RECIPES:
        theme, copies = themes.do(remote, topic)
        kind, of, made = (
            "theme",
            {"id": theme.id, "name": theme.name},
            [("theme", each.id) for each in copies],
        )
    else:
        deed = do(remote, topic, order, wishes)
        kind, of, made = "order", {name: deed.order[name] for name in ("id", "name")}, deed.made
    told = _told(remote, of["id"], since)
    return {
        kind: of,
        "made": [{"kind": each, "id": new} for each, new in made],
        "events": [{name: each[name] for name in ("cursor", "id", "topic")} for each in told],
    }


def _drawn(done: Json) -> Text:
    """The order or the theme, what was made, and what was told: a line each."""
    kind = "theme" if "theme" in done else "order"
    parts: list[Any] = [(f"{kind.capitalize()} ", FAINT), (printable(done[kind]["name"]), STRONG)]
    parts.append((f"  {done[kind]['id']}", FAINT))
    parts += [f"\n  {each['kind']} {each['id']}" for each in done["made"] if each["id"] != done[kind]["id"]]
    for each in done["events"]:
        parts.append(f"\n  told {each['topic']}")
        parts.append((f"  event {each['cursor']}", FAINT))
    return Text.assemble(*parts)


def _told(remote: Remote, resource: str, since: str) -> list[Json]:
    """The events of an order or a theme since then."""
    found: list[Json] = []
    more: Any = True
    while more:
        answer = remote.get("/events", after=since, resourceId=resource, limit=250)
        found += answer["events"]
        since, more = answer["cursor"], answer["more"]
    return found
