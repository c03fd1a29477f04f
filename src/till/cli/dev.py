"""Asks a server in development mode for what only such a one does."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Refused, Stay

PATIENCE = 10.0
ABSENT = "is not in development mode: start it with `till serve --dev`, on a loopback address."


class NotDev(Exception):
    """The server has no development mode."""


def ask(url: str, method: str, path: str, body: Any = None, *, token: str = "") -> dict[str, Any]:
    """The JSON of the answer; `NotDev` where there is no development mode, `Refused` where it says no."""
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
            raise _refusal(refused) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        stop(f"{url} cannot be reached: {getattr(why, 'strerror', None) or why}.", Exit.UNREACHABLE)


def _refusal(refused: urllib.error.HTTPError) -> Refused:
    try:
        told = json.loads(refused.read())
    except ValueError:
        told = None
    return Refused(refused.code, told if isinstance(told, dict) else {})


def asked(url: str, method: str, path: str, body: Any = None, *, json: bool) -> dict[str, Any]:
    """The same for a command: prints with `json` what was answered, and ends where that is a refusal."""
    try:
        told = ask(url, method, path, body)
    except NotDev as absent:
        if json:
            print_json({"error": str(absent)})
        stop(str(absent))
    except Refused as refused:
        if json:
            print_json(refused.answer)
        stop(str(refused))
    if json:
        print_json(told)
    return told
