"""The limit for reads: the same uvicorn with the same protocol, sending answers from memory.

`python -m bench.bare FILE WORKERS` prints the URL that it answers on, as one line of JSON.
"""

import base64
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn

from till.cli.ports import BACKLOG, listen, url_of
from till.settings import Settings
from till.web.protocol import protocol_for

Answer = tuple[list[tuple[bytes, bytes]], bytes]


def spelled(answers: dict[str, Answer]) -> str:
    """Answers by their path, to be given to the bare server as a file."""
    return json.dumps(
        {
            path: [
                [[name.decode(), value.decode()] for name, value in headers],
                base64.b64encode(body).decode(),
            ]
            for path, (headers, body) in answers.items()
        }
    )


def read(text: str) -> dict[str, Answer]:
    return {
        path: ([(name.encode(), value.encode()) for name, value in headers], base64.b64decode(body))
        for path, (headers, body) in json.loads(text).items()
    }


class Bare:
    """Answers each path with its bytes; a path that it does not know is that of an order."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self._answers = answers

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        del receive
        headers, body = self._answers.get(scope["path"]) or self._answers[""]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    answers, workers = read(Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2])
    listening = listen("127.0.0.1", 0)
    print(json.dumps({"url": url_of(listening), "pid": os.getpid()}), flush=True)
    for _ in range(workers - 1):
        if os.fork() == 0:
            break
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    config = uvicorn.Config(
        Bare(answers),
        http=protocol_for(Settings()),
        loop="uvloop",
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
    )
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
