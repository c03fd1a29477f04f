"""The REST endpoints of customers, who are made by orders and only read here."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, UnsetType

from till.customers import examples
from till.customers.query import CustomerFilter, Where, where
from till.customers.search import CustomerSearch, searching
from till.customers.store import Customers
from till.customers.view import View
from till.customers.wire import CUSTOMER_FIELDS, CustomerAnswer, CustomerCountAnswer, CustomersAnswer
from till.dialect import lists, readers
from till.dialect.readers import Note
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.web.walk import DEFAULT, MOST, F, Walk, check_fields, links, tokens_around, walk_of

READ = frozenset({"read_customers", "write_customers"})
GROUP = "Customers"

Unset: TypeAlias = UnsetType
Limit: TypeAlias = Annotated[
    int | Unset,
    readers.whole(1, MOST, nullable=False),
    Note(about=f"How many customers on a page, {DEFAULT} without it."),
]
Token: TypeAlias = Annotated[
    str | Unset,
    readers.text(4_000, shortest=1, nullable=False),
    Note(about="Another page of a walk, from the `Link` header; only limit and fields stand beside it."),
]
Fields: TypeAlias = Annotated[
    tuple[str, ...] | Unset,
    lists.comma_list(100, among=CUSTOMER_FIELDS),
    Note(additive=True, about="Show only these keys of each customer."),
]


class CustomerListQuery(CustomerFilter, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """The filters of a list, and how to walk it."""

    limit: Limit = UNSET
    page_token: Token = UNSET
    since_id: Annotated[
        int | Unset,
        readers.whole(0, 2**53, nullable=False),
        Note(about="Begin after the customer with this id, and walk as they were made."),
    ] = UNSET
    fields: Fields = UNSET


class CustomerSearchQuery(CustomerSearch, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Whom a search is for, and how to walk what it finds."""

    limit: Limit = UNSET
    page_token: Token = UNSET
    fields: Fields = UNSET


@endpoint(
    "GET",
    "/customers",
    "List customers",
    scopes=READ,
    answers=CustomersAnswer,
    shows=examples.customers,
    heavy=lambda _: True,
    group=GROUP,
)
async def list_customers(call: Call, query: CustomerListQuery) -> Answer:
    after = None
    if query.since_id is not UNSET:
        after = await Customers(call.tx, call.caller.shop).number_of(query.since_id)
    walk = walk_of(call, query, CustomerFilter, "customers", after=after)
    return await _page(call, walk, where(walk.wanted, shop_id=call.caller.shop.id), query.fields)


@endpoint(
    "GET",
    "/customers/count",
    "Count customers",
    scopes=READ,
    answers=CustomerCountAnswer,
    shows=lambda: {"count": 500},
    heavy=lambda _: True,
    group=GROUP,
    source="additive",
)
async def count_customers(call: Call, query: CustomerFilter) -> Answer:
    n = await Customers(call.tx, call.caller.shop).number(where(query, shop_id=call.caller.shop.id))
    return Answer(_view(call).count(n))


@endpoint(
    "GET",
    "/customers/search",
    "Search customers",
    scopes=READ,
    answers=CustomersAnswer,
    shows=examples.customers,
    heavy=lambda _: True,
    group=GROUP,
)
async def search_customers(call: Call, query: CustomerSearchQuery) -> Answer:
    walk = walk_of(call, query, CustomerSearch, "customers/search", after=None)
    found = searching(walk.wanted, shop_id=call.caller.shop.id, hidden=call.caller.hidden)
    return await _page(call, walk, found, query.fields)


@endpoint(
    "GET",
    "/customers/{customerId}",
    "Get a customer",
    scopes=READ,
    answers=CustomerAnswer,
    shows=examples.customer,
    group=GROUP,
)
async def get_customer(call: Call, customerId: str) -> Answer:  # noqa: N803 - the path's own name
    return Answer(_view(call).one(await Customers(call.tx, call.caller.shop).get(customerId)))


def _view(call: Call) -> View:
    return View(call.caller, call.fidelity)


async def _page(call: Call, walk: Walk[F], found: Where, fields: tuple[str, ...] | UnsetType) -> Answer:
    names = () if fields is UNSET else fields
    wanted = check_fields(names, CUSTOMER_FIELDS, "a customer")
    rows = await Customers(call.tx, call.caller.shop).page(
        found, key=walk.key, backward=walk.backward, ascending=walk.ascending, limit=walk.limit + 1
    )
    shown, tokens = tokens_around(call, walk, rows, lambda each: (each.created_at, each.number))
    return Answer(_view(call).many(shown, wanted), links(call, walk, tokens, names))


ENDPOINTS = endpoints_of(vars())
