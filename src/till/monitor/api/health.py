"""The health of an app, for itself."""

from typing import Annotated, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till.deliveries.api.acting import READ, answer
from till.dialect import readers
from till.dialect.readers import Note
from till.monitor import health_wire
from till.monitor.facts import facts_of
from till.monitor.health_wire import HealthAnswer, show
from till.monitor.whose import whose
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

Unset: TypeAlias = UnsetType


class HealthQuery(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Of which shop."""

    shop: Annotated[
        str | Unset,
        readers.text(63, shortest=1, nullable=False),
        Note(about="Only of the shop with this handle; for calls with the app's own credentials."),
    ] = UNSET


@endpoint(
    "GET",
    "/app/health",
    "Get the app's health",
    scopes=READ,
    answers=HealthAnswer,
    shows=health_wire.example,
    heavy=lambda _: True,
    settled=True,
    whole_app=True,
    statuses=(404,),
    group="Apps",
    source="additive",
)
async def get_app_health(call: Call, query: HealthQuery) -> Answer:
    of = await whose(call, query.shop)
    facts = await facts_of(call.tx, of.client_id, of.shop_id, at=call.at)
    return answer(call, HealthAnswer(health=show(facts, of.timezone)))


ENDPOINTS = endpoints_of(vars())
