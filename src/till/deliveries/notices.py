"""What an app is told of its own webhooks: failing, recovered, exhausted, disabled.

These are events like all others, recorded in the shop, but told to no other app.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from till.clock import iso
from till.db.port import Tx
from till.deliveries.catalog import APPS, KINDS
from till.deliveries.envelope import spell_id
from till.deliveries.health import Health, Kind, Verdict
from till.webhooks.forms import Telling
from till.webhooks.outbox import record, take
from till.webhooks.topic import Resource, Topic

EXHAUSTED = "webhook/exhausted"
# Of more than this, the log of deliveries tells.
MOST_NAMED = 100
ZONE = "SELECT timezone FROM shops WHERE id = :shop_id"


class Ended(Struct, frozen=True):
    """A delivery that came to nothing, for good unless it is sent again: `state` is exhausted or blocked."""

    id: bytes
    topic: str
    resource_id: int
    state: str
    reason: str | None


async def tell_verdict(tx: Tx, health: Health, verdict: Verdict, *, at: int) -> None:
    """Record what was found of a subscription's health."""
    told: dict[str, Any] = {}
    if verdict.kind is Kind.FAILING:
        told["percent"] = verdict.share
    await _tell(tx, verdict.kind.value, health, told, at=at)


async def tell_ended(tx: Tx, health: Health, ended: Sequence[Ended], *, at: int) -> None:
    """Record that deliveries of a subscription came to nothing."""
    deliveries = [
        {
            "id": spell_id(each.id),
            "topic": each.topic,
            "resourceId": each.resource_id,
            "state": each.state,
            "reason": each.reason,
        }
        for each in ended[:MOST_NAMED]
    ]
    await _tell(tx, EXHAUSTED, health, {"exhausted": len(ended), "deliveries": deliveries}, at=at)


async def _tell(tx: Tx, topic: str, health: Health, told: dict[str, Any], *, at: int) -> None:
    zone = str((await tx.fetch(ZONE, shop_id=health.shop_id))[0][0])
    webhook = {
        "id": health.id,
        "topic": health.topic,
        "address": health.address,
        "state": health.state.value,
        "reason": health.reason,
        "failures": health.failures,
        "failingSince": _moment(health.failing_since, zone),
        "lastSuccessAt": _moment(health.last_success_at, zone),
        **told,
    }
    payload = msgspec.json.encode({"webhook": webhook})
    numbers = await take(tx, shop_id=health.shop_id, events=1)
    await record(
        tx,
        [Topic(topic, APPS, lambda old, new: old is not new)],
        Telling(payload, KINDS[topic].render, only=health.installation_id),
        numbers=numbers,
        resource=Resource(health.shop_id, health.id, at, at),
    )


def _moment(micros: int | None, zone: str) -> str | None:
    return None if micros is None else iso(micros, zone)
