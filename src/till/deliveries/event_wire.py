"""An event as the feed shows it: what a webhook would tell, with its place among the shop's events."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from till.caller import Caller
from till.clock import EPOCH, micros
from till.deliveries.catalog import KINDS
from till.deliveries.envelope import Envelope, headers, spell_id, spell_moment
from till.deliveries.feed import Event, Page
from till.deliveries.signature import Secrets
from till.dialect.out import Out
from till.dialect.scalars import documented
from till.shop import Fidelity
from till.webhooks.forms import Form, shown

DOMAIN = "genmystore.com"
# So many bytes take as long to be shown as some requests to be answered.
LARGE = 16 * 1024
CHUNK = 64 * 1024

ANYTHING = {"type": ["array", "boolean", "null", "number", "object", "string"]}
Payload = Annotated[
    Any,
    Meta(
        description="What a webhook of the event holds: the thing as it was then, in its envelope.",
        extra_json_schema={
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": ANYTHING},
        },
    ),
]
Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]


class FeedEventOut(Out, kw_only=True, frozen=True):
    """One event."""

    cursor: Annotated[str, Meta(pattern="^[0-9]{1,16}$", description="Read on after it from here.")]
    id: Annotated[Uuid, Meta(description="Names this event alone.")]
    event_id: Annotated[Uuid, Meta(description="Shared by all events of one change: X-Genstore-Event-Id.")]
    topic: str
    resource_id: str
    resource_version: int
    occurred_at: Annotated[
        str,
        Meta(extra_json_schema={"format": "date-time"}, examples=["2026-03-14T15:09:26.000000Z"]),
    ]
    payload: Payload
    body: Annotated[
        str | UnsetType,
        Meta(description="With `sign`: the exact text of the webhook's body, which its signatures are of."),
    ] = UNSET
    headers: Annotated[
        dict[str, str] | UnsetType,
        Meta(description="With `sign`: the headers of a webhook with this body, signed at this moment."),
    ] = UNSET


class EventsAnswer(Out, kw_only=True, frozen=True):
    """Events in the order of their commits."""

    events: tuple[FeedEventOut, ...]
    cursor: Annotated[
        str,
        Meta(
            pattern="^[0-9]{1,16}$",
            description="To be sent as `after` next. It stands at the last event that was looked at, even "
            "where that was none of those that were asked for.",
        ),
    ]
    more: Annotated[bool, Meta(description="There are further numbers to be looked at.")]


class _Rest(Out, kw_only=True, frozen=True):
    """What an `EventsAnswer` has beside its events."""

    cursor: str
    more: bool


class EventAnswer(Out, kw_only=True, frozen=True):
    """One event."""

    event: FeedEventOut


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads, and how: with `secrets`, each event is signed as a webhook of the moment `at`."""

    caller: Caller
    fidelity: Fidelity
    api_version: str
    at: int = 0
    secrets: Secrets | None = None

    def event(self, event: Event) -> FeedEventOut:
        """The event in the form of its reader."""
        form = Form(fidelity=self.fidelity, hidden=self.caller.hidden)
        payload = shown(event.payload, form, KINDS[event.topic].render)
        return FeedEventOut(
            cursor=str(event.number),
            id=spell_id(event.id),
            event_id=spell_id(event.change_id),
            topic=event.topic,
            resource_id=str(event.resource_id),
            resource_version=event.resource_version,
            occurred_at=spell_moment(event.occurred_at),
            payload=msgspec.Raw(payload),
            body=UNSET if self.secrets is None else payload.decode(),
            headers=UNSET if self.secrets is None else self._headers(event, payload, self.secrets),
        )

    def one(self, event: Event) -> bytes:
        return self._spelled(EventAnswer(event=self.event(event)))

    def line(self, event: Event) -> bytes:
        """The event alone, in one line."""
        return self._spelled(self.event(event))

    async def page(self, page: Page) -> bytes:
        """The answer that shows a page; others have their turn after each event that is large."""
        lines = []
        for each in page.events:
            lines.append(msgspec.Raw(self.line(each)))
            if len(each.payload) >= LARGE:
                await asyncio.sleep(0)
        rest = msgspec.json.decode(self._spelled(_Rest(cursor=str(page.upto), more=page.more)))
        return msgspec.json.encode({"events": lines} | rest)

    async def chunks(self, page: Page, *, after: int) -> AsyncGenerator[bytes, None]:
        """What a page adds to a stream that stands at `after`, in chunks of about `CHUNK` bytes."""
        chunk = b""
        for each in page.events:
            head = b"id: %d\nevent: %s\ndata: " % (each.number, each.topic.encode())
            chunk = b"".join((chunk, head, self.line(each), b"\n\n"))
            if len(each.payload) >= LARGE:
                await asyncio.sleep(0)
            if len(chunk) >= CHUNK:
                yield chunk
                chunk = b""
        if page.upto > after and not (page.events and page.events[-1].number == page.upto):
            chunk += b"id: %d\n\n" % page.upto  # sets the cursor, and tells nothing
        if chunk:
            yield chunk

    def _spelled(self, answer: Out) -> bytes:
        typed = msgspec.json.encode(answer)
        if self.fidelity is Fidelity.TYPED:
            return typed
        return msgspec.json.encode(documented(msgspec.json.decode(typed)))

    def _headers(self, event: Event, payload: bytes, secrets: Secrets) -> dict[str, str]:
        envelope = Envelope(
            topic=event.topic,
            shop_domain=f"{self.caller.shop.handle}.{DOMAIN}",
            shop_id=self.caller.shop.id,
            api_version=self.api_version,
            delivery_id=event.id,
            event_id=event.change_id,
            triggered_at=event.occurred_at,
            resource_version=event.resource_version,
            attempt=1,
            secrets=secrets,
            at=self.at,
        )
        return dict(headers(envelope, payload))


EXAMPLE = FeedEventOut(
    cursor="12",
    id="0195963c-1f70-7a31-9c5e-6f0a3b1d2e4f",
    event_id="0195963c-1f70-7b02-8d41-2c9e7a5f6b10",
    topic="orders/paid",
    resource_id="300157930096874",
    resource_version=2,
    occurred_at=spell_moment(micros(EPOCH.replace(year=2026, month=3, day=14, hour=15, minute=9))),
    payload={"order": {"id": "300157930096874", "name": "#1043", "financialStatus": "paid"}},
)


def events_example() -> Any:
    return msgspec.to_builtins(EventsAnswer(events=(EXAMPLE,), cursor="14", more=False))


def event_example() -> Any:
    return msgspec.to_builtins(EventAnswer(event=EXAMPLE))
