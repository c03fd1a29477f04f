"""The options of `till orders`, and the connection that they come to."""

import contextlib
import secrets
import sys
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import typer

from till.cli.orders.words import instead
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Refused, Remote, Unreachable

MOVE_REFUSED = 422
HERE = "http://127.0.0.1:8080"

Url = Annotated[str, typer.Option("--url", envvar="TILL_URL", help="Where the server is.")]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="TILL_TOKEN",
        help="Access token; - reads the first line of standard input.",
        show_default=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        help="Idempotency-Key: for a day, the same command with the same key is done once.",
        show_default="a new one",
    ),
]
IfMatch = Annotated[
    int | None,
    typer.Option("--if-match", metavar="VERSION", help="Only if this is still the order's version."),
]
Named = Annotated[
    str, typer.Argument(metavar="ORDER", help="The order: its number (1043 or '#1043') or its id.")
]
Lines = Annotated[
    list[str] | None,
    typer.Option(
        "--line",
        metavar="LINE[=QTY]",
        help="A line, by its id, its SKU or its place in the order, and how many units; repeat for more.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would come to; change nothing.")]


@contextlib.contextmanager
def talking(
    url: str, token: str, *, json: bool, key: str | None = None, if_match: int | None = None
) -> Iterator[Remote]:
    """The server to talk to; a refusal or a silence ends the command with its sentence and exit code."""
    remote = Remote(address_of(url), _secret(token), key=_key(key), if_match=if_match)
    try:
        yield remote
    except Refused as refused:
        if json:
            print_json(refused.answer)
        stop("\n".join(_sentences(refused)))
    except Unreachable as unreachable:
        again = f" Whether it was done is not known: repeat it with --key {remote.key}."
        stop(unreachable.message + (again if unreachable.is_open else ""), Exit.UNREACHABLE)


def _sentences(refused: Refused) -> Iterator[str]:
    """What the server said, each value that it found wrong, and what could be done instead."""
    sentence, fields = str(refused), refused.answer.get("errors") or {}
    yield sentence
    for path, whats in fields.items() if len(fields) > 1 else ():
        yield from (f"  {path} {what}" for what in whats if what not in sentence)
    order = refused.answer.get("order") or {}
    if refused.status == MOVE_REFUSED and order.get("allowedActions"):
        yield instead(order)


def address_of(url: str) -> str:
    """The URL of a server; ends the command for what is none."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if not is_one:
        stop(f"{url!r} is no URL of a server: give one such as {HERE}.", Exit.USAGE)
    return f"{parts.scheme}://{parts.netloc}"


def _secret(token: str) -> str:
    given = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105 - a dash is no secret
    if not given:
        stop("There is no access token: give --token, or set TILL_TOKEN.", Exit.USAGE)
    if not (given.isascii() and given.isprintable()):
        stop("The access token holds characters that no token has.", Exit.USAGE)
    return given


def _key(key: str | None) -> str:
    if key is None:
        return f"till-orders-{secrets.token_hex(12)}"
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        stop("--key takes 1 to 255 printable ASCII characters.", Exit.USAGE)
    return key
