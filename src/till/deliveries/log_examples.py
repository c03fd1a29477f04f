"""Examples of deliveries, of their attempts and of what they come to, for the description of the API."""

from typing import Any

import msgspec
from msgspec.structs import replace

from till.clock import SECOND
from till.deliveries.attempt import Details
from till.deliveries.delivery import State
from till.deliveries.examples import ADDRESS, AT, SUBSCRIPTION
from till.deliveries.log import Attempt, Delivery, Sent
from till.deliveries.log_wire import (
    AttemptsAnswer,
    DeliveriesAnswer,
    DeliveryAnswer,
    DeliveryDetailsAnswer,
    show,
    show_attempt,
    show_details,
)
from till.deliveries.outcome import ErrorClass, Timings

DELIVERED = Delivery(
    id=bytes.fromhex("0195963c1f707c44a1b25d3e8f90a1b2"),
    subscription_id=SUBSCRIPTION.id,
    event_number=12,
    topic="orders/paid",
    resource_id=300_157_930_096_874,
    form="",
    address=ADDRESS,
    state=State.DELIVERED,
    reason=None,
    run_at=AT + 6 * SECOND,
    attempts=2,
    failures=1,
    created_at=AT,
    ended_at=AT + 6 * SECOND,
    replay_of=None,
    is_served=True,
    last_status=200,
    last_error=None,
    change_id=bytes.fromhex("0195963c1f707b028d412c9e7a5f6b10"),
)
WAITING = replace(
    DELIVERED,
    id=bytes.fromhex("0195963c1f727d018e4f60718293a4b5"),
    state=State.PENDING,
    reason="The receiver answered 500.",
    run_at=AT + 66 * SECOND,
    ended_at=None,
    last_status=500,
    last_error=ErrorClass.STATUS,
)
FAILED = Attempt(
    number=1,
    started_at=AT,
    status=500,
    error=ErrorClass.STATUS,
    counted=True,
    response=b"Internal Server Error",
    details=Details(
        request=(("X-Genstore-Topic", "orders/paid"), ("X-Genstore-Delivery-Attempt", "1")),
        response=(("content-type", "text/plain"),),
        dialled="198.41.0.4:443",
        sentence="The receiver answered 500.",
        timings=Timings(dns=1_840, connect=9_120, tls=14_300, first_byte=42_700, total=68_900),
    ),
)
SUCCEEDED = replace(
    FAILED,
    number=2,
    started_at=AT + 6 * SECOND,
    status=200,
    error=None,
    counted=False,
    response=b"",
    details=replace(
        FAILED.details,
        request=(("X-Genstore-Topic", "orders/paid"), ("X-Genstore-Delivery-Attempt", "2")),
        sentence=None,
        timings=Timings(first_byte=12_400, total=13_050),
    ),
)


def delivery() -> Any:
    return msgspec.to_builtins(DeliveryAnswer(delivery=show(WAITING)))


def deliveries() -> Any:
    return msgspec.to_builtins(DeliveriesAnswer(deliveries=(show(WAITING), show(DELIVERED))))


def details() -> Any:
    body = Sent(b'{"order":{"id":"300157930096874","name":"#1043","totalPrice":"129.00"}}')
    return msgspec.to_builtins(DeliveryDetailsAnswer(delivery=show_details(DELIVERED, body, SUCCEEDED)))


def attempts() -> Any:
    shown = tuple(show_attempt(each, is_test=False) for each in (FAILED, SUCCEEDED))
    return msgspec.to_builtins(AttemptsAnswer(attempts=shown))
