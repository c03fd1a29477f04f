"""`till theme list|info|publish|rollback|duplicate|rename|delete|preview|share`: the themes of a shop."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url
from till.cli.outcome import Exit, print_json, stop
from till.cli.table import print_facts, print_table
from till.cli.theme import options
from till.cli.theme.client import Shelf
from till.cli.theme.environments import Environed
from till.cli.theme.synced import load, save
from till.cli.theme.talk import ask, latest, named_theme, shelf_of, shown

app = typer.Typer()

SPELLED = {"INIT": "being installed", "SUCCESS": "draft", "FAIL": "failed"}


@app.command("list", cls=Environed)
def list_(
    *,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """List the themes of the shop."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        themes = shelf.all()
        mine = latest(shelf, load(path))
    if json:
        print_json({"themes": [shown(each) for each in themes]})
        return
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "state": "live" if each.is_current else SPELLED.get(each.status, each.status),
            "version": each.version,
            "updated": each.update_time,
            "folder": "this" if mine is not None and mine.id == each.id else "",
        }
        for each in themes
    ]
    print_table(rows, empty="There is no theme yet.")


@app.command(cls=Environed)
def versions(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    live: options.Live = False,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """List the versions of a theme, to which `rollback --version` leads back."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        found = shelf.versions(named_theme(shelf, theme, root=path, live=live))
    if json:
        print_json({"versions": found})
    else:
        rows = [
            {
                "version": each["version"],
                "shown": "yes" if each["isShown"] else "",
                "kind": each["kind"],
                "new": each["added"],
                "changed": each["changed"],
                "gone": each["removed"],
                "when": each["createTime"],
                "by": each.get("byName") or each["by"],
            }
            for each in found
        ]
        print_table(rows, empty="There is no version yet.")


@app.command(cls=Environed)
def publish(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    path: options.Root = Path(),
    force: options.Sure = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Let the shop show a theme, in the place of the one that it shows now."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        target = named_theme(shelf, theme, root=path)
        ask(
            f"Show {target.named} to the customers of the shop?",
            sure=force or target.is_current,
            refused="--force publishes without asking",
        )
        done = shelf.publish(target)
    if json:
        print_json({"theme": shown(done)})
    else:
        typer.echo(f"The shop shows {done.named}. `till theme rollback` goes back.")


@app.command(cls=Environed)
def rollback(  # noqa: PLR0913 - an option each
    *,
    version: Annotated[
        int | None,
        typer.Option(min=1, help="Make the theme what it was at this version.", show_default=False),
    ] = None,
    theme: options.ThemeName = None,
    live: options.Live = False,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Show what the shop showed before; or, with --version, make a theme what it was."""
    del environment  # read where the options are
    if version is None and (theme is not None or live):
        stop("Say which version of the theme with --version; `till theme versions` lists them.", Exit.USAGE)
    with shelf_of(url, token, json=json) as shelf:
        if version is None:
            done = shelf.rollback()
            said = f"The shop shows {done.named} again."
        else:
            done = shelf.restore(named_theme(shelf, theme, root=path, live=live), version)
            said = f"{done.named} is what it was at version {version}. `till theme pull` brings it here."
    if json:
        print_json({"theme": shown(done)})
    else:
        typer.echo(said)


@app.command(cls=Environed)
def duplicate(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    live: options.Live = False,
    name: Annotated[str | None, typer.Option("--name", "-n", help="What the copy is called.")] = None,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Make a draft that has all that a theme has."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        done = shelf.duplicate(named_theme(shelf, theme, root=path, live=live), name)
    if json:
        print_json({"theme": shown(done)})
    else:
        typer.echo(f"{done.named} is a copy.")


@app.command(cls=Environed)
def rename(  # noqa: PLR0913 - an option each
    *,
    name: Annotated[str, typer.Option("--name", "-n", help="What it is called from now on.")],
    theme: options.ThemeName = None,
    live: options.Live = False,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Call a theme otherwise."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        target = named_theme(shelf, theme, root=path, live=live)
        done = shelf.rename(target, name)
        twins = [each for each in shelf.all() if each.id != done.id and each.name == done.name]
    if twins:
        typer.echo(
            f"till: {len(twins) + 1} themes are called {done.name} now: commands take their ids instead.",
            err=True,
        )
    if json:
        print_json({"theme": shown(done)})
    else:
        typer.echo(f"It is called {done.named}.")


@app.command(cls=Environed)
def delete(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    path: options.Root = Path(),
    force: options.Sure = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Delete a theme for good, with its versions; the files of this folder stay."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        target = named_theme(shelf, theme, root=path)
        ask(
            f"Delete {target.named} for good, with its versions?",
            sure=force,
            refused="--force deletes without asking",
        )
        shelf.delete(target)
        synced = load(path)
        if synced.find(shelf.url, target.id) is not None:
            synced.forget(shelf.url, target.id)
            save(path, synced)
    if json:
        print_json({"deleted": shown(target)})
    else:
        typer.echo(f"{target.named} is deleted.")


@app.command(cls=Environed)
def preview(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    live: options.Live = False,
    path: options.Root = Path(),
    opened: Annotated[bool, typer.Option("--open", "-o", help="Open it in the browser.")] = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Show where the shop can be seen in a theme that it does not show to its customers."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        link = _print_link(shelf, theme, path, live=live, json=json)
    if opened:
        webbrowser.open(link)


@app.command(cls=Environed)
def share(  # noqa: PLR0913 - an option each
    *,
    theme: options.ThemeName = None,
    live: options.Live = False,
    path: options.Root = Path(),
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Make a link that shows a theme to everybody who has it, for a while."""
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        _print_link(shelf, theme, path, live=live, json=json)


def _print_link(shelf: Shelf, wanted: str | None, root: Path, *, live: bool, json: bool) -> str:
    target = named_theme(shelf, wanted, root=root, live=live)
    made = shelf.preview(target)
    if json:
        print_json({"theme": shown(target), "preview": made})
    else:
        print_facts({"theme": target.named, "link": made["url"], "until": made["expireTime"]})
    return str(made["url"])
