"""The reference page at `/docs` and its files, all of which lie in this package: nobody else is asked."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# A folder that is named by a version never changes; what is ours may, and is asked for again.
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
PAGE = "reference.html"
# Loosened in one place for Swagger UI: its style sheet holds its icons as data: images.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    body: bytes
    kind: str
    tag: str
    keep: str


@lru_cache(maxsize=1)
def files() -> dict[str, File]:
    """Every file that may be asked for, by its path below `/static/`."""
    found: dict[str, File] = {}
    _gather(resources.files("till") / "static", "", found)
    return found


def _gather(folder: Traversable, path: str, found: dict[str, File]) -> None:
    for each in folder.iterdir():
        if each.is_dir():
            _gather(each, f"{path}{each.name}/", found)
            continue
        kind = TYPES.get(each.name.rpartition(".")[2])
        if kind is not None:
            body = each.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            found[path + each.name] = File(body, kind, tag, FOR_GOOD if path else ASK_AGAIN)


def routes() -> list[Route]:
    """Where the page and its files are found."""

    async def page(request: Request) -> Response:
        return _sent(request, files()[PAGE])

    async def static(request: Request) -> Response:
        file = files().get(request.path_params["path"])
        if file is None:
            raise HTTPException(404)
        return _sent(request, file)

    return [Route("/docs", page), Route("/static/{path:path}", static)]


def _sent(request: Request, file: File) -> Response:
    headers = {"ETag": file.tag, "Cache-Control": file.keep, **SAFE}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers | {"Content-Type": file.kind})
