"""What every page for people has in common: templates, headers, and what a refusal looks like."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from till import clock
from till.dialect import refusals
from till.errors import MethodNotAllowed, Refusal, Throttled, Unavailable

# What the shell shows where a page does not say otherwise: nobody signed in, no shop, no tab of the shop's.
USUAL: Mapping[str, Any] = {"visitor": None, "shop": None, "tab": None}
TITLES = {
    400: "This cannot be understood",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done here",
    408: "This took too long",
    413: "This is too long",
    415: "This cannot be read",
    422: "This cannot be done",
    429: "Please wait",
    500: "The server failed",
    503: "Please try again",
}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates; all that is put into them is escaped, and nothing may be missing."""
    found = Environment(
        loader=PackageLoader("till.admin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["release"] = version("till")
    found.filters["moment"] = moment
    found.filters["iso"] = clock.iso
    return found


def moment(micros: int, zone: str) -> str:
    """A time as people write it, e.g. `5 March 2026, 14:07`."""
    at: datetime = clock.moment(micros, ZoneInfo(zone))
    return f"{at.day} {at:%B %Y, %H:%M}"


def page(
    request: Request,
    name: str,
    status: int = 200,
    *,
    frames: Iterable[str] = (),
    script: bool = False,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page that the template `name` makes of `values`; `visitor`, `shop` and `tab` are for the shell.

    `frames` are the origins that it may show inside; only such a page, or one that says so, has a `script`.
    """
    text = environment().get_template(name).render({**USUAL, **values, "request": request})
    return HTMLResponse(text, status, headers={**safe(frames, script=script), **(headers or {})})


def leave(request: Request, url: str) -> Response:
    """The answer to a form that leads elsewhere: a page that goes on to `url`, a path or an app's URL.

    Browsers hold a form's redirects, and theirs in turn, to `form-action` of the page that has it; nobody
    can name there where an app will send people on to. This page begins a journey of its own.
    """
    place = urlsplit(url).netloc
    return page(request, "leaving.html", headers={"Referrer-Policy": "no-referrer"}, url=url, place=place)


def safe(frames: Iterable[str] = (), *, script: bool = False) -> dict[str, str]:
    """The headers that keep a page, and what its forms send, to this origin."""
    shown = sorted(frames)
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    if shown:
        policy.append(f"frame-src {' '.join(shown)}")
    if shown or script:
        policy += ["script-src 'self'", "connect-src 'self'"]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Not `no-referrer`: with it browsers send `Origin: null` with forms.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def refused(request: Request, refusal: Refusal, **values: Any) -> Response:
    """A small page with the one sentence of a refusal."""
    status = refusals.status_of(refusal)
    return page(
        request,
        "refused.html",
        status,
        headers=headers_of(refusal),
        **{"title": TITLES.get(status, TITLES[422]), "sentence": refusal.message, "hint": None} | values,
    )


def failed(request: Request, request_id: str) -> Response:
    """A small page for a fault of ours."""
    sentence = f"Nothing was changed. The server's log has the reason under {request_id}."
    return page(request, "refused.html", 500, title=TITLES[500], sentence=sentence, hint=None)


def headers_of(refusal: Refusal) -> dict[str, str]:
    """What a refusal says in the head of its page."""
    if isinstance(refusal, MethodNotAllowed):
        return {"Allow": ", ".join(refusal.allowed)}
    if isinstance(refusal, Throttled | Unavailable):
        return {"Retry-After": str(refusal.retry_after)}
    return {}
