"""The pages beside the API: health, metrics, the OpenAPI document and its reference."""

import asyncio
import json
from functools import lru_cache
from importlib.metadata import version

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from till import reference
from till.db.port import Database, Tx
from till.dialect.openapi import document
from till.errors import Unavailable
from till.web.api import CURRENT, ROOT
from till.web.endpoint import Endpoint
from till.web.metrics import CONTENT_TYPE, Metrics

READY_WITHIN = 2.0


def pages(db: Database, metrics: Metrics, endpoints: tuple[Endpoint, ...]) -> Starlette:
    """The ASGI application of everything that is not under `/api`."""

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
        return json.dumps(document(endpoints, root=ROOT + CURRENT, version=version("till"))).encode()

    async def openapi(_: Request) -> Response:
        return Response(described(), media_type="application/json")

    async def home(_: Request) -> Response:
        return RedirectResponse("/docs")

    return Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", figures),
            Route("/openapi.json", openapi),
            *reference.routes(),
        ]
    )
