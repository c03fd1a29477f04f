"""`till migrate`: bring a database to the schema of this release."""

import asyncio

import typer

from till.cli.options import Data, Database, Json, settings_of
from till.cli.outcome import print_json, refusals, stop
from till.db.migrate import MigrationRefused
from till.db.migrate import migrate as bring_forward
from till.db.open import choose
from till.settings import Settings

app = typer.Typer()


@app.command()
def migrate(data: Data = None, database: Database = None, json: Json = False) -> None:
    """Apply the migrations that a database lacks, and name them."""
    settings = settings_of(data=data, database=database)
    try:
        with refusals():
            applied = asyncio.run(_migrate(settings))
    except MigrationRefused as refused:
        stop(str(refused))
    if json:
        print_json({"applied": applied})
        return
    for label in applied:
        typer.echo(f"applied {label}")
    typer.echo("The database has the schema of this release.")


async def _migrate(settings: Settings) -> list[str]:
    db = await choose(settings.data, settings.database)
    try:
        return await bring_forward(db)
    finally:
        await db.close()
