"""`till app`: create apps, install them in shops, take them out."""

from typing import Annotated, Any

import typer

from till import clock, keys
from till.apps import scope
from till.apps.app import App, Installation
from till.apps.store import Apps, Installations
from till.caller import Protected
from till.cli.durations import seconds_of
from till.cli.options import ClientId, Data, Database, Json, OfShop, settings_of
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.store import Store, read, with_store, write, write_shop
from till.cli.table import print_facts, print_table
from till.db.port import Tx
from till.shop import Fidelity, Shop
from till.shops.store import Shops

app = typer.Typer(no_args_is_help=True)

Profile = Annotated[
    Fidelity | None, typer.Option(help="How scalars are written for it; the server's profile if left out.")
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the app is called.")],
    scopes: Annotated[str, typer.Option(help="What it may do, e.g. read_orders,write_orders.")],
    partner: Annotated[
        bool, typer.Option("--partner", help="From outside: protected fields and old orders need a grant.")
    ] = False,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Register an app; its secret is shown once, here."""
    with refusals():
        made = App(
            client_id=keys.mint_client_id(), name=name, scopes=scope.parse(scopes), partner=partner
        ).checked()
    secret = keys.mint_secret()

    async def register(store: Store) -> App:
        sealed = store.sealer.seal(secret, about=made.client_id)

        async def add(tx: Tx) -> App:
            return await Apps(tx).add(made, sealed_secret=sealed, at=clock.now())

        return await store.db.write(add)

    with_store(settings_of(data=data, database=database), register)
    _print({"clientId": made.client_id, "clientSecret": secret}, json=json)


@app.command("list")
def list_(data: Data = None, database: Database = None, json: Json = False) -> None:
    """List the apps."""

    async def look(tx: Tx) -> list[App]:
        return await Apps(tx).all()

    apps = [
        {
            "clientId": each.client_id,
            "name": each.name,
            "scopes": scope.spell(each.scopes),
            "partner": each.partner,
        }
        for each in read(settings_of(data=data, database=database), look)
    ]
    if json:
        print_json({"apps": apps})
    else:
        print_table(apps, empty="There is no app yet: `till app create NAME --scopes …` makes one.")


@app.command()
def install(  # noqa: PLR0913 - an option each
    client_id: ClientId,
    shop: OfShop,
    *,
    protected: Annotated[
        str, typer.Option(help="Protected fields that a partner app may see: name,email,phone,address.")
    ] = "",
    all_orders: Annotated[
        bool, typer.Option("--all-orders", help="Also grant read_all_orders: orders older than 60 days.")
    ] = False,
    fidelity: Profile = None,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Install an app in a shop; the access token is shown once, here."""
    settings, granted = settings_of(data=data, database=database), _protected(protected)
    more = {scope.ALL_ORDERS} if all_orders else frozenset[str]()

    async def put(store: Store) -> dict[str, Any]:
        async with store.minting() as mint:
            installation_id = mint()

            async def add(tx: Tx) -> dict[str, Any]:
                place = await Shops(tx).find(shop)
                installation = Installation(
                    id=installation_id,
                    shop_id=place.id,
                    client_id=client_id,
                    scopes=(await Apps(tx).find(client_id)).scopes | more,
                    protected=granted,
                    fidelity=fidelity,
                )
                token = await Installations(tx, place).add(installation, at=clock.now())
                return {
                    "accessToken": token,
                    "scope": scope.spell(installation.scopes),
                    "shopId": place.id,
                    "installationId": str(installation.id),
                }

            return await store.db.write(add)

    _print(with_store(settings, put), json=json)


@app.command()
def uninstall(
    client_id: ClientId, shop: OfShop, data: Data = None, database: Database = None, json: Json = False
) -> None:
    """Take an app out of a shop; its tokens die with it."""

    async def remove(tx: Tx, place: Shop) -> Installation:
        return await Installations(tx, place).remove(client_id, at=clock.now())

    gone = write_shop(settings_of(data=data, database=database), shop, remove)
    shown = {"clientId": client_id, "shop": shop, "installationId": str(gone.id), "uninstalled": True}
    _print(shown, json=json)


@app.command("rotate-secret")
def rotate_secret(
    client_id: ClientId,
    grace: Annotated[
        str, typer.Option(help="How long the old secret is good beside the new one: 0s to 7d.")
    ] = "24h",
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Give an app a new secret, shown once, here; the old one lives on for a while."""
    span, secret = seconds_of("--grace", grace) * clock.SECOND, keys.mint_secret()

    async def rotate(store: Store) -> int | None:
        sealed = store.sealer.seal(secret, about=client_id)

        async def change(tx: Tx) -> int | None:
            return await Apps(tx).rotate_secret(client_id, sealed, grace=span, at=clock.now())

        return await store.db.write(change)

    until = with_store(settings_of(data=data, database=database), rotate)
    shown = {
        "clientId": client_id,
        "clientSecret": secret,
        "previousUntil": until and clock.iso(until, "UTC"),
    }
    _print(shown, json=json)


@app.command("switch-secret")
def switch_secret(
    client_id: ClientId, data: Data = None, database: Database = None, json: Json = False
) -> None:
    """Sign X-Genstore-Hmac-Sha256 with the new secret, once all receivers have it."""

    async def change(tx: Tx) -> int:
        return await Apps(tx).switch_secret(client_id, at=clock.now())

    until = write(settings_of(data=data, database=database), change)
    _print({"clientId": client_id, "switched": True, "previousUntil": clock.iso(until, "UTC")}, json=json)


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

    async def change(tx: Tx, place: Shop) -> Installation:
        return await Installations(tx, place).set_fidelity(client_id, fidelity)

    changed = write_shop(settings_of(data=data, database=database), shop, change)
    shown = {"clientId": client_id, "shop": shop, "installationId": str(changed.id), "fidelity": fidelity}
    _print(shown, json=json)


def _protected(text: str) -> frozenset[Protected]:
    words = {word.strip() for word in text.split(",") if word.strip()}
    for word in sorted(words - set(Protected)):
        known = ", ".join(Protected)
        stop(f"{word!r} is no protected field: choose from {known}.", Exit.USAGE)
    return frozenset(map(Protected, words))


def _print(facts: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(facts)
    else:
        print_facts(facts)
