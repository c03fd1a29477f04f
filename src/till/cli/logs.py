"""`till logs`: watch what an app does, and what is done to it."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from till.cli.options import Json as AsJson
from till.cli.orders.options import HERE, Token, Url, talking
from till.cli.orders.paint import BAD, FAINT, GOOD, Lines, printable
from till.cli.orders.words import Json
from till.cli.outcome import end_quietly, print_json, while_read
from till.cli.stream import watch

app = typer.Typer(no_args_is_help=True)


@app.callback()
def logs() -> None:
    """Watch what an app does, and what is done to it."""


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


def _line(entry: Json) -> Text:
    good = entry["status"] is not None and entry["status"] < 400
    told: list[str | tuple[str, str]] = [
        (f"{entry['at'][11:19]}  ", FAINT),
        f"{entry['method']:<6} ",
        (f"{entry['status'] or '-'!s:<4}", GOOD if good else BAD),
        (f"{entry['ms']:>8.1f} ms  ", FAINT),
        printable(entry["target"]),
    ]
    if entry["topic"]:
        told.append(f"  {entry['topic']}")
    if entry["code"]:
        told.append((f"  {entry['code']}", BAD))
    return Text.assemble(*told, (f"  {entry['id']}", FAINT))
