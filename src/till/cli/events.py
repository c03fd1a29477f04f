"""`till events`: list, show and compare what happened in a shop, and send it to webhooks again."""

import json as jsons
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.text import Text

from till.cli.comparing import GONE, changes
from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Key, Token, Url, talking
from till.cli.orders.paint import BAD, FAINT, GOOD, paint, printable, table
from till.cli.orders.picking import order_of
from till.cli.orders.words import Json, plain, time_of
from till.cli.outcome import Exit, end_quietly, print_json, stop, while_read
from till.cli.remote import Remote
from till.cli.stream import watch

app = typer.Typer(no_args_is_help=True)

PAGE = 250
LONGEST = 120
Event = Annotated[str, typer.Argument(metavar="EVENT", help="The event: its number, or its id.")]


@app.command("list")
def list_(  # noqa: PLR0913 - an option each
    *,
    topic: Annotated[str | None, typer.Option(help="Only these, with commas between.")] = None,
    order: Annotated[str | None, typer.Option(help="Only of this order, by its number or its id.")] = None,
    after: Annotated[
        str | None, typer.Option(help="After the event with this number.", show_default="the latest")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they happen.")] = False,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """List events, oldest first: the latest, or those after a number."""
    end_quietly()
    with talking(url, token, json=json) as remote, while_read():
        query = {"topic": topic, "resourceId": None if order is None else order_of(remote, order)["id"]}
        found, cursor = _latest(remote, query, after, limit)
        if json:
            for each in found:
                print_json(each)
        elif found:
            paint([table(HEADS, map(_row, found), right=["event"])])
        elif not follow:
            typer.echo("There is no such event.")
        if follow:
            _follow(remote, query, cursor, json=json)


HEADS = ("event", "when", "topic", "of", "version")


def _row(event: Json) -> tuple[str, ...]:
    return (
        event["cursor"],
        f"{time_of(event['occurredAt'])}{event['occurredAt'][16:19]}",
        event["topic"],
        _name(event),
        str(event["resourceVersion"]),
    )


def _name(event: Json) -> str:
    """The name of the thing, else its id."""
    inner: Any = next(iter(event["payload"].values()), {})
    name = plain(inner.get("name")) if isinstance(inner, dict) else None
    return str(name or event["resourceId"])


def _latest(remote: Remote, query: Json, after: str | None, limit: int) -> tuple[list[Json], str]:
    """The first events after a number; without one, the last that there are. And where that ends."""
    if after is not None:
        found: list[Json] = []
        for event, cursor in _walk(remote, query, after):
            found.append(event)
            if len(found) == limit:
                return found, cursor
        return found, _newest(remote) if not found else found[-1]["cursor"]
    newest = int(_newest(remote))
    reach, begin = max(limit, PAGE), newest
    while True:
        begin = max(0, begin - reach)
        found = [event for event, _ in _walk(remote, query, str(begin))]
        if len(found) >= limit or begin == 0:
            return found[-limit:], str(max([newest, *(int(each["cursor"]) for each in found[-1:])]))
        reach *= 8


def _newest(remote: Remote) -> str:
    return str(remote.get("/events", after="latest", limit=1)["cursor"])


def _walk(remote: Remote, query: Json, after: str) -> Iterator[tuple[Json, str]]:
    """Each event after a number up to the newest, and its cursor."""
    more: Any = True
    while more:
        answer = remote.get("/events", after=after, limit=PAGE, **query)
        for event in answer["events"]:
            yield event, event["cursor"]
        after, more = answer["cursor"], answer["more"]


def _follow(remote: Remote, query: Json, cursor: str, *, json: bool) -> None:
    for message in watch(remote, "/events", cursor, **query):
        if message.data is None:
            continue
        if json:
            print_json(message.data)
        else:
            typer.echo("  ".join(printable(each) for each in _row(message.data)))
            sys.stdout.flush()


@app.command()
def show(event: Event, *, url: Url = HERE, token: Token = "", json: AsJson = False) -> None:
    """Show one event, with all that its webhook tells."""
    with talking(url, token, json=json) as remote:
        found = _one(remote, event)
        if json:
            print_json({"event": found})
            return
        facts = [
            ("event", found["cursor"]),
            ("id", found["id"]),
            ("change", found["eventId"]),
            ("topic", found["topic"]),
            ("of", f"{_name(found)}, version {found['resourceVersion']}"),
            ("when", found["occurredAt"]),
        ]
        rows = [(Text(name, FAINT), value) for name, value in facts]
        paint([table(("", ""), rows, headless=True)])
        typer.echo(jsons.dumps(found["payload"], indent=2, ensure_ascii=False))


@app.command()
def diff(
    first: Event,
    second: Annotated[
        str | None,
        typer.Argument(metavar="[EVENT]", help="Another; without it, the one before of the same order."),
    ] = None,
    *,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Show what differs between two events: with one, what its change has changed."""
    with talking(url, token, json=json) as remote:
        newer = _one(remote, first)
        older = _before(remote, newer) if second is None else _one(remote, second)
        older, newer = sorted((older, newer), key=lambda each: int(each["cursor"]))
        found = list(changes(older["payload"], newer["payload"]))
        if json:
            told = [
                {"path": each.path}
                | ({} if each.old is GONE else {"old": each.old})
                | ({} if each.new is GONE else {"new": each.new})
                for each in found
            ]
            print_json({"from": older["cursor"], "to": newer["cursor"], "changes": told})
            return
        head = f"{older['topic']} {older['cursor']}  →  {newer['topic']} {newer['cursor']}  of {_name(newer)}"
        paint([Text(printable(head), FAINT)])
        if not found:
            typer.echo("They tell the same.")
        paint(
            [
                Text.assemble(f"{each.path}  ", (_short(each.old), BAD), "  →  ", (_short(each.new), GOOD))
                for each in found
            ]
        )


def _short(value: Any) -> str:
    """A value on one line, its end left out where it is long."""
    if value is GONE:
        return "nothing"
    told = printable(jsons.dumps(value, ensure_ascii=False))
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"


@app.command()
def resend(
    event: Event,
    *,
    webhook: Annotated[
        str | None,
        typer.Option(help="Only to this webhook, by its id.", show_default="all of its topic"),
    ] = None,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Send an event to webhooks once more: the same bytes, as a new delivery."""
    with talking(url, token, json=json, key=key) as remote:
        found = _one(remote, event)
        targets = [webhook] if webhook else _webhooks(remote, found["topic"])
        if not targets:
            stop(f"No webhook of this app is subscribed to {found['topic']}.")
        sent = []
        for each in targets:
            answer = remote.write("POST", f"/app/webhooks/{each}/send", {"eventId": found["id"]})
            sent.append(answer["delivery"])
            if not json:
                typer.echo(f"Sent to webhook {each}: delivery {answer['delivery']['id']}.")
        if json:
            print_json({"deliveries": sent})


def _webhooks(remote: Remote, topic: str) -> list[str]:
    """The ids of the app's webhooks of a topic."""
    found = remote.get("/app/webhooks", topic=topic)["webhooks"]
    return [str(each.get("webhookId") or each["id"]) for each in found]


def _one(remote: Remote, named: str) -> Json:
    if not named.replace("-", "").isalnum():
        stop(f"{named!r} names no event: give its number, or its id.", Exit.USAGE)
    found: Json = remote.get(f"/events/{named}")["event"]
    return found


def _before(remote: Remote, event: Json) -> Json:
    """The last event of the same thing that told an older version of it in the same envelope."""
    found: Json | None = None
    for each, cursor in _walk(remote, {"resourceId": event["resourceId"]}, "0"):
        if int(cursor) >= int(event["cursor"]):
            break
        if each["payload"].keys() == event["payload"].keys() and each["eventId"] != event["eventId"]:
            found = each
    if found is None:
        stop(f"There is no event of {_name(event)} before {event['cursor']} to compare it with.")
    return found
