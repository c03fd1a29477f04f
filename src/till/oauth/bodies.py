"""Reads what is POSTed to the pages of OAuth: in time and within bounds."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from till.errors import TooLarge, TooSlow, UnsupportedMediaType
from till.oauth.authorize import pairs_of
from till.oauth.refused import InvalidRequest
from till.oauth.wire import FORM

LONGEST = 64 * 1024


async def body_of(request: Request, *, patience: float) -> bytes:
    """The bytes, at most 64 KiB, arrived within `patience` seconds."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Content-Encoding is not taken: send the body as it is.")
    raw = b""
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > LONGEST:
                    raise TooLarge(f"The body is longer than {LONGEST:,} bytes.")
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {patience:g} s: send it faster.") from None
    except ClientDisconnect:
        raise InvalidRequest("The body did not arrive whole.") from None
    return raw


async def form_of(request: Request, *, patience: float) -> list[tuple[str, str]]:
    """The names and values of a form, in their order."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise UnsupportedMediaType(f"The body is not {FORM}: send the form as the page has it.")
    raw = await body_of(request, patience=patience)
    try:
        return pairs_of(raw.decode("ascii"))
    except UnicodeDecodeError:
        raise InvalidRequest("The form is not percent-encoded: encode what is not ASCII.") from None
