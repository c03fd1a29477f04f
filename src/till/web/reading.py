"""Reads what a request brings: its body in time and within bounds, its JSON, its query."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from till.dialect.body import nearest, parse_json, read, shape_of
from till.errors import Invalid, TooLarge, TooSlow, Unreadable, UnsupportedMediaType
from till.web.call import Request
from till.web.endpoint import Endpoint

Receive = Callable[[], Awaitable[dict[str, Any]]]


class ClientGone(Exception):
    """The client left before its request was whole; nobody waits for an answer."""


# So much longer a body may take to arrive that says that it is longer than others are.
PATIENT = 15


async def with_body(
    request: Request,
    receive: Receive,
    *,
    longest: int,
    usual: int,
    patience: float,
    grow: Callable[[int], None],
) -> Request:
    """The request with its body, of at most `longest` bytes, arrived within `patience` seconds.

    One that is longer than `usual`, and says so, may take longer; as it arrives, `grow` is told its size.
    """
    _must_be_json(request)
    declared = _declared_length(request)
    if declared > longest:
        raise _too_large(longest)
    if declared > usual:
        patience *= PATIENT
    try:
        async with asyncio.timeout(patience):
            return replace(request, body=await _all_of(receive, longest, usual, grow))
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {patience:g} s: send it faster.") from None


async def _all_of(receive: Receive, longest: int, usual: int, grow: Callable[[int], None]) -> bytes:
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > longest:
            raise _too_large(longest)
        if size > usual:
            grow(size)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


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


def parse(endpoint: Endpoint, request: Request, reader: Callable[[bytes], Any] = parse_json) -> Any:
    if request.body.strip():
        return reader(request.body)
    if endpoint.body_required:
        raise Unreadable("The body is empty: send a JSON object.")
    return None


def read_body(endpoint: Endpoint, parsed: Any) -> Any:
    """The body in its shape, whether it stands in its envelope or was left out where it may be."""
    inner, at = {} if parsed is None else parsed, ""
    name = endpoint.envelope
    if name and isinstance(inner, dict) and list(inner) == [name] and isinstance(inner[name], dict):
        inner, at = inner[name], name
    return read(endpoint.reads, inner, at) if endpoint.reads is not None else None


def query(endpoint: Endpoint, request: Request) -> dict[str, Any]:
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
