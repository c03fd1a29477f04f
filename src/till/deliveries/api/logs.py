"""What an app did and what was done to it lately: its requests, and the attempts to deliver its webhooks."""

import time
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from till.deliveries.api.events import HEARTBEAT, LONGEST_WAIT, RETRY, SCOPES, STREAM
from till.deliveries.envelope import spell_moment
from till.dialect import readers
from till.dialect.out import Out
from till.dialect.readers import Note
from till.dialect.scalars import documented
from till.shop import Fidelity
from till.web.call import Answer
from till.web.endpoint import endpoint, endpoints_of
from till.web.live import Ear, LiveCall
from till.web.recent import Entry, Owner


class LogEntryOut(Out, kw_only=True, frozen=True):
    """A request of the app, or an attempt to deliver a webhook to it."""

    cursor: Annotated[str, Meta(description="Read on after it from here, as long as the server runs.")]
    at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    kind: Annotated[str, Meta(extra_json_schema={"enum": ["request", "attempt"]})]
    method: str
    target: Annotated[str, Meta(description="Of a request its path and query, of an attempt the address.")]
    status: Annotated[int | None, Meta(description="Null where there was no answer.")]
    ms: float
    code: Annotated[str | None, Meta(description="The code of a refusal, or the class of an error.")]
    id: Annotated[str, Meta(description="The request's id, or the delivery's.")]
    topic: str | None
    version: Annotated[str | None, Meta(description="The version of the API that a request asked for.")]
    scope: Annotated[str | None, Meta(description="The granted scope that let a request in.")]


class LogsAnswer(Out, kw_only=True, frozen=True):
    """What happened lately, oldest first.

    It is what the answering process remembers, of each app the last 500 entries: where several processes
    serve, each tells its own share.
    """

    entries: tuple[LogEntryOut, ...]
    cursor: Annotated[str, Meta(description="To be sent as `after` next.")]


class LogsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    after: Annotated[
        str | UnsetType,
        readers.text(64, nullable=False),
        Note(about="Only what came after it; all that is kept where it is of a server that has gone."),
    ] = UNSET
    wait: Annotated[
        int | UnsetType,
        readers.whole(0, LONGEST_WAIT, nullable=False),
        Note(about="Where there is nothing, wait so many seconds for something."),
    ] = UNSET


def example() -> Any:
    entry = LogEntryOut(
        cursor="9f86d081-7",
        at="2026-03-14T15:09:26.000000Z",
        kind="request",
        method="PUT",
        target="/api/202412/orders/300157930096874",
        status=422,
        ms=2.4,
        code="invalid",
        id="8f14e45fceea167a",
        topic=None,
        version="202412",
        scope="write_orders",
    )
    return msgspec.to_builtins(LogsAnswer(entries=(entry,), cursor=entry.cursor))


@endpoint(
    "GET",
    "/app/logs",
    "Watch the app's own requests and deliveries",
    scopes=SCOPES,
    answers=LogsAnswer,
    shows=example,
    live=True,
    noted=False,
    source="additive",
    group="Events",
    streams="Server-sent events without end: the `id` of each is its cursor, `event` its kind, `data` the "
    "entry in one line.",
)
async def watch_app(call: LiveCall, query: LogsQuery) -> Answer:
    after = _number(call, call.last_seen or (None if query.after is UNSET else query.after))
    if call.is_stream:
        call.sit()
        return Answer(b"", STREAM, chunks=_stream(call, after))
    until = time.monotonic() + (0 if query.wait is UNSET else query.wait)
    ear = _ear(call)
    while True:
        ear.look()
        upto, found = _look(call, after)
        left = until - time.monotonic()
        if found or left <= 0 or call.wakes.ending:
            return Answer(_spelled(call, LogsAnswer(entries=tuple(found), cursor=_cursor(call, upto))))
        call.sit()
        await ear.hear(left)


async def _stream(call: LiveCall, after: int) -> AsyncGenerator[bytes, None]:
    yield RETRY
    said, ear = time.monotonic(), _ear(call)
    while not call.wakes.ending:
        await call.again()
        ear.look()
        after, found = _look(call, after)
        if found:
            told = [(each.cursor.encode(), each.kind.encode(), _spelled(call, each)) for each in found]
            yield b"".join(b"id: %b\nevent: %b\ndata: %b\n\n" % each for each in told)
            said = time.monotonic()
        elif time.monotonic() - said >= HEARTBEAT:
            yield b": still here\n\n"
            said = time.monotonic()
        await ear.hear(HEARTBEAT)


def _ear(call: LiveCall) -> Ear:
    return Ear(call.recent.heard.of(_owner(call)))


def _owner(call: LiveCall) -> Owner:
    return call.caller.shop.id, call.caller.client_id


def _look(call: LiveCall, after: int) -> tuple[int, list[LogEntryOut]]:
    """What there is after a number, and the number up to which was looked."""
    found = call.recent.after(after, _owner(call))
    return call.recent.newest, [_shown(call, number, entry) for number, entry in found]


def _shown(call: LiveCall, number: int, entry: Entry) -> LogEntryOut:
    told: dict[str, Any] = msgspec.structs.asdict(entry)
    del told["owner"], told["path"], told["micros"], told["is_logged"]
    told["at"] = spell_moment(entry.at)
    return LogEntryOut(cursor=_cursor(call, number), **told)


def _cursor(call: LiveCall, number: int) -> str:
    return f"{call.recent.mark}-{number}"


def _number(call: LiveCall, cursor: str | None) -> int:
    mark, _, digits = (cursor or "").partition("-")
    is_ours = mark == call.recent.mark and digits.isascii() and digits.isdigit() and len(digits) <= 16
    return int(digits) if is_ours else 0


def _spelled(call: LiveCall, answer: Out) -> bytes:
    typed = msgspec.json.encode(answer)
    if call.fidelity is Fidelity.TYPED:
        return typed
    return msgspec.json.encode(documented(msgspec.json.decode(typed)))


ENDPOINTS = endpoints_of(vars())
