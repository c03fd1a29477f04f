"""A real server for the contract tests, with two shops that know nothing of each other."""

import json
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from matrix import an_order_with_all
from spare import expire

from running import answer, seed, serve, till, where
from wire import Wire

SCOPES = "read_orders,write_orders,read_customers,write_customers,write_apps,write_themes"
SHAPE = {"error", "code", "errors", "requestId"}


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all contract tests of this process: `url`, `pid`, `app` and the `other` shop's app."""
    folder = tmp_path_factory.mktemp("contract")
    app, other = (seed(folder, shop=shop, scopes=SCOPES) for shop in ("demo", "other"))
    # What is made up of addresses must not be spoken to.
    with serve(folder, "--no-work") as running:
        yield SimpleNamespace(url=running.url, pid=running.pid, folder=folder, app=app, other=other)


@pytest.fixture(scope="module")
def people(server):
    """Those who ask: with a good token, with a dead one, with too little, with none."""
    at = where(server.folder)

    def installed(scopes, shop="demo"):
        app = answer("app", "create", scopes, "--scopes", scopes, *at)
        told = answer("app", "install", app["clientId"], "--shop", shop, *at)
        return SimpleNamespace(**app, **told)

    revoked, gone, poor, ended = (
        installed(each) for each in ("write_orders", "write_orders", "read_products", SCOPES)
    )
    expire(server.folder, ended.accessToken)
    till("token", "revoke", "-", *at, given=revoked.accessToken)
    till("app", "uninstall", gone.clientId, "--shop", "demo", *at)
    return SimpleNamespace(
        good=server.app.accessToken,
        other=server.other.accessToken,
        unknown="0" * 64,
        revoked=revoked.accessToken,
        uninstalled=gone.accessToken,
        expired=ended.accessToken,
        poor=poor.accessToken,
        stranger=installed(SCOPES).accessToken,
    )


@pytest.fixture(scope="module")
def ask(server):
    """Send one request on a connection of its own, and hold each refusal against the one shape."""
    parts = urlsplit(server.url)

    def asked(method, path, *, token=None, body=None, raw=None, host="127.0.0.1", **headers):
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        lines = {"Host": host, "Content-Length": str(len(sent)), "Content-Type": "application/json"}
        lines |= {"X-Genstore-Access-Token": token} if token else {}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        with Wire((parts.hostname, parts.port)) as wire:
            reply = wire.say(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + sent).hear()
        if reply.status >= 400:
            assert reply.headers["content-type"] == "application/json; charset=utf-8"
            assert set(reply.json) >= SHAPE, reply.body
            assert reply.json["error"].endswith((".", "}"))
            assert reply.json["requestId"] == reply.headers["x-request-id"]
            assert re.fullmatch("[a-z_]+", reply.json["code"])
        return reply

    return asked


@pytest.fixture(scope="module")
def own(ask, people):
    """The ids of an order of the shop that asks, and of all that belongs to it."""
    return an_order_with_all(ask, people.good, email="own@example.com")
