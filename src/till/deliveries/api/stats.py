"""How subscriptions fare, one or all: the figures of the partner portal (delivery.md §1). Additive."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.clock import DAY, EARLIEST
from till.deliveries import stats_wire
from till.deliveries.api.acting import GROUP, READ, answer, find
from till.deliveries.replay_wire import moment
from till.deliveries.stats import stats_of
from till.deliveries.stats_wire import StatsAnswer, show
from till.dialect import readers
from till.dialect.readers import Note
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

Unset: TypeAlias = UnsetType
USUAL = 7 * DAY


class By(StrEnum):
    HOUR = "hour"


class StatsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Of which time, and in which parts."""

    from_: Annotated[
        int | Unset,
        readers.time(nullable=False, since=EARLIEST),
        Note(about="From this moment on; else of seven days."),
    ] = msgspec.field(default=UNSET, name="from")
    to: Annotated[
        int | Unset,
        readers.time(nullable=False, since=EARLIEST),
        Note(about="Up to this moment, now without it."),
    ] = UNSET
    by: Annotated[
        By | Unset, readers.one_of(By, nullable=False), Note(about="Also the figures of each hour.")
    ] = UNSET


@endpoint(
    "GET",
    "/app/webhooks/{webhookId}/stats",
    "Get the figures of a subscription",
    scopes=READ,
    answers=StatsAnswer,
    shows=stats_wire.stats,
    heavy=lambda _: True,
    group=GROUP,
    source="additive",
)
async def get_webhook_stats(call: Call, webhookId: str, query: StatsQuery) -> Answer:  # noqa: N803 - the path's own name
    return await _stats(call, query, (await find(call, webhookId)).id)


@endpoint(
    "GET",
    "/app/webhooks/stats",
    "Get the figures of all subscriptions",
    scopes=READ,
    answers=StatsAnswer,
    shows=stats_wire.stats,
    heavy=lambda _: True,
    group=GROUP,
    source="additive",
)
async def get_all_webhook_stats(call: Call, query: StatsQuery) -> Answer:
    return await _stats(call, query, None)


async def _stats(call: Call, query: StatsQuery, subscription_id: int | None) -> Answer:
    last = moment(query.to, default=call.at)
    since, until = sorted((moment(query.from_, default=max(EARLIEST, last - USUAL)), last))
    found = await stats_of(
        call.tx,
        shop_id=call.caller.shop.id,
        installation_id=call.caller.installation_id,
        subscription_id=subscription_id,
        since=since,
        until=until,
    )
    return answer(call, StatsAnswer(stats=show(found, at=call.at, by_hour=query.by is not UNSET)))


ENDPOINTS = endpoints_of(vars())
