"""What the app keeps of each shop, in one JSON file that is whole at every moment."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MOST_HEARD = 10_000


class Shops:
    """By handle: shopId, installation, token, scope, and the orders that were paid."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._all: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
        self._turn = threading.Lock()
        self._heard: dict[str, None] = {}

    def get(self, handle: str) -> dict[str, Any] | None:
        return self._all.get(handle)

    def put(self, handle: str, **told: Any) -> None:
        """Change what is kept of a shop."""
        with self._lock:
            self._write(self._all | {handle: self._all.get(handle, {"paid": []}) | told})

    def forget(self, handle: str) -> None:
        with self._lock:
            self._write({name: told for name, told in self._all.items() if name != handle})

    @contextmanager
    def once(self, delivery: str) -> Iterator[bool]:
        """True the first time that a delivery comes: every one may come twice.

        One after another, and heard only if all went well: what failed is new when it comes again.
        """
        with self._turn:
            yield delivery not in self._heard
            self._heard[delivery] = None
            if len(self._heard) > MOST_HEARD:
                del self._heard[next(iter(self._heard))]

    def _write(self, new: dict[str, dict[str, Any]]) -> None:
        part = self._path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(new, indent=1))
        part.replace(self._path)
        self._all = new
