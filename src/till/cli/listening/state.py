"""Where a listener stands: the cursor of the last event that its app has had, kept in a small file."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from till.errors import Invalid

CURSOR = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Place:
    """What a cursor belongs to: another server, shop, app, address or choice of topics has its own.

    `topics` is None for all. Which they are matters, for a cursor says that none of them is owed before it.
    """

    server: str
    shop: str
    installation: str
    forward_to: str
    topics: str | None = None

    @property
    def chosen(self) -> str:
        """The topics in their order, each once, however they were typed; empty for all."""
        return ",".join(sorted({word.strip() for word in (self.topics or "").split(",") if word.strip()}))

    @property
    def key(self) -> str:
        told = f"{self.server}\n{self.shop}\n{self.installation}\n{self.forward_to}\n{self.chosen}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def usual_file(place: Place) -> Path:
    """The file below XDG_STATE_HOME."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "till" / f"listen-{place.key}.json"


@dataclass(frozen=True, slots=True)
class State:
    """The file of one listener."""

    file: Path
    place: Place

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one listener that stands there, until the process ends; `Invalid` names another."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        # Beside the file, which each step replaces.
        beside = self.file.with_name(f"{self.file.name}.lock")
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT, 0o644), "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Invalid(
                    f"Process {lock.read().strip() or 'unknown'} already listens there and keeps where it "
                    f"stands in {self.file}: stop it, or give another --state."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def load(self) -> int | None:
        """The cursor, None where nothing was kept; `Invalid` for what is no state, or that of another."""
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
            cursor, key = CURSOR.fullmatch(told["cursor"]), told["key"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, RecursionError):
            cursor, key = None, ""
        if cursor is None:
            raise Invalid(f"{self.file} is no state of a listener: delete it, or give another --state.")
        if key != self.place.key:
            raise Invalid(
                f"{self.file} is of another server, shop, app or address, or of other topics: give another "
                "--state, or say where to begin with --from."
            )
        return int(cursor[0])

    def keep(self, cursor: int) -> None:
        """Write it whole, so that it is never read half."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        told = {
            "cursor": str(cursor),
            "key": self.place.key,
            "server": self.place.server,
            "shop": self.place.shop,
            "installation": self.place.installation,
            "forwardTo": self.place.forward_to,
            "topics": self.place.chosen,
        }
        draft = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            draft.replace(self.file)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
