"""The log of an app's own requests, kept for days and searchable (rulings.md §6.2 for its pages)."""

import re
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from till.clock import EARLIEST, LATEST
from till.deliveries.api.acting import READ, answer
from till.deliveries.envelope import spell_moment
from till.deliveries.log_wire import Moment
from till.deliveries.replay_wire import ends, in_order
from till.dialect import readers
from till.dialect.out import Out
from till.dialect.readers import Note, Reader, Unfit
from till.monitor.lines import Line
from till.monitor.search import STATUS, Wanted, search
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.walk import DEFAULT, MOST, links, tokens_around, walk_of

Unset: TypeAlias = UnsetType
GROUP = "Apps"
METHODS = ("GET", "POST", "PUT", "DELETE")


def _words(pattern: re.Pattern[str], about: str) -> Reader:
    """One or more words of a kind, with commas between."""

    def read(value: Any) -> tuple[str, ...]:
        found = tuple(word.strip(" ") for word in str(value).split(","))
        if not all(pattern.fullmatch(word) for word in found):
            raise Unfit(f"must be {about}, with commas between")
        return found

    one = f" *({pattern.pattern}) *"
    schema = {"type": "string", "pattern": f"^{one}(,{one})*$"}
    return Reader(read, schema | {"description": f"{about}, with commas between."}, nullable=False)


class RequestFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which requests."""

    from_: Annotated[
        int | Unset, readers.time(nullable=False, since=EARLIEST), Note(about="From this moment on.")
    ] = msgspec.field(default=UNSET, name="from")
    to: Annotated[
        int | Unset, readers.time(nullable=False, since=EARLIEST), Note(about="Up to this moment.")
    ] = UNSET
    status: Annotated[
        tuple[str, ...] | Unset,
        _words(STATUS, "a status such as 404, a class such as 5xx, or a least one such as >=400"),
        Note(about="Answered so."),
    ] = UNSET
    method: Annotated[
        tuple[str, ...] | Unset,
        _words(re.compile("|".join(METHODS)), f"one of {', '.join(METHODS)}"),
        Note(about="Of these methods."),
    ] = UNSET
    path: Annotated[
        str | Unset,
        readers.text(300, shortest=1, nullable=False),
        Note(about="Of this endpoint, e.g. /orders/{orderId}; or whose path below the version begins so."),
    ] = UNSET
    code: Annotated[
        str | Unset, readers.text(100, shortest=1, nullable=False), Note(about="Refused with this code.")
    ] = UNSET
    request_id: Annotated[
        str | Unset, readers.text(64, shortest=1, nullable=False), Note(about="The one of this X-Request-Id.")
    ] = UNSET
    scope: Annotated[
        str | Unset, readers.text(100, shortest=1, nullable=False), Note(about="Let in by this scope.")
    ] = UNSET
    min_ms: Annotated[
        int | Unset, readers.whole(0, 10**9, nullable=False), Note(about="That took so many ms at least.")
    ] = UNSET


class RequestListQuery(RequestFilter, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which requests, and how to walk them."""

    limit: Annotated[
        int | Unset,
        readers.whole(1, MOST, nullable=False),
        Note(about=f"How many on a page, {DEFAULT} without it."),
    ] = UNSET
    page_token: Annotated[
        str | Unset,
        readers.text(4_000, shortest=1, nullable=False),
        Note(about="Another page of a walk, from the `Link` header; only limit stands beside it."),
    ] = UNSET


class RequestOut(Out, kw_only=True, frozen=True):
    """A request of the app that was answered."""

    id: Annotated[str, Meta(description="Its X-Request-Id.")]
    at: Moment
    method: str
    path: Annotated[str, Meta(description="The endpoint's path; `unmatched` where there is none such.")]
    target: Annotated[str, Meta(description="What was asked for; what may be personal or secret is masked.")]
    status: int
    ms: float
    code: Annotated[str | None, Meta(description="The code of the refusal.")]
    version: Annotated[str, Meta(description="`unknown` where there is none such.")]
    scope: Annotated[str | None, Meta(description="The granted scope that let it in.")]


class RequestsAnswer(Out, kw_only=True, frozen=True):
    """A page of requests, newest first; the `Link` header leads to the next."""

    requests: tuple[RequestOut, ...]


def example() -> Any:
    shown = RequestOut(
        id="8f14e45fceea167a",
        at="2026-03-14T15:09:26.000000Z",
        method="PUT",
        path="/orders/{orderId}",
        target="/api/202412/orders/300157930096874",
        status=422,
        ms=2.4,
        code="invalid",
        version="202412",
        scope="write_orders",
    )
    return msgspec.to_builtins(RequestsAnswer(requests=(shown,)))


@endpoint(
    "GET",
    "/app/requests",
    "Search the app's own requests",
    scopes=READ,
    answers=RequestsAnswer,
    shows=example,
    heavy=lambda _: True,
    settled=True,
    group=GROUP,
    source="additive",
)
async def list_app_requests(call: Call, query: RequestListQuery) -> Answer:
    walk = walk_of(call, query, RequestFilter, "requests", after=None)
    rows = await search(
        call.tx,
        wanted_of(walk.wanted),
        owner=(call.caller.shop.id, call.caller.client_id),
        key=walk.key,
        backward=walk.backward,
        limit=walk.limit + 1,
    )
    rows, tokens = tokens_around(call, walk, rows, lambda line: line.key)
    shown = RequestsAnswer(requests=tuple(map(show, rows)))
    return msgspec.structs.replace(answer(call, shown), headers=links(call, walk, tokens, ()))


def wanted_of(asked: RequestFilter) -> Wanted:
    """What a query asks for."""
    since, until = in_order(_given(asked.from_), _given(asked.to))
    return Wanted(
        since=EARLIEST if since is None else since,
        until=LATEST if until is None else ends(until),
        statuses=_given(asked.status) or (),
        methods=_given(asked.method) or (),
        path=_given(asked.path),
        code=_given(asked.code),
        id=_given(asked.request_id),
        scope=_given(asked.scope),
        least_ms=_given(asked.min_ms) or 0,
    )


def show(line: Line) -> RequestOut:
    """A request as an answer shows it."""
    told = msgspec.structs.asdict(line)
    return RequestOut(**told | {"at": spell_moment(line.at)})


def _given(value: Any) -> Any:
    return None if value is UNSET else value


ENDPOINTS = endpoints_of(vars())
