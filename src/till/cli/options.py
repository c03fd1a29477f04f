"""The options that several commands share, and the settings that they come to."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from till.cli.outcome import Exit, stop
from till.errors import Invalid
from till.settings import Settings, from_environment

Data = Annotated[
    Path | None,
    typer.Option(help="Folder of the SQLite database and of the sealing key.", show_default="till-data"),
]
Database = Annotated[
    str | None, typer.Option(help="URL of a PostgreSQL database, postgresql://… .", show_default="SQLite")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON line instead of text.")]
Handle = Annotated[str, typer.Argument(help="The shop's handle, the first label of its host name.")]
OfShop = Annotated[str, typer.Option("--shop", help="The shop's handle.")]
ClientId = Annotated[str, typer.Argument(help="The app's client id.")]

SCHEMES = ("postgresql://", "postgres://")


def settings_of(**options: Any) -> Settings:
    """The settings of the environment under `options`; leaves with exit code 2 where one is bad."""
    try:
        settings = from_environment(os.environ, **options)
    except Invalid as refusal:
        stop(refusal.message, Exit.USAGE)
    if settings.database is not None and not settings.database.startswith(SCHEMES):
        stop("A database URL begins with postgresql://, e.g. postgresql://till@localhost/till.", Exit.USAGE)
    return settings
