"""Deliveries and their attempts on the wire. Additive: Genstore shows its log in a console only."""

import base64
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from till.deliveries.delivery import State
from till.deliveries.envelope import spell_id, spell_moment
from till.deliveries.log import Attempt, Delivery, Sent
from till.deliveries.outcome import ErrorClass, Pairs
from till.dialect.out import Out

Moment: TypeAlias = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-03-14T15:09:26.000000Z"])
]
Uuid: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Ms: TypeAlias = Annotated[float | None, Meta(description="In milliseconds.")]


class DeliveryState(StrEnum):
    """The states of a delivery; that of what waits says for what."""

    PENDING = "pending"
    RETRY_WAIT = "retry_wait"
    PAUSED = "paused"
    LEASED = "leased"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


WORDS = {
    State.LEASED: DeliveryState.LEASED,
    State.DELIVERED: DeliveryState.DELIVERED,
    State.EXHAUSTED: DeliveryState.EXHAUSTED,
    State.BLOCKED: DeliveryState.BLOCKED,
    State.CANCELLED: DeliveryState.CANCELLED,
}


class DeliveryOut(Out, kw_only=True, frozen=True):
    """One event owed to one subscription, and what has become of it."""

    id: Annotated[Uuid, Meta(description="Sent as X-Genstore-Webhook-Id, the same in each attempt.")]
    webhook_id: int
    topic: str
    event_id: Annotated[
        Uuid | None, Meta(description="Sent as X-Genstore-Event-Id; null where an example was sent.")
    ]
    cursor: Annotated[str | None, Meta(description="The event's place in `GET /events`.")]
    resource_id: str | None
    address: Annotated[str, Meta(description="Where it goes: that of the subscription at that time.")]
    state: DeliveryState
    reason: str | None
    attempts: int
    failures: Annotated[int, Meta(description="Those of the attempts that failed by the receiver's fault.")]
    created_at: Moment
    next_attempt_at: Moment | None
    ended_at: Moment | None
    replay_of: Annotated[Uuid | None, Meta(description="The delivery whose event is sent again.")]
    is_test: bool
    last_status: int | None
    last_error: ErrorClass | None


class HeaderOut(Out, kw_only=True, frozen=True):
    name: str
    value: str


class SentOut(Out, kw_only=True, frozen=True):
    """What was posted; the headers are those of the last attempt."""

    headers: tuple[HeaderOut, ...]
    body: str | None


class AnsweredOut(Out, kw_only=True, frozen=True):
    """What the receiver answered, the first 16 KiB of it."""

    status: int | None
    headers: tuple[HeaderOut, ...]
    body: str | None
    encoding: Annotated[str | None, Meta(description="`base64` where the body is no text.")]


class DeliveryDetailsOut(DeliveryOut, kw_only=True, frozen=True):
    """One delivery, with what was sent and what was answered last."""

    request: SentOut
    response: AnsweredOut | None


class TimingsOut(Out, kw_only=True, frozen=True):
    """How long each part took; null for what was not reached, or not needed on an open connection."""

    dns_ms: Ms
    connect_ms: Ms
    tls_ms: Ms
    first_byte_ms: Ms
    total_ms: Ms


class AttemptOut(Out, kw_only=True, frozen=True):
    """One post of a delivery."""

    number: int
    started_at: Moment
    status: int | None
    error: ErrorClass | None
    sentence: Annotated[str | None, Meta(description="What went wrong, for a person.")]
    counted: Annotated[bool, Meta(description="It counts as one of the receiver's failures.")]
    dialled: Annotated[str | None, Meta(description="The address and port that were spoken to.")]
    timings: TimingsOut
    request_headers: tuple[HeaderOut, ...]
    response: AnsweredOut | None


class DeliveryAnswer(Out, kw_only=True, frozen=True):
    """One delivery in its envelope."""

    delivery: DeliveryOut


class DeliveryDetailsAnswer(Out, kw_only=True, frozen=True):
    """One delivery with all that is kept of it."""

    delivery: DeliveryDetailsOut


class DeliveriesAnswer(Out, kw_only=True, frozen=True):
    """A page of deliveries, newest first; the `Link` header leads to the next."""

    deliveries: tuple[DeliveryOut, ...]


class AttemptsAnswer(Out, kw_only=True, frozen=True):
    """All attempts of a delivery, oldest first."""

    attempts: tuple[AttemptOut, ...]


def show(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut(**_told(delivery))


def show_details(delivery: Delivery, sent: Sent, last: Attempt | None) -> DeliveryDetailsOut:
    """A delivery with its body, and with the headers and the answer of its last attempt."""
    return DeliveryDetailsOut(
        **_told(delivery),
        request=SentOut(
            headers=() if last is None else _headers(last.details.request),
            body=None if sent.body is None else sent.body.decode(),
        ),
        response=None if last is None else _answered(last, is_test=delivery.is_test),
    )


def show_attempt(attempt: Attempt, *, is_test: bool) -> AttemptOut:
    times = attempt.details.timings
    return AttemptOut(
        number=attempt.number,
        started_at=spell_moment(attempt.started_at),
        status=attempt.status,
        error=attempt.error,
        sentence=attempt.details.sentence,
        counted=attempt.counted,
        dialled=attempt.details.dialled,
        timings=TimingsOut(
            dns_ms=_ms(times.dns),
            connect_ms=_ms(times.connect),
            tls_ms=_ms(times.tls),
            first_byte_ms=_ms(times.first_byte),
            total_ms=_ms(times.total),
        ),
        request_headers=_headers(attempt.details.request),
        response=_answered(attempt, is_test=is_test),
    )


def word_of(delivery: Delivery) -> DeliveryState:
    """The state as it is told: what waits says for what."""
    if delivery.state is not State.PENDING:
        return WORDS[delivery.state]
    if not delivery.is_served:
        return DeliveryState.PAUSED
    return DeliveryState.RETRY_WAIT if delivery.attempts else DeliveryState.PENDING


def _told(delivery: Delivery) -> dict[str, Any]:
    word = word_of(delivery)
    waits = word in (DeliveryState.PENDING, DeliveryState.RETRY_WAIT)
    return {
        "id": spell_id(delivery.id),
        "webhook_id": delivery.subscription_id,
        "topic": delivery.topic,
        "event_id": None if delivery.change_id is None else spell_id(delivery.change_id),
        "cursor": str(delivery.event_number) if delivery.event_number else None,
        "resource_id": str(delivery.resource_id) if delivery.resource_id else None,
        "address": delivery.address,
        "state": word,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "failures": delivery.failures,
        "created_at": spell_moment(delivery.created_at),
        "next_attempt_at": spell_moment(delivery.run_at) if waits else None,
        "ended_at": None if delivery.ended_at is None else spell_moment(delivery.ended_at),
        "replay_of": None if delivery.replay_of is None else spell_id(delivery.replay_of),
        "is_test": delivery.is_test,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
    }


def _answered(attempt: Attempt, *, is_test: bool) -> AnsweredOut | None:
    """What was answered; of a test, and of what was blocked, no body is shown (delivery.md §4.2)."""
    if attempt.status is None:
        return None
    body, encoding = (None, None) if is_test else _text(attempt.response)
    return AnsweredOut(
        status=attempt.status, headers=_headers(attempt.details.response), body=body, encoding=encoding
    )


def _text(body: bytes | None) -> tuple[str | None, str | None]:
    if body is None:
        return None, None
    try:
        return body.decode(), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _headers(pairs: Pairs) -> tuple[HeaderOut, ...]:
    return tuple(HeaderOut(name=name, value=value) for name, value in pairs)


def _ms(micros: int | None) -> float | None:
    return None if micros is None else micros / 1_000
