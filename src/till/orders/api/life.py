"""Confirming, closing, reopening and deleting an order (rulings.md §5.4); none has a documented path."""

from typing import Protocol

from till.dialect.nothing import NothingAnswer, NothingIn
from till.orders import life
from till.orders.api.acting import CHANGES, WRITE, act, answer, find, view_of
from till.orders.order import Order
from till.orders.store import Orders
from till.orders.wire import examples
from till.orders.wire.answer import OrderAnswer
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of


class Move(Protocol):
    def __call__(self, order: Order, /, *, at: int) -> Order: ...


@endpoint(
    "POST",
    "/orders/{orderId}/confirm",
    "Confirm an order",
    scopes=WRITE,
    answers=OrderAnswer,
    body_required=False,
    source="additive",
    shows=examples.order,
    **CHANGES,
)
async def confirm_order(call: Call, orderId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - the path's name; the body says nothing
    return await _moved(call, orderId, life.confirm)


@endpoint(
    "POST",
    "/orders/{orderId}/close",
    "Close an order",
    scopes=WRITE,
    answers=OrderAnswer,
    body_required=False,
    source="additive",
    shows=examples.order,
    **CHANGES,
)
async def close_order(call: Call, orderId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    return await _moved(call, orderId, life.close)


@endpoint(
    "POST",
    "/orders/{orderId}/reopen",
    "Reopen an order",
    scopes=WRITE,
    answers=OrderAnswer,
    body_required=False,
    source="additive",
    shows=examples.order,
    **CHANGES,
)
async def reopen_order(call: Call, orderId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    return await _moved(call, orderId, life.reopen)


@endpoint(
    "POST",
    "/orders/{orderId}/open",
    "Reopen an order, by the older word",
    scopes=WRITE,
    answers=OrderAnswer,
    body_required=False,
    source="additive",
    shows=examples.order,
    **CHANGES,
)
async def open_order(call: Call, orderId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    return await _moved(call, orderId, life.reopen)


@endpoint(
    "DELETE",
    "/orders/{orderId}",
    "Delete an order",
    scopes=WRITE,
    answers=NothingAnswer,
    statuses=(412, 422),
    unchanged=OrderAnswer,
    source="additive",
    shows=dict,
)
async def delete_order(call: Call, orderId: str) -> Answer:  # noqa: N803 - the path's own name
    order = await find(call, orderId)
    view, orders = view_of(call), Orders(call.tx, call.caller.shop)
    call.must_match(order.version, lambda: view.order(order))
    why = life.why_not_delete(order)
    if why is not None:
        refusal = why(order)
        refusal.resource = ("order", view.order(order))
        raise refusal
    await orders.remove(order, at=call.at)
    return Answer(b"{}")


async def _moved(call: Call, order_id: str, move: Move) -> Answer:
    old = await find(call, order_id)
    kept = await act(call, old, lambda order: move(order, at=call.at))
    return answer(view_of(call), kept.stored)


ENDPOINTS = endpoints_of(vars())
