"""`till app stats` and `till app health`: how an app fares, read from the store itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from till import clock
from till.apps.store import Apps
from till.cli.options import ClientId, Data, Database, Json, settings_of
from till.cli.orders.reading import moment
from till.cli.outcome import print_json, refusals
from till.cli.store import Store, with_store
from till.cli.table import print_facts, print_table
from till.clock import DAY
from till.db.port import Tx
from till.deliveries.replay_wire import ends, in_order
from till.monitor import health_wire, statistics_wire
from till.monitor.facts import facts_of
from till.monitor.health_wire import HealthAnswer
from till.monitor.spans import Granularity, Span
from till.monitor.statistics import statistics_of
from till.monitor.statistics_wire import StatisticsAnswer
from till.shop import Shop
from till.shops.store import Shops

app = typer.Typer()

T = TypeVar("T")
USUAL = 7 * DAY
OfOneShop = Annotated[str | None, typer.Option("--shop", help="Only of the shop with this handle.")]
Since = Annotated[
    str | None, typer.Option("--from", help="From then on: 2026-03-01, a time with its offset, or 7d, 12h.")
]
Until = Annotated[str | None, typer.Option("--to", help="Up to then, spelled likewise.")]


@app.command()
def stats(  # noqa: PLR0913 - an option each
    client_id: ClientId,
    *,
    shop: OfOneShop = None,
    since: Since = None,
    until: Until = None,
    by: Annotated[Granularity, typer.Option(help="The steps of the series.")] = Granularity.DAY,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Show where an app is installed, what it calls and what it is sent; of seven days, if not said."""
    now = clock.now()
    first, last = in_order(_moment("--from", since), _moment("--to", until, is_end=True))
    last = now if last is None else last
    first = last - USUAL if first is None else first
    with refusals():
        span = Span(since=first, until=last, by=by).checked()

    async def look(tx: Tx, place: Shop | None) -> StatisticsAnswer:
        of = span if place is None else msgspec.structs.replace(span, timezone=place.timezone)
        found = await statistics_of(tx, client_id, place.id if place else None, of)
        return StatisticsAnswer(statistics=statistics_wire.show(found, at=now))

    answer = _read(settings_of(data=data, database=database), client_id, shop, look)
    told = msgspec.to_builtins(answer)
    if json:
        print_json(told)
    else:
        _print_statistics(told["statistics"])


@app.command()
def health(
    client_id: ClientId,
    *,
    shop: OfOneShop = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Show what is wrong with an app, since when, and what to do about it."""
    now = clock.now()

    async def look(tx: Tx, place: Shop | None) -> HealthAnswer:
        facts = await facts_of(tx, client_id, place.id if place else None, at=now)
        return HealthAnswer(health=health_wire.show(facts, place.timezone if place else "UTC"))

    answer = _read(settings_of(data=data, database=database), client_id, shop, look)
    told = msgspec.to_builtins(answer)
    if json:
        print_json(told)
        return
    wrong = [each for each in told["health"]["checks"] if each["state"] != "ok"]
    typer.echo(f"{told['health']['state']}: {len(wrong) or 'nothing'} to look at")
    for each in wrong:
        where = f" [{each['shop']}]" if each["shop"] else ""
        since = f" (since {each['since']})" if each["since"] else ""
        typer.echo(f"\n{each['state']}{where}  {each['message']}{since}\n  {each['action']}")


def _read(
    settings: Any, client_id: str, shop: str | None, look: Callable[[Tx, Shop | None], Awaitable[T]]
) -> T:
    """What the store says of an app, in one shop or in all; ends the command where there is none such."""

    async def work(tx: Tx) -> T:
        await Apps(tx).find(client_id)
        return await look(tx, None if shop is None else await Shops(tx).find(shop))

    async def main(store: Store) -> T:
        return await store.db.read(work, heavy=True)

    return with_store(settings, main)


def _moment(option: str, text: str | None, *, is_end: bool = False) -> int | None:
    """A moment as it is typed, in microseconds; an end is that of its second."""
    told = moment(option, text, ends=is_end)
    if told is None:
        return None
    found = clock.micros(datetime.fromisoformat(told))
    return ends(found) if is_end else found


def _print_statistics(told: dict[str, Any]) -> None:
    life, calls, sent = told["installations"], told["calls"], told["deliveries"]
    rate = "" if sent["failureRate"] is None else f" ({sent['failureRate']:.1%})"
    states = ", ".join(f"{n} {state}" for state, n in sent["subscriptions"].items())
    print_facts(
        {
            "from": told["from"],
            "to": told["to"],
            "installed in": f"{life['active']} shops ({life['installs']} came, {life['uninstalls']} went)",
            "calls": calls["total"],
            "throttled": calls["throttled"],
            "refused by scope": calls["refused"],
            "deprecated": calls["deprecated"],
            "failed": f"{calls['clientErrors']} refused in all, {calls['serverErrors']} by the server",
            "time of calls": _times(calls),
            "deliveries": f"{sent['delivered']} delivered, {sent['failed']} attempts failed{rate}",
            "time of deliveries": _times(sent),
            "pending": sent["pending"],
            "given up": sent["exhausted"],
            "subscriptions": states,
        }
    )
    for each in calls["deprecations"]:
        typer.echo(f"deprecated: {each['method']} {each['path']} ({each['total']}): call {each['instead']}")
    typer.echo()
    print_table(
        [
            {
                "from": each["at"],
                "installed": each["installations"]["active"],
                "calls": each["calls"]["total"],
                "throttled": each["calls"]["throttled"],
                "errors": each["calls"]["clientErrors"] + each["calls"]["serverErrors"],
                "delivered": each["deliveries"]["delivered"],
                "failed": each["deliveries"]["failed"],
            }
            for each in told["series"]
        ],
        empty="Nothing was counted.",
    )


def _times(told: dict[str, Any]) -> str:
    if told["averageMs"] is None:
        return "-"
    shown = {"average": "averageMs", "p50": "p50Ms", "p95": "p95Ms", "p99": "p99Ms"}
    return ", ".join(f"{name} {told[key]:.1f} ms" for name, key in shown.items())
