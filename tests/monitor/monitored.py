"""An app in its shops as the tests of monitoring let it live, and what it is told of itself."""

import base64

from till.apps.app import Grant
from till.apps.life import Life
from till.apps.store import Apps
from till.web.recent import Entry

SCOPES = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})


def statistics(till, query="", **more):
    reply = till.get(f"/app/statistics{query}", **more)
    assert reply.status == 200, reply.body
    return reply.json["statistics"]


def basic(till):
    said = f"{till.client_id}:a client secret".encode()
    return {"token": "", "authorization": "Basic " + base64.b64encode(said).decode()}


def life(till, shop, act, *, at):
    """Let something happen to the app in a shop, as the server itself would."""

    async def work(tx):
        app = await Apps(tx).find(till.client_id)
        lived = Life(tx, shop, by="cli", at=at, mint=till.parts.lease.minter)
        return await act(lived, app)

    return till.write(work)


def come(till, shop, *, at):
    return life(till, shop, lambda lived, app: lived.install(app, Grant(scopes=app.scopes)), at=at)


def go(till, shop, *, at, reason=None):
    return life(till, shop, lambda lived, app: lived.uninstall(app.client_id, reason=reason), at=at)


def an_entry(owner=(1, "app"), **more):
    told = {
        "owner": owner,
        "at": 1_770_000_000_000_000,
        "kind": "request",
        "method": "GET",
        "target": "/api/202412/orders",
        "status": 200,
        "ms": 1.0,
        "code": None,
        "id": "8f14e45fceea167a",
        "path": "/orders",
        "version": "202412",
        "scope": "read_orders",
        "micros": 900,
        "is_logged": True,
    }
    return Entry(**told | more)
