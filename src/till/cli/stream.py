"""Reads server-sent events from the API, one by one, for as long as the connection lasts."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from till.cli.remote import ROOT, Refused, Remote, Unreachable

# The server says something each 15 s, so that a longer silence means that nobody is there.
SILENCE = 40.0
AGAIN_SECONDS = 1.0
TRIES = 30


@dataclass(frozen=True, slots=True)
class Message:
    """One event; `data` is None where only the cursor moved."""

    id: str
    kind: str
    data: Any


def stream(remote: Remote, path: str, last: str | None, **query: Any) -> Iterator[Message]:
    """Each event after the one with the id `last`.

    Ends where the server ends it; `Unreachable` when it cannot be reached or fell silent, `Refused`
    when it says no.
    """
    given = {name: value for name, value in query.items() if value is not None}
    request = urllib.request.Request(  # noqa: S310 - `Remote` is made of http and https URLs only
        f"{remote.url.rstrip('/')}{ROOT}{path}{f'?{urlencode(given)}' if given else ''}",
        headers=remote.headers()
        | {"Accept": "text/event-stream"}
        | ({} if last is None else {"Last-Event-ID": last}),
    )
    try:
        with remote.opener.open(request, timeout=SILENCE) as answer:
            if not answer.headers.get("content-type", "").startswith("text/event-stream"):
                raise Unreachable(f"{remote.url} does not stream events: is it Till?", is_open=False)
            yield from messages(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            raise _refusal(remote, refused.code, refused.read()) from None
    except (OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", error)
        told = getattr(why, "strerror", None) or why
        raise Unreachable(f"{remote.url} cannot be reached: {told}.", is_open=False) from None


def watch(remote: Remote, path: str, last: str | None, **query: Any) -> Iterator[Message]:
    """The same without end: taken up again where it broke, unless the server is away for half a minute."""
    tries = 0
    while True:
        try:
            for message in stream(remote, path, last, **query):
                last, tries = message.id, 0
                yield message
        except Unreachable:
            tries += 1
            if last is None or tries > TRIES:
                raise
        time.sleep(AGAIN_SECONDS)


def _refusal(remote: Remote, status: int, body: bytes) -> Exception:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or status >= 500 or status == 429:
        return Unreachable(f"{remote.url} answered {status}.", is_open=False)
    return Refused(status, told)


def messages(lines: Iterable[bytes]) -> Iterator[Message]:
    """The events of a stream (HTML, server-sent events), whose comments only prove that it lives."""
    said: dict[str, str] = {}
    for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            if name:
                said[name] = f"{said[name]}\n{value[1:]}" if name in said else value.removeprefix(" ")
            continue
        if "id" in said:
            data = json.loads(said["data"]) if "data" in said else None
            yield Message(said["id"], said.get("event", "message"), data)
        said = {}
