"""The walk along a list of orders (rulings.md §6.2)."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, UnsetType

from till.dialect import lists, readers
from till.dialect.readers import Note
from till.orders.query import OrderFilter
from till.orders.view import Stored
from till.orders.wire.answer import ORDER_FIELDS
from till.web import walk
from till.web.call import Call
from till.web.walk import DEFAULT, MOST, Walk

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


def walk_of(call: Call, query: OrderListQuery) -> Walk[OrderFilter]:
    """Where this page begins: at the token, after `sinceId`, or at the newest order."""
    after = None if query.since_id is UNSET else query.since_id
    return walk.walk_of(call, query, OrderFilter, "orders", after=after)


def tokens_around(
    call: Call, step: Walk[OrderFilter], rows: list[Stored]
) -> tuple[list[Stored], dict[str, str]]:
    """The rows of this page, and the tokens of the pages before and after it."""
    return walk.tokens_around(call, step, rows, lambda row: (row.created_at, row.id))
