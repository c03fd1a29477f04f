"""`till app`: create and configure apps, install them in shops, take them out."""

import typer

from till.cli import app_config, app_installs, app_link, app_monitor, app_secrets

app = typer.Typer(no_args_is_help=True)
for part in (app_config, app_link, app_installs, app_secrets, app_monitor):
    app.add_typer(part.app)
