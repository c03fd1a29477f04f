"""Returns: asked for, approved or declined, received, closed. Additive, for every merchant has them."""

from functools import partial

from till.dialect.nothing import NothingIn
from till.orders import returns
from till.orders.api.acting import CHANGES, WRITE, Command, act, facing, find, find_part, part
from till.orders.order import Order
from till.orders.part_index import RETURN
from till.orders.returns import return_of
from till.orders.topics import READ
from till.orders.wire import part_examples
from till.orders.wire.reading import said
from till.orders.wire.returns import (
    DeclineIn,
    ReceiveIn,
    ReturnAnswer,
    ReturnRequest,
    ReturnsAnswer,
    show_return,
    to_received,
    to_return,
)
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

MOVED = {
    "scopes": WRITE,
    "answers": ReturnAnswer,
    "source": "additive",
    "group": "Returns",
    "shows": part_examples.return_,
    **CHANGES,
}


@endpoint("POST", "/orders/{orderId}/returns", "Ask for a return", sends=part_examples.RETURN, **MOVED)
async def create_return(call: Call, orderId: str, body: ReturnRequest) -> Answer:  # noqa: N803 - the path's own name
    old = await find(call, orderId)
    with facing(call, old):
        wish = to_return(body.return_, old)
    kept = await act(call, old, partial(returns.request, wish=wish, mint=call.mint, at=call.at))
    return _shown(call, kept.order, kept.order.returns[-1].id)


@endpoint(
    "GET",
    "/orders/{orderId}/returns",
    "List the returns of an order",
    scopes=READ,
    answers=ReturnsAnswer,
    tagged=True,
    source="additive",
    group="Returns",
    shows=part_examples.returns_,
)
async def list_returns(call: Call, orderId: str) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    shown = [show_return(order, each, call.caller.shop) for each in order.returns]
    return part(call, "returns", shown, order.version)


@endpoint(
    "GET",
    "/returns/{returnId}",
    "Get a return",
    scopes=READ,
    answers=ReturnAnswer,
    statuses=(422,),
    tagged=True,
    source="additive",
    group="Returns",
    shows=part_examples.return_,
)
async def get_return(call: Call, returnId: str) -> Answer:  # noqa: N803 - likewise
    found = await find_part(call, RETURN, returnId)
    return _shown(call, found.order, found.id)


@endpoint("POST", "/returns/{returnId}/approve", "Approve a return", body_required=False, **MOVED)
async def approve_return(call: Call, returnId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - the path's name; the body says nothing
    return await _moved(call, returnId, partial(returns.approve, return_id=returnId, at=call.at))


@endpoint(
    "POST",
    "/returns/{returnId}/decline",
    "Decline a return",
    body_required=False,
    envelope="return",
    sends=part_examples.DECLINE,
    **MOVED,
)
async def decline_return(call: Call, returnId: str, body: DeclineIn) -> Answer:  # noqa: N803 - the path's own name
    reason = said(body.reason)
    return await _moved(
        call, returnId, partial(returns.decline, return_id=returnId, reason=reason, at=call.at)
    )


@endpoint(
    "POST",
    "/returns/{returnId}/receive",
    "Receive returned units",
    body_required=False,
    envelope="return",
    sends=part_examples.RECEIVE,
    **MOVED,
)
async def receive_return(call: Call, returnId: str, body: ReceiveIn) -> Answer:  # noqa: N803 - likewise
    found = await find_part(call, RETURN, returnId)
    with facing(call, found.order):
        units = to_received(body, return_of(found.order, found.id))
    restock = said(body.restock, default=False)
    command = partial(returns.receive, return_id=found.id, units=units, restock=restock, at=call.at)
    return _shown(call, (await act(call, found.order, command)).order, found.id)


@endpoint("POST", "/returns/{returnId}/cancel", "Cancel a return", body_required=False, **MOVED)
async def cancel_return(call: Call, returnId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - the path's name; the body says nothing
    return await _moved(call, returnId, partial(returns.call_off, return_id=returnId, at=call.at))


@endpoint("POST", "/returns/{returnId}/close", "Close a return", body_required=False, **MOVED)
async def close_return(call: Call, returnId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    return await _moved(call, returnId, partial(returns.close, return_id=returnId, at=call.at))


async def _moved(call: Call, return_id: str, command: Command) -> Answer:
    found = await find_part(call, RETURN, return_id)
    kept = await act(call, found.order, command)
    return _shown(call, kept.order, found.id)


def _shown(call: Call, order: Order, return_id: str) -> Answer:
    shown = show_return(order, return_of(order, return_id), call.caller.shop)
    return part(call, "return", shown, order.version)


ENDPOINTS = endpoints_of(vars())
