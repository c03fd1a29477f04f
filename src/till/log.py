"""One JSON line per request and event, on standard error; never a secret, never personal data."""

import sys
import threading
from typing import Any, TextIO

import msgspec

from till import clock


class Log:
    """Writes lines; those of requests are gathered and written together a few times a second."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()

    def line(self, event: str, **facts: Any) -> None:
        """Gather one line; it is written at the next `flush`."""
        said = {"at": clock.iso(clock.now(), "UTC"), "event": event} | facts
        self._waiting.append(msgspec.json.encode(said))

    def now(self, event: str, **facts: Any) -> None:
        """Write one line at once, for what must not be lost with the process."""
        self.line(event, **facts)
        self.flush()

    def flush(self) -> None:
        with self._lock:
            lines, self._waiting = self._waiting, []
            if lines:
                self._out.write(b"\n".join(lines).decode() + "\n")
                self._out.flush()
