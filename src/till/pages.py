"""The pages beside the API: health, metrics, the OpenAPI document and its reference."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from till import reference
from till.db.port import Database, Tx
from till.dialect import refusals
from till.dialect.openapi import document
from till.errors import MethodNotAllowed, Refusal, Unavailable
from till.log import Log
from till.oauth.described import BESIDE
from till.web.api import ROOT
from till.web.call import CURRENT
from till.web.endpoint import Endpoint, UnknownPath
from till.web.metrics import CONTENT_TYPE, TEMPLATE, Metrics

READY_WITHIN = 2.0


def pages(
    db: Database,
    metrics: Metrics,
    endpoints: tuple[Endpoint, ...],
    log: Log,
    *,
    more: Sequence[Route] = (),
) -> "Noted":
    """The ASGI application of everything that is not under `/api`; `more` are routes beside its own."""

    async def ask(tx: Tx) -> None:
        await tx.fetch("SELECT 1")

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        try:
            async with asyncio.timeout(READY_WITHIN):
                await db.read(ask)
        except (Unavailable, TimeoutError):
            answer = {"status": "unavailable", "store": db.dialect}
            return JSONResponse(answer, 503, headers={"Retry-After": "1"})
        return JSONResponse({"status": "ok", "store": db.dialect})

    async def figures(_: Request) -> Response:
        return PlainTextResponse(metrics.exposition(), media_type=CONTENT_TYPE)

    @lru_cache(maxsize=1)
    def described() -> bytes:
        return json.dumps(_document(endpoints)).encode()

    async def openapi(_: Request) -> Response:
        return Response(described(), media_type="application/json")

    async def home(_: Request) -> Response:
        return RedirectResponse("/docs")

    site = Starlette(
        exception_handlers={404: lost, 405: lost, Refusal: refused},
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", figures),
            Route("/openapi.json", openapi),
            *reference.routes(),
            *more,
        ],
    )
    return Noted(site, log, metrics)


def _document(endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    return document(endpoints, root=ROOT + CURRENT, version=version("till"), beside=BESIDE)


async def lost(request: Request, error: Exception) -> Response:
    """What is not there is refused in the one shape of error, here as under `/api`."""
    refusal: Refusal = UnknownPath("There is nothing here: the API is under /api/202412, its pages at /docs.")
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = sorted({*(error.headers or {}).get("Allow", "GET").split(", ")} - {"HEAD"})
        refusal = MethodNotAllowed(
            f"This page does not take {request.method}: use {' or '.join(allowed)}.", allowed=allowed
        )
    return await refused(request, refusal)


async def refused(_: Request, refusal: Exception) -> Response:
    """The one shape of error."""
    if not isinstance(refusal, Refusal):
        raise refusal
    request_id = os.urandom(8).hex()
    status, headers, body = refusals.answer(refusal, request_id)
    shown = dict(headers) | {"X-Request-Id": request_id, "X-Genstore-Api-Version": CURRENT}
    return Response(body, status, media_type="application/json", headers=shown)


class Noted:
    """Notes each answer in log and metrics, as the API does with its own."""

    def __init__(self, site: ASGIApp, log: Log, metrics: Metrics) -> None:
        self._site, self._log, self._metrics = site, log, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self._site(scope, receive, noting)
        # A path that is not there may hold anything; those that are hold nothing of anybody.
        path = scope.get(TEMPLATE) or ("unmatched" if status in (404, 405) else scope["path"])
        passed = time.perf_counter() - began
        self._metrics.request(scope["method"], path, status, passed)
        self._log.line(
            "request", method=scope["method"], path=path, status=status, ms=round(passed * 1_000, 2)
        )
