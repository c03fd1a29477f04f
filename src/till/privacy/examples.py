"""Examples for the description of the API: wishes about personal data, and what is held."""

from typing import Any

import msgspec

from till.customers.examples import ADA, AT
from till.customers.wire import show as show_customer
from till.orders.wire import examples as orders
from till.privacy.wire import (
    DataRequestAnswer,
    ErasureAnswer,
    HeldAnswer,
    HeldOut,
    parted,
    show_erasure,
    show_request,
)
from till.privacy.wishes import BUFFER, Kind, Stage, Wish

ZONE = orders.SHOP.timezone
CLIENT = "5f2b1c9e8d7a6f4b3c2d1e0f9a8b7c6d"
ERASURE = Wish(
    shop_id=1,
    id=300_157_930_096_879,
    kind=Kind.ERASURE,
    customer=ADA.number,
    state=Stage.SCHEDULED,
    asked_by=CLIENT,
    reason="Asked by telephone.",
    requested_at=AT,
    due_at=AT + BUFFER,
    next_at=AT + BUFFER,
)
REQUEST = Wish(
    shop_id=1,
    id=300_157_930_096_877,
    kind=Kind.DATA_REQUEST,
    customer=ADA.number,
    state=Stage.TOLD,
    asked_by=CLIENT,
    requested_at=AT,
    due_at=AT,
    next_at=None,
)
REDACT: dict[str, Any] = {
    "after the buffer": {"reason": "Asked by telephone."},
    "at once": {"now": True},
}


def erasure() -> Any:
    return msgspec.to_builtins(ErasureAnswer(erasure=show_erasure(ERASURE, ADA, ZONE)))


def data_request() -> Any:
    return msgspec.to_builtins(DataRequestAnswer(data_request=show_request(REQUEST, ADA, ZONE)))


def held() -> Any:
    found = HeldOut(
        customer=show_customer(ADA, ZONE),
        orders=(),
        disclosures=(),
        next_order_id=None,
        **parted([ERASURE, REQUEST], ADA, ZONE),
    )
    return msgspec.to_builtins(HeldAnswer(customer_data=found))
