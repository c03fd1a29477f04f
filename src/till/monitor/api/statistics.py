"""The statistics of an app, for itself."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from till.clock import DAY, EARLIEST
from till.deliveries.api.acting import READ, answer
from till.deliveries.replay_wire import moment
from till.dialect import readers
from till.dialect.readers import Note
from till.monitor import statistics_wire
from till.monitor.spans import Granularity, Span
from till.monitor.statistics import statistics_of
from till.monitor.statistics_wire import StatisticsAnswer, show
from till.monitor.whose import whose
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

Unset: TypeAlias = UnsetType
USUAL = 7 * DAY
GROUP = "Apps"


class StatisticsQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Of which time, in which steps, of which shop."""

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
    granularity: Annotated[
        Granularity | Unset,
        readers.one_of(Granularity, nullable=False),
        Note(about="The steps of the series, days without it."),
    ] = UNSET
    shop: Annotated[
        str | Unset,
        readers.text(63, shortest=1, nullable=False),
        Note(about="Only of the shop with this handle; for calls with the app's own credentials."),
    ] = UNSET


@endpoint(
    "GET",
    "/app/statistics",
    "Get the app's statistics",
    scopes=READ,
    answers=StatisticsAnswer,
    shows=statistics_wire.example,
    heavy=lambda _: True,
    settled=True,
    whole_app=True,
    statuses=(404,),
    group=GROUP,
    source="additive",
)
async def get_app_statistics(call: Call, query: StatisticsQuery) -> Answer:
    of = await whose(call, query.shop)
    last = moment(query.to, default=call.at)
    since, until = sorted((moment(query.from_, default=max(EARLIEST, last - USUAL)), last))
    by = Granularity.DAY if query.granularity is UNSET else query.granularity
    span = Span(since=since, until=until, by=by, timezone=of.timezone).checked()
    found = await statistics_of(call.tx, of.client_id, of.shop_id, span)
    return answer(call, StatisticsAnswer(statistics=show(found, at=call.at)))


ENDPOINTS = endpoints_of(vars())
