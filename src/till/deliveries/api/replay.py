"""Sending again: one delivery, several, all that failed, or what was never sent. Additive."""

from msgspec import UNSET

from till.deliveries import log_examples, replay_wire
from till.deliveries.again import MOST, NoLongerOnRecord, Resent, Span
from till.deliveries.api.acting import SENDS, answer, find, log_of, sent_answer
from till.deliveries.api.life import resending
from till.deliveries.envelope import spell_moment
from till.deliveries.log_wire import DeliveryAnswer
from till.deliveries.replay_wire import USUAL, RecoverIn, ReplayAnswer, ReplayMissingIn, ends, moment
from till.dialect.body import invalid
from till.dialect.nothing import NothingIn
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of
from till.webhooks.subscription import Subscription

FIRST = bytes(16)


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver",
    "Send the event of a delivery again",
    answers=DeliveryAnswer,
    body_required=False,
    shows=log_examples.delivery,
    **SENDS,
)
async def redeliver(call: Call, webhookId: str, deliveryId: str, body: NothingIn) -> Answer:  # noqa: N803, ARG001 - the path's own names
    to = await find(call, webhookId)
    old = await log_of(call).get(deliveryId, subscription_id=to.id)
    return await sent_answer(call, to, await (await resending(call, to)).delivery(old))


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/recover",
    "Send the events of many deliveries again",
    answers=ReplayAnswer,
    body_required=False,
    sends=replay_wire.RECOVER,
    shows=replay_wire.replayed,
    **SENDS,
)
async def recover_deliveries(call: Call, webhookId: str, body: RecoverIn) -> Answer:  # noqa: N803 - the path's own name
    to = await find(call, webhookId)
    sending = await resending(call, to)
    if body.delivery_ids is not UNSET:
        _must_stand_alone(body)
        return _told(call, await sending.named(list(body.delivery_ids)))
    span = Span(
        since=moment(body.from_, default=0), until=ends(body.to), limit=moment(body.limit, default=MOST)
    )
    states = USUAL if body.states is UNSET else body.states
    after = body.cursor if isinstance(body.cursor, bytes) else FIRST
    return _told(call, await sending.ended(states, span, after=after))


@endpoint(
    "POST",
    "/app/webhooks/{webhookId}/replay-missing",
    "Send the events that a subscription did not get",
    answers=ReplayAnswer,
    sends=replay_wire.MISSING,
    shows=replay_wire.replayed,
    **SENDS,
)
async def replay_missing(call: Call, webhookId: str, body: ReplayMissingIn) -> Answer:  # noqa: N803 - likewise
    to = await find(call, webhookId)
    _must_be_on_record(call, to, body.from_)
    span = Span(since=body.from_, until=ends(body.to), limit=moment(body.limit, default=MOST))
    sending = await resending(call, to)
    return _told(call, await sending.missing(span, after=moment(body.cursor, default=0)))


def _must_be_on_record(call: Call, to: Subscription, since: int) -> None:
    """Refuse a time of which the record of deliveries is gone: what arrived then would be sent again."""
    known_since = call.at - call.delivered_kept
    if to.created_at < known_since and since < known_since:
        first = spell_moment(known_since)
        raise NoLongerOnRecord(
            f"from lies before {first}: what was delivered earlier is no longer on record, and would be sent "
            "twice. Give that moment or a later one; `send` sends a single event.",
            fields={"from": [f"lies before {first}"]},
        )


def _must_stand_alone(body: RecoverIn) -> None:
    beside = {"from": body.from_, "to": body.to, "states": body.states, "cursor": body.cursor}
    for name, value in beside.items():
        if value is not UNSET and value is not None:
            raise invalid({name: ["cannot stand beside deliveryIds"]})


def _told(call: Call, resent: Resent) -> Answer:
    return answer(call, ReplayAnswer(redelivered=resent.count, next=resent.next))


ENDPOINTS = endpoints_of(vars())
