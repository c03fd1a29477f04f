"""Named environments of `till.theme.toml`: options that a folder says once, so that nobody types them."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from till.cli.outcome import Exit, stop
from till.dialect.body import nearest

FILE = "till.theme.toml"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
# The key of an environment that is no option: the name of the variable that holds its token.
TOKEN_VARIABLE = "token-variable"  # noqa: S105 - the name of a key
SAID = "environments"
KEYS = (
    "url",
    TOKEN_VARIABLE,
    "theme",
    "only",
    "ignore",
    "nodelete",
    "strict",
    "allow-live",
    "unpublished",
    "publish",
    "host",
    "port",
    "live-reload",
    "error-overlay",
    "catalogue",
    "remote",
    "theme-editor-sync",
)


class Environed(TyperCommand):
    """A command whose options may stand in an environment of the theme's `till.theme.toml`.

    What is typed wins; the environment wins over variables such as TILL_URL, for it was named on purpose.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, args)
        name = ctx.params.get("environment")
        if name is not None and not ctx.resilient_parsing:
            _settle(ctx, read(Path(ctx.params.get("path") or "."), name))
        return rest


def read(folder: Path, name: str) -> dict[str, Any]:
    """The options of an environment by their names; ends the command where it cannot be read."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            whole = tomllib.load(file)
    except FileNotFoundError:
        stop(f"There is no {FILE} in {folder}, and so no environment {name!r}.", Exit.USAGE)
    except UnicodeDecodeError:
        stop(f"{FILE} is not UTF-8: save it so.", Exit.USAGE)
    except tomllib.TOMLDecodeError as error:
        stop(f"{FILE} is no TOML: {str(error).rstrip('.')}.", Exit.USAGE)
    known = whole.get(SAID)
    if not isinstance(known, dict) or not isinstance(known.get(name), dict):
        names = list(known) if isinstance(known, dict) else []
        stop(f"{FILE} has no [environments.{name}]{nearest(name, names)}.", Exit.USAGE)
    found: dict[str, Any] = known[name]
    if "token" in found or "password" in found:
        stop(
            f"{FILE}: [environments.{name}] holds a token, and all who have the theme have the file: write "
            f'{TOKEN_VARIABLE} = "TILL_TOKEN_{name.upper()}", and set that variable.',
            Exit.USAGE,
        )
    for key in found:
        if _spelled(key) not in KEYS:
            hint = nearest(_spelled(key), list(KEYS))
            stop(f"{FILE}: [environments.{name}] {key} is no option{hint}.", Exit.USAGE)
    return found


def _settle(ctx: Any, said: dict[str, Any]) -> None:
    options = {_spelled(parameter.name): parameter for parameter in ctx.command.params if parameter.name}
    values = dict(said)
    variable = values.pop(TOKEN_VARIABLE, None)
    if variable is not None and "token" in options:
        values["token"] = _token(variable)
    for key, value in values.items():
        parameter = options.get(_spelled(key))
        if parameter is None or parameter.name is None:
            continue  # an option of another command
        source = ctx.get_parameter_source(parameter.name)
        if source is not None and source.name == "COMMANDLINE":
            continue
        given = [value] if parameter.multiple and not isinstance(value, list) else value
        ctx.params[parameter.name] = parameter.process_value(ctx, given)


def _token(variable: Any) -> str:
    if not isinstance(variable, str) or not os.environ.get(variable):
        stop(f"{FILE}: {TOKEN_VARIABLE} names {variable!r}, and there is no such variable set.", Exit.USAGE)
    return os.environ[variable]


def _spelled(name: str) -> str:
    return name.replace("_", "-").lower()
