"""Receives webhooks as fast as they come, and remembers when each came.

`python -m bench.sink` prints the URL that it listens on, as one line of JSON. What is posted to a path that
begins with `/dead` is never answered; all else gets an empty 200. `GET /seen` answers what came since it was
last asked: for each the moment of its arrival and the moment at which it was triggered, in microseconds.
"""

import asyncio
import contextlib
import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta

import uvloop

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH, TRIGGERED = b"content-length: ", b"x-genstore-triggered-at: "


class Sink(asyncio.Protocol):
    """One connection; `seen` is shared by all."""

    def __init__(self, seen: list[tuple[int, int]]) -> None:
        self._seen = seen
        self._buffer = b""

    # asyncio's base class knows transports of any kind; TCP gives one that writes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP alone
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower() + b"\r\n"
            whole = end + 4 + int(after(head, LENGTH) or 0)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            self._take(head)

    def _take(self, head: bytes) -> None:
        if head.startswith(b"get /seen"):
            body = json.dumps(self._seen).encode()
            self._seen.clear()
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        elif not head.startswith(b"post /dead"):
            self._seen.append((time.time_ns() // 1_000, micros(after(head, TRIGGERED))))
            self._transport.write(ANSWER)


def after(head: bytes, name: bytes) -> bytes:
    """The value of a header, empty where there is none."""
    at = head.find(b"\r\n" + name)
    return head[at + 2 + len(name) : head.find(b"\r\n", at + 2)] if at >= 0 else b""


def micros(text: bytes) -> int:
    if not text:
        return 0
    return (datetime.fromisoformat(text.decode().upper()) - EPOCH) // timedelta(microseconds=1)


async def main() -> None:
    seen: list[tuple[int, int]] = []
    server = await asyncio.get_running_loop().create_server(lambda: Sink(seen), "127.0.0.1", 0, backlog=1_024)
    host, port = server.sockets[0].getsockname()
    print(json.dumps({"url": f"http://{host}:{port}", "pid": os.getpid()}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main())
