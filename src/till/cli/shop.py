"""`till shop`: create, list, show and set shops, and erase the personal data in one."""

import sys
from typing import Annotated, Any

import typer

from till.apps.preinstall import preinstall
from till.cli.options import Data, Database, Handle, Json, settings_of
from till.cli.outcome import Exit, print_json, stop
from till.cli.store import Store, read, with_store, write_shop
from till.cli.table import print_facts, print_table
from till.db.port import Tx
from till.privacy.whole import Shopful
from till.shop import CancelPolicy, Rate, Shop, Totals
from till.shops.store import Shops
from till.themes.founding import found as found_theme

app = typer.Typer(no_args_is_help=True)

Currency = Annotated[str | None, typer.Option(help="ISO 4217 code of its money.")]
Timezone = Annotated[str | None, typer.Option(help="IANA name of its time zone.")]


def shown(shop: Shop) -> dict[str, Any]:
    """A shop as the commands print it."""
    return {
        "shopId": shop.id,
        "handle": shop.handle,
        "currency": shop.currency,
        "timezone": shop.timezone,
        "rate": shop.settings.rate,
        "plan": shop.settings.rate.plan,
        "totals": shop.settings.totals,
        "cancelPolicy": shop.settings.cancel_policy,
        "uniqueSourceIdentifier": shop.settings.unique_source_identifier,
        "autoClose": shop.settings.auto_close,
    }


@app.command()
def create(
    handle: Handle,
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its money.")] = "USD",
    timezone: Annotated[str, typer.Option(help="IANA name of its time zone.")] = "UTC",
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Found a shop."""

    async def found(store: Store) -> Shop:
        at = await store.now()
        async with store.minting() as mint:
            shop = Shop(id=mint(), handle=handle, currency=currency, timezone=timezone).checked()

            async def add(tx: Tx) -> Shop:
                made = await Shops(tx).add(shop, at=at)
                await preinstall(tx, made, at=at, mint=mint)
                await found_theme(tx, made, theme_id=mint(), at=at)
                return made

            return await store.db.write(add)

    _print(with_store(settings_of(data=data, database=database), found), json=json)


@app.command("list")
def list_(data: Data = None, database: Database = None, json: Json = False) -> None:
    """List the shops."""

    async def look(tx: Tx) -> list[Shop]:
        return await Shops(tx).all()

    shops = [shown(shop) for shop in read(settings_of(data=data, database=database), look)]
    if json:
        print_json({"shops": shops})
    else:
        print_table(shops, empty="There is no shop yet: `till shop create HANDLE` makes one.")


@app.command()
def show(handle: Handle, data: Data = None, database: Database = None, json: Json = False) -> None:
    """Show one shop."""

    async def look(tx: Tx) -> Shop:
        return await Shops(tx).find(handle)

    _print(read(settings_of(data=data, database=database), look), json=json)


@app.command("set")
def set_(  # noqa: PLR0913 - an option each
    handle: Handle,
    *,
    rate: Annotated[
        Rate | None,
        typer.Option(
            parser=Rate.of,
            metavar="PLAN",
            help="Rate plan: default (40@2), basic (40@4), standard (200@20), advanced (400@40) or off.",
        ),
    ] = None,
    totals: Annotated[
        Totals | None, typer.Option(help="Keep totals as stated, or refuse wrong ones.")
    ] = None,
    cancel_policy: Annotated[CancelPolicy | None, typer.Option(help="Which orders may be cancelled.")] = None,
    unique_source_identifier: Annotated[
        bool | None, typer.Option(help="Take each sourceName and sourceIdentifier once.")
    ] = None,
    auto_close: Annotated[
        bool | None, typer.Option(help="Close an order once it is paid and fulfilled.")
    ] = None,
    currency: Currency = None,
    timezone: Timezone = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Choose what a shop does where it has a choice; what is not named stays."""
    chosen = {
        "rate": rate,
        "totals": totals,
        "cancel_policy": cancel_policy,
        "unique_source_identifier": unique_source_identifier,
        "auto_close": auto_close,
    }
    given = {name: value for name, value in chosen.items() if value is not None}

    async def change(tx: Tx, _: Shop, __: int) -> Shop:
        return await Shops(tx).change(
            handle, lambda shop: shop.change(currency=currency, timezone=timezone, **given)
        )

    _print(write_shop(settings_of(data=data, database=database), handle, change), json=json)


@app.command()
def redact(
    handle: Handle,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Erase the personal data of all customers and orders of a shop, for good, and tell its apps."""
    if not yes and not sys.stdin.isatty():
        stop("Nobody is there to be asked: --yes erases without asking.", Exit.USAGE)
    if not yes and not typer.confirm(f"Erase all personal data of the shop {handle} for good?", err=True):
        stop("Nothing was erased.")
    done: dict[str, int] = {}

    def watch(what: str, count: int) -> None:
        done[what] = count
        typer.echo(f"{count:,} {what}", err=True)

    async def look(tx: Tx) -> Shop:
        return await Shops(tx).find(handle)

    async def erase(store: Store) -> Shop:
        shop = await store.db.read(look)
        async with store.minting() as mint:
            await Shopful(store.db, shop.id, await store.now(), mint, watch).forget()
        return shop

    shop = with_store(settings_of(data=data, database=database), erase)
    if json:
        print_json({"shopId": shop.id, "handle": shop.handle, "redacted": done})
    else:
        typer.echo(f"The personal data of the shop {shop.handle} is erased.")


def _print(shop: Shop, *, json: bool) -> None:
    if json:
        print_json(shown(shop))
    else:
        print_facts(shown(shop))
