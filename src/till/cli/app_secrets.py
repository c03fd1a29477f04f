"""`till app rotate-secret|switch-secret`: give an app another secret, without losing a receiver."""

from typing import Annotated

import typer

from till import clock, keys
from till.apps.store import Apps
from till.cli.app_config import print_it
from till.cli.durations import seconds_of
from till.cli.options import ClientId, Data, Database, Json, settings_of
from till.cli.store import Store, with_store, write
from till.db.port import Tx

app = typer.Typer()


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
        sealed, at = store.sealer.seal(secret, about=client_id), await store.now()

        async def change(tx: Tx) -> int | None:
            return await Apps(tx).rotate_secret(client_id, sealed, grace=span, at=at)

        return await store.db.write(change)

    until = with_store(settings_of(data=data, database=database), rotate)
    shown = {
        "clientId": client_id,
        "clientSecret": secret,
        "previousUntil": until and clock.iso(until, "UTC"),
    }
    print_it(shown, json=json)


@app.command("switch-secret")
def switch_secret(
    client_id: ClientId, data: Data = None, database: Database = None, json: Json = False
) -> None:
    """Sign X-Genstore-Hmac-Sha256 with the new secret, once all receivers have it."""

    async def change(tx: Tx, at: int) -> int:
        return await Apps(tx).switch_secret(client_id, at=at)

    until = write(settings_of(data=data, database=database), change)
    print_it({"clientId": client_id, "switched": True, "previousUntil": clock.iso(until, "UTC")}, json=json)
