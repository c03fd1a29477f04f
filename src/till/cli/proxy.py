"""`till proxy`: answer for Genstore's hosts on this machine, for apps whose hosts are hard-coded."""

import asyncio
import json as json_module
import logging
import os
import shlex
import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from till.cli.options import Json
from till.cli.orders.options import HERE, address_of
from till.cli.outcome import end_quietly, print_json, refusals
from till.errors import Invalid
from till.proxying.certificates import Trust, make_trust
from till.proxying.conversation import Behind
from till.proxying.names import DEFAULT_PORTS, Place
from till.proxying.proxy import Proxy, listening

app = typer.Typer()


class PortTaken(Invalid):
    """Somebody else listens there."""


@app.command()
def proxy(
    *,
    to: Annotated[str, typer.Option(metavar="URL", envvar="TILL_URL", help="The Till that answers.")] = HERE,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 8081,
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder for the certificate files.", show_default="one below XDG_STATE_HOME"),
    ] = None,
    json: Json = False,
) -> None:
    """Answer for *.genmystore.com and *.genmystore.ai with Till, and bring all else where it wants to go.

    Prints the variables that an app is started with. Its certificate authority is made anew at each start and
    its key kept in memory; only programs with these variables trust it.
    """
    url = urlsplit(address_of(to))
    tls = ssl.create_default_context() if url.scheme == "https" else None
    till = Behind(Place(url.hostname or "", url.port or DEFAULT_PORTS[url.scheme]), tls)
    end_quietly()
    # Of broken connections asyncio writes tracebacks; what matters of them is told in a sentence.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with refusals():
        asyncio.run(_serve(till, to, port, folder or _usual_folder(port), json=json))


async def _serve(till: Behind, to: str, port: int, folder: Path, *, json: bool) -> None:
    answering, trust = make_trust(folder)
    served = Proxy(till, answering, lambda sentence: typer.echo(f"till: {sentence}", err=True))
    try:
        async with listening(served, port) as found:
            _tell(f"http://127.0.0.1:{found}", to, trust, json=json)
            await asyncio.get_running_loop().create_future()
    except OSError as error:
        raise PortTaken(
            f"Port {port} of 127.0.0.1 cannot be had ({error.strerror}): take another with --port."
        ) from None


def _usual_folder(port: int) -> Path:
    below = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(below).absolute() / "till" / f"proxy-{port}"


def variables(proxy_url: str, trust: Trust) -> dict[str, str]:
    """What an app is started with: where the proxy is, and whom to trust, by the names that clients heed."""
    node = str(trust.node.absolute())
    bundle = str(trust.bundle.absolute())
    return {
        "HTTPS_PROXY": proxy_url,
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": str(trust.certificate.absolute()),
        "NODE_OPTIONS": f"--require={json_module.dumps(node) if ' ' in node else node}",
    }


def lines(named: dict[str, str], shell: str) -> list[str]:
    """The variables as three lines for a shell: the proxy, whom most programs trust, and Node."""
    fish = Path(shell).name == "fish"
    names = list(named)
    written = []
    for group in (names[:1], names[1:4], names[4:]):
        if fish:
            written.append("; ".join(f"set -gx {name} {shlex.quote(named[name])}" for name in group))
        else:
            written.append("export " + " ".join(f"{name}={shlex.quote(named[name])}" for name in group))
    return written


def _tell(proxy_url: str, to: str, trust: Trust, *, json: bool) -> None:
    named = variables(proxy_url, trust)
    if json:
        print_json({"url": proxy_url, "to": to, "environment": named})
        return
    typer.echo(f"Proxy on {proxy_url}; it answers for *.genmystore.com and *.genmystore.ai with {to}.")
    typer.echo("Start the app in a terminal with these three lines:\n")
    for line in lines(named, os.environ.get("SHELL", "")):
        typer.echo(line)
    typer.echo("\nStop with Ctrl-C.")
