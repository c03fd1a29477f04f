"""Answers that never end, read inside the test's own process: the Api is asked through ASGI."""

import asyncio
import contextlib
import json

from till.cli.stream import messages


class Stream:
    """What an endpoint has streamed so far; `leave` is the client's going away."""

    def __init__(self):
        self.said = []
        self.ended = False
        self._gone, self._came = asyncio.Event(), asyncio.Event()
        self._unread = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive(self):
        if self._unread:
            return self._unread.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.said.append(message)
        self.ended = message["type"] == "http.response.body" and not message.get("more_body")
        self._came.set()

    def leave(self):
        self._gone.set()

    @property
    def status(self):
        return self.said[0]["status"] if self.said else None

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self.said[0]["headers"]}

    @property
    def text(self):
        return b"".join(message.get("body", b"") for message in self.said[1:])

    @property
    def messages(self):
        """The events that came whole; those without data are left out."""
        whole = self.text[: self.text.rfind(b"\n\n") + 2]
        return [each for each in messages(whole.splitlines(keepends=True)) if each.data is not None]

    async def until(self, count, seconds=60):
        """Wait for so many events."""
        await self._until(lambda: len(self.messages) >= count, seconds)
        return self.messages

    async def over(self, seconds=60):
        """Wait for the end."""
        await self._until(lambda: self.ended, seconds)

    async def _until(self, is_so, seconds):
        async with asyncio.timeout(seconds):
            while not is_so():
                self._came.clear()
                await self._came.wait()


@contextlib.asynccontextmanager
async def streaming(api, token, path, **headers):
    """A stream of `path`, which ends with the block as a client's would."""
    target, _, query = path.partition("?")
    sent = {"host": "127.0.0.1:8080", "accept": "text/event-stream", "x-genstore-access-token": token}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api/202412{target}",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "scheme": "http",
    }
    found = Stream()
    task = asyncio.create_task(api(scope, found.receive, found.send))
    try:
        yield found
    finally:
        found.leave()
        await asyncio.wait_for(task, 20)


def refusal(stream):
    return json.loads(stream.said[1]["body"])
