"""`till orders`: read and change the orders of a shop, through the API of a server."""

import typer

from till.cli.orders import living, paying, reading, returning, shipping, writing

app = typer.Typer(no_args_is_help=True)
for part in (reading, writing, paying, shipping, returning, living):
    app.add_typer(part.app)
