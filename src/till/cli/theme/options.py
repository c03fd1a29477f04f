"""The options that the commands of `till theme` share."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from till.cli.outcome import Exit, stop

Root = Annotated[Path, typer.Option("--path", help="The folder of the theme.", show_default="this folder")]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME",
        help="Take options from the environment NAME of till.theme.toml.",
    ),
]
ThemeName = Annotated[
    str | None,
    typer.Option(
        "--theme",
        "-t",
        metavar="THEME",
        help="The theme: its name or its id.",
        show_default="the one that the folder was synced with last",
    ),
]
Live = Annotated[bool, typer.Option("--live", help="The theme that the shop shows.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="PATTERN", help="Only these, e.g. 'sections/*'; repeat for more."),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore", metavar="PATTERN", help="Not these, as in a .gitignore; repeat. .tillignore holds more."
    ),
]
NoDelete = Annotated[bool, typer.Option("--nodelete", help="Take nothing away that is missing.")]
Force = Annotated[bool, typer.Option("--force", "-f", help="Overwrite what was changed there meanwhile.")]
Sure = Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")]


def must_fit(only: Sequence[str], fitting: Iterable[object], where: str) -> None:
    """End the command where `--only` was given and leaves nothing of `where`: a slip looked like success."""
    if only and not any(True for _ in fitting):
        given = ", ".join(only)
        stop(
            f"--only {given} fits no file {where}: name files as the theme does, such as 'sections/*'.",
            Exit.USAGE,
        )
