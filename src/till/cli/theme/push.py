"""`till theme push`: bring what changed in the folder to a theme, all at once."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from msgspec import Struct

from till.checking.finding import Severity
from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url
from till.cli.outcome import Exit, print_json, stop
from till.cli.remote import Refused
from till.cli.theme import options
from till.cli.theme.client import Shelf, Theme
from till.cli.theme.environments import Environed
from till.cli.theme.folder import Folder, checksum, choose, listed
from till.cli.theme.naming import name_of
from till.cli.theme.plan import Plan, Sums, plan_push, settled
from till.cli.theme.sending import send
from till.cli.theme.synced import Met, load, save
from till.cli.theme.talk import ask, met_of, shelf_of, shown, theme_of
from till.cli.theme.telling import carrying, files, say_changes
from till.errors import Invalid
from till.themes import package
from till.themes.files import name_fault, size_fault, whole_faults

app = typer.Typer()

STALE = (409, 412)
MOST_FAULTS = 20


class BadFiles(Invalid):
    """Files of the folder that no theme may hold."""


class Conflict(Invalid):
    """Files that were changed on both sides since the last sync."""


class CheckFailed(Invalid):
    """`till theme check` finds errors."""


class Wish(Struct, frozen=True):
    """How a push is to be done; `asks` whoever is at a terminal before it makes a theme of others its own."""

    delete: bool = True
    force: bool = False
    asks: bool = False
    only: tuple[str, ...] = ()


class First(Struct, rename="camel"):
    """What the first push to a theme took: numbers of files, and the version that still has them."""

    overwritten: int
    deleted: int
    version_before: int | str | None


class Pushed(Struct):
    """What a push came to."""

    theme: Theme
    plan: Plan
    new: tuple[str, ...] = ()
    batches: int = 0
    first: First | None = None


@app.command(cls=Environed)
def push(  # noqa: PLR0913 - an option each
    *,
    path: options.Root = Path(),
    theme: options.ThemeName = None,
    live: options.Live = False,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", "-u", help="Make a new draft of the folder; --theme names it.")
    ] = False,
    publish: Annotated[bool, typer.Option("--publish", "-p", help="Publish it afterwards.")] = False,
    allow_live: Annotated[
        bool, typer.Option("--allow-live", "-a", help="Let the push change the theme that the shop shows.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Check the theme first, and push nothing where it has errors.")
    ] = False,
    only: options.Only = None,
    ignore: options.Ignore = None,
    nodelete: options.NoDelete = False,
    force: options.Force = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """Bring what changed in this folder to a theme, as one change that is made whole or not at all.

    A file that was changed in the theme since the last push or pull is not overwritten: the command ends and
    names it. The theme that the shop shows is not changed without --allow-live.
    """
    del environment  # read where the options are
    with shelf_of(url, token, json=json) as shelf:
        folder = Folder(path, choose(path, only or (), ignore or ()))
        folder.must_be_theme()
        if strict:
            must_pass(folder)
        here = sound_checksums(folder)
        wish = Wish(delete=not nodelete, force=force, asks=not force, only=tuple(only or ()))
        if unpublished:
            if live:
                stop("--live and --unpublished name two themes: give one of them.", Exit.USAGE)
            options.must_fit(wish.only, here, "of the folder")
            pushed = create_draft(shelf, folder, theme or name_of(folder), here)
        else:
            target = theme_of(shelf, theme, live=live, root=path)
            if target is None:
                stop(
                    "The folder was not synced with a theme of this shop yet: say --unpublished for a new "
                    "draft, or which one with --theme.",
                    Exit.USAGE,
                )
            _check_live(target, allow_live=allow_live)
            pushed = bring(shelf, target, folder, here, wish)
        if publish and not pushed.theme.is_current:
            pushed.theme = shelf.publish(pushed.theme)
    _tell(pushed, folder, published=publish, json=json)


def sound_checksums(folder: Folder) -> Sums:
    """The checksums of the folder; `BadFiles` names every file that no theme may hold."""
    found: Sums = {}
    faults: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for name, content in folder.contents():
        fault = name_fault(name) or size_fault(name, len(content))
        if fault is not None:
            faults[name] = [fault]
        else:
            sizes[name] = len(content)
        found[name] = checksum(content)
    # The layout may stand in the theme alone, where only a part of the folder goes.
    faults |= {name: said for name, said in whole_faults(sizes).items() if name in sizes}
    if faults:
        told = [f"{name} {said[0]}" for name, said in faults.items()]
        more = f"\n  … and {len(told) - MOST_FAULTS:,} more" if len(told) > MOST_FAULTS else ""
        raise BadFiles(
            "No theme may hold these; mend them, or name them in .tillignore:\n  "
            + "\n  ".join(told[:MOST_FAULTS])
            + more,
            fields=faults,
        )
    return found


def must_pass(folder: Folder) -> None:
    """Check the theme as `till theme check` does; `CheckFailed` names what is wrong with it."""
    # A push of one file takes half as long without the rules and the Liquid that they need.
    from till.cli.theme.check import checked, configuration_of  # noqa: PLC0415 - only --strict needs it

    findings, _ = checked(folder, configuration_of(folder.root))
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        told = [f"  {each.file}:{each.line} {each.message}" for each in errors[:MOST_FAULTS]]
        more = [f"  … and {len(errors) - MOST_FAULTS:,} more"] if len(errors) > MOST_FAULTS else []
        count = "1 error" if len(errors) == 1 else f"{len(errors):,} errors"
        raise CheckFailed("\n".join([f"The theme has {count}, and was not pushed:", *told, *more]))


def bring(shelf: Shelf, target: Theme, folder: Folder, here: Sums, wish: Wish) -> Pushed:
    """Make the theme what the folder is, and remember it; `Conflict` names what both sides changed."""
    root, held = folder.root, shelf.held(target)
    there, synced = folder.choice.of(held.files), load(root)
    options.must_fit(wish.only, (*here, *there), f"of the folder or of {target.named}")
    met = met_of(synced, shelf, target)
    base = None if met is None else folder.choice.of(met.files)
    plan = plan_push(here, there, base, force=wish.force, delete=wish.delete)
    if plan.conflicts:
        raise Conflict(
            f"Changed here and in {target.named} since the last sync: {listed(plan.conflicts)}. `till theme "
            f"pull` shows what is there; --force overwrites it. Nothing was pushed."
        )
    pushed = Pushed(target, plan, tuple(name for name in plan.put if name not in there))
    if met is None:
        pushed.first = _first(target, plan, there, asks=wish.asks)
    after = dict(there)
    if not plan.is_empty:
        try:
            with carrying("upload", shelf.remote):
                sent = send(shelf, target, folder, plan, there, force=wish.force)
        except Refused as refused:
            if refused.status in STALE:
                raise Conflict(
                    f"{refused} It was changed while you pushed: `till theme pull` first, or --force."
                ) from None
            raise
        after |= sent.files
        after = {name: value for name, value in after.items() if name not in sent.deleted}
        here = here | sent.files
        pushed.batches, target.version = sent.batches, sent.version or target.version
    untouched = {} if met is None else {n: s for n, s in met.files.items() if not folder.choice.has(n)}
    known = untouched | settled(here, after, base, plan)
    synced.put(Met(shelf.url, target.id, target.name, known))
    save(root, synced)
    return pushed


def _first(target: Theme, plan: Plan, there: Sums, *, asks: bool) -> First | None:
    """What a push takes of a theme that the folder never met, after a question; None where it is nothing."""
    found = First(sum(name in there for name in plan.put), len(plan.delete), target.version)
    if not (found.overwritten or found.deleted):
        return None
    if asks and sys.stdin.isatty():
        ask(
            f"This folder was never synced with {target.named}: {files(found.overwritten)} of it would be "
            f"overwritten and {found.deleted:,} deleted. Push?",
            sure=False,
            refused="--force pushes without asking",
        )
    return found


def create_draft(shelf: Shelf, folder: Folder, name: str, here: Sums) -> Pushed:
    """Make a new theme of the folder, and remember it; `Unfinished` says why there is none."""
    packed = package.write(dict(folder.contents()))
    with carrying("upload", shelf.remote):
        made = shelf.create(name, packed)
    held = shelf.held(made)
    synced = load(folder.root)
    known = {name: value for name, value in held.files.items() if here.get(name) == value}
    synced.put(Met(shelf.url, made.id, made.name, known))
    save(folder.root, synced)
    every = tuple(sorted(held.files))
    return Pushed(made, Plan(put=every), every, 1)


def _check_live(target: Theme, *, allow_live: bool) -> None:
    if target.is_current and not allow_live:
        ask(
            f"The shop shows {target.named} to its customers. Push to it?",
            sure=False,
            refused=f"the shop shows {target.named}: say --allow-live to change it, or push a draft with "
            "--unpublished",
        )


def _tell(pushed: Pushed, folder: Folder, *, published: bool, json: bool) -> None:
    plan, theme = pushed.plan, pushed.theme
    if json:
        told: dict[str, Any] = {"theme": shown(theme), "uploaded": plan.put, "deleted": plan.delete}
        told |= {"kept": plan.kept, "batches": pushed.batches, "published": published}
        told |= {"firstPush": None if pushed.first is None else msgspec.to_builtins(pushed.first)}
        print_json(told | {"passedOver": folder.passed_over})
        return
    say_changes({n: "new" if n in pushed.new else "changed" for n in plan.put}, plan.delete)
    if plan.is_empty:
        typer.echo(f"{theme.named} has all of it already.")
    else:
        gone = f", {len(plan.delete):,} deleted" if plan.delete else ""
        typer.echo(f"{files(len(plan.put))} went up{gone}: {theme.named}.")
    if pushed.first is not None:
        first = pushed.first
        typer.echo(
            f"The folder was never synced with it before: {files(first.overwritten)} of it overwritten, "
            f"{first.deleted:,} deleted. `till theme rollback --version {first.version_before}` brings them "
            "back."
        )
    if plan.kept:
        typer.echo(f"Left as they are there: {listed(plan.kept)}. `till theme pull` brings them.")
    if folder.passed_over:
        typer.echo(f"No folders of a theme, and passed over: {listed(folder.passed_over)}.", err=True)
    if published:
        typer.echo("The shop shows it.")
