"""Serving the API: one request, one transaction, one shape of refusal. Written once for all endpoints."""

import asyncio
import contextlib
import math
import time
import traceback
from collections.abc import AsyncGenerator, Hashable
from functools import partial
from typing import Any

from till.caller import Caller
from till.db.port import Tx
from till.dialect import refusals
from till.errors import NotFound, Refusal, Throttled, Unauthenticated, Unavailable
from till.shop import Rate
from till.web import kept
from till.web.call import CURRENT, JSON, Answer, Call, Headers, Request, fidelity_of, request_of
from till.web.endpoint import Endpoint, Router
from till.web.large import Load
from till.web.live import Asked, LiveCall, Send, pour, unless_gone
from till.web.noting import UNKNOWN, Progress, note
from till.web.reading import ClientGone, Receive, parse, query, read_body, with_body
from till.web.seats import Seat, TooManyWaiting
from till.web.services import Services
from till.web.texts import digest_of, must_be_texts, parse_texts

Scope = dict[str, Any]

ROOT = "/api/"
VERSIONS = frozenset({"202412", "202410"})
# What a shop without a limit shows: nothing used of the usual bucket.
UNUSED = f"0/{Rate.DEFAULT.size}"


SLOWEST = 300.0  # seconds in which a long answer, which stands on the scales, must have been read


class UnknownVersion(NotFound):
    """The API has no such version."""


class RateLimited(Throttled):
    """The bucket of this app in this shop is empty."""


class DiskFull(Unavailable):
    """What room is left is needed to finish what was begun."""


class Api:
    """The ASGI application of everything under `/api`."""

    def __init__(self, endpoints: tuple[Endpoint, ...], services: Services) -> None:
        self._router = Router(endpoints)
        self._lent = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with Seat(self._lent.seats) as seat, Load(self._lent.scales) as load:
            await self._serve(Progress(request_of(scope), seat, load), receive, send)

    async def _serve(self, progress: Progress, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        try:
            answer = await self._answered(progress, receive)
        except ClientGone:
            return
        headers = _all_headers(progress, answer.headers)
        if answer.chunks is None:
            await _send(send, answer.status, headers, answer.body)
        else:
            took = time.perf_counter() - began
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await self._pour(progress, answer.chunks, receive, send)
            began = time.perf_counter() - took if progress.is_timed else began  # reading it is not ours
        note(self._lent, progress, answer.status, time.perf_counter() - began)

    async def _pour(
        self, progress: Progress, chunks: AsyncGenerator[bytes, None], receive: Receive, send: Send
    ) -> None:
        """Send chunks; what goes wrong under way can only be told to the log, and ends them."""
        try:
            async with asyncio.timeout(SLOWEST if progress.is_timed else None):
                await pour(chunks, receive=receive, send=send, wakes=self._lent.wakes)
        except TimeoutError:
            self._lent.log.line(
                "stream ended", requestId=progress.request.id, reason="It was read too slowly."
            )
        except Refusal as refusal:
            self._lent.log.line("stream ended", requestId=progress.request.id, reason=refusal.message)
        except Exception as error:  # noqa: BLE001 - the head is out, so that no other answer can be given
            self._tell(progress, error)

    async def _answered(self, progress: Progress, receive: Receive) -> Answer:
        """The answer, the refusal, or the admission of a fault of ours."""
        try:
            return await self._handle(progress, receive)
        except Refusal as refusal:
            progress.code = refusal.code
            status, headers, body = refusals.answer(refusal, progress.request.id)
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an answer
            self._tell(progress, error)
            status, headers, body = refusals.failure(progress.request.id)
        return Answer(body, headers, status)

    def _tell(self, progress: Progress, error: Exception) -> None:
        """Write a fault of ours to the log."""
        self._lent.log.now(
            "failure",
            requestId=progress.request.id,
            path=progress.template,
            error=type(error).__name__,
            trace=[line.strip() for line in traceback.format_tb(error.__traceback__)],
        )

    async def _handle(self, progress: Progress, receive: Receive) -> Answer:
        request = progress.request
        try:
            progress.version, path = _versioned(request.path)
            endpoint, params = self._router.find(request.method, path)
        except Refusal as refusal:
            if isinstance(refusal, UnknownVersion):
                progress.version = UNKNOWN
            await self._charge_the_lost(progress)
            raise
        progress.found(endpoint)
        caller = progress.caller = await self._lent.gate.identify(request, whole_app=endpoint.whole_app)
        await self._throttle(progress, caller)
        self._lent.gate.allow(caller, endpoint.scopes)
        progress.admitted(caller, endpoint)
        if endpoint.reads is not None:
            progress.request = request = await with_body(
                request,
                receive,
                longest=endpoint.longest or self._lent.max_body,
                usual=self._lent.max_body,
                patience=self._lent.body_timeout,
                grow=partial(progress.load.grow, caller.shop.id),
            )
        work = self._run(endpoint, request, caller, params, progress)
        try:
            answer = await (unless_gone(work, receive) if endpoint.live else work)
        except TooManyWaiting:
            await self._give_back(progress, caller)
            raise
        if answer.status == 304:
            await self._give_back(progress, caller)
        return answer

    async def _give_back(self, progress: Progress, caller: Caller) -> None:
        """Put back the token of a request that costs nothing."""
        rate = caller.shop.settings.rate
        if rate is not Rate.OFF:
            level = await self._lent.gate.buckets.give_back(caller, rate, self._lent.clock())
            progress.rate = _shown(rate, level)

    async def _charge_the_lost(self, progress: Progress) -> None:
        """A path or a version that is not there costs its caller a token like any other."""
        with contextlib.suppress(Unauthenticated):
            progress.caller = await self._lent.gate.identify(progress.request)
            await self._throttle(progress, progress.caller)

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

    async def _run(
        self, endpoint: Endpoint, request: Request, caller: Caller, params: dict[str, str], progress: Progress
    ) -> Answer:
        lent = self._lent
        given, parsed = await _given(lent, endpoint, request, caller, params)
        fixed: dict[str, Any] = {"caller": caller, "request": request, "mint": lent.mint}
        fixed |= {"pages": lent.pages, "fidelity": fidelity_of(request, caller)}
        fixed["weigh"] = partial(progress.load.grow, caller.shop.id)
        if endpoint.live:

            async def who() -> Caller:
                now = await lent.gate.identify(request, whole_app=endpoint.whole_app)
                lent.gate.allow(now, endpoint.scopes)
                return now

            fixed |= {"db": lent.db, "clock": lent.clock, "wakes": lent.wakes, "sealer": lent.sealer}
            fixed |= {"recent": lent.recent, "sit": partial(progress.seat.take, caller.installation_id)}
            return await endpoint.handler(LiveCall(again=Asked(caller, who), **fixed), **given)
        fixed["at"] = lent.clock()
        key = request.headers.get("idempotency-key") if endpoint.writes else None
        digest = b"" if key is None else await _digest(lent, parsed, request)

        async def work(tx: Tx) -> Answer:
            call = Call(tx=tx, check_address=lent.check_address, delivered_kept=lent.delivered_kept, **fixed)
            if key is None:
                return await endpoint.handler(call, **given)
            target = f"{endpoint.method} {endpoint.path} {','.join(params.values())}"
            return await kept.once(call, (key, target), digest, lambda: endpoint.handler(call, **given))

        if not endpoint.writes:
            if endpoint.settled:
                await lent.tally.settle()
            return await lent.db.read(work, heavy=endpoint.heavy(given.get("query")))
        if lent.is_full():
            raise DiskFull("There is too little room left on the server's disk: try again later.")
        touched = _key(endpoint, caller, params, given.get("body"))
        if touched is None and not params and not endpoint.alone:
            touched = request.id
        answer = await lent.db.write(work, shop_id=caller.shop.id, key=touched)
        lent.wakes.wrote(caller.shop.id)
        return answer


async def _given(
    lent: Services, endpoint: Endpoint, request: Request, caller: Caller, params: dict[str, str]
) -> tuple[dict[str, Any], Any]:
    """What the handler is given beside the call, and the body as it was parsed."""
    given: dict[str, Any] = dict(params)
    parsed = None
    if endpoint.reads is not None:
        parsed = await _parsed(lent, endpoint, request)
        given["body"] = parsed if endpoint.raw else read_body(endpoint, parsed)
    given |= query(endpoint, request)
    if endpoint.before is not None:
        given["ready"] = await endpoint.before(lent, caller, given)
    return given, parsed


async def _parsed(lent: Services, endpoint: Endpoint, request: Request) -> Any:
    """The body as it was parsed; a long one beside the loop, and one at a time."""
    if len(request.body) <= lent.max_body:
        return parse(endpoint, request)
    async with lent.reading:
        await asyncio.to_thread(must_be_texts, request.body, lent.max_body)
        return await asyncio.to_thread(parse, endpoint, request, parse_texts)


async def _digest(lent: Services, parsed: Any, request: Request) -> bytes:
    """What tells a request from another of the same key; of a long one it is made beside the loop."""
    if len(request.body) <= lent.max_body:
        return kept.digest_of(parsed, request.query)
    return await asyncio.to_thread(digest_of, [parsed, request.query])


def _key(endpoint: Endpoint, caller: Caller, params: dict[str, str], body: Any) -> Hashable:
    """What a write touches; nothing where its path does not say it.

    A write that touches nothing that is there may share a commit with any other; one whose order is
    only known once its part was looked up has the shop to itself.
    """
    touched = endpoint.key(caller, body) if endpoint.key else None
    return touched or params.get("orderId")


def _versioned(path: str) -> tuple[str, str]:
    """The version and the path below it; `UnknownVersion` says which there are."""
    version, _, rest = path.removeprefix(ROOT).partition("/")
    if version not in VERSIONS:
        raise UnknownVersion(
            f"There is no API version {version!r}: the current one is {CURRENT}, as in /api/{CURRENT}/orders."
        )
    return version, f"/{rest}"


def _shown(rate: Rate, level: Any) -> str:
    return UNUSED if level is None or rate is Rate.OFF else level.shown(rate.size)


def _all_headers(progress: Progress, headers: Headers) -> list[tuple[bytes, bytes]]:
    found = [] if any(name == "content-type" for name, _ in headers) else [(b"content-type", JSON)]
    found += [
        (b"x-request-id", progress.request.id.encode()),
        (b"x-genstore-api-version", (CURRENT if progress.version == UNKNOWN else progress.version).encode()),
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
