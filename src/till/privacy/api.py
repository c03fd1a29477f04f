"""Erasing a customer's personal data, and handing it over. Additive (genstore.md §9.5)."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from till.customers.customer import Known
from till.customers.store import Customers
from till.dialect import readers
from till.dialect.nothing import NothingIn
from till.dialect.readers import Note
from till.dialect.scalars import documented
from till.errors import Forbidden, Invalid, NotFound
from till.orders.topics import READ
from till.orders.view import documented_order
from till.orders.wire.reading import said
from till.privacy import examples, holding, person, topics, wishes
from till.privacy.wire import (
    DataRequestAnswer,
    ErasureAnswer,
    HeldAnswer,
    RedactIn,
    show_erasure,
    show_request,
)
from till.privacy.wishes import Kind, Stage, Wish, Wishes
from till.shop import Fidelity
from till.web.call import Answer, Call, path_id
from till.web.endpoint import endpoint, endpoints_of

WRITE = frozenset({"write_customers"})
GROUP = "Privacy"


class ErasureNotFound(NotFound):
    """Nobody wished that this customer's data be erased."""


class CannotRevoke(Invalid):
    """The erasure is no longer only a wish."""


class PersonalData(Forbidden):
    """All that is held about somebody is for callers who may see all of it."""


class HeldQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    since_order_id: Annotated[
        str | UnsetType,
        readers.identifier(nullable=False),
        Note(about="Only orders after the one with this id, from `nextOrderId` of the document before."),
    ] = UNSET


@endpoint(
    "POST",
    "/customers/{customerId}/redact",
    "Have a customer's personal data erased",
    scopes=WRITE,
    answers=ErasureAnswer,
    body_required=False,
    statuses=(422,),
    source="additive",
    group=GROUP,
    alone=True,
    sends=examples.REDACT,
    shows=examples.erasure,
)
async def redact_customer(call: Call, customerId: str, body: RedactIn) -> Answer:  # noqa: N803 - the path's own name
    customer = await _customer(call, customerId)
    found = Wishes(call.tx, call.caller.shop.id)
    last = await found.last(customer.number)
    forced = said(body.now, default=False)
    if last is not None and last.state.is_open:
        if forced and last.state is Stage.SCHEDULED:
            last = await found.put(replace(last, forced=True, due_at=call.at, next_at=call.at))
        return _erasure(call, last, customer)
    ordered_at = await person.last_order_at(call.tx, customer.id, shop_id=call.caller.shop.id)
    due_at = wishes.due_at(requested_at=call.at, last_order_at=ordered_at, forced=forced)
    wish = _wish(call, Kind.ERASURE, customer, Stage.SCHEDULED)
    wish = replace(wish, reason=said(body.reason), forced=forced, due_at=due_at, next_at=due_at)
    return _erasure(call, await found.add(wish), customer)


@endpoint(
    "GET",
    "/customers/{customerId}/redact",
    "Get the erasure of a customer's personal data",
    scopes=WRITE,
    answers=ErasureAnswer,
    source="additive",
    group=GROUP,
    shows=examples.erasure,
)
async def get_erasure(call: Call, customerId: str) -> Answer:  # noqa: N803 - likewise
    customer = await _customer(call, customerId)
    return _erasure(call, await _last(call, customer), customer)


@endpoint(
    "DELETE",
    "/customers/{customerId}/redact",
    "Revoke the erasure of a customer's personal data",
    scopes=WRITE,
    answers=ErasureAnswer,
    statuses=(422,),
    source="additive",
    group=GROUP,
    alone=True,
    shows=examples.erasure,
)
async def revoke_erasure(call: Call, customerId: str) -> Answer:  # noqa: N803 - likewise
    customer = await _customer(call, customerId)
    wish = await _last(call, customer)
    if wish.state in (Stage.ERASING, Stage.ERASED):
        raise CannotRevoke(
            f"The personal data of customer {customer.id} is {wish.state}: what is gone cannot come back."
        )
    if wish.state is Stage.SCHEDULED:
        ended = replace(wish, state=Stage.REVOKED, reason=None, ended_at=call.at, next_at=None)
        ended = replace(ended, revoked_by=call.caller.client_id)
        wish = await Wishes(call.tx, call.caller.shop.id).put(ended)
    return _erasure(call, wish, customer)


@endpoint(
    "POST",
    "/customers/{customerId}/data_request",
    "Ask all apps for what they hold about a customer",
    scopes=WRITE,
    answers=DataRequestAnswer,
    body_required=False,
    source="additive",
    group=GROUP,
    alone=True,
    shows=examples.data_request,
)
async def create_data_request(call: Call, customerId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise; the body says nothing
    customer = await _customer(call, customerId)
    shop = call.caller.shop
    keys = await person.keys_of(call.tx, shop_id=shop.id, number=customer.number)
    subject = person.subject_of(customer, keys)
    orders = [order.id for order in await person.owned_by(call.tx, subject, shop)]
    wish = _wish(call, Kind.DATA_REQUEST, customer, Stage.TOLD)
    number = await topics.tell_data_request(call.tx, shop, subject, orders, request_id=wish.id, at=call.at)
    next_at = call.at + wishes.TOLD_LEAST
    wish = await Wishes(call.tx, shop.id).add(replace(wish, change_number=number, next_at=next_at))
    shown = DataRequestAnswer(data_request=show_request(wish, customer, shop.timezone))
    return _answer(call, shown)


@endpoint(
    "GET",
    "/customers/{customerId}/data",
    "Get all that the shop holds about a customer",
    scopes=WRITE,
    answers=HeldAnswer,
    heavy=lambda _: True,
    source="additive",
    group=GROUP,
    shows=examples.held,
)
async def get_customer_data(call: Call, customerId: str, query: HeldQuery) -> Answer:  # noqa: N803 - likewise
    caller = call.caller
    if caller.hidden or not caller.all_orders or caller.scopes.isdisjoint(READ):
        raise PersonalData(
            "All that is held about a customer is shown to an app that may read every order and all "
            "personal data: grant it read_orders, read_all_orders and the protected fields."
        )
    customer = await _customer(call, customerId)
    after = 0
    if query.since_order_id is not UNSET:
        after = path_id(
            query.since_order_id, lambda text: NotFound(f"There is no order {text} in this shop.")
        )
    held = await holding.all_held(call.tx, caller, customer, after=after)
    answer: Any = msgspec.to_builtins(HeldAnswer(customer_data=held))
    if call.fidelity is Fidelity.TYPED:
        return Answer(msgspec.json.encode(answer))
    shown = documented(answer)
    for typed, printed in zip(answer["customerData"]["orders"], shown["customerData"]["orders"], strict=True):
        printed["order"] = documented_order(typed["order"], in_list=False)
    return Answer(msgspec.json.encode(shown))


async def _customer(call: Call, customer_id: str) -> Known:
    return await Customers(call.tx, call.caller.shop).get(customer_id)


async def _last(call: Call, customer: Known) -> Wish:
    wish = await Wishes(call.tx, call.caller.shop.id).last(customer.number)
    if wish is None:
        raise ErasureNotFound(f"Nobody asked to erase the personal data of customer {customer.id}.")
    return wish


def _wish(call: Call, kind: Kind, customer: Known, state: Stage) -> Wish:
    return Wish(
        shop_id=call.caller.shop.id,
        id=call.mint(),
        kind=kind,
        customer=customer.number,
        state=state,
        asked_by=call.caller.client_id,
        requested_at=call.at,
        due_at=call.at,
        next_at=None,
    )


def _erasure(call: Call, wish: Wish, customer: Known) -> Answer:
    return _answer(call, ErasureAnswer(erasure=show_erasure(wish, customer, call.caller.shop.timezone)))


def _answer(call: Call, shown: Struct) -> Answer:
    found: Any = msgspec.to_builtins(shown)
    return Answer(msgspec.json.encode(documented(found) if call.fidelity is Fidelity.DOCUMENTED else found))


ENDPOINTS = endpoints_of(vars())
