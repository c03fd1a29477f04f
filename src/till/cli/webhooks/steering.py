"""`till webhooks enable`, `disable`, `test`, `redeliver`, `recover` and `replay-missing`."""

from enum import StrEnum
from typing import Annotated

import typer

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Key, Token, Url, talking
from till.cli.orders.reading import moment
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Json, Remote
from till.cli.webhooks.reading import Named, Since, Until

app = typer.Typer()


class Waiting(StrEnum):
    """Which deliveries that waited are sent."""

    ALL = "all"
    LAST24H = "last24h"
    NONE = "none"


@app.command()
def enable(
    webhook: Named,
    *,
    deliveries: Annotated[
        Waiting, typer.Option(help="Which of those that waited are sent; the others are cancelled.")
    ] = Waiting.ALL,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Serve a subscription again that was paused or disabled."""
    with talking(url, token, json=json, key=key) as remote:
        answer = remote.write("POST", f"/app/webhooks/{webhook}/enable", {"deliveries": deliveries.value})
        _tell(answer, f"Webhook {webhook} is active.", json=json)


@app.command()
def disable(
    webhook: Named, *, key: Key = None, url: Url = HERE, token: Token = "", json: AsJson = False
) -> None:
    """Pause a subscription: what happens meanwhile is kept for it."""
    with talking(url, token, json=json, key=key) as remote:
        answer = remote.write("POST", f"/app/webhooks/{webhook}/disable")
        _tell(answer, f"Webhook {webhook} is {answer['webhook']['state']}.", json=json)


@app.command("test")
def try_(
    webhook: Named, *, key: Key = None, url: Url = HERE, token: Token = "", json: AsJson = False
) -> None:
    """Send a test: the topic's latest event, or its example."""
    with talking(url, token, json=json, key=key) as remote:
        answer = remote.write("POST", f"/app/webhooks/{webhook}/test")
        _tell(answer, f"Delivery {answer['delivery']['id']} is on its way.", json=json)


@app.command()
def redeliver(
    webhook: Named,
    delivery: Annotated[list[str], typer.Argument(help="The deliveries' ids, one or several.")],
    *,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Send the events of some deliveries again."""
    with talking(url, token, json=json, key=key) as remote:
        answer = remote.write("POST", f"/app/webhooks/{webhook}/recover", {"deliveryIds": delivery})
        _tell_count(answer["redelivered"], json=json)


@app.command()
def recover(  # noqa: PLR0913 - an option each
    webhook: Named,
    *,
    since: Since = None,
    until: Until = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="How they ended: exhausted, blocked, cancelled, delivered; repeat for more.",
            show_default="exhausted and blocked",
        ),
    ] = None,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Send all again that failed and has not arrived since."""
    span = {"from": moment("--from", since, ends=False), "to": moment("--to", until, ends=True)}
    with talking(url, token, json=json, key=key) as remote:
        asked: Json = {name: value for name, value in span.items() if value is not None}
        if state:
            asked["states"] = state
        _tell_count(_all_of(remote, f"/app/webhooks/{webhook}/recover", asked), json=json)


@app.command("replay-missing")
def replay_missing(  # noqa: PLR0913 - an option each
    webhook: Named,
    *,
    since: Since = None,
    until: Until = None,
    key: Key = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Send the events since --from that a subscription wants and never got, also from before it was there."""
    first = moment("--from", since, ends=False)
    if first is None:
        stop("Say from when on: --from 7d, or --from 2026-03-01.", Exit.USAGE)
    last = moment("--to", until, ends=True)
    with talking(url, token, json=json, key=key) as remote:
        asked: Json = {"from": first} | ({} if last is None else {"to": last})
        _tell_count(_all_of(remote, f"/app/webhooks/{webhook}/replay-missing", asked), json=json)


def _all_of(remote: Remote, path: str, asked: Json) -> int:
    """Ask page by page; each page is a write of its own, with a key of its own."""
    key, count, page = remote.key, 0, 0
    cursor: str | None = None
    while True:
        remote.key = f"{key}-{page}" if page else key
        answer = remote.write("POST", path, asked | ({} if cursor is None else {"cursor": cursor}))
        count, page, cursor = count + int(answer["redelivered"]), page + 1, answer["next"]
        if cursor is None:
            return count


def _tell_count(count: int, *, json: bool) -> None:
    said = "No event is" if count == 0 else "1 event is" if count == 1 else f"{count:,} events are"
    _tell({"redelivered": count}, f"{said} sent again.", json=json)


def _tell(answer: Json, sentence: str, *, json: bool) -> None:
    if json:
        print_json(answer)
    else:
        typer.echo(sentence)
