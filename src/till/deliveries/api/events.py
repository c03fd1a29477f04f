"""The pull side: the events of a shop by pages, waited for, or as a stream. Additive (rulings.md §7.4)."""

import time
import uuid
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from msgspec import UNSET, Struct, UnsetType, structs

from till.caller import Caller
from till.db.port import Tx
from till.deliveries.catalog import KINDS, heard_with
from till.deliveries.event_wire import (
    DOMAIN,
    EventAnswer,
    EventsAnswer,
    Reading,
    event_example,
    events_example,
)
from till.deliveries.feed import Event, Feed, Page, seen_since
from till.deliveries.keyring import secrets_of
from till.dialect import lists, readers
from till.dialect.body import nearest
from till.dialect.readers import Note, Reader, Unfit
from till.errors import Forbidden, NotFound, Unreadable
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.live import Ear, LiveCall

DEFAULT, MOST, LONGEST_WAIT = 50, 250, 60
HEARTBEAT = 15.0
STREAM = (("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no"))
RETRY = b"retry: 2000\n\n"
# A stream is read in pages of so many events.
STREAMED = 20
LATEST = "latest"
SCOPES = frozenset[str]().union(*(each.scopes for each in KINDS.values()))


class EventNotFound(NotFound):
    """The shop has no such event, or none that the caller may hear."""


class TopicNotAllowed(Forbidden):
    """The installation holds none of the scopes of the topic."""


class UnknownCursor(Unreadable):
    """The cursor is none, or of an event that has not happened."""


def _topics() -> Reader:
    """A list of topics, of which each is known."""

    def read(value: Any) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(word.strip(" ") for word in str(value).split(",")))
        for word in found:
            if word not in KINDS:
                near = nearest(word[:64], list(KINDS))
                raise Unfit(f"has {word[:64]!r}, which is no topic{near}")
        return found

    return Reader(read, lists.word_list(KINDS).schema, nullable=False)


def _cursor() -> Reader:
    def read(value: Any) -> int | None:
        return None if value == LATEST else _number(str(value))

    schema = {"type": "string", "pattern": f"^([0-9]{{1,16}}|{LATEST})$"}
    return Reader(read, schema, nullable=False)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise Unfit(f"must be the cursor of an event, such as 12, or {LATEST}")
    return int(text)


class EventsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which events, from where on, and how long to wait for them."""

    after: Annotated[
        int | UnsetType | None,
        _cursor(),
        Note(about="Only what happened after the event with this cursor; `latest` means from now on."),
    ] = UNSET
    topic: Annotated[
        tuple[str, ...] | UnsetType,
        _topics(),
        Note(about="Only these; without it, all that the installation may hear."),
    ] = UNSET
    limit: Annotated[
        int | UnsetType,
        readers.whole(1, MOST, nullable=False),
        Note(about=f"At most so many events, {DEFAULT} without it; fewer where they come to about 1 MiB."),
    ] = UNSET
    wait: Annotated[
        int | UnsetType,
        readers.whole(0, LONGEST_WAIT, nullable=False),
        Note(
            about="Where there is nothing, wait so many seconds for something. At most 10 calls of an "
            "installation wait or are streamed at a time, others are answered 429."
        ),
    ] = UNSET
    resource_id: Annotated[
        int | UnsetType,
        readers.whole(0, 2**53, nullable=False),
        Note(about="Only what happened to this order."),
    ] = UNSET
    sign: Annotated[
        bool | UnsetType,
        readers.flag(nullable=False),
        Note(about="Also show `body` and `headers`, as a webhook would carry them."),
    ] = UNSET


class Wanted(Struct, frozen=True, kw_only=True):
    """What one reader wants to hear; without `topics`, all that it may."""

    topics: tuple[str, ...] | None
    resource_id: int | None
    limit: int
    sign: bool

    def allowed(self, caller: Caller) -> tuple[str, ...]:
        """The topics to look for; `TopicNotAllowed` names the first that the caller may not hear."""
        if self.topics is None:
            return heard_with(caller.scopes)
        for topic in self.topics:
            scopes = KINDS[topic].scopes
            if caller.scopes.isdisjoint(scopes):
                raise TopicNotAllowed(
                    f"{topic} needs the scope {' or '.join(sorted(scopes))}, which the installation was not "
                    "granted.",
                    fields={"topic": [f"{topic} needs {min(scopes)}"]},
                )
        return self.topics


@endpoint(
    "GET",
    "/events",
    "Read the events of the shop",
    scopes=SCOPES,
    answers=EventsAnswer,
    shows=events_example,
    live=True,
    source="additive",
    group="Events",
    streams="Server-sent events without end: the `id` of each is its cursor, `event` its topic, `data` the "
    "event in one line. A comment comes each 15 s, so that a connection that died is noticed.",
)
async def list_events(call: LiveCall, query: EventsQuery) -> Answer:
    wanted = Wanted(
        topics=None if query.topic is UNSET else query.topic,
        resource_id=None if query.resource_id is UNSET else query.resource_id,
        limit=DEFAULT if query.limit is UNSET else query.limit,
        sign=query.sign is True,
    )
    wanted.allowed(call.caller)
    seen = _last_seen(call)
    after = await _begin(call, query.after if seen is None else seen)
    whose = (
        ("x-genstore-shop-domain", f"{call.caller.shop.handle}.{DOMAIN}"),
        ("x-till-installation", str(call.caller.installation_id)),
    )
    if call.is_stream:
        call.sit()
        return Answer(b"", (*STREAM, *whose), chunks=_stream(call, wanted, after))
    until = time.monotonic() + (0 if query.wait is UNSET else query.wait)
    ear = _ear(call)
    while True:
        ear.look()
        page, reading = await _look(call, call.caller, wanted, after)
        left = until - time.monotonic()
        if page.events or page.more or left <= 0 or call.wakes.ending:
            return Answer(await reading.page(page), whose)
        call.sit()
        await ear.hear(left)


@endpoint(
    "GET",
    "/events/{eventId}",
    "Get an event",
    scopes=SCOPES,
    answers=EventAnswer,
    shows=event_example,
    heavy=lambda _: True,
    source="additive",
    group="Events",
)
async def get_event(call: Call, eventId: str) -> Answer:  # noqa: N803 - the path's own name
    event = await _find(_feed(call.tx, call.caller, call.at), eventId)
    if event is None or event.topic not in heard_with(call.caller.scopes):
        raise EventNotFound(
            f"There is no event {eventId[:64]!r} in this shop: name it by its cursor or by its id."
        )
    return Answer(Reading(caller=call.caller, fidelity=call.fidelity, api_version=_version(call)).one(event))


async def _find(feed: Feed, named: str) -> Event | None:
    if named.isascii() and named.isdigit() and len(named) <= 16:
        return await feed.one(int(named))
    try:
        number = await feed.number_of(uuid.UUID(named).bytes)
    except ValueError:
        return None
    return None if number is None else await feed.one(number)


def _last_seen(call: LiveCall) -> int | None:
    """Where a stream is taken up again that broke."""
    said = call.last_seen
    if said is None:
        return None
    try:
        return _number(said)
    except Unfit as unfit:
        raise UnknownCursor(f"Last-Event-ID {unfit}.", fields={"Last-Event-ID": [str(unfit)]}) from None


async def _begin(call: LiveCall, after: int | UnsetType | None) -> int:
    """The number to begin after; with one of the future, all would be missed until then."""
    if after is UNSET:
        return 0

    async def look(tx: Tx) -> int:
        return await _feed(tx, call.caller, call.at).newest()

    newest = await call.db.read(look)
    if after is None:
        return newest
    if after > newest:
        raise UnknownCursor(
            f"There is no event {after} yet, the newest is {newest}: the cursor is of another shop, or of a "
            "store that was set back. Begin anew.",
            fields={"after": [f"is after the newest event, {newest}"]},
        )
    return after


async def _look(call: LiveCall, caller: Caller, wanted: Wanted, after: int) -> tuple[Page, Reading]:
    topics, at = wanted.allowed(caller), call.at

    async def work(tx: Tx) -> tuple[Page, Reading]:
        feed = _feed(tx, caller, at)
        page = await feed.page(after, topics, limit=wanted.limit, resource_id=wanted.resource_id)
        secrets = None
        if wanted.sign:
            secrets = await secrets_of(tx, caller.client_id, sealer=call.sealer, at=at)
        reading = Reading(
            caller=caller, fidelity=call.fidelity, api_version=_version(call), at=at, secrets=secrets
        )
        return page, reading

    return await call.db.read(work)


def _version(call: Call | LiveCall) -> str:
    """The version of the API that was asked for."""
    return call.request.path.removeprefix("/api/").partition("/")[0]


async def _stream(call: LiveCall, wanted: Wanted, after: int) -> AsyncGenerator[bytes, None]:
    """Every event after `after` as it comes, for as long as the caller may hear it."""
    wanted = structs.replace(wanted, limit=min(wanted.limit, STREAMED))
    yield RETRY
    said, ear = time.monotonic(), _ear(call)
    while not call.wakes.ending:
        caller = await call.again()
        ear.look()
        page, reading = await _look(call, caller, wanted, after)
        async for chunk in reading.chunks(page, after=after):
            yield chunk
            said = time.monotonic()
        after = page.upto
        if time.monotonic() - said >= HEARTBEAT:
            yield b": still here\n\n"
            said = time.monotonic()
        if not page.more:
            await ear.hear(HEARTBEAT)


def _ear(call: LiveCall) -> Ear:
    return Ear(call.wakes.shops.of(call.caller.shop.id))


def _feed(tx: Tx, caller: Caller, at: int) -> Feed:
    since = seen_since(all_orders=caller.all_orders, at=at)
    return Feed(tx, caller.shop.id, caller.installation_id, since=since)


ENDPOINTS = endpoints_of(vars())
