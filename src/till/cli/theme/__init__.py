"""`till theme`: make themes, work on them with the page beside, and bring them to a shop and back."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# As in till.cli.main: a command is imported when it is called, for some need much.
COMMANDS = {
    "init": ("making", "Make a folder with a copy of Till's own theme, to begin from."),
    "dev": ("dev", "See the theme of this folder, repainted as files are saved."),
    "list": ("shelving", "List the themes of the shop."),
    "pull": ("pull", "Bring what changed in a theme to this folder."),
    "push": ("push", "Bring what changed in this folder to a theme, all at once."),
    "diff": ("differing", "Show what differs from the folder, another theme, or a version."),
    "check": ("check", "Find what is wrong with a theme before anybody else does."),
    "package": ("making", "Pack the theme into a zip."),
    "preview": ("shelving", "Show where a draft can be seen."),
    "share": ("shelving", "Make a link that shows a draft to everybody who has it."),
    "publish": ("shelving", "Let the shop show a theme."),
    "rollback": ("shelving", "Go back to what was shown before, or to a version."),
    "versions": ("shelving", "List the versions of a theme."),
    "duplicate": ("shelving", "Make a draft that has all that a theme has."),
    "rename": ("shelving", "Call a theme otherwise."),
    "delete": ("shelving", "Delete a theme for good."),
}


class Lazy(TyperGroup):
    """A group that knows its commands by name and sentence until one is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer asks with a context
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - likewise
        known = COMMANDS.get(cmd_name)
        return None if known is None else TyperCommand(cmd_name, help=known[1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if name is None or command is None else command_of(name), rest


def command_of(name: str) -> Any:
    """The command of that name, imported now."""
    found = typer.main.get_command(import_module(f"till.cli.theme.{COMMANDS[name][0]}").app)
    inner = getattr(found, "commands", None)
    return found if inner is None else inner[name]


app = typer.Typer(cls=Lazy, no_args_is_help=True)


@app.callback()
def theme() -> None:
    """Make themes, see them while you work on them, and bring them to a shop."""
