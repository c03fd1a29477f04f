"""A command's way to the themes of a shop: the connection, and which theme is meant."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from till.cli.orders.options import talking
from till.cli.outcome import Exit, refusals, stop
from till.cli.remote import Unreachable
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.synced import Met, Synced, load


@contextlib.contextmanager
def shelf_of(url: str, token: str, *, json: bool) -> Iterator[Shelf]:
    """The themes of the token's shop; what goes wrong ends the command with its sentence and exit code."""
    with refusals(), talking(url, token, json=json) as remote:
        try:
            yield Shelf(remote)
        except Unreachable as unreachable:
            # Whatever was done is compared by checksums the next time.
            again = " Whether it was done is not known: run the command again." if unreachable.is_open else ""
            stop(unreachable.message + again, Exit.UNREACHABLE)


def theme_of(shelf: Shelf, wanted: str | None, *, live: bool, root: Path) -> Theme | None:
    """The theme that is named, the live one, or the one that the folder was synced with last."""
    if live and wanted is not None:
        stop("--live and --theme name two themes: give one of them.", Exit.USAGE)
    if live:
        return shelf.current()
    if wanted is not None:
        return shelf.find(wanted)
    return latest(shelf, load(root))


def latest(shelf: Shelf, synced: Synced) -> Theme | None:
    """The theme that the folder was synced with last, of those that the shop still has."""
    there = {each.id: each for each in shelf.all()}
    known = [met.theme for met in synced.themes if met.url == shelf.url and met.theme in there]
    return there[known[-1]] if known else None


def named_theme(shelf: Shelf, wanted: str | None, *, root: Path, live: bool = False) -> Theme:
    """The same, and the command ends where none is meant."""
    theme = theme_of(shelf, wanted, live=live, root=root)
    if theme is None:
        names = ", ".join(each.named for each in shelf.all())
        stop(f"Say which theme, with --theme and its name or id; there are {names}.", Exit.USAGE)
    return theme


def met_of(synced: Synced, shelf: Shelf, theme: Theme) -> Met | None:
    """What the folder remembers of the theme."""
    return synced.find(shelf.url, theme.id)


def ask(question: str, *, sure: bool, refused: str) -> None:
    """Ask whoever is at the terminal; ends the command where the answer is no, or nobody is there."""
    if sure:
        return
    if not sys.stdin.isatty():
        stop(f"Nobody is there to be asked: {refused}.", Exit.USAGE)
    if not typer.confirm(question, err=True):
        stop("Nothing was changed.")


def shown(theme: Theme) -> dict[str, Any]:
    """A theme as the commands print it, under the names that the API has."""
    return {
        "shopThemeId": theme.id,
        "shopThemeName": theme.name,
        "isCurrent": theme.is_current,
        "status": theme.status,
        "version": theme.version,
        "updateTime": theme.update_time,
    }
