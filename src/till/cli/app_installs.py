"""`till app install|uninstall|grant|set|history`: what shops have of apps."""

from typing import Annotated, Any

import typer

from till.apps import history, scope
from till.apps.app import App, Grant, Installation
from till.apps.history import BY_COMMAND, Act
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import Apps
from till.caller import Protected
from till.cli.app_config import print_it, protected_of
from till.cli.options import ClientId, Data, Database, Json, OfShop, settings_of
from till.cli.outcome import print_json, refusals
from till.cli.store import Store, read, with_store, write_shop
from till.cli.table import print_table
from till.db.port import Tx
from till.shop import Fidelity, Shop
from till.shops.store import Shops

app = typer.Typer()

Profile = Annotated[
    Fidelity | None, typer.Option(help="How scalars are written for it; the server's profile if left out.")
]
Kinds = Annotated[
    str, typer.Option("--protected", help="Protected fields that it may see: name,email,phone,address.")
]
AllOrders = Annotated[
    bool, typer.Option("--all-orders", help="Also grant read_all_orders: orders older than 60 days.")
]


@app.command()
def install(  # noqa: PLR0913 - an option each
    client_id: ClientId,
    shop: OfShop,
    *,
    protected: Kinds = "",
    all_orders: AllOrders = False,
    fidelity: Profile = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Install an app in a shop; the access token is shown once, here."""
    kinds = protected_of(protected)

    async def put(store: Store) -> dict[str, Any]:
        place, at = await store.db.read(lambda tx: Shops(tx).find(shop)), await store.now()
        async with store.minting() as mint:

            async def add(tx: Tx) -> dict[str, Any]:
                known = await Apps(tx).find(client_id)
                grant = _grant(known, known.scopes, kinds, all_orders=all_orders)
                made = await Life(tx, place, BY_COMMAND, at, mint).install(known, grant, fidelity=fidelity)
                return {
                    "accessToken": await Installations(tx, place).mint_token(made.id, at=at),
                    "scope": scope.spell(made.scopes),
                    "shopId": place.id,
                    "installationId": str(made.id),
                }

            return await store.db.write(add, shop_id=place.id)

    print_it(with_store(settings_of(data=data, database=database), put), json=json)


@app.command()
def grant(  # noqa: PLR0913 - an option each
    client_id: ClientId,
    shop: OfShop,
    scopes: Annotated[
        str, typer.Option(help="All that it may do from now on; what it declares if left out.")
    ] = "",
    *,
    protected: Kinds = "",
    all_orders: AllOrders = False,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Let an installed app have exactly this, in place of what it had; it is told of other scopes."""
    kinds = protected_of(protected)
    with refusals():
        wanted = scope.parse(scopes)

    async def change(tx: Tx, place: Shop, at: int) -> Installation:
        known = await Apps(tx).find(client_id)
        told = _grant(known, wanted or known.scopes, kinds, all_orders=all_orders)
        old = await Installations(tx, place).find(client_id)
        return await Life(tx, place, BY_COMMAND, at, _no_ids).grant(known, old, told)

    new = write_shop(settings_of(data=data, database=database), shop, change)
    shown = {"clientId": client_id, "shop": shop, "installationId": str(new.id)}
    shown |= {"scope": scope.spell(new.scopes), "protected": ",".join(sorted(new.protected))}
    print_it(shown, json=json)


@app.command()
def uninstall(
    client_id: ClientId,
    shop: OfShop,
    reason: Annotated[
        str | None, typer.Option(help=f"Why, for the history: {', '.join(history.REASONS)}.")
    ] = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Take an app out of a shop; its tokens die with it."""

    async def remove(tx: Tx, place: Shop, at: int) -> Installation:
        return await Life(tx, place, BY_COMMAND, at, _no_ids).uninstall(client_id, reason=reason)

    gone = write_shop(settings_of(data=data, database=database), shop, remove)
    shown = {"clientId": client_id, "shop": shop, "installationId": str(gone.id), "uninstalled": True}
    print_it(shown, json=json)


@app.command("set")
def set_(
    client_id: ClientId,
    shop: OfShop,
    fidelity: Annotated[Fidelity, typer.Option(help="How scalars are written for it.")],
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Choose how an installed app is answered."""

    async def change(tx: Tx, place: Shop, at: int) -> Installation:  # noqa: ARG001 - asked at any moment
        return await Installations(tx, place).set_fidelity(client_id, fidelity)

    changed = write_shop(settings_of(data=data, database=database), shop, change)
    shown = {"clientId": client_id, "shop": shop, "installationId": str(changed.id), "fidelity": fidelity}
    print_it(shown, json=json)


@app.command("history")
def history_(
    shop: OfShop,
    client_id: Annotated[str | None, typer.Argument(help="Only of this app.")] = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Show what became of apps in a shop, newest first: installed, granted, uninstalled, by whom and why."""

    async def look(tx: Tx) -> list[Act]:
        place = await Shops(tx).find(shop)
        return await history.acts(tx, shop_id=place.id, client_id=client_id)

    acts = [_shown(act) for act in read(settings_of(data=data, database=database), look)]
    if json:
        print_json({"history": acts})
    else:
        print_table(acts, empty="No app was ever installed in this shop.")


def _shown(act: Act) -> dict[str, Any]:
    return {
        "at": act.when,
        "kind": act.kind,
        "clientId": act.client_id,
        "installationId": str(act.installation_id),
        "by": act.by,
        "reason": act.reason,
        "note": act.note,
    }


def _grant(known: App, scopes: frozenset[str], protected: frozenset[Protected], *, all_orders: bool) -> Grant:
    older = {scope.ALL_ORDERS} if all_orders else frozenset[str]()
    # What a partner app declares of older orders is granted apart, and not by the way.
    rest = scopes - {scope.ALL_ORDERS} if known.partner else scopes
    return Grant(scopes=rest | older, protected=protected)


def _no_ids() -> int:
    raise AssertionError("nothing that this does needs an id")
