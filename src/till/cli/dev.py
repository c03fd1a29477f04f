"""Asks a server in development mode for what only such a one does."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any, NoReturn

from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Stay

PATIENCE = 10.0
ABSENT = "is not in development mode: start it with `till serve --dev`, on a loopback address."


class NotDev(Exception):
    """The server has no development mode."""


def ask(url: str, method: str, path: str, body: Any = None, *, token: str = "") -> dict[str, Any]:
    """The JSON of the answer; `NotDev` where there is no development mode, an end where it says no."""
    sent = {"X-Till-Dev": "1", "Content-Type": "application/json"}
    sent |= {"X-Genstore-Access-Token": token} if token else {}
    request = urllib.request.Request(  # noqa: S310 - the callers have seen that it is http or https
        f"{url.rstrip('/')}/dev{path}",
        method=method,
        headers=sent,
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.build_opener(Stay()).open(request, timeout=PATIENCE) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as refused:
        with refused:
            if refused.code == 404:
                raise NotDev(f"{url} {ABSENT}") from None
            _refuse(refused)
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        stop(f"{url} cannot be reached: {getattr(why, 'strerror', None) or why}.", Exit.UNREACHABLE)


def _refuse(refused: urllib.error.HTTPError) -> NoReturn:
    try:
        said = json.loads(refused.read())["error"]
    except (ValueError, KeyError, TypeError):
        said = f"The server answered {refused.code}."
    stop(str(said))


def asked(url: str, method: str, path: str, body: Any = None, *, json: bool) -> dict[str, Any]:
    """The same for a command: prints the answer with `json`, and ends where there is no development mode."""
    try:
        told = ask(url, method, path, body)
    except NotDev as absent:
        stop(str(absent))
    if json:
        print_json(told)
    return told
