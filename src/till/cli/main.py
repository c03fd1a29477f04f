"""The command `till`: names its commands, and imports only the one that is called."""

from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

# Each module holds an `app`; its sentence stands here, so that `till --help` imports none of them.
COMMANDS = {
    "demo": "Serve a shop full of believable orders, to try things on.",
    "serve": "Serve the API until it is stopped.",
    "work": "Deliver webhooks apart from the serving processes, on PostgreSQL.",
    "shop": "Create, show and set shops.",
    "app": "Create apps, and install them in shops.",
    "staff": "Invite people to shops, list them, and send them away.",
    "token": "Revoke access tokens.",
    "orders": "Read and change orders, through the API of a server.",
    "customers": "Erase a customer's personal data, or hand it over, through the API of a server.",
    "webhooks": "See what was sent to an app, and send it again, through the API of a server.",
    "listen": "Bring a shop's events to an app on this machine, and lose none.",
    "trigger": "Make an event happen, by really doing what it tells of.",
    "events": "List, show and compare what happened in a shop.",
    "proxy": "Answer for Genstore's hosts on this machine, for an app whose hosts are hard-coded.",
    "theme": "Make themes, see them while you work on them, and bring them to a shop.",
    "verify": "Check the signature of a webhook, and name the mistake behind a wrong one.",
    "logs": "Watch what an app does, and what is done to it.",
    "clock": "Set the clock of a server in development mode.",
    "chaos": "Let webhook deliveries fail, in development mode.",
    "import": "Bring orders in from a file.",
    "move": "Take everything from SQLite to PostgreSQL.",
    "migrate": "Bring a database to the schema of this release.",
    "docs": "Print the reference in docs/ from the code.",
}
MODULES = {name: f"till.cli.{name}" for name in COMMANDS} | {"import": "till.cli.importing"}


class Lazy(TyperGroup):
    """A group that knows its commands by name and sentence until one is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer asks with a context
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - likewise
        sentence = COMMANDS.get(cmd_name)
        return None if sentence is None else TyperCommand(cmd_name, help=sentence)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if name is None or command is None else command_of(name), rest


def command_of(name: str) -> Any:
    """The command of that name, or the group of commands, imported now."""
    command = typer.main.get_command(import_module(MODULES[name]).app)
    command.name, command.help = name, COMMANDS[name]
    return command


app = typer.Typer(cls=Lazy, pretty_exceptions_enable=False, no_args_is_help=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Till {metadata.version('till')}")
        raise typer.Exit


@app.callback()
def till(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which release this is.")
    ] = False,
) -> None:
    """Till, a server for the Genstore open platform API: orders, webhooks, apps and themes."""


def run() -> None:
    """Run the command line, and leave with its exit code."""
    app(prog_name="till")


if __name__ == "__main__":
    run()
