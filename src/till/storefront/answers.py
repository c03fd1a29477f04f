"""The answers of a storefront: theme pages in a sandbox, our own pages under a policy, files, JSON."""

import html
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from till.dialect import refusals
from till.errors import Refusal, Throttled, Unavailable

# Theme code is foreign: it may run, but not leave its page, and not be more than a page.
SANDBOX = "sandbox allow-scripts allow-forms allow-same-origin allow-popups allow-modals"
OWN = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
DESIGN_SCRIPT = "/-/design.js"
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
FOREVER = "public, max-age=31536000, immutable"
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
}


def themed(body: str, status: int, kind: str) -> Response:
    """A page, or a part of one, that a theme made."""
    headers = {**SAFE, "Content-Security-Policy": SANDBOX, "Cache-Control": "private, no-store"}
    return Response(body, status, headers=headers, media_type=kind)


def own(name: str, status: int = 200, **values: Any) -> Response:
    """A page of ours, of the template `name`."""
    text = _environment().get_template(name).render(values)
    headers = {**SAFE, "Content-Security-Policy": OWN, "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers=headers)


def told(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON for scripts of the theme."""
    shown = {**SAFE, "Cache-Control": "private, no-store", **(headers or {})}
    return Response(msgspec.json.encode(value), status, headers=shown, media_type="application/json")


def file(name: str, body: bytes, cache: str) -> Response:
    """A file by its name's ending; what is no known kind is only good to be saved."""
    kind = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    # An SVG that is opened by itself is a page, too.
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    headers = {**SAFE, **policy, "Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    return Response(body, headers=headers, media_type=kind)


def elsewhere(url: str) -> Response:
    """Go on to another page of this storefront, by GET."""
    return RedirectResponse(url, 303, headers={**SAFE, "Cache-Control": "no-store"})


def refused(refusal: Refusal, *, is_script: bool = False) -> Response:
    """The one sentence of a refusal: on a small page, or as JSON for a script of the theme."""
    status = refusals.status_of(refusal)
    found = failed(status, TITLES.get(status, "This cannot be done"), refusal.message, is_script=is_script)
    if isinstance(refusal, Throttled | Unavailable):
        found.headers["Retry-After"] = str(refusal.retry_after)
    return found


def failed(status: int, title: str, sentence: str, *, is_script: bool) -> Response:
    """What went wrong, as whoever asked can read it: scripts of themes take every answer for JSON."""
    if is_script:
        return told({"status": status, "message": title, "description": sentence}, status)
    return own("message.html", status, title=title, sentence=sentence)


TITLES = {
    400: "This cannot be read",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done here",
    413: "This is too long",
    415: "This cannot be read",
    429: "Please wait",
    503: "Please try again",
}


def inside(path: str, usual: str) -> str:
    """A path on this storefront to go on to, or the `usual` one: never another host."""
    fine = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if fine and path.isascii() else usual


def framed(body: str, editor: str, **told: object) -> str:
    """A page for the frame of an editor at the origin `editor`, with the script that listens to it alone.

    `told` is what the script says of the page once it is there.
    """
    data = {"editor": editor, **told}
    attributes = " ".join(f'data-{name}="{html.escape(str(value))}"' for name, value in data.items())
    script = f'<script src="{DESIGN_SCRIPT}" {attributes}></script>'
    head, end, tail = body.rpartition("</body>")
    return head + script + end + tail if end else body + script


def fault(sentence: str, place: str, editor: str = "", **told: object) -> Response:
    """The page that stands in for one that was stopped; an `editor` may show it in its frame."""
    if not editor:
        return own("fault.html", 500, sentence=sentence, place=place)
    text = _environment().get_template("fault.html").render(sentence=sentence, place=place)
    policy = OWN.replace("frame-ancestors 'none'", f"frame-ancestors {editor}") + "; script-src 'self'"
    headers = {**SAFE, "Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(framed(text, editor, **told, failed="true"), 500, headers=headers)


@lru_cache(maxsize=4)
def shipped(name: str) -> bytes:
    """A file of our own pages."""
    return (Path(__file__).parent / "pages" / name).read_bytes()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("till.storefront", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
