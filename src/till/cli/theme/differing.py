"""`till theme diff`: what differs between the folder and a theme, two themes, or two versions of one."""

from pathlib import Path
from typing import Annotated

import typer

from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url
from till.cli.outcome import Exit, print_json, stop
from till.cli.theme import options
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.environments import Environed
from till.cli.theme.folder import Folder, choose
from till.cli.theme.talk import named_theme, shelf_of, shown
from till.cli.theme.telling import diff_of, say_changes, say_lines

app = typer.Typer()


@app.command(cls=Environed)
def diff(  # noqa: PLR0913 - an option each
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]…", help="Only these files.", show_default="all")
    ] = None,
    *,
    theme: options.ThemeName = None,
    live: options.Live = False,
    other: Annotated[
        str | None, typer.Option("--with", metavar="THEME", help="Compare with this theme, not the folder.")
    ] = None,
    begin: Annotated[
        int | None, typer.Option("--from", metavar="VERSION", min=1, help="Compare versions: from this one.")
    ] = None,
    end: Annotated[
        int | None,
        typer.Option("--to", metavar="VERSION", min=1, help="To this one.", show_default="its latest"),
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", "-q", help="Names alone.")] = False,
    path: options.Root = Path(),
    only: options.Only = None,
    ignore: options.Ignore = None,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Show what differs: from a theme to this folder, from one theme to another, or between versions."""
    del environment  # read where the options are
    if other is not None and (begin or end):
        stop("--with compares themes, --from and --to versions: give one or the other.", Exit.USAGE)
    if end is not None and begin is None:
        stop("Say with --from which version to compare with.", Exit.USAGE)
    with shelf_of(url, token, json=json) as shelf:
        target = named_theme(shelf, theme, root=path, live=live)
        if other is None and begin is None:
            folder = Folder(path, choose(path, only or (), ignore or ()))
            _with_folder(shelf, target, folder, names or [], brief=brief, json=json)
            return
        query = {"from": begin, "to": end, "with": None if other is None else shelf.find(other).id}
        found: dict[str, list[str]] = {how: [] for how in KINDS}
        for each in shelf.diff(target, **query)["files"]:
            if not names or each["assetName"] in names:
                found[each["change"]].append(each["assetName"])
        texts = {}
        if not brief:
            for name in found["changed"]:
                told = shelf.diff(target, assetName=name, **query)["text"]
                texts[name] = str(told or "").splitlines()
    _tell(target, found, texts, json=json)


KINDS = ("added", "changed", "removed")


def _with_folder(
    shelf: Shelf, target: Theme, folder: Folder, names: list[str], *, brief: bool, json: bool
) -> None:
    here, there = folder.checksums(), folder.choice.of(shelf.held(target).files)
    wanted = set(names) or here.keys() | there.keys()
    unknown = sorted(wanted - (here.keys() | there.keys()))
    if unknown:
        stop(f"{unknown[0]} is neither here nor in {target.named}.")
    found = {
        "added": sorted(wanted & (here.keys() - there.keys())),
        "changed": sorted(name for name in wanted & here.keys() & there.keys() if here[name] != there[name]),
        "removed": sorted(wanted & (there.keys() - here.keys())),
    }
    texts = {}
    if not brief:
        for name, old in shelf.contents(target, found["changed"]).items():
            texts[name] = list(diff_of(name, old, folder.read(name) or b""))
    _tell(target, found, texts, json=json)


def _tell(target: Theme, found: dict[str, list[str]], texts: dict[str, list[str]], *, json: bool) -> None:
    if json:
        print_json({"theme": shown(target)} | found | {"texts": texts})
        return
    changes = dict.fromkeys(found["added"], "new") | dict.fromkeys(found["changed"], "changed")
    say_changes(changes, tuple(found["removed"]))
    for lines in texts.values():
        say_lines(lines)
    if not any(found.values()):
        typer.echo("Nothing differs.")
