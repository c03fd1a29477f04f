"""`till logs`: watch what an app does and what is done to it, or search what it did."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Token, Url, talking
from till.cli.orders.paint import BAD, FAINT, GOOD, Lines, printable
from till.cli.orders.reading import moment
from till.cli.orders.words import Json
from till.cli.outcome import end_quietly, print_json, while_read
from till.cli.stream import watch

app = typer.Typer(no_args_is_help=True)
PAGE = 250


@app.callback()
def logs() -> None:
    """Watch what an app does and what is done to it, or search what it did."""


@app.command()
def tail(
    *,
    method: Annotated[str | None, typer.Option(help="Only these, e.g. POST,PUT.")] = None,
    path: Annotated[str | None, typer.Option(help="Only where the path holds this.")] = None,
    status: Annotated[str | None, typer.Option(help="Only these, e.g. 422 or 4xx,5xx.")] = None,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Show the app's requests and the deliveries to it as they happen, and those that are still known."""
    end_quietly()
    wanted = Wanted(method, path, status)
    console = Lines()
    with talking(url, token, json=json) as remote, while_read():
        for message in watch(remote, "/app/logs", None):
            if message.data is None or not wanted.holds(message.data):
                continue
            if json:
                print_json(message.data)
            else:
                console.print(_line(message.data))
                sys.stdout.flush()


@app.command()
def search(  # noqa: PLR0913 - an option each
    *,
    since: Annotated[
        str | None, typer.Option("--from", help="From then on: 2026-03-01, a time, or 7d, 12h.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Up to then, spelled likewise.")] = None,
    status: Annotated[str | None, typer.Option(help="Only these, e.g. 422, 4xx,5xx or >=400.")] = None,
    method: Annotated[str | None, typer.Option(help="Only these, e.g. POST,PUT.")] = None,
    path: Annotated[
        str | None, typer.Option(help="Of an endpoint such as /orders/{orderId}, or whose path begins so.")
    ] = None,
    code: Annotated[str | None, typer.Option(help="Refused with this code, e.g. missing_scope.")] = None,
    request_id: Annotated[str | None, typer.Option("--id", help="The one of this X-Request-Id.")] = None,
    scope: Annotated[str | None, typer.Option(help="Let in by this scope.")] = None,
    min_ms: Annotated[int | None, typer.Option(help="That took so many milliseconds at least.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    url: Url = HERE,
    token: Token = "",
    json: AsJson = False,
) -> None:
    """Search the app's requests of the last days, newest first."""
    asked = {
        "from": moment("--from", since, ends=False),
        "to": moment("--to", until, ends=True),
        "status": status,
        "method": method.upper() if method else None,
        "path": path,
        "code": code,
        "requestId": request_id,
        "scope": scope,
        "minMs": min_ms,
    }
    console, left = Lines(), limit
    with talking(url, token, json=json) as remote, while_read():
        for page, _ in remote.pages("/app/requests", limit=min(PAGE, limit), **asked):
            for each in page["requests"][:left]:
                if json:
                    print_json(each)
                else:
                    console.print(_line(each | {"topic": None}, whole=True))
            left -= len(page["requests"])
            if left <= 0:
                return


class Wanted:
    """Which entries are to be shown."""

    def __init__(self, method: str | None, path: str | None, status: str | None) -> None:
        self._methods = {word.strip().upper() for word in (method or "").split(",") if word.strip()}
        self._path = path or ""
        self._statuses = [word.strip().lower() for word in (status or "").split(",") if word.strip()]

    def holds(self, entry: Json) -> bool:
        """True for what is asked for."""
        if self._methods and entry["method"] not in self._methods:
            return False
        if self._path not in entry["target"]:
            return False
        told = str(entry["status"] or "-")
        return not self._statuses or any(
            told == word or (word.endswith("xx") and told[:1] == word[:1]) for word in self._statuses
        )


def _line(entry: Json, *, whole: bool = False) -> Text:
    """An entry; with its day and its scope where it is a `whole` one."""
    good = entry["status"] is not None and entry["status"] < 400
    told: list[str | tuple[str, str]] = [
        (f"{entry['at'][:19]}Z  " if whole else f"{entry['at'][11:19]}  ", FAINT),
        f"{entry['method']:<6} ",
        (f"{entry['status'] or '-'!s:<4}", GOOD if good else BAD),
        (f"{entry['ms']:>8.1f} ms  ", FAINT),
        printable(entry["target"]),
    ]
    if whole and entry["scope"]:
        told.append((f"  {entry['scope']}", FAINT))
    if entry["topic"]:
        told.append(f"  {entry['topic']}")
    if entry["code"]:
        told.append((f"  {entry['code']}", BAD))
    return Text.assemble(*told, (f"  {entry['id']}", FAINT))
