"""`till theme pull`: bring what changed in a theme to the folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url
from till.cli.outcome import print_json
from till.cli.theme import options
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.environments import Environed
from till.cli.theme.folder import Folder, checksum, choose, listed
from till.cli.theme.plan import Plan, plan_pull, settled
from till.cli.theme.push import Conflict
from till.cli.theme.synced import Met, load, save
from till.cli.theme.talk import met_of, shelf_of, shown, theme_of
from till.cli.theme.telling import LONGEST_DIFF, files, say_changes, say_diff

app = typer.Typer()


class Pulled(Struct):
    """What a pull came to; `before` has the bytes that were here of what was changed."""

    theme: Theme
    plan: Plan
    before: dict[str, bytes]


@app.command(cls=Environed)
def pull(  # noqa: PLR0913 - an option each
    *,
    path: options.Root = Path(),
    theme: options.ThemeName = None,
    live: options.Live = False,
    only: options.Only = None,
    ignore: options.Ignore = None,
    nodelete: options.NoDelete = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Overwrite what was changed here.")] = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Bring what changed in a theme to this folder, and show what that changed here.

    A file that was changed here since the last push or pull is not overwritten: the command ends and names
    it. Without --theme it is the theme that the folder was synced with last, else the one of the shop.
    """
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        target = theme_of(shelf, theme, live=live, root=path) or shelf.current()
        folder = Folder(path, choose(path, only or (), ignore or ()))
        pulled = fetch(shelf, target, folder, force=force, delete=not nodelete, only=only or ())
    _tell(pulled, folder, json=json)


def fetch(
    shelf: Shelf, target: Theme, folder: Folder, *, force: bool, delete: bool, only: Sequence[str] = ()
) -> Pulled:
    """Make the folder what the theme is, and remember it; `Conflict` names what both sides changed."""
    there, here = folder.choice.of(shelf.held(target).files), folder.checksums()
    options.must_fit(only, (*there, *here), f"of {target.named}")
    synced = load(folder.root)
    met = met_of(synced, shelf, target)
    base = None if met is None else folder.choice.of(met.files)
    plan = plan_pull(here, there, base, force=force, delete=delete)
    if plan.conflicts:
        raise Conflict(
            f"Changed here, and not the same in {target.named}: {listed(plan.conflicts)}. `till theme diff` "
            f"shows how; --force overwrites them with what is there, and `till theme push --force` goes the "
            f"other way. Nothing was changed."
        )
    brought = shelf.contents(target, plan.put)
    before = {name: folder.read(name) or b"" for name in (*plan.put, *plan.delete) if name in here}
    _must_still_be(here, folder, plan)
    for name, content in brought.items():
        folder.write(name, content)
        here[name] = there[name] = checksum(content)
    for name in plan.delete:
        folder.remove(name)
        here.pop(name)
    untouched = {} if met is None else {n: s for n, s in met.files.items() if not folder.choice.has(n)}
    known = untouched | settled(here, there, base, plan)
    synced.put(Met(shelf.url, target.id, target.name, known))
    save(folder.root, synced)
    return Pulled(target, plan, before)


def _must_still_be(here: dict[str, str], folder: Folder, plan: Plan) -> None:
    """`Conflict` where a file was saved, or made, while its new content was on its way."""
    now = {name: folder.read(name) for name in (*plan.put, *plan.delete)}
    saved = [
        name for name, content in now.items() if content is not None and checksum(content) != here.get(name)
    ]
    if saved:
        raise Conflict(
            f"Saved here while the theme was read: {listed(saved)}. Nothing was changed; pull again."
        )


def _tell(pulled: Pulled, folder: Folder, *, json: bool) -> None:
    plan, theme, before = pulled.plan, pulled.theme, pulled.before
    if json:
        told = {"theme": shown(theme), "written": plan.put, "deleted": plan.delete, "kept": plan.kept}
        print_json(told)
        return
    say_changes({n: "changed" if n in before else "new" for n in plan.put}, plan.delete)
    left = LONGEST_DIFF
    for name in plan.put:
        if name in before:
            left = say_diff(name, before[name], folder.read(name) or b"", left)
    if plan.is_empty:
        typer.echo(f"The folder has all of {theme.named} already.")
    else:
        gone = f", {len(plan.delete):,} deleted" if plan.delete else ""
        typer.echo(f"{files(len(plan.put))} came{gone}: {theme.named}.")
    if plan.kept:
        typer.echo(f"Left as they are here: {listed(plan.kept)}. `till theme push` brings them there.")
