"""Refunds, their review, and what one would come to (genstore.md §7.12)."""

from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.caller import Caller
from till.dialect import lists, readers
from till.dialect.body import invalid
from till.dialect.pages import Position, link
from till.errors import Unreadable
from till.orders import ledger, part_index
from till.orders.api.acting import CHANGES, WRITE, act, facing, find, find_part, part, since
from till.orders.order import Order
from till.orders.part_index import REFUND, Among, Listed
from till.orders.refund import annotate, drafted, refund, refund_of, review
from till.orders.topics import READ
from till.orders.view import decode
from till.orders.wire import part_examples
from till.orders.wire.answer import OrderAnswer
from till.orders.wire.reading import said
from till.orders.wire.refunds import (
    QuoteAnswer,
    RefundAnswer,
    RefundRequest,
    RefundsAnswer,
    ReviewRequest,
    show_quote,
    show_refund,
    to_wish,
)
from till.orders.words import RefundStatus
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

DEFAULT, MOST = 50, 250
BESIDE_TOKEN = {"pageToken", "limit"}


class RefundsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    order_id: Annotated[
        int | UnsetType, readers.whole(1, 2**53, nullable=False), readers.Note(about="Of this order alone.")
    ] = UNSET
    refund_id: Annotated[
        str | UnsetType, readers.identifier(nullable=False), readers.Note(about="This refund alone.")
    ] = UNSET
    ids: Annotated[
        tuple[str, ...] | UnsetType, lists.comma_list(100), readers.Note(about="These refunds, by their ids.")
    ] = UNSET
    limit: Annotated[
        int | UnsetType,
        readers.whole(1, MOST, nullable=False),
        readers.Note(about=f"How many refunds on a page, {DEFAULT} without it."),
    ] = UNSET
    page_token: Annotated[
        str | UnsetType,
        readers.text(4_000, shortest=1, nullable=False),
        readers.Note(about="Another page of a walk, from the `Link` header; only limit stands beside it."),
    ] = UNSET


def of_order(caller: Caller, body: RefundRequest) -> Any:  # noqa: ARG001 - a key is asked for with its caller
    """The order that is refunded: two refunds of one order are not to share a commit."""
    return body.refund.order_id


@endpoint(
    "POST",
    "/refunds",
    "Refund units, shipping or an amount",
    scopes=WRITE,
    answers=RefundAnswer,
    key=of_order,
    group="Refunds",
    sends=part_examples.REFUND,
    shows=part_examples.refund_,
    **CHANGES | {"statuses": (404, 412, 422)},
)
async def create_refund(call: Call, body: RefundRequest) -> Answer:
    old = await find(call, body.refund.order_id)
    with facing(call, old):
        wish = to_wish(body.refund, old)
    kept = await act(call, old, partial(refund, wish=wish, mint=call.mint, at=call.at))
    return _shown(call, kept.order, kept.order.refunds[-1].id)


@endpoint(
    "POST",
    "/refunds/calculate",
    "Tell what a refund would come to",
    scopes=WRITE,
    answers=QuoteAnswer,
    key=of_order,
    statuses=(404, 422),
    tagged=True,
    unchanged=OrderAnswer,
    source="additive",
    group="Refunds",
    sends=part_examples.REFUND,
    shows=part_examples.quote_,
)
async def calculate_refund(call: Call, body: RefundRequest) -> Answer:
    order = await find(call, body.refund.order_id)
    with facing(call, order):
        draft, backs = drafted(order, to_wish(body.refund, order), mint=call.mint, at=call.at)
    most = ledger.net(order.transactions)
    return part(call, "refund", show_quote(order, draft, backs, most, call.caller.shop), order.version)


@endpoint(
    "PUT",
    "/refunds/{refundId}",
    "Review a refund",
    scopes=WRITE,
    answers=RefundAnswer,
    group="Refunds",
    sends=part_examples.REVIEW,
    shows=part_examples.refund_,
    **CHANGES,
)
async def review_refund(call: Call, refundId: str, body: ReviewRequest) -> Answer:  # noqa: N803 - the path's own name
    found = await find_part(call, REFUND, refundId)
    sent = body.refund
    with facing(call, found.order):
        if said(sent.refund_id, found.id) != found.id:
            raise invalid({"refund.refundId": [f"is not the refund of the path, {found.id}"]})

    def decide(order: Order) -> Order:
        changed = order
        if sent.note is not UNSET:
            changed = annotate(changed, found.id, said(sent.note), at=call.at)
        status = said(sent.status)
        if status is not None and status != refund_of(changed, found.id).status:
            approve = status == RefundStatus.DONE
            changed = review(changed, found.id, approve=approve, mint=call.mint, at=call.at)
        return changed if changed == order else msgspec.structs.replace(changed, version=order.version + 1)

    kept = await act(call, found.order, decide)
    return _shown(call, kept.order, found.id)


@endpoint(
    "GET",
    "/refunds/{refundId}",
    "Get a refund",
    scopes=READ,
    answers=RefundAnswer,
    statuses=(422,),
    tagged=True,
    source="additive",
    group="Refunds",
    shows=part_examples.refund_,
)
async def get_refund(call: Call, refundId: str) -> Answer:  # noqa: N803 - likewise
    found = await find_part(call, REFUND, refundId)
    return _shown(call, found.order, found.id)


@endpoint(
    "GET",
    "/orders/{orderId}/refunds",
    "List the refunds of an order",
    scopes=READ,
    answers=RefundsAnswer,
    tagged=True,
    group="Refunds",
    shows=part_examples.refunds,
)
async def list_order_refunds(call: Call, orderId: str) -> Answer:  # noqa: N803 - likewise
    order = await find(call, orderId)
    shown = [show_refund(order, each, call.caller.shop) for each in order.refunds]
    return part(call, "refunds", shown, order.version)


@endpoint(
    "GET",
    "/refunds",
    "List refunds",
    scopes=READ,
    answers=RefundsAnswer,
    group="Refunds",
    shows=part_examples.refunds,
    heavy=lambda _: True,
)
async def list_refunds(call: Call, query: RefundsQuery) -> Answer:
    among, position = _walk(call, query)
    limit = said(query.limit, position.limit)
    rows = await part_index.page(
        call.tx,
        among,
        shop_id=call.caller.shop.id,
        key=position.key,
        backward=position.backward,
        limit=limit + 1,
    )
    more = len(rows) > limit
    rows = (rows[1:] if position.backward else rows[:-1]) if more else rows
    tokens = {}
    if rows and (more if position.backward else bool(position.key)):
        tokens["previous"] = _token(call, position, rows[0], limit, backward=True)
    if rows and (more or position.backward):
        tokens["next"] = _token(call, position, rows[-1], limit, backward=False)
    headers = (("link", link(call.request.url, tokens, limit=str(limit))),) if tokens else ()
    bodies = {row.order_id: row.body for row in rows}
    orders = {order_id: decode(body) for order_id, body in bodies.items()}
    shown = [_of(orders[row.order_id], row, call) for row in rows]
    answer = part(call, "refunds", shown, 0)
    return Answer(answer.body, headers)


def _walk(call: Call, query: RefundsQuery) -> tuple[Among, Position]:
    """What is listed, and from where on."""
    if query.page_token is UNSET:
        filters = {name: said(getattr(query, name)) for name in ("order_id", "refund_id", "ids")}
        position = Position(list=_list(call), key=(), filters=filters, limit=DEFAULT)
    else:
        for name in sorted(set(call.request.parameters()) - BESIDE_TOKEN):
            raise Unreadable(
                f"{name} cannot be passed when pageToken is present: the token carries the filters.",
                fields={name: ["cannot stand beside pageToken"]},
            )
        position = call.pages.read(said(query.page_token), of=_list(call))
    wanted = position.filters
    ids = {wanted["refund_id"]} if wanted["refund_id"] else None
    if wanted["ids"]:
        ids = set(wanted["ids"]) if ids is None else ids & set(wanted["ids"])
    return (
        Among(
            kind=REFUND,
            order_id=wanted["order_id"],
            ids=None if ids is None else (*sorted(ids), ""),
            since=since(call),
        ),
        position,
    )


def _token(call: Call, position: Position, row: Listed, limit: int, *, backward: bool) -> str:
    at = (row.created_at, row.id)
    return call.pages.write(
        Position(list=position.list, key=at, backward=backward, filters=position.filters, limit=limit)
    )


def _list(call: Call) -> str:
    """What a token is good for: the refunds of one shop, seen by one installation."""
    return f"refunds/{call.caller.shop.id}/{call.caller.installation_id}"


def _of(order: Order, row: Listed, call: Call) -> object:
    return show_refund(order, refund_of(order, row.id), call.caller.shop)


def _shown(call: Call, order: Order, refund_id: str) -> Answer:
    return part(
        call, "refund", show_refund(order, refund_of(order, refund_id), call.caller.shop), order.version
    )


ENDPOINTS = endpoints_of(vars())
