"""The server inside the test's own process: the real application on a real store, asked through ASGI."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from unittest import mock

from builders import a_line
from till import chores, clock, keys
from till.apps.app import App, Installation
from till.apps.installations import Installations
from till.apps.store import Apps
from till.caller import Protected
from till.server import running
from till.settings import Settings
from till.shop import Rate, Shop
from till.shops.store import Shops

ROOT = "/api/202412"
NEVER = 86_400
ORDERS = frozenset({"read_orders", "write_orders"})


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes
    parts: int = 1

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def order(self):
        return self.json["order"]


@dataclass
class Inside:
    """One running server, and the token that is sent where none is given."""

    parts: object
    run: object
    token: str = ""
    shop: Shop = None
    client_id: str = ""
    others: list = field(default_factory=list)

    def found(self, handle="demo", *, currency="USD", timezone="America/New_York", **settings):
        """Found a shop; its settings are those of `Shop.change`, its rate is off unless given."""
        settings = {"rate": Rate.OFF} | settings
        shop = Shop(id=self.parts.lease.minter(), handle=handle, currency=currency, timezone=timezone)
        shop = shop.change(**settings)
        self.write(lambda tx: Shops(tx).add(shop, at=clock.now()))
        return shop

    def install(self, shop, *, scopes=ORDERS, partner=False, protected=(), fidelity=None):
        """Install a new app in `shop`; answer its token."""
        app = App(client_id=keys.mint_client_id(), name="Test", scopes=scopes, partner=partner)
        installation = Installation(
            id=self.parts.lease.minter(),
            shop_id=shop.id,
            client_id=app.client_id,
            scopes=scopes,
            protected=frozenset(map(Protected, protected)),
            fidelity=fidelity,
        )
        sealed = self.parts.api._lent.sealer.seal("a client secret", about=app.client_id)

        async def work(tx):
            await Apps(tx).add(app, sealed_secret=sealed, at=clock.now())
            return await Installations(tx, shop).add(installation, at=clock.now())

        self.client_id = app.client_id
        return self.write(work)

    def write(self, work):
        return self.run(self.parts.db.write(work))

    def rows(self, sql, **params):
        return self.run(self.parts.db.read(lambda tx: tx.fetch(sql, **params)))

    def events(self):
        """The topics told so far, in their order, with the number of the event."""
        sql = "SELECT number, topic FROM events WHERE shop_id = :shop_id ORDER BY number"
        return [tuple(row) for row in self.rows(sql, shop_id=self.shop.id)]

    def topics(self):
        return [topic for _, topic in self.events()]

    async def ask(self, method, path, body=None, *, token=None, **headers):
        """One request; header names are given with underscores."""
        target, _, query = path.partition("?")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        token = self.token if token is None else token
        sent = {"host": "127.0.0.1:8080", "content-type": "application/json"}
        sent |= {"x-genstore-access-token": token} if token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http",
            "method": method,
            "path": target if target.startswith("/api") else ROOT + target,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "scheme": "http",
        }
        said, unread = [], [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive():
            if unread:
                return unread.pop()
            return await asyncio.get_running_loop().create_future()  # a client that stays

        async def send(message):
            said.append(message)

        await self.parts.api(scope, receive, send)
        start, *rest = said
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], found, b"".join(each["body"] for each in rest), len(rest))

    def get(self, path, **headers):
        return self.run(self.ask("GET", path, **headers))

    def post(self, path, body=None, **headers):
        return self.run(self.ask("POST", path, body, **headers))

    def put(self, path, body=None, **headers):
        return self.run(self.ask("PUT", path, body, **headers))

    def create(self, **order):
        """A created order; what is not given is one line of one unit at 10.00."""
        reply = self.post("/orders", {"order": {"lineItems": [a_line()]} | order})
        assert reply.status == 200, reply.body
        return reply.order


@contextlib.contextmanager
def inside(run, *, folder, url, now=clock.now, work=False, **more):
    """A server on the store that `folder` and `url` name, with one shop and one app; `now` is its clock.

    It delivers no webhooks unless it is to `work`; `more` are further settings. What it does from time to
    time beside answering it does at its start alone: tests that look at it do it themselves, by their clock.
    """
    stack = contextlib.AsyncExitStack()
    settings = Settings(data=folder, database=url, work=work, **more)
    try:
        stack.enter_context(mock.patch.multiple(chores, LAPSE_SECONDS=NEVER, ERASE_SECONDS=NEVER))
        parts = run(stack.enter_async_context(running(settings, now)))
        found = Inside(parts, run)
        found.shop = found.found()
        found.token = found.install(found.shop)
        yield found
    finally:
        run(stack.aclose())
