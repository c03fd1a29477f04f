"""A server of one's own: `till serve` in development mode, as a child process on a free port."""

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from till.testing.ports import free_port

PATIENCE = 30.0
LAST_LINES = 10
LONGEST_LINE = 160
# What the plug-in itself keeps asking would hide what a test did.
OWN = re.compile(r'"method":"GET","path":"(/app/deliveries|/dev/clock)","status":200')


class Server:
    """A real server with an empty SQLite store in `folder`; it runs from the start.

    `url` stays the same when it is restarted. What it writes to standard error goes to `log`.
    """

    def __init__(self, folder: Path, *, log: Path | None = None) -> None:
        self.log = log or folder / "till.log"
        self._folder = folder
        self._stores = 1
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it where it does not run; returns once it answers."""
        if self._process is not None:
            return
        port = urlsplit(self.url).port or free_port()
        arguments = ["serve", "--dev", "--json", "--data", str(self.store), "--port", str(port)]
        with self.log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - this very program, with options of our own
                [sys.executable, "-m", "till.testing.child", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the tests, which then end it
            )
        try:
            self.url = self._first_line(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop it as an operator does: it finishes what it accepted."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in filter(None, (process.stdin, process.stdout)):
            pipe.close()

    def restart(self) -> None:
        """Stop it, and start it on the same store and port."""
        self.stop()
        self.start()

    def renew(self) -> None:
        """Go on with an empty store, on the same port."""
        self.kill()
        self._stores += 1
        self.start()

    @property
    def pid(self) -> int:
        """Its process; 0 where it does not run here."""
        return 0 if self._process is None else self._process.pid

    @property
    def store(self) -> Path:
        """The folder of its data."""
        return self._folder / f"store-{self._stores}"

    def last_lines(self, count: int = LAST_LINES) -> list[str]:
        """The end of its log, each line cut to what fits on a screen; looks at deliveries are left out."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line for line in lines if not OWN.search(line)]
        return [line[:LONGEST_LINE] for line in told[-count:]]

    def _first_line(self, process: "subprocess.Popen[bytes]") -> str:
        """The URL, of the JSON line that a server prints when it is ready."""
        assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
        until = time.monotonic() + PATIENCE
        ready: list[Any] = []
        while not ready and process.poll() is None and time.monotonic() < until:
            ready = select.select([process.stdout], [], [], 0.2)[0]
        line = process.stdout.readline() if ready else b""
        if not line:
            said = "\n".join(self.last_lines())
            raise RuntimeError(f"Till did not start; the end of its log ({self.log}):\n{said}")
        url: str = json.loads(line)["url"]
        return url


class Attached(Server):
    """A server in development mode that somebody else started at `url`, and that is left as it is."""

    def __init__(self, url: str) -> None:
        self._process = None
        self.url = url.rstrip("/")
        self.log = Path(os.devnull)

    def start(self) -> None:
        self._refuse()

    def stop(self) -> None:
        self._refuse()

    def kill(self) -> None:
        self._refuse()

    def restart(self) -> None:
        self._refuse()

    def renew(self) -> None:
        """Leave it as it is: its data are somebody else's."""

    def last_lines(self, count: int = LAST_LINES) -> list[str]:
        del count
        return [f"(the log of {self.url} is where that server was started)"]

    def _refuse(self) -> None:
        raise RuntimeError(
            f"The server at {self.url} was named with --till-url and is not stopped or started by tests: "
            "leave the option away for one of the tests' own."
        )


def _environment() -> dict[str, str]:
    """This process's variables without any setting of Till: the tests' server is as it is everywhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TILL_")}
