"""The log: what was sent, and what came of it. Additive (delivery.md §8)."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.clock import EARLIEST
from till.deliveries import log_examples
from till.deliveries.api.acting import GROUP, READ, answer, find, log_of
from till.deliveries.log import Wanted, key_of
from till.deliveries.log_wire import (
    AttemptsAnswer,
    DeliveriesAnswer,
    DeliveryDetailsAnswer,
    DeliveryState,
    show,
    show_attempt,
    show_details,
)
from till.deliveries.replay_wire import ends, in_order
from till.deliveries.store import no_webhook
from till.dialect import lists, readers
from till.dialect.readers import Note
from till.web.call import Answer, Call, path_id
from till.web.endpoint import endpoint, endpoints_of
from till.web.walk import DEFAULT, MOST, links, tokens_around, walk_of

Unset: TypeAlias = UnsetType


class DeliveryFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which deliveries."""

    state: Annotated[
        tuple[str, ...] | Unset, lists.word_list(DeliveryState), Note(about="In one of these states.")
    ] = UNSET
    topic: Annotated[
        str | Unset, readers.text(100, shortest=1, nullable=False), Note(about="Of this topic.")
    ] = UNSET
    from_: Annotated[
        int | Unset, readers.time(nullable=False, since=EARLIEST), Note(about="Owed from this moment on.")
    ] = msgspec.field(default=UNSET, name="from")
    to: Annotated[
        int | Unset, readers.time(nullable=False, since=EARLIEST), Note(about="Owed up to this moment.")
    ] = UNSET
    order_id: Annotated[
        int | Unset, readers.whole(0, 2**53, nullable=False), Note(about="Of events of this order.")
    ] = UNSET


class DeliveryListQuery(DeliveryFilter, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which deliveries, and how to walk them."""

    limit: Annotated[
        int | Unset,
        readers.whole(1, MOST, nullable=False),
        Note(about=f"How many on a page, {DEFAULT} without it."),
    ] = UNSET
    page_token: Annotated[
        str | Unset,
        readers.text(4_000, shortest=1, nullable=False),
        Note(about="Another page of a walk, from the `Link` header; only limit stands beside it."),
    ] = UNSET


@endpoint(
    "GET",
    "/app/webhooks/{webhookId}/deliveries",
    "List the deliveries of a subscription",
    scopes=READ,
    answers=DeliveriesAnswer,
    shows=log_examples.deliveries,
    heavy=lambda _: True,
    group=GROUP,
    source="additive",
)
async def list_deliveries(call: Call, webhookId: str, query: DeliveryListQuery) -> Answer:  # noqa: N803 - the path's own name
    return await _page(call, query, (await find(call, webhookId)).id)


@endpoint(
    "GET",
    "/app/deliveries",
    "List the deliveries of all subscriptions",
    scopes=READ,
    answers=DeliveriesAnswer,
    shows=log_examples.deliveries,
    heavy=lambda _: True,
    group=GROUP,
    source="additive",
)
async def list_all_deliveries(call: Call, query: DeliveryListQuery) -> Answer:
    return await _page(call, query, None)


@endpoint(
    "GET",
    "/app/webhooks/{webhookId}/deliveries/{deliveryId}",
    "Get a delivery with what was sent and answered",
    scopes=READ,
    answers=DeliveryDetailsAnswer,
    shows=log_examples.details,
    group=GROUP,
    source="additive",
)
async def get_delivery(call: Call, webhookId: str, deliveryId: str) -> Answer:  # noqa: N803 - the path's own name
    return await _details(call, deliveryId, path_id(webhookId, no_webhook))


@endpoint(
    "GET",
    "/app/deliveries/{deliveryId}",
    "Get a delivery of any subscription, deleted ones too",
    scopes=READ,
    answers=DeliveryDetailsAnswer,
    shows=log_examples.details,
    group=GROUP,
    source="additive",
)
async def get_any_delivery(call: Call, deliveryId: str) -> Answer:  # noqa: N803 - likewise
    return await _details(call, deliveryId, None)


@endpoint(
    "GET",
    "/app/webhooks/{webhookId}/deliveries/{deliveryId}/attempts",
    "List the attempts of a delivery",
    scopes=READ,
    answers=AttemptsAnswer,
    shows=log_examples.attempts,
    group=GROUP,
    source="additive",
)
async def list_attempts(call: Call, webhookId: str, deliveryId: str) -> Answer:  # noqa: N803 - likewise
    return await _attempts(call, deliveryId, path_id(webhookId, no_webhook))


@endpoint(
    "GET",
    "/app/deliveries/{deliveryId}/attempts",
    "List the attempts of a delivery of any subscription, deleted ones too",
    scopes=READ,
    answers=AttemptsAnswer,
    shows=log_examples.attempts,
    group=GROUP,
    source="additive",
)
async def list_any_attempts(call: Call, deliveryId: str) -> Answer:  # noqa: N803 - likewise
    return await _attempts(call, deliveryId, None)


async def _details(call: Call, text: str, subscription_id: int | None) -> Answer:
    log = log_of(call)
    found = await log.get(text, subscription_id=subscription_id)
    attempts = await log.attempts(found)
    shown = show_details(found, await log.body(found), attempts[-1] if attempts else None)
    return answer(call, DeliveryDetailsAnswer(delivery=shown))


async def _attempts(call: Call, text: str, subscription_id: int | None) -> Answer:
    log = log_of(call)
    found = await log.get(text, subscription_id=subscription_id)
    shown = tuple(show_attempt(each, is_test=found.is_test) for each in await log.attempts(found))
    return answer(call, AttemptsAnswer(attempts=shown))


async def _page(call: Call, query: DeliveryListQuery, subscription_id: int | None) -> Answer:
    name = "deliveries" if subscription_id is None else f"webhooks/{subscription_id}/deliveries"
    walk = walk_of(call, query, DeliveryFilter, name, after=None)
    asked = walk.wanted
    since, until = in_order(
        None if asked.from_ is UNSET else asked.from_, None if asked.to is UNSET else asked.to
    )
    wanted = Wanted(
        subscription_id=subscription_id,
        states=() if asked.state is UNSET else asked.state,
        topic=None if asked.topic is UNSET else asked.topic,
        since=since,
        until=None if until is None else ends(until),
        resource_id=None if asked.order_id is UNSET else asked.order_id,
    )
    rows = await log_of(call).page(wanted, key=walk.key, backward=walk.backward, limit=walk.limit + 1)
    rows, tokens = tokens_around(call, walk, rows, lambda each: key_of(each.id))
    shown = DeliveriesAnswer(deliveries=tuple(show(each) for each in rows))
    return msgspec.structs.replace(answer(call, shown), headers=links(call, walk, tokens, ()))


ENDPOINTS = endpoints_of(vars())
