"""Where a listener stands: the cursor of the last event that its app has had, kept in a small file."""

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from till.errors import Invalid


@dataclass(frozen=True, slots=True)
class Place:
    """What a cursor belongs to: another server, shop, app or address has its own."""

    server: str
    shop: str
    installation: str
    forward_to: str

    @property
    def key(self) -> str:
        told = f"{self.server}\n{self.shop}\n{self.installation}\n{self.forward_to}"
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

    def load(self) -> int | None:
        """The cursor, None where nothing was kept; `Invalid` for what is no state, or that of another."""
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
            cursor, key = int(told["cursor"]), told["key"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise Invalid(
                f"{self.file} is no state of a listener: delete it, or give another --state."
            ) from None
        if key != self.place.key:
            raise Invalid(
                f"{self.file} is of another server, shop, app or address: give another --state, or say where "
                "to begin with --from."
            )
        return cursor

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
        }
        draft = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
            draft.replace(self.file)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
