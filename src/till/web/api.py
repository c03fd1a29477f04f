"""Serving the API: one request, one transaction, one shape of refusal. Written once for all endpoints."""

import asyncio
import math
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from till.caller import Caller
from till.db.port import Tx
from till.dialect import refusals
from till.dialect.body import nearest, parse_json, read, shape_of
from till.errors import (
    Invalid,
    NotFound,
    Refusal,
    Throttled,
    TooLarge,
    TooSlow,
    Unreadable,
    UnsupportedMediaType,
)
from till.shop import Rate
from till.web import kept
from till.web.call import Answer, Call, Headers, Request, fidelity_of, request_of
from till.web.endpoint import Endpoint, Router
from till.web.services import Services

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

ROOT = "/api/"
CURRENT = "202412"
VERSIONS = frozenset({"202412", "202410"})
JSON = b"application/json; charset=utf-8"
# What a shop without a limit shows: nothing used of the usual bucket.
UNUSED = f"0/{Rate.DEFAULT.size}"


class UnknownVersion(NotFound):
    """The API has no such version."""


class RateLimited(Throttled):
    """The bucket of this app in this shop is empty."""


class ClientGone(Exception):
    """The client left before its request was whole; nobody waits for an answer."""


class Progress(Struct):
    """What is known of a request by the time it is answered, for headers, log and metrics."""

    request: Request
    template: str = "unmatched"
    version: str = CURRENT
    caller: Caller | None = None
    rate: str | None = None


class Api:
    """The ASGI application of everything under `/api`."""

    def __init__(self, endpoints: tuple[Endpoint, ...], services: Services) -> None:
        self._router = Router(endpoints)
        self._lent = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        progress = Progress(request_of(scope))
        try:
            status, headers, body = await self._answered(progress, receive)
        except ClientGone:
            return
        await _send(send, status, _all_headers(progress, headers), body)
        self._note(progress, status, time.perf_counter() - began)

    async def _answered(self, progress: Progress, receive: Receive) -> tuple[int, Headers, bytes]:
        """The answer, the refusal, or the admission of a fault of ours."""
        try:
            answer = await self._handle(progress, receive)
        except Refusal as refusal:
            return refusals.answer(refusal, progress.request.id)
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an answer
            self._lent.log.now(
                "failure",
                requestId=progress.request.id,
                path=progress.template,
                error=type(error).__name__,
                trace=[line.strip() for line in traceback.format_tb(error.__traceback__)],
            )
            return refusals.failure(progress.request.id)
        return answer.status, answer.headers, answer.body

    async def _handle(self, progress: Progress, receive: Receive) -> Answer:
        request = progress.request
        progress.version, path = _versioned(request.path)
        endpoint, params = self._router.find(request.method, path)
        progress.template = endpoint.path
        caller = progress.caller = await self._lent.gate.identify(request)
        await self._throttle(progress, caller)
        self._lent.gate.allow(caller, endpoint.scopes)
        if endpoint.reads is not None:
            progress.request = request = await self._with_body(request, receive)
        answer = await self._run(endpoint, request, caller, params)
        if answer.status == 304:
            level = await self._lent.gate.buckets.give_back(
                caller, caller.shop.settings.rate, self._lent.clock()
            )
            progress.rate = _shown(caller.shop.settings.rate, level)
        return answer

    async def _throttle(self, progress: Progress, caller: Caller) -> None:
        """Take a token; an empty bucket refuses, and that costs nothing (rulings.md §6.5)."""
        rate, at = caller.shop.settings.rate, self._lent.clock()
        if rate is Rate.OFF:
            progress.rate = _shown(rate, None)
            return
        level = await self._lent.gate.buckets.take(caller, rate, at)
        if level is not None:
            progress.rate = level.shown(rate.size)
            return
        full = await self._lent.gate.buckets.look(caller, rate, at)
        progress.rate = f"{rate.size}/{rate.size}"
        wait = full.wait(size=rate.size, refill=rate.refill, at=at)
        raise RateLimited(
            f"Over the limit of {rate.size} requests, refilled at {rate.refill} a second: "
            f"repeat in {math.ceil(wait)} s.",
            retry_after=wait,
        )

    async def _with_body(self, request: Request, receive: Receive) -> Request:
        _must_be_json(request)
        limit = self._lent.max_body
        if _declared_length(request) > limit:
            raise _too_large(limit)
        chunks, size, more = [], 0, True
        try:
            async with asyncio.timeout(self._lent.body_timeout):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise _too_large(limit)
                    chunks.append(chunk)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise TooSlow(
                f"The body did not arrive within {self._lent.body_timeout:g} s: send it faster."
            ) from None
        return replace(request, body=b"".join(chunks))

    async def _run(
        self, endpoint: Endpoint, request: Request, caller: Caller, params: dict[str, str]
    ) -> Answer:
        given: dict[str, Any] = dict(params)
        parsed = None
        if endpoint.reads is not None:
            parsed = _parse(endpoint, request)
            given["body"] = parsed if endpoint.raw else read(endpoint.reads, parsed, "")
        given |= _query(endpoint, request)
        lent = self._lent
        fixed: dict[str, Any] = {"caller": caller, "request": request, "at": lent.clock()}
        fixed["fidelity"] = fidelity_of(request, caller)

        async def work(tx: Tx) -> Answer:
            call = Call(tx=tx, mint=lent.mint, pages=lent.pages, **fixed)
            key = request.headers.get("idempotency-key") if endpoint.writes else None
            if key is None:
                return await endpoint.handler(call, **given)
            return await kept.once(call, key, parsed, lambda: endpoint.handler(call, **given))

        if not endpoint.writes:
            return await lent.db.read(work, heavy=endpoint.heavy(given.get("query")))
        touched = endpoint.key(caller, given["body"]) if endpoint.key else None
        # What touches nothing that is there has a key of its own: it may share a commit with any other.
        key = touched or tuple(params.values()) or request.id
        return await lent.db.write(work, shop_id=caller.shop.id, key=key)

    def _note(self, progress: Progress, status: int, seconds: float) -> None:
        request, caller = progress.request, progress.caller
        self._lent.metrics.request(request.method, progress.template, status, seconds)
        self._lent.log.line(
            "request",
            requestId=request.id,
            method=request.method,
            path=progress.template,
            status=status,
            ms=round(seconds * 1_000, 2),
            shop=None if caller is None else caller.shop.handle,
            clientId=None if caller is None else caller.client_id,
        )


def _versioned(path: str) -> tuple[str, str]:
    """The version and the path below it; `UnknownVersion` says which there are."""
    version, _, rest = path.removeprefix(ROOT).partition("/")
    if version not in VERSIONS:
        raise UnknownVersion(
            f"There is no API version {version!r}: the current one is {CURRENT}, as in /api/{CURRENT}/orders."
        )
    return version, f"/{rest}"


def _must_be_json(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"Content-Encoding {encoding} is not taken: send the body as it is.")
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if kind.strip() not in ("", "application/json") or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType(
            f"Content-Type {request.headers['content-type']} is not taken: send application/json in UTF-8."
        )


def _declared_length(request: Request) -> int:
    said = request.headers.get("content-length", "0")
    if not (said.isascii() and said.isdigit() and len(said) <= 20):
        raise Unreadable("Content-Length is not the length of a body: give its bytes in decimal digits.")
    return int(said)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is longer than {limit:,} bytes: split the request.")


def _parse(endpoint: Endpoint, request: Request) -> Any:
    if request.body.strip():
        return parse_json(request.body)
    if endpoint.body_required:
        raise Unreadable("The body is empty: send a JSON object.")
    return None


def _query(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """The query, read; every fault in it is a 400 (rulings.md §3)."""
    given = request.parameters() if request.query else {}
    if endpoint.query is None:
        if given:
            _no_such_parameter(next(iter(given)), [])
        return {}
    known = list(shape_of(endpoint.query).fields)
    for name in given:
        if name not in known:
            _no_such_parameter(name, known)
    try:
        return {"query": read(endpoint.query, given, "")}
    except Invalid as refusal:
        raise Unreadable(refusal.message, fields=refusal.fields) from None


def _no_such_parameter(name: str, known: list[str]) -> None:
    raise Unreadable(
        f"There is no query parameter {name!r} here{nearest(name, known)}.",
        fields={name: [f"is not a known parameter{nearest(name, known)}"]},
    )


def _shown(rate: Rate, level: Any) -> str:
    return UNUSED if level is None or rate is Rate.OFF else level.shown(rate.size)


def _all_headers(progress: Progress, headers: Headers) -> list[tuple[bytes, bytes]]:
    found = [
        (b"content-type", JSON),
        (b"x-request-id", progress.request.id.encode()),
        (b"x-genstore-api-version", progress.version.encode()),
        (b"vary", b"X-Genstore-Fidelity"),
        (b"cache-control", b"private, no-cache"),
    ]
    if progress.rate is not None:
        found.append((b"x-genstore-shop-api-rate-limit", progress.rate.encode()))
    found += [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
    return found


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
