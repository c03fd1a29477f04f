"""`till theme`: make themes, work on them with the page beside, and bring them to a shop and back."""

import typer

from till.cli.theme import differing, making, pull, push, shelving

app = typer.Typer(no_args_is_help=True)
for part in (making, shelving, pull, push, differing):
    app.add_typer(part.app)
