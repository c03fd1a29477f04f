"""`till token`: revoke access tokens."""

import sys
from typing import Annotated

import typer

from till.apps.tokens import revoke as kill
from till.cli.options import Data, Database, Json, settings_of
from till.cli.outcome import print_json
from till.cli.store import write
from till.db.port import Tx

app = typer.Typer(no_args_is_help=True)


@app.callback()
def token() -> None:
    """Revoke access tokens."""


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="The token; - reads it from standard input.")],
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Revoke one access token; a server that runs refuses it within a second."""
    given = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105 - a dash is no secret

    async def end(tx: Tx, at: int) -> int:
        return await kill(tx, given, at=at)

    installation = write(settings_of(data=data, database=database), end)
    if json:
        print_json({"revoked": True, "installationId": str(installation)})
    else:
        typer.echo(f"The token of installation {installation} is revoked.")
