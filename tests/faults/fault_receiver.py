"""A receiver of webhooks that is a process of its own, and writes down each request before it answers.

    python fault_receiver.py LOG SEED

prints its port, and appends a line of JSON to LOG for each arrival. A path `/name?fail=0.3` answers three
of ten requests with 500, by the seed; `/name?slow=0.2` waits so long first; all others are answered 200.
`/caught-up` is answered too, and not written down: it is asked by the test.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from checker import Arrival

ANSWERS = {
    200: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    500: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}

CAUGHT_UP = "/caught-up"


class Recorder:
    def __init__(self, log, seed):
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._chance = random.Random(seed)

    async def serve(self):
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=1 << 24, backlog=1_024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _talk(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")[:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                target = first.split(" ")[1]
                if target == CAUGHT_UP:
                    writer.write(ANSWERS[200])
                    await writer.drain()
                else:
                    await self._answer(target, headers, body, writer)
        writer.close()

    async def _answer(self, target, headers, body, writer):
        at = time.monotonic()
        asked = {name: float(value) for name, (value,) in parse_qs(urlsplit(target).query).items()}
        status = 500 if self._chance.random() < asked.get("fail", 0) else 200
        if "slow" in asked:
            await asyncio.sleep(asked["slow"])
        line = {
            "path": urlsplit(target).path,
            "webhook": headers["x-genstore-webhook-id"],
            "change": headers["x-genstore-event-id"],
            "topic": headers["x-genstore-topic"],
            "version": int(headers["x-genstore-resource-version"]),
            "digest": hashlib.sha256(body).hexdigest(),
            "attempt": int(headers["x-genstore-delivery-attempt"]),
            "at": at,
            "status": status,
            "gap": "x-genstore-order-gap" in headers,
        }
        os.write(self._log, json.dumps(line).encode() + b"\n")
        writer.write(ANSWERS[status])
        await writer.drain()


class Recording:
    """What a test knows of the receiver: where it is, and what it has written down so far."""

    def __init__(self, port, log):
        self.port = port
        self._log = log

    def url(self, path, **how):
        asked = "&".join(f"{name}={value}" for name, value in how.items())
        return f"http://127.0.0.1:{self.port}{path}" + (f"?{asked}" if asked else "")

    def catch_up(self):
        """Return once it has read what somebody who is dead by now still sent.

        It serves all connections in turns: who is answered on a new one came after all that was there, and
        the second answer leaves it a turn more to read what it had begun.
        """
        for _ in range(2):
            with urllib.request.urlopen(self.url(CAUGHT_UP), timeout=30) as answer:
                assert answer.status == 200

    def arrivals(self):
        return [Arrival(**json.loads(line)) for line in self._log.read_text().splitlines()]


@contextlib.contextmanager
def recording(folder, seed=1, within=()):
    """Start one that writes its log into `folder`, run by the command `within`; it ends with the block."""
    log = Path(folder) / "arrivals.jsonl"
    log.touch()
    command = [*within, sys.executable, __file__, str(log), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Recording(int(process.stdout.readline()), log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Recorder(sys.argv[1], sys.argv[2]).serve())
