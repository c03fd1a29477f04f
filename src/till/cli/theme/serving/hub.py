"""Tells the pages that are open in browsers what to paint again, over server-sent events."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec

# A proxy between would take a silent stream for a dead one.
SILENCE = 15.0
# How soon a browser asks again whose stream broke, in milliseconds.
RETRY = 400
# A browser that takes nothing for so many messages reloads when it comes back.
MOST_WAITING = 100


class Hub:
    """All open pages; `generation` rises with every change, so that a page knows what it missed."""

    def __init__(self) -> None:
        self.boot = secrets.token_hex(6)
        self.generation = 0
        self._waiting: set[asyncio.Queue[bytes | None]] = set()
        self._ended = False

    def tell(self, kind: str, told: Mapping[str, Any]) -> None:
        """Tell every open page; a change it is, so the generation rises."""
        self.generation += 1
        message = self._message(kind, dict(told))
        for queue in self._waiting:
            if queue.qsize() < MOST_WAITING:
                queue.put_nowait(message)

    def end(self) -> None:
        """End all streams."""
        self._ended = True
        for queue in self._waiting:
            queue.put_nowait(None)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """What one page is told: first where things stand, then each change."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting.add(queue)
        try:
            yield f"retry: {RETRY}\n".encode() + self._message("hello", {})
            while not self._ended:
                try:
                    async with asyncio.timeout(SILENCE):
                        message = await queue.get()
                except TimeoutError:
                    message = b": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._waiting.discard(queue)

    def _message(self, kind: str, told: dict[str, Any]) -> bytes:
        told |= {"boot": self.boot, "generation": self.generation}
        return f"event: {kind}\ndata: {msgspec.json.encode(told).decode()}\n\n".encode()
