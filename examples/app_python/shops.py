"""What the app keeps of each shop, in one JSON file that is whole at every moment."""

import json
import threading
from pathlib import Path
from typing import Any

MOST_SEEN = 10_000


class Shops:
    """By handle: shopId, installation, token, scope, and the orders that were paid."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._all: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
        self._seen: dict[str, None] = {}

    def get(self, handle: str) -> dict[str, Any] | None:
        return self._all.get(handle)

    def put(self, handle: str, **told: Any) -> None:
        """Change what is kept of a shop."""
        with self._lock:
            self._all[handle] = self._all.get(handle, {"paid": []}) | told
            self._write()

    def forget(self, handle: str) -> None:
        with self._lock:
            self._all.pop(handle, None)
            self._write()

    def is_new(self, delivery: str) -> bool:
        """True the first time that a delivery comes: every one may come twice."""
        with self._lock:
            new = delivery not in self._seen
            self._seen[delivery] = None
            if len(self._seen) > MOST_SEEN:
                del self._seen[next(iter(self._seen))]
            return new

    def _write(self) -> None:
        part = self._path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(self._all, indent=1))
        part.replace(self._path)
