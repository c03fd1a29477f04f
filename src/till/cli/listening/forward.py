"""Posts an event to the app, just as a webhook would arrive there."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from till.cli.outcome import Exit, stop
from till.deliveries.guard import CONTROL, encoded

BUDGET = 30.0
# What stands before an app answers like this while the app itself is away.
AWAY = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Answered:
    """What the app answered, and after how long; no status where it did not, but `why`."""

    status: int | None
    ms: float
    why: str = ""

    @property
    def is_away(self) -> bool:
        """True when the app has not had the event."""
        return self.status is None or self.status in AWAY

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str) -> str:
    """The URL with its path in ASCII, if something can be posted to it; ends the command otherwise."""
    if CONTROL.search(url):
        _refuse(url, "it holds a blank, a control character or a backslash: leave it out, or write %20")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        is_one = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        _refuse(url, "give a URL such as http://localhost:8000/webhooks")
    if "@" in parts.netloc:
        _refuse(url, "a user name or password is not sent: leave it out, and let the app take the signature")
    query = f"?{encoded(parts.query)}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{encoded(parts.path)}{query}"


def _refuse(url: str, why: str) -> NoReturn:
    shown = ascii(url)[1:-1] if CONTROL.search(url) else url
    stop(f"--forward-to {shown}: {why}.", Exit.USAGE)


def post(url: str, headers: Mapping[str, str], body: bytes) -> Answered:
    """Send one event; never raises."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=BUDGET)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    began = time.perf_counter()
    try:
        connection.request("POST", target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Answered(None, _ms(began), getattr(error, "strerror", None) or str(error) or "no answer")
    finally:
        connection.close()
    return Answered(answer.status, _ms(began))


def _ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1_000, 1)
