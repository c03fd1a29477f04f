"""`till app link`: register what a developer's own `genstore.app.toml` says, and say where to install it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import structs

from till import keys
from till.apps import scope
from till.apps.app import App, lacking
from till.apps.installations import Installations
from till.apps.store import AppNotFound, Apps
from till.cli.app_config import reconfigure, register, shown
from till.cli.app_file import BadAppFile, Declared, check_rewritable, read_app_file, write_client_id
from till.cli.options import Data, Database, Json, settings_of
from till.cli.orders.options import HERE, address_of
from till.cli.outcome import Exit, print_json, refusals, stop
from till.cli.store import Store, with_store
from till.cli.table import print_facts
from till.db.port import Tx
from till.errors import Invalid
from till.shops.store import Shops

app = typer.Typer()

SHORTEST_SECRET, LONGEST_SECRET = 16, 256
MOST_SHOWN = 20
OF_SCOPES = "scopes"


class AlreadyLinked(Invalid):
    """There is an app as the file says, but the file does not name its client id."""


class NotOfThisFile(Invalid):
    """The file names the client id of a custom app, which was made by hand and not from a file."""


@app.command()
def link(  # noqa: PLR0913 - an option each
    folder: Annotated[Path, typer.Argument(help="The folder of the app, with genstore.app.toml.")] = Path(),
    *,
    config: Annotated[
        str | None, typer.Option("--config", "-c", help="Read genstore.app.CONFIG.toml instead.")
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(metavar="-", help="- reads the client secret that the app has from standard input."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put a client id that was made here into the file.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Let the file change a custom app that was made by hand.")
    ] = False,
    url: Annotated[str, typer.Option(envvar="TILL_URL", help="Where the server's pages are.")] = HERE,
    data: Data = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Create or update an app as its genstore.app.toml says, and show where shops install it.

    The secret is shown once, when it is made here. Scopes that the file adds are granted by no command:
    merchants are asked for them at the install address.
    """
    server = address_of(url)
    given = _given(secret)
    with refusals():
        declared = read_app_file(folder, config)
        if write and not declared.client_id:
            check_rewritable(declared.path)

    async def work(store: Store) -> dict[str, Any]:
        told = await _link(store, declared, given, take_over=take_over)
        return told | {"shops": await store.db.read(lambda tx: _shops(tx, told["clientId"], server))}

    told = with_store(settings_of(data=data, database=database), work)
    notices = list(declared.notices)
    if not declared.client_id and not write:
        notices.append(f'Write client_id = "{told["clientId"]}" into {declared.path.name}, to link it again.')
    if declared.redirect_urls is None and told["outcome"] == "created":
        notices.append(
            "Codes are sent to application_url only: write redirect_urls below [auth] for another address."
        )
    if json:
        print_json(told | {"notices": notices})
    else:
        _print(told, notices)
    # Last, for whatever becomes of the file: the secret is printed once.
    if write and not declared.client_id:
        with refusals():
            write_client_id(declared.path, told["clientId"])


async def _link(store: Store, declared: Declared, secret: str | None, *, take_over: bool) -> dict[str, Any]:
    """Make the app as declared, or have the one of that client id be so."""
    try:
        old = await store.db.read(lambda tx: Apps(tx).find(declared.client_id))
    except AppNotFound:
        return await _create(store, declared, secret)
    new = _as_declared(old, declared)
    changed = [name for name, value in shown(new).items() if shown(old)[name] != value]
    if not old.partner and not take_over and (changed or secret is not None):
        raise NotOfThisFile(
            f"{declared.path.name}: client_id is that of {old.name!r}, a custom app that was not made from "
            f'a file: write client_id = "" for an app of its own, or say --take-over to have the file change '
            f"that one."
        )
    await reconfigure(store, new.client_id, lambda known: _as_declared(known, declared))
    replaced = secret is not None and await _replace_secret(store, new.client_id, secret)
    outcome = "updated" if changed or replaced else "unchanged"
    told: dict[str, Any] = {"clientId": new.client_id, "handle": new.handle, "outcome": outcome}
    told |= {"changed": [*changed, *(["clientSecret"] if replaced else [])]}
    return told | {OF_SCOPES: _difference(old.scopes, new.scopes)}


async def _create(store: Store, declared: Declared, secret: str | None) -> dict[str, Any]:
    if not declared.client_id:
        await store.db.read(lambda tx: _check_new(tx, declared))
    blank = App(
        client_id=declared.client_id or keys.mint_client_id(),
        name=declared.name,
        scopes=frozenset(),
        partner=True,
        redirect_urls=(declared.application_url,),
    )
    kept = secret or keys.mint_secret()
    made = await register(store, _as_declared(blank, declared), kept)
    told: dict[str, Any] = {
        "clientId": made.client_id,
        "handle": made.handle,
        "outcome": "created",
        "changed": [],
    }
    told |= {} if secret else {"clientSecret": kept}
    return told | {OF_SCOPES: _difference(frozenset(), made.scopes)}


async def _check_new(tx: Tx, declared: Declared) -> None:
    """Refuse to make the same app a second time, only because its file was not told the client id."""
    for each in await Apps(tx).all():
        same_place = (each.name, each.application_url) == (declared.name, declared.application_url)
        if same_place or (declared.handle is not None and each.handle == declared.handle):
            raise AlreadyLinked(
                f"{declared.path.name}: client_id is empty, and {each.name!r} is linked already: write "
                f'client_id = "{each.client_id}".'
            )


def _as_declared(known: App, declared: Declared) -> App:
    """`known` as the file has it; what the file does not speak of stays."""
    told: dict[str, Any] = {
        "name": declared.name,
        "application_url": declared.application_url,
        "embedded": declared.embedded,
        "scopes": declared.scopes,
        "handle": declared.handle,
        "redirect_urls": declared.redirect_urls,
        "protected": declared.protected,
        "webhooks": declared.webhooks,
    }
    new = structs.replace(known, **{name: value for name, value in told.items() if value is not None})
    try:
        return new.checked()
    except Invalid as refusal:
        raise BadAppFile(f"{declared.path.name}: {refusal.message}", fields=refusal.fields) from None


async def _replace_secret(store: Store, client_id: str, secret: str) -> bool:
    """Have the app keep the secret that it has; False where that is known already."""
    sealed = await store.db.read(lambda tx: Apps(tx).sealed_secret(client_id))
    if store.sealer.unseal(sealed, about=client_id) == secret:
        return False
    new, at = store.sealer.seal(secret, about=client_id), await store.now()
    await store.db.write(lambda tx: Apps(tx).rotate_secret(client_id, new, grace=0, at=at))
    return True


def _difference(old: frozenset[str], new: frozenset[str]) -> dict[str, list[str]]:
    return {"added": sorted(new - old), "removed": sorted(old - new)}


async def _shops(tx: Tx, client_id: str, server: str) -> list[dict[str, Any]]:
    """Each shop with the address where the app is installed, and what it does not grant yet."""
    known = await Apps(tx).find(client_id)
    found = []
    for shop in await Shops(tx).all():
        installed = await Installations(tx, shop).look(client_id)
        lacks = frozenset[str]() if installed is None else lacking(known, installed)
        found.append(
            {
                "shop": shop.handle,
                "installed": installed is not None,
                "lacks": scope.spell(lacks),
                "installUrl": f"{server}/admin/{shop.handle}/app-install/{known.path_name}",
            }
        )
    return found


def _given(secret: str | None) -> str | None:
    """The secret on standard input, where that was asked for: on the command line others could see it."""
    if secret is None:
        return None
    if secret != "-":  # noqa: S105 - a dash is no secret
        stop("--secret takes - only, and reads the secret from standard input.", Exit.USAGE)
    found = sys.stdin.readline().strip()
    if not (SHORTEST_SECRET <= len(found) <= LONGEST_SECRET and found.isascii() and found.isprintable()):
        stop(
            f"A client secret is a line of {SHORTEST_SECRET} to {LONGEST_SECRET} printable ASCII characters.",
            Exit.USAGE,
        )
    return found


def _print(told: dict[str, Any], notices: list[str]) -> None:
    facts: dict[str, Any] = {
        name: told[name] for name in ("clientId", "clientSecret", "handle") if name in told
    }
    print_facts(facts)
    changed = f" ({', '.join(told['changed'])})" if told["changed"] else ""
    sentences = {"created": "Created.", "updated": f"Updated{changed}.", "unchanged": "Nothing has changed."}
    typer.echo(sentences[told["outcome"]])
    if told["outcome"] == "updated":
        for word, names in told[OF_SCOPES].items():
            if names:
                typer.echo(f"Scopes {word}: {', '.join(names)}")
    for each in told["shops"][:MOST_SHOWN]:
        typer.echo(f"{each['shop']}: {_sentence(each)} {each['installUrl']}")
    for notice in notices:
        typer.echo(notice)


def _sentence(shop: dict[str, Any]) -> str:
    if not shop["installed"]:
        return "install it at"
    if shop["lacks"]:
        return f"installed, but not granted {shop['lacks']}; the merchant grants it at"
    return "installed; open it at"
