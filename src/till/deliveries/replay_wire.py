"""What is asked and answered when events are sent again."""

from enum import StrEnum
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from till.clock import EARLIEST, LATEST
from till.deliveries.again import MOST
from till.deliveries.delivery import State
from till.deliveries.log import delivery_id
from till.deliveries.wire import In
from till.dialect import readers
from till.dialect.out import Out
from till.dialect.readers import Note, Reader, Unfit

Unset: TypeAlias = UnsetType
UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class Ended(StrEnum):
    """How a delivery may have ended that is to be sent again."""

    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


STATES = {
    Ended.DELIVERED: State.DELIVERED,
    Ended.EXHAUSTED: State.EXHAUSTED,
    Ended.BLOCKED: State.BLOCKED,
    Ended.CANCELLED: State.CANCELLED,
}
USUAL = frozenset({State.EXHAUSTED, State.BLOCKED})


def _states() -> Reader:
    def read(value: Any) -> frozenset[State]:
        if not isinstance(value, list) or not value:
            raise Unfit("must be a list of states")
        if any(not isinstance(word, str) or word not in list(Ended) for word in value):
            raise Unfit(f"must hold nothing but {', '.join(Ended)}")
        return frozenset(STATES[Ended(word)] for word in value)

    items = {"type": "string", "enum": [str(word) for word in Ended]}
    schema = {"type": "array", "items": items, "minItems": 1, "maxItems": len(Ended) * 4}
    return Reader(read, schema, nullable=False)


def _ids() -> Reader:
    def read(value: Any) -> tuple[bytes, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST:
            raise Unfit(f"must be a list of 1 to {MOST:,} ids of deliveries")
        found = tuple(dict.fromkeys(_id(each) for each in value))
        return tuple(each for each in found if each is not None)

    items = {"type": "string", "pattern": UUID}
    return Reader(read, {"type": "array", "items": items, "minItems": 1, "maxItems": MOST}, nullable=False)


def _id(value: Any) -> bytes:
    found = delivery_id(value) if isinstance(value, str) else None
    if found is None:
        raise Unfit(f"has {str(value)[:40]!r}, which is no id of a delivery")
    return found


def _cursor() -> Reader:
    def read(value: Any) -> bytes | None:
        return _id(value)

    return Reader(read, {"type": "string", "pattern": UUID})


Since: TypeAlias = Annotated[
    int | Unset | None, readers.time(since=EARLIEST), Note(about="From this moment on.")
]
Until: TypeAlias = Annotated[
    int | Unset | None, readers.time(since=EARLIEST), Note(about="Up to this moment.")
]
Limit: TypeAlias = Annotated[
    int | Unset | None, readers.whole(1, MOST), Note(about=f"At most so many, {MOST:,} without it.")
]


class RecoverIn(In, kw_only=True, frozen=True):
    """Which deliveries are sent again: those that are named, or those that ended so in a span of time."""

    from_: Since = msgspec.field(default=UNSET, name="from")
    to: Until = UNSET
    states: Annotated[frozenset[State] | Unset, _states()] = UNSET
    delivery_ids: Annotated[tuple[bytes, ...] | Unset, _ids()] = UNSET
    limit: Limit = UNSET
    cursor: Annotated[bytes | Unset | None, _cursor(), Note(about="`next` of the answer before.")] = UNSET


class ReplayMissingIn(In, kw_only=True, frozen=True):
    """Of which time the events are sent that the subscription did not get, its own beginning or not."""

    from_: Annotated[int, readers.time(nullable=False, since=EARLIEST)] = msgspec.field(name="from")
    to: Until = UNSET
    limit: Limit = UNSET
    cursor: Annotated[
        int | Unset | None, readers.whole(0, 2**53), Note(about="`next` of the answer before.")
    ] = UNSET


class SendIn(In, kw_only=True, frozen=True):
    """An event, by its cursor, its own id, or the X-Genstore-Event-Id of its change."""

    event_id: Annotated[str, readers.identifier(nullable=False)]


class ReplayAnswer(Out, kw_only=True, frozen=True):
    """How many were sent again, and what to go on with."""

    redelivered: int
    next: Annotated[str | None, Meta(description="To be sent as `cursor`; null once all is done.")]


RECOVER: dict[str, Any] = {
    "all that failed": {},
    "of one day": {"from": "2026-03-14T00:00:00Z", "to": "2026-03-15T00:00:00Z", "states": ["exhausted"]},
}
MISSING: dict[str, Any] = {"since a moment": {"from": "2026-03-14T00:00:00Z"}}
SEND: dict[str, Any] = {"by its cursor": {"eventId": "12"}}


def replayed() -> Any:
    return {"redelivered": 17, "next": None}


def moment(value: int | Unset | None, *, default: int) -> int:
    """A moment that was given, or another."""
    return value if isinstance(value, int) else default


def ends(value: int | Unset | None) -> int:
    """The end of a span, to the end of its second, for times are read to the second."""
    return value + 999_999 if isinstance(value, int) else LATEST


def in_order(since: int | None, until: int | None) -> tuple[int | None, int | None]:
    """A span with its beginning first: between two moments lies the same time, whichever is named first."""
    if since is not None and until is not None and since > until:
        return until, since
    return since, until
