"""Walking a list of orders page by page, forwards and backwards (rulings.md §6.2)."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.dialect import lists, readers
from till.dialect.pages import Position
from till.dialect.readers import Note
from till.errors import Unreadable
from till.orders.query import OrderFilter
from till.orders.view import Stored
from till.orders.wire.answer import ORDER_FIELDS
from till.orders.wire.request import said
from till.web.call import Call

DEFAULT, MOST = 50, 250
BESIDE_TOKEN = {"pageToken", "limit", "fields"}
Unset: TypeAlias = UnsetType


class OrderListQuery(OrderFilter, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """The filters of a list, and how to walk it."""

    limit: Annotated[
        int | Unset,
        readers.whole(1, MOST, nullable=False),
        Note(about=f"How many orders on a page, {DEFAULT} without it."),
    ] = UNSET
    page_token: Annotated[
        str | Unset,
        readers.text(4_000, shortest=1, nullable=False),
        Note(about="Another page of a walk, from the `Link` header; only limit and fields stand beside it."),
    ] = UNSET
    since_id: Annotated[
        int | Unset,
        readers.whole(0, 2**53, nullable=False),
        Note(about="Begin after this id, and walk by ascending id."),
    ] = UNSET
    fields: Annotated[
        tuple[str, ...] | Unset,
        lists.comma_list(100, among=ORDER_FIELDS),
        Note(additive=True, about="Show only these keys of each order."),
    ] = UNSET

    def is_light(self) -> bool:
        """True when a page is a short run of one index: nothing filters but creation."""
        return self.only_counted() and self.statuses() is None and self.page_token is UNSET


class FilterBesideToken(Unreadable):
    """A page token carries the filters of its walk, so none may stand beside it."""


class Walk(Struct, kw_only=True):
    """One step of a walk: what is listed, after which row, which way, how many."""

    wanted: OrderFilter
    limit: int
    key: tuple[int, ...] = ()
    backward: bool = False
    ascending: bool = False
    by_token: bool = False


def walk_of(call: Call, query: OrderListQuery) -> Walk:
    """Where this page begins: at the token, after `sinceId`, or at the newest order."""
    limit = said(query.limit, DEFAULT)
    if query.page_token is UNSET:
        wanted = OrderFilter(**{name: getattr(query, name) for name in OrderFilter.__struct_fields__})
        if query.since_id is UNSET:
            return Walk(wanted=wanted, limit=limit)
        return Walk(wanted=wanted, limit=limit, key=(said(query.since_id),), ascending=True)
    for name in sorted(set(call.request.parameters()) - BESIDE_TOKEN):
        raise FilterBesideToken(
            f"{name} cannot be passed when pageToken is present: the token carries the filters.",
            fields={name: ["cannot stand beside pageToken"]},
        )
    position = call.pages.read(said(query.page_token), of=_list(call))
    return Walk(
        wanted=msgspec.convert(position.filters, OrderFilter),
        limit=limit if query.limit is not UNSET else position.limit,
        key=position.key,
        backward=position.backward,
        ascending=position.ascending,
        by_token=True,
    )


def tokens_around(call: Call, walk: Walk, rows: list[Stored]) -> tuple[list[Stored], dict[str, str]]:
    """The rows of this page, and the tokens of the pages before and after it.

    `rows` holds one more than the page where there are more in the direction of the walk.
    """
    more = len(rows) > walk.limit
    if more:
        rows = rows[1:] if walk.backward else rows[:-1]
    # Coming from a page means that the row at whose edge this one begins is still there.
    has_next = more if not walk.backward else True
    has_previous = more if walk.backward else walk.by_token
    tokens = {}
    if rows and has_previous:
        tokens["previous"] = _token(call, walk, rows[0], backward=True)
    if rows and has_next:
        tokens["next"] = _token(call, walk, rows[-1], backward=False)
    return rows, tokens


def _token(call: Call, walk: Walk, row: Stored, *, backward: bool) -> str:
    return call.pages.write(
        Position(
            list=_list(call),
            key=(row.id,) if walk.ascending else (row.created_at, row.id),
            backward=backward,
            ascending=walk.ascending,
            filters=msgspec.to_builtins(walk.wanted),
            limit=walk.limit,
        )
    )


def _list(call: Call) -> str:
    """What a token is good for: the orders of one shop, seen by one installation."""
    return f"orders/{call.caller.shop.id}/{call.caller.installation_id}"
