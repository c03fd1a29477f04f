"""The REST endpoints of orders."""

from functools import partial

import msgspec
from msgspec import UNSET

from till.caller import Caller, Protected
from till.errors import Forbidden, Invalid
from till.orders import counts
from till.orders.api.acting import CHANGES, WRITE, act, answer, by, row_of, since, view_of
from till.orders.api.foresight import CancelQuery, ForesightAnswer, foreseen
from till.orders.cancel import Cancellation, cancel
from till.orders.edit import edit
from till.orders.journal import By
from till.orders.order import Order
from till.orders.query import OrderFilter, Where, where
from till.orders.store import Kept, Orders, unpack
from till.orders.topics import READ
from till.orders.view import View, rendering_of
from till.orders.walk import OrderListQuery, tokens_around, walk_of
from till.orders.wire import examples
from till.orders.wire.answer import ORDER_FIELDS, CountAnswer, OrderAnswer, OrdersAnswer
from till.orders.wire.edit import read_cancel, read_edit, reason_of
from till.orders.wire.fields import CancelIn, OrderIn, OrderRequest, OrderUpdateRequest
from till.orders.wire.reading import said
from till.orders.wire.request import to_order
from till.shop import CancelPolicy, Fidelity, Totals
from till.web.call import Answer, Call, etag
from till.web.endpoint import endpoint, endpoints_of
from till.web.walk import MOST, check_fields, links


class SameSource(Invalid):
    """This shop takes one order from each sourceName and sourceIdentifier (rulings.md §4.6)."""


class ProtectedFilter(Forbidden):
    """What a caller may not see, it may not search by."""


class TotalsDisagree(Invalid):
    """This shop takes only totals that are the sums of their parts (rulings.md §4.2)."""


def one_source(caller: Caller, body: OrderRequest) -> object:
    """What two creations may not both do at once: take the same place in their channel."""
    order = body.order
    if not caller.shop.settings.unique_source_identifier or not said(order.source_identifier):
        return None
    return (caller.shop.id, said(order.source_name), said(order.source_identifier))


@endpoint(
    "POST",
    "/orders",
    "Create an order",
    scopes=WRITE,
    answers=OrderAnswer,
    key=one_source,
    statuses=(422,),
    tagged=True,
    sends=examples.CREATE,
    shows=examples.order,
)
async def create_order(call: Call, body: OrderRequest) -> Answer:
    return answer(view_of(call), (await create(call, body, by(call))).stored)


async def create(call: Call, body: OrderRequest, by: By) -> Kept:
    """Make an order by all the rules of the shop, whoever asks for it."""
    shop, view = call.caller.shop, view_of(call)
    order = to_order(body.order, shop=shop, number=0, mint=call.mint, at=call.at)
    if shop.settings.totals is Totals.STRICT:
        _must_add_up(order, view)
    if shop.settings.unique_source_identifier and order.source_identifier:
        await _must_be_new(call, order)
    return await Orders(call.tx, shop).add(order, by=by)


@endpoint(
    "GET",
    "/orders",
    "List orders",
    scopes=READ,
    answers=OrdersAnswer,
    shows=examples.orders,
    heavy=lambda query: not query.is_light(),
)
async def list_orders(call: Call, query: OrderListQuery) -> Answer:
    view, walk = view_of(call), walk_of(call, query)
    names = said(query.fields, ())
    fields = check_fields(names, ORDER_FIELDS, "an order")
    rows = await Orders(call.tx, call.caller.shop).page(
        _where(call, walk.wanted),
        key=walk.key,
        backward=walk.backward,
        ascending=walk.ascending,
        limit=walk.limit + 1,
        bare=view.is_unmasked,
    )
    shown, tokens = tokens_around(call, walk, rows)
    return Answer(view.many(shown, fields), links(call, walk, tokens, names))


@endpoint(
    "GET",
    "/orders/count",
    "Count orders",
    scopes=READ,
    answers=CountAnswer,
    shows=lambda: {"count": 500},
    heavy=lambda query: not query.only_counted(),
)
async def count_orders(call: Call, query: OrderFilter) -> Answer:
    view, shop_id = view_of(call), call.caller.shop.id
    if query.only_counted():
        last = said(query.created_at_max)
        first = max(
            (each for each in (said(query.created_at_min), since(call)) if each is not None),
            default=None,
        )
        last = None if last is None else last + 999_999
        n = await counts.counted(call.tx, query, shop_id=shop_id, first=first, last=last)
    else:
        n = await counts.looked_at(call.tx, _where(call, query))
    count: int | str = str(n) if view.fidelity is Fidelity.DOCUMENTED else n
    return Answer(msgspec.json.encode({"count": count}))


@endpoint(
    "GET",
    "/orders/{orderId}",
    "Get an order",
    scopes=READ,
    answers=OrderAnswer,
    statuses=(304,),
    tagged=True,
    shows=examples.order,
)
async def get_order(call: Call, orderId: str) -> Answer:  # noqa: N803 - the path's own name
    row = await row_of(call, orderId, bare=view_of(call).is_unmasked)
    if call.is_known(row.version) and row.rendering == rendering_of(call.caller.shop):
        return Answer(b"", (etag(row.version),), 304)
    return answer(view_of(call), row)


@endpoint(
    "PUT",
    "/orders/{orderId}",
    "Update an order",
    scopes=WRITE,
    answers=OrderAnswer,
    reads=OrderUpdateRequest,
    echoes=OrderIn,
    sends=examples.UPDATE,
    shows=examples.order,
    **CHANGES,
)
async def update_order(call: Call, orderId: str, body: object) -> Answer:  # noqa: N803 - the path's own name
    row, view = await row_of(call, orderId), view_of(call)
    old = unpack(row)
    call.must_match(row.version, lambda: view.order(old))
    wish = read_edit(body, old, msgspec.json.decode(view.typed(old)))
    kept = await act(call, old, lambda order: edit(order, wish, at=call.at))
    return answer(view, kept.stored)


@endpoint(
    "POST",
    "/orders/{orderId}/cancel",
    "Cancel an order",
    scopes=WRITE,
    answers=OrderAnswer,
    reads=CancelIn,
    body_required=False,
    envelope="order",
    foretells=ForesightAnswer,
    sends=examples.CANCEL,
    shows=examples.order,
    **CHANGES,
)
async def cancel_order(call: Call, orderId: str, body: object, query: CancelQuery) -> Answer:  # noqa: N803 - likewise
    row, view = await row_of(call, orderId), view_of(call)
    old = unpack(row)
    call.must_match(row.version, lambda: view.order(old))
    wish = read_cancel(body, str(row.id))
    cancellation = Cancellation(
        reason=reason_of(wish),
        refund=said(wish.refund, default=False),
        restock=said(wish.restock, default=False),
        mint=call.mint,
    )
    strict = call.caller.shop.settings.cancel_policy is CancelPolicy.STRICT
    command = partial(cancel, wish=cancellation, strict=strict, at=call.at)
    if said(query.dry_run, default=False):
        return foreseen(call, old, command)
    kept = await act(call, old, command)
    return answer(view, kept.stored)


def _where(call: Call, wanted: OrderFilter) -> Where:
    """The SQL condition of `wanted` for this caller, who searches only what it may see."""
    hidden = call.caller.hidden
    if Protected.EMAIL in hidden and wanted.email is not UNSET:
        raise ProtectedFilter(
            "This installation was not granted the protected field email, so it cannot filter by it.",
            fields={"email": ["needs the protected field email"]},
        )
    return where(
        wanted,
        shop_id=call.caller.shop.id,
        dialect=call.tx.dialect,
        personal=not hidden,
        since=since(call),
    )


def _must_add_up(order: Order, view: View) -> None:
    shown = msgspec.json.decode(view.typed(order))["warnings"]
    if shown:
        raise TotalsDisagree(
            f"{shown[0]['message']} This shop takes only totals that add up: correct or leave out.",
            fields={f"order.{each['field']}": [each["message"]] for each in shown},
        )


async def _must_be_new(call: Call, order: Order) -> None:
    identifier = order.source_identifier or ""
    wanted = OrderFilter(source_identifier=identifier)
    found = where(wanted, shop_id=call.caller.shop.id, dialect=call.tx.dialect, personal=True, since=None)
    rows = await Orders(call.tx, call.caller.shop).page(
        found, key=(), backward=False, ascending=True, limit=MOST
    )
    for row in rows:
        first = unpack(row)
        if first.source_name == order.source_name and first.source_identifier == identifier:
            raise SameSource(
                f"Order {first.name} ({first.id}) is already sourceIdentifier {identifier!r} of "
                f"{order.source_name!r}, and this shop takes each once.",
                fields={"order.sourceIdentifier": [f"is taken by order {first.id}"]},
            )


ENDPOINTS = endpoints_of(vars())
