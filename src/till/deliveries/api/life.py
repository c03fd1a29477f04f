"""A subscription served or not, tried out, or sent one event by hand. Additive (delivery.md §8)."""

from msgspec import UNSET

from till.clock import DAY
from till.deliveries import breaker, examples, log_examples, replay_wire
from till.deliveries.api.acting import CHANGES, SENDS, find, one, sent_answer, store_of
from till.deliveries.feed import seen_since
from till.deliveries.log_wire import DeliveryAnswer
from till.deliveries.replay_wire import SendIn
from till.deliveries.resend import Resending
from till.deliveries.subscribing import must_be_heard
from till.deliveries.wire import EnableIn, Waiting, WebhookAnswer
from till.dialect.nothing import NothingIn
from till.errors import Invalid
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.webhooks import leaving
from till.webhooks.fanout import listener_of
from till.webhooks.subscription import State, Subscription

UNWANTED = "It was not wanted any more when the subscription was enabled."
PAUSED = "Paused by the app."


class NotServed(Invalid):
    """Nothing is sent to a subscription that is not active."""


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/enable",
    "Serve a subscription again",
    answers=WebhookAnswer,
    body_required=False,
    sends=examples.ENABLE,
    shows=examples.webhook,
    **CHANGES,
)
async def enable_webhook(call: Call, webhookId: str, body: EnableIn) -> Answer:  # noqa: N803 - the path's own name
    old = await find(call, webhookId)
    kept = Waiting.ALL if body.deliveries is UNSET else body.deliveries
    if kept is not Waiting.ALL:
        await leaving.cancel(
            call.tx,
            shop_id=old.shop_id,
            subscription_id=old.id,
            reason=UNWANTED,
            at=call.at,
            before=call.at - DAY if kept is Waiting.LAST24H else None,
        )
    if old.is_active:
        return one(call, old)
    store = store_of(call)
    await store.hurry(old, breaker=breaker.of_subscription(old.shop_id, old.id), at=call.at)
    return one(call, await store.set_state(old, State.ACTIVE, reason=None, at=call.at))


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/disable",
    "Pause a subscription",
    answers=WebhookAnswer,
    body_required=False,
    shows=examples.webhook,
    **CHANGES,
)
async def disable_webhook(call: Call, webhookId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    old = await find(call, webhookId)
    if not old.is_active:
        return one(call, old)
    return one(call, await store_of(call).set_state(old, State.PAUSED, reason=PAUSED, at=call.at))


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/test",
    "Send a test delivery",
    answers=DeliveryAnswer,
    body_required=False,
    shows=log_examples.delivery,
    **SENDS,
)
async def test_webhook(call: Call, webhookId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - likewise
    to = await _served(call, webhookId)
    return await sent_answer(call, to, await (await resending(call, to)).test())


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/send",
    "Send one event to a subscription",
    answers=DeliveryAnswer,
    sends=replay_wire.SEND,
    shows=log_examples.delivery,
    **SENDS,
)
async def send_to_webhook(call: Call, webhookId: str, body: SendIn) -> Answer:  # noqa: N803 - the path's own name
    to = await find(call, webhookId)
    sending = await resending(call, to)
    return await sent_answer(call, to, await sending.event(await sending.find(body.event_id)))


async def resending(call: Call, to: Subscription) -> Resending:
    """What sends to a subscription that may still hear its topic."""
    listener = await listener_of(call.tx, shop_id=to.shop_id, subscription_id=to.id)
    must_be_heard(to.topic, listener.scopes)
    since = seen_since(all_orders=call.caller.all_orders, at=call.at)
    return Resending(call.tx, to, listener, call.at, since)


async def _served(call: Call, text: str) -> Subscription:
    found = await find(call, text)
    if not found.is_active:
        raise NotServed(
            f"The webhook {found.id} is {found.state}, so that nothing is sent to it: enable it first.",
            fields={"webhook.state": [f"is {found.state}"]},
        )
    return found


ENDPOINTS = endpoints_of(vars())
