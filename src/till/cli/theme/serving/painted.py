"""Puts the script that repaints into every page of a storefront, and answers what the script asks."""

import contextvars
import html
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from importlib import resources
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from till.cli.theme.serving.hub import Hub
from till.liquid.faults import Fault

Message = MutableMapping[str, Any]
Asgi = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

OURS = "/__till/"
MOST_KEPT = 200
# Python makes no number of thousands of digits.
LONGEST_NUMBER = 16
END = re.compile(rb"</(?:head|body|html)\s*>", re.IGNORECASE)
NO_STORE = {"Cache-Control": "no-store"}
# What browsers say that they want a page for; what says nothing is taken for one.
PAGES = (b"document", b"iframe", b"frame")


class Met(Struct):
    """What was found while a page was rendered: its faults, and the files that it shows."""

    faults: list[Fault] = []
    files: set[str] = set()


# What the request at hand found.
_met: contextvars.ContextVar[Met | None] = contextvars.ContextVar("met", default=None)


class Manner(Struct, frozen=True):
    """How pages follow what is saved.

    `reload` is hot-reload, full-page or off, `overlay` is default or silent.
    """

    reload: str = "hot-reload"
    overlay: str = "default"


def rendered(faults: Sequence[Fault], files: Iterable[str] = ()) -> None:
    """Note what was found while a page of this request was rendered."""
    met = _met.get()
    if met is not None:
        met.faults.extend(faults)
        met.files |= {*files, *(fault.file for fault in faults)} if files else set()


class Painted:
    """The ASGI application `inner` with pages that repaint themselves; `met` is told the faults of each."""

    def __init__(self, inner: Asgi, hub: Hub, manner: Manner, met: Callable[[Sequence[Fault]], None]) -> None:
        self._inner = inner
        self._told = met
        self._hub = hub
        self._manner = manner
        self._script = resources.files(__package__).joinpath("live.js").read_bytes()
        self._visits: OrderedDict[int, list[Fault]] = OrderedDict()
        self._count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
        elif scope["path"].startswith(OURS):
            await self._ours(scope["path"].removeprefix(OURS))(scope, receive, send)
        else:
            met = Met()
            token = _met.set(met)
            try:
                await self._inner(scope, receive, _Paint(self, met, self._hub.generation, scope, send))
            finally:
                _met.reset(token)
                self._told(met.faults)

    def keep(self, faults: list[Fault]) -> int:
        """Keep the faults of a visit for the script; answers the visit's number."""
        self._count += 1
        self._visits[self._count] = faults
        while len(self._visits) > MOST_KEPT:
            self._visits.popitem(last=False)
        return self._count

    def tag(self, met: Met, generation: int) -> bytes:
        """What a page is given: what was found in it, and the script."""
        told = msgspec.json.encode(met).decode().replace("<", "\\u003c")
        data = {
            "boot": self._hub.boot,
            "generation": str(generation),
            "reload": self._manner.reload,
            "overlay": self._manner.overlay,
        }
        said = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in data.items())
        return (
            f'<script type="application/json" id="till-page">{told}</script>'
            f'<script src="{OURS}live.js" {said}></script>'
        ).encode()

    def _ours(self, path: str) -> Any:
        if path == "live.js":
            return Response(self._script, media_type="text/javascript", headers=NO_STORE)
        if path == "events":
            return StreamingResponse(self._hub.stream(), media_type="text/event-stream", headers=NO_STORE)
        if path.startswith("faults/"):
            number = path.removeprefix("faults/")
            is_number = number.isascii() and number.isdigit() and len(number) < LONGEST_NUMBER
            faults = self._visits.get(int(number), []) if is_number else []
            return Response(msgspec.json.encode(faults), media_type="application/json", headers=NO_STORE)
        return Response("There is no such thing.", 404, NO_STORE)


class _Paint:
    """The `send` of one request: holds an HTML page back until it is whole, and lets all else through."""

    def __init__(self, painted: Painted, met: Met, generation: int, scope: Any, send: Any) -> None:
        self._painted, self._met, self._generation, self._send = painted, met, generation, send
        asked = {name.lower(): value for name, value in scope["headers"]}
        self._is_page = asked.get(b"sec-fetch-dest", b"document") in PAGES
        self._is_part = b"sections=" in scope["query_string"]
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            kind = headers.get(b"content-type", b"")
            # A page of Till's own that is no error needs no repainting, and its policy lets no script in.
            is_own = message["status"] < 500 and b"default-src" in headers.get(
                b"content-security-policy", b""
            )
            if kind.startswith(b"text/html") and self._is_page and not is_own:
                self._start = message
                return
            if self._is_part:
                visit = str(self._painted.keep(list(self._met.faults))).encode()
                message = {**message, "headers": [*message["headers"], (b"x-till-visit", visit)]}
            await self._send(message)
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = bytes(self._body)
        tag = self._painted.tag(self._met, self._generation)
        found = END.search(body)
        at = len(body) if found is None else found.start()
        body = body[:at] + tag + body[at:]
        kept = [
            (name, value.replace(b"default-src 'none'", b"default-src 'self'"))
            for name, value in start["headers"]
            if name.lower() not in (b"content-length", b"etag", b"cache-control")
        ]
        kept += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self._send({**start, "headers": kept})
        await self._send({"type": "http.response.body", "body": body})
