"""What every endpoint of an order does: find it for this caller, act on it, answer with it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Protected
from till.dialect.body import invalid
from till.dialect.scalars import documented
from till.errors import Invalid, NotFound
from till.orders import part_index
from till.orders.journal import By
from till.orders.order import Order
from till.orders.store import Kept, OrderNotFound, Orders, unpack
from till.orders.topics import READ
from till.orders.view import Stored, View
from till.orders.wire.answer import OrderAnswer
from till.shop import Fidelity
from till.web.call import Answer, Call, etag, path_id

WRITE = frozenset({"write_orders"})
SHIP = frozenset({"write_fulfillments", "write_orders"})
SEE_SHIPPED = frozenset({"read_fulfillments", "write_fulfillments", "read_orders", "write_orders"})
# What every operation that changes an order declares (rulings.md §3, §5.2).
CHANGES: dict[str, Any] = {"statuses": (412, 422), "tagged": True, "unchanged": OrderAnswer}
Command = Callable[[Order], Order]


class FulfillmentNotFound(NotFound):
    """No such fulfillment in this shop."""


class RefundNotFound(NotFound):
    """No such refund in this shop."""


class ReturnNotFound(NotFound):
    """No such return in this shop."""


class TransactionNotFound(NotFound):
    """No such transaction of this order."""


class PaymentNotFound(NotFound):
    """No such payment in this shop."""


class NoteNotFound(NotFound):
    """No such note on the timeline of this order."""


class SamePart(Invalid):
    """Two channels gave the same id to parts of two orders."""


def view_of(call: Call) -> View:
    return View(call.caller, call.fidelity)


def since(call: Call) -> int | None:
    """The moment before whose creation this caller sees nothing (rulings.md §6.4)."""
    window = view_of(call).window
    return None if window is None else call.at - window


def by(call: Call) -> By:
    """Who acts: the app whose token it is."""
    return By("app", call.caller.client_id, call.mint, call.caller.app_name or None)


def answer(view: View, stored: Stored) -> Answer:
    return Answer(view.one(stored), (etag(stored.version),))


def part(call: Call, name: str, shown: object, version: int) -> Answer:
    """A part of an order in its envelope and in its profile, tagged with the order's version."""
    found: object = {name: shown}
    if call.fidelity is Fidelity.DOCUMENTED:
        found = documented(msgspec.to_builtins(found))
    return Answer(msgspec.json.encode(found), (etag(version),))


def must_be_past(moment: int | None, name: str, *, at: int) -> None:
    """Refuse a moment that is still to come."""
    if moment is not None and moment > at:
        raise invalid({name: ["is in the future"]})


async def row_of(call: Call, text: str, *, bare: bool = False) -> Stored:
    """The row of the order that a path or a body names; `OrderNotFound` says that there is none."""
    order_id = path_id(text, lambda text: OrderNotFound(f"There is no order {text} in this shop."))
    return await Orders(call.tx, call.caller.shop).get(order_id, not_before=since(call), bare=bare)


async def find(call: Call, text: str) -> Order:
    return unpack(await row_of(call, text))


async def act(call: Call, old: Order, command: Command) -> Kept:
    """Change `old`; what refuses, refuses with the order as it is."""
    with facing(call, old):
        return await Orders(call.tx, call.caller.shop).change(old, command, by=by(call))


@contextlib.contextmanager
def facing(call: Call, old: Order) -> Iterator[None]:
    """Refuse when `If-Match` names another version; whatever else refuses shows `old` (rulings.md §3)."""
    call.must_match(old.version, lambda: _refused(call, old))
    try:
        yield
    except Invalid as refusal:
        refusal.resource = ("order", _refused(call, old))
        raise


def _refused(call: Call, old: Order) -> bytes:
    """The order as a refusal shows it: who may move orders without reading them learns of nobody."""
    caller = call.caller
    if caller.scopes.isdisjoint(READ):
        caller = msgspec.structs.replace(caller, hidden=frozenset(Protected))
    return View(caller, call.fidelity).order(old)


class Part(Struct, frozen=True):
    """A part that a path names, and its order."""

    id: str
    order: Order


async def find_part(call: Call, kind: str, text: str) -> Part:
    """The order of a fulfillment, a refund or a return, for a caller who may see the order."""
    found = await part_index.orders_with(call.tx, kind, text, shop_id=call.caller.shop.id)
    if len(found) > 1:
        raise SamePart(
            f"The {kind} {text} is part of the orders {found[0]} and {found[1]}: channels gave it to both.",
            fields={f"{kind}Id": ["is part of several orders"]},
        )
    if not found:
        raise no_part(kind, text)
    try:
        return Part(text, await find(call, str(found[0])))
    except OrderNotFound:
        raise no_part(kind, text) from None


NOT_FOUND: dict[str, type[NotFound]] = {
    part_index.FULFILLMENT: FulfillmentNotFound,
    part_index.REFUND: RefundNotFound,
    part_index.RETURN: ReturnNotFound,
    "transaction": TransactionNotFound,
    "payment": PaymentNotFound,
    "note": NoteNotFound,
}


def no_part(kind: str, text: str) -> NotFound:
    return NOT_FOUND[kind](f"There is no {kind} {text} in this shop.")
