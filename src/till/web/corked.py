"""A transport that lets head and body of an answer leave together, in one system call and one packet."""

import asyncio
from typing import Any


class Corked:
    """Gathers what is written in one turn of the event loop, and writes it at the beginning of the next.

    Each write would else wake a waiting client on its own, which costs more than all the rest of a get.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)

    def flush(self) -> None:
        """Write what is held, now."""
        if self._held:
            held, self._held = self._held, []
            self._transport.writelines(held)

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
