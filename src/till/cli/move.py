"""`till move`: take everything from SQLite to PostgreSQL."""

import asyncio
from typing import Annotated

import typer

from till.cli.options import Data, Json, settings_of
from till.cli.outcome import print_json, refusals
from till.cli.serving import alone
from till.db.open import open_database
from till.move import move as move_all
from till.settings import Settings
from till.vault import key_of, open_vault

app = typer.Typer()


@app.command()
def move(
    to: Annotated[str, typer.Option(help="URL of an empty PostgreSQL database, postgresql://… .")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Copy shops, apps, tokens, orders and events of a data folder into a PostgreSQL database."""
    settings = settings_of(data=data)
    settings_of(database=to)
    with refusals(), alone(settings.data):
        copied = asyncio.run(_move(settings, to, quiet=json))
    if json:
        print_json({"copied": copied})
        return
    typer.echo(f"Moved {sum(copied.values()):,} rows. Serve them with the same URL and folder:")
    typer.echo(f"  till serve --database postgresql://… --data {settings.data}")


async def _move(settings: Settings, to: str, *, quiet: bool) -> dict[str, int]:
    def told(table: str, rows: int) -> None:
        if not quiet:
            typer.echo(f"{table}: {rows:,} rows", err=True)

    source = await open_database(folder=settings.data, url=None)
    try:
        await open_vault(source, key_of(settings))
        target = await open_database(folder=settings.data, url=to)
        try:
            return await move_all(source, target, told)
        finally:
            await target.close()
    finally:
        await source.close()
