"""`till theme dev`: see the theme of this folder while it is worked on."""

import asyncio
import socket
import webbrowser
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from till.cli.options import Json
from till.cli.orders.options import HERE, Token, Url, address_of
from till.cli.outcome import Exit, end_quietly, refusals, stop
from till.cli.ports import PortTaken, listen, url_of
from till.cli.remote import Remote
from till.cli.theme import options
from till.cli.theme.client import Theme
from till.cli.theme.environments import Environed
from till.cli.theme.folder import Choice, Folder, choose
from till.cli.theme.naming import name_of
from till.cli.theme.serving.following import Follower
from till.cli.theme.serving.following import Manner as Following
from till.cli.theme.serving.painted import Manner
from till.cli.theme.serving.server import Setting, serve
from till.cli.theme.serving.telling import Teller
from till.cli.theme.talk import shelf_of, theme_of
from till.storefront.shipped import Catalogue, shipped

app = typer.Typer()

USUAL_PORT = 9292


class Reload(StrEnum):
    """How open pages follow what is saved."""

    HOT = "hot-reload"
    PAGE = "full-page"
    OFF = "off"


class Overlay(StrEnum):
    """Whether pages show what is wrong with the theme."""

    DEFAULT = "default"
    SILENT = "silent"


@app.command(cls=Environed)
def dev(  # noqa: PLR0913 - an option each
    *,
    path: options.Root = Path(),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Port to listen on; if taken, a free one.", show_default="9292"),
    ] = None,
    live_reload: Annotated[
        Reload, typer.Option(help="Repaint what changed, reload the whole page, or leave it alone.")
    ] = Reload.HOT,
    error_overlay: Annotated[Overlay, typer.Option(help="Show faults on pages too.")] = Overlay.DEFAULT,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file, or a folder, of a catalogue to show.", show_default="the one of Till"
        ),
    ] = None,
    opened: Annotated[bool, typer.Option("--open", "-o", help="Open it in the browser.")] = False,
    poll: Annotated[
        bool,
        typer.Option("--poll", help="Look at the files again and again, where the system tells nothing."),
    ] = False,
    remote: Annotated[
        bool, typer.Option("--remote", help="Bring what is saved to a draft on the server as well.")
    ] = False,
    theme: options.ThemeName = None,
    theme_editor_sync: Annotated[
        bool,
        typer.Option("--theme-editor-sync", help="Bring what the editor of the draft saves here as well."),
    ] = False,
    only: options.Only = None,
    ignore: options.Ignore = None,
    nodelete: options.NoDelete = False,
    environment: options.Environment = None,
    url: Url = HERE,
    token: Token = "",
    json: Json = False,
) -> None:
    """See the theme of this folder with a catalogue, a cart and a checkout, repainted as files are saved.

    Orders are made at the Till server, where there is a token. With --remote a draft there is kept what the
    folder is; a theme that the shop shows is never changed by this.
    """
    del environment  # read where the options are
    end_quietly()
    with refusals():

        def choice() -> Choice:
            return choose(path, only or (), ignore or ())

        folder, teller = Folder(path, choice()), Teller(json=json)
        folder.must_be_theme()
        following = Following(delete=not nodelete, editor=theme_editor_sync)
        if theme_editor_sync and not remote:
            stop("--theme-editor-sync is about the draft of --remote: say that too.", Exit.USAGE)
        setting = Setting(
            folder=folder,
            catalogue=shipped() if catalogue is None else Catalogue.at(catalogue),
            manner=Manner(reload=live_reload.value, overlay=error_overlay.value),
            choose=choice,
            teller=teller,
            orders=Remote(address_of(url), token) if token else None,
            follower=_follower(folder, theme, following, url, token, teller) if remote else None,
            poll=poll,
        )
        with _listening(host, port) as listening:
            here = url_of(listening)

            def ready() -> None:
                teller.begun(
                    {"url": here, "theme": name_of(folder), "folder": str(path)}, _lines(here, setting)
                )
                if opened:
                    webbrowser.open(here)

            asyncio.run(serve(setting, listening, ready))


def _listening(host: str, port: int | None) -> socket.socket:
    """The port that was named; or the usual one, and another where that is taken."""
    if port is not None:
        return listen(host, port)
    try:
        return listen(host, USUAL_PORT)
    except PortTaken:
        typer.echo(f"Port {USUAL_PORT} is taken, so the theme takes a free one.", err=True)
        return listen(host, 0)


def _follower(
    folder: Folder, wanted: str | None, manner: Following, url: str, token: str, teller: Teller
) -> Follower:
    with shelf_of(url, token, json=False) as shelf:
        draft: Theme | None = theme_of(shelf, wanted, live=False, root=folder.root)
        if draft is not None and draft.is_current:
            stop(
                f"The shop shows {draft.named}, and would show what is saved here at once: name a draft "
                f"with --theme, such as a copy by `till theme duplicate`.",
                Exit.USAGE,
            )
        return Follower(shelf, draft, folder, manner, teller.tell, teller.warn)


def _lines(here: str, setting: Setting) -> list[str]:
    orders = (
        "Orders are not made: there is no token of a Till server."
        if setting.orders is None
        else f"Orders are made at {setting.orders.url}."
    )
    return [f"{name_of(setting.folder)} is on {here}", orders, "Save a file, and the page follows."]
