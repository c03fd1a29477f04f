"""`till webhooks`: see and steer the subscriptions of an app, through the API of a server."""

import typer

from till.cli.webhooks import reading, steering

app = typer.Typer(no_args_is_help=True)
for part in (reading, steering):
    app.add_typer(part.app)
