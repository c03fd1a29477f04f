"""Fulfillments (genstore.md §7.11)."""

from functools import partial
from typing import Any

from till.caller import Caller
from till.dialect.nothing import NothingIn
from till.orders.api.acting import CHANGES, SEE_SHIPPED, SHIP, act, facing, find, find_part, no_part, part
from till.orders.part_index import FULFILLMENT
from till.orders.ship import cancel_shipment, fulfillment_of, ship, track
from till.orders.wire import part_examples
from till.orders.wire.answer import CountAnswer
from till.orders.wire.shipping import (
    FulfillmentAnswer,
    FulfillmentRequest,
    FulfillmentsAnswer,
    TrackingRequest,
    show_fulfillment,
    to_shipment,
    to_tracking,
)
from till.web.call import Answer, Call
from till.web.endpoint import Endpoint, Handler, endpoint, endpoints_of


def of_order(caller: Caller, body: FulfillmentRequest) -> Any:  # noqa: ARG001 - a key is asked for with its caller
    """The order that is shipped: two shipments of one order are not to share a commit."""
    return body.fulfillment.order_id


async def create_fulfillment(call: Call, body: FulfillmentRequest) -> Answer:
    old = await find(call, body.fulfillment.order_id)
    with facing(call, old):
        wish = to_shipment(body.fulfillment, old)
    kept = await act(call, old, partial(ship, wish=wish, mint=call.mint, at=call.at))
    shown = show_fulfillment(kept.order, kept.order.fulfillments[-1], call.caller.shop)
    return part(call, "fulfillment", shown, kept.order.version)


async def create_fulfillment_by_older_path(call: Call, body: FulfillmentRequest) -> Answer:
    return await create_fulfillment(call, body)


def _creating(path: str, summary: str, handler: Handler) -> Endpoint:
    return endpoint(
        "POST",
        path,
        summary,
        scopes=SHIP,
        answers=FulfillmentAnswer,
        key=of_order,
        group="Fulfillments",
        sends=part_examples.SHIPMENT,
        shows=part_examples.fulfillment,
        **CHANGES | {"statuses": (404, 412, 422)},
    )(handler)


CREATE = _creating("/fulfillments", "Ship units of an order", create_fulfillment)
CREATE_OLDER = _creating(
    "/fulfillment", "Ship units of an order, by the older path", create_fulfillment_by_older_path
)


@endpoint(
    "GET",
    "/orders/{orderId}/fulfillments",
    "List the fulfillments of an order",
    scopes=SEE_SHIPPED,
    answers=FulfillmentsAnswer,
    tagged=True,
    group="Fulfillments",
    shows=part_examples.fulfillments,
)
async def list_fulfillments(call: Call, orderId: str) -> Answer:  # noqa: N803 - the path's own name
    order = await find(call, orderId)
    shown = [show_fulfillment(order, each, call.caller.shop) for each in order.fulfillments]
    return part(call, "fulfillments", shown, order.version)


@endpoint(
    "GET",
    "/orders/{orderId}/fulfillments/count",
    "Count the fulfillments of an order",
    scopes=SEE_SHIPPED,
    answers=CountAnswer,
    tagged=True,
    source="additive",
    group="Fulfillments",
    shows=lambda: {"count": 1},
)
async def count_fulfillments(call: Call, orderId: str) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    return part(call, "count", len(order.fulfillments), order.version)


@endpoint(
    "GET",
    "/orders/{orderId}/fulfillments/{fulfillmentId}",
    "Get a fulfillment",
    scopes=SEE_SHIPPED,
    answers=FulfillmentAnswer,
    tagged=True,
    source="additive",
    group="Fulfillments",
    shows=part_examples.fulfillment,
)
async def get_fulfillment(call: Call, orderId: str, fulfillmentId: str) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    if all(each.id != fulfillmentId for each in order.fulfillments):
        raise no_part(FULFILLMENT, fulfillmentId)
    shown = show_fulfillment(order, fulfillment_of(order, fulfillmentId), call.caller.shop)
    return part(call, "fulfillment", shown, order.version)


@endpoint(
    "PUT",
    "/fulfillments/{fulfillmentId}/update_tracking",
    "Change the tracking of a fulfillment",
    scopes=SHIP,
    answers=FulfillmentAnswer,
    group="Fulfillments",
    sends=part_examples.TRACKING,
    shows=part_examples.fulfillment,
    **CHANGES,
)
async def update_tracking(call: Call, fulfillmentId: str, body: TrackingRequest) -> Answer:  # noqa: N803 - likewise
    found = await find_part(call, FULFILLMENT, fulfillmentId)
    tracking = to_tracking(body.fulfillment, fulfillment_of(found.order, found.id).tracking)
    command = partial(track, fulfillment_id=found.id, tracking=tracking, at=call.at)
    kept = await act(call, found.order, command)
    shown = show_fulfillment(kept.order, fulfillment_of(kept.order, found.id), call.caller.shop)
    return part(call, "fulfillment", shown, kept.order.version)


async def cancel_fulfillment(call: Call, fulfillmentId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - the path's name; the body says nothing
    found = await find_part(call, FULFILLMENT, fulfillmentId)
    command = partial(cancel_shipment, fulfillment_id=found.id, at=call.at)
    kept = await act(call, found.order, command)
    shown = show_fulfillment(kept.order, fulfillment_of(kept.order, found.id), call.caller.shop)
    return part(call, "fulfillment", shown, kept.order.version)


async def post_cancel_fulfillment(call: Call, fulfillmentId: str, body: NothingIn) -> Answer:  # noqa: N803 - likewise
    return await cancel_fulfillment(call, fulfillmentId, body)


def _cancelling(method: str, handler: Handler, source: str) -> Endpoint:
    return endpoint(
        method,
        "/fulfillments/{fulfillmentId}/cancel",
        "Cancel a fulfillment",
        scopes=SHIP,
        answers=FulfillmentAnswer,
        body_required=False,
        source=source,
        group="Fulfillments",
        shows=part_examples.fulfillment,
        **CHANGES,
    )(handler)


CANCEL = _cancelling("PUT", cancel_fulfillment, "genstore")
CANCEL_BY_POST = _cancelling("POST", post_cancel_fulfillment, "additive")
ENDPOINTS = endpoints_of(vars())
