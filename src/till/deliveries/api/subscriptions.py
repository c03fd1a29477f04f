"""The documented endpoints of subscriptions (genstore.md §8.1), and the same by their older path."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.deliveries import examples
from till.deliveries.api.acting import GROUP, READ, WRITE, answer, find, one, store_of
from till.deliveries.store import Where
from till.deliveries.subscribing import changed, subscribed
from till.deliveries.wire import (
    WEBHOOK_FIELDS,
    WebhookAnswer,
    WebhookChangeRequest,
    WebhookCountAnswer,
    WebhookRequest,
    WebhooksAnswer,
    show,
)
from till.dialect import lists, readers
from till.dialect.nothing import NothingAnswer
from till.dialect.readers import Note
from till.errors import Invalid
from till.web.call import Answer, Call
from till.web.endpoint import Endpoint, endpoint
from till.web.walk import DEFAULT, MOST, check_fields, links, tokens_around, walk_of

Unset: TypeAlias = UnsetType
NEWER, OLDER = "/app/webhooks", "/webhooks"


class WebhookFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which subscriptions."""

    topic: Annotated[
        str | Unset, readers.text(100, shortest=1, nullable=False), Note(about="Of this topic.")
    ] = UNSET
    address: Annotated[
        str | Unset, readers.text(2_048, shortest=1, nullable=False), Note(about="At this address.")
    ] = UNSET


class WebhookListQuery(WebhookFilter, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which subscriptions, and how to walk them."""

    limit: Annotated[
        int | Unset,
        readers.whole(1, MOST, nullable=False),
        Note(about=f"How many on a page, {DEFAULT} without it."),
    ] = UNSET
    page_token: Annotated[
        str | Unset,
        readers.text(4_000, shortest=1, nullable=False),
        Note(about="Another page of a walk, from the `Link` header; only limit and fields stand beside it."),
    ] = UNSET
    since_id: Annotated[
        int | Unset,
        readers.whole(0, 2**53, nullable=False),
        Note(about="Begin after the one with this id, and walk as they were made."),
    ] = UNSET
    fields: Annotated[
        tuple[str, ...] | Unset,
        lists.comma_list(100, among=WEBHOOK_FIELDS),
        Note(additive=True, about="Show only these keys of each."),
    ] = UNSET


async def create_webhook(call: Call, body: WebhookRequest) -> Answer:
    made = subscribed(body.webhook, call.caller, call.check_address, new_id=call.mint(), at=call.at)
    await store_of(call).add(made)
    return one(call, made, 201)


async def create_webhook_by_older_path(call: Call, body: WebhookRequest) -> Answer:
    return await create_webhook(call, body)


async def list_webhooks(call: Call, query: WebhookListQuery) -> Answer:
    after = None if query.since_id is UNSET else query.since_id
    walk = walk_of(call, query, WebhookFilter, "webhooks", after=after)
    names = () if query.fields is UNSET else query.fields
    wanted = check_fields(names, WEBHOOK_FIELDS, "a webhook")
    rows = await store_of(call).page(
        _where(call, walk.wanted),
        key=walk.key,
        backward=walk.backward,
        ascending=walk.ascending,
        limit=walk.limit + 1,
    )
    rows, tokens = tokens_around(call, walk, rows, lambda each: (each.id,))
    shown = [msgspec.to_builtins(show(each, call.caller.shop.timezone)) for each in rows]
    if wanted:
        shown = [{name: value for name, value in each.items() if name in wanted} for each in shown]
    return msgspec.structs.replace(
        answer(call, {"webhooks": shown}), headers=links(call, walk, tokens, names)
    )


async def list_webhooks_by_older_path(call: Call, query: WebhookListQuery) -> Answer:
    return await list_webhooks(call, query)


async def count_webhooks(call: Call, query: WebhookFilter) -> Answer:
    return answer(call, {"count": await store_of(call).number(_where(call, query))})


async def count_webhooks_by_older_path(call: Call, query: WebhookFilter) -> Answer:
    return await count_webhooks(call, query)


async def get_webhook(call: Call, webhookId: str) -> Answer:  # noqa: N803 - the path's own name
    return one(call, await find(call, webhookId))


async def get_webhook_by_older_path(call: Call, webhookId: str) -> Answer:  # noqa: N803 - likewise
    return await get_webhook(call, webhookId)


async def update_webhook(
    call: Call,
    webhookId: str,  # noqa: N803 - the path's own name
    body: WebhookChangeRequest,
) -> Answer:
    old = await find(call, webhookId)
    new = changed(old, body.webhook, call.caller, call.check_address, at=call.at)
    if new is not old:
        await store_of(call).put(new)
    return one(call, new)


async def update_webhook_by_older_path(
    call: Call,
    webhookId: str,  # noqa: N803 - the path's own name
    body: WebhookChangeRequest,
) -> Answer:
    return await update_webhook(call, webhookId, body)


async def delete_webhook(call: Call, webhookId: str) -> Answer:  # noqa: N803 - the path's own name
    await store_of(call).remove(await find(call, webhookId), at=call.at)
    return Answer(b"{}")


async def delete_webhook_by_older_path(call: Call, webhookId: str) -> Answer:  # noqa: N803 - likewise
    return await delete_webhook(call, webhookId)


def _where(call: Call, asked: WebhookFilter) -> Where:
    return Where(
        topic=None if asked.topic is UNSET else asked.topic,
        address=None if asked.address is UNSET else _stored(call, asked.address),
    )


def _stored(call: Call, address: str) -> str:
    """An address as a subscription would have it; as it is, where none may have it any more."""
    try:
        return call.check_address(address)
    except Invalid:
        return address


def _both(
    method: str,
    path: str,
    summary: str,
    newer: Callable[..., Any],
    older: Callable[..., Any],
    **declared: Any,
) -> tuple[Endpoint, Endpoint]:
    """The endpoint, and its twin of which only the creation was ever published."""
    common = {"group": GROUP, "scopes": READ if method == "GET" else WRITE} | declared
    if method != "GET":
        # A change that ran in turns with this one might remember a subscription that comes to nothing.
        common |= {"alone": True}
    source = "genstore" if method == "POST" else "additive"
    return (
        endpoint(method, NEWER + path, summary, **common)(newer),
        endpoint(method, OLDER + path, f"{summary}, by the older path", source=source, **common)(older),
    )


CREATE = _both(
    "POST",
    "",
    "Subscribe to a topic",
    create_webhook,
    create_webhook_by_older_path,
    answers=WebhookAnswer,
    status=201,
    sends=examples.CREATE,
    shows=examples.webhook,
)
LIST = _both(
    "GET",
    "",
    "List subscriptions",
    list_webhooks,
    list_webhooks_by_older_path,
    answers=WebhooksAnswer,
    shows=examples.webhooks,
)
COUNT = _both(
    "GET",
    "/count",
    "Count subscriptions",
    count_webhooks,
    count_webhooks_by_older_path,
    answers=WebhookCountAnswer,
    shows=lambda: {"count": 3},
)
GET = _both(
    "GET",
    "/{webhookId}",
    "Get a subscription",
    get_webhook,
    get_webhook_by_older_path,
    answers=WebhookAnswer,
    shows=examples.webhook,
)
UPDATE = _both(
    "PUT",
    "/{webhookId}",
    "Change a subscription",
    update_webhook,
    update_webhook_by_older_path,
    answers=WebhookAnswer,
    sends=examples.CHANGE,
    shows=examples.webhook,
)
DELETE = _both(
    "DELETE",
    "/{webhookId}",
    "Delete a subscription",
    delete_webhook,
    delete_webhook_by_older_path,
    answers=NothingAnswer,
    shows=dict,
)
BOTH = (CREATE, LIST, COUNT, GET, UPDATE, DELETE)
ENDPOINTS = (*(newer for newer, _ in BOTH), *(older for _, older in BOTH))
