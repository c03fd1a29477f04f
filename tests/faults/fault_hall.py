"""A running server with a receiver and a clock that is set by hand; shops live in it one after the other."""

import asyncio
import contextlib
import itertools
import socket
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

from inside import Inside
from receiver import Receiver
from till import keys
from till.apps.app import App, Installation
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import Apps
from till.clock import now
from till.deliveries.worker import Tuning
from till.keys import Sealer
from till.server import running
from till.settings import Settings
from till.vault import key_of
from till.web.wakes import Wakes
from till.working import Lent, rules_of, working

SCOPES = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})
LEFT = """
    SELECT COUNT(*) FROM deliveries
    WHERE shop_id = :shop_id AND state <= 1 AND (state = 1 OR run_at <= :at)
"""
PATIENCE = 60
NUMBERS = itertools.count(1)


class Mortal:
    """Sends through another, until so many posts were answered; those that follow never come to an end."""

    def __init__(self, sender, posts):
        self._sender = sender
        self._left = posts
        self.dying = asyncio.Event()

    async def post(self, post):
        outcome = await self._sender.post(post)
        self._left -= 1
        if self._left < 0:
            self.dying.set()
            await asyncio.get_running_loop().create_future()
        return outcome


@dataclass
class Hall:
    """`open` it on a store; its clock stands still unless it is set."""

    run: object
    settings: Settings
    clock: int = field(default_factory=now)
    till: Inside = None
    receiver: Receiver = None

    @contextlib.contextmanager
    def opened(self):
        with Receiver() as self.receiver:
            stack = contextlib.AsyncExitStack()
            parts = self.run(stack.enter_async_context(running(self.settings, lambda: self.clock)))
            self.till = Inside(parts, self.run)
            try:
                yield self
            finally:
                self.run(stack.aclose())

    def found(self):
        """A fresh shop with two apps in it."""
        shop = self.till.found(f"s{next(NUMBERS)}")
        return SimpleNamespace(shop=shop, apps=[self.install(shop) for _ in range(2)])

    def install(self, shop):
        """A new app, with a secret to sign with: its `token` and `client_id`."""
        app = App(client_id=keys.mint_client_id(), name="Test", scopes=SCOPES, partner=False)
        installation = Installation(
            id=self.till.parts.lease.minter(),
            shop_id=shop.id,
            client_id=app.client_id,
            scopes=SCOPES,
            protected=frozenset(),
        )
        sealer = Sealer(key_of(self.settings))

        async def work(tx):
            sealed = sealer.seal(keys.mint_secret(), about=app.client_id)
            await Apps(tx).add(app, sealed_secret=sealed, at=self.clock)
            return await Installations(tx, shop).add(installation, at=self.clock)

        return SimpleNamespace(token=self.till.write(work), client_id=app.client_id)

    def uninstall(self, shop, client_id):
        mint = self.till.parts.lease.minter
        self.till.write(lambda tx: Life(tx, shop, "test", self.clock, mint).uninstall(client_id))

    def _lent(self, through):
        return Lent(
            db=self.till.parts.db,
            sealer=Sealer(key_of(self.settings)),
            rules=rules_of(self.settings, is_local=True),
            clock=lambda: self.clock,
            log=self.till.parts.log,
            wakes=Wakes(),
            through=through,
            tuning=Tuning(poll=0.05),
        )

    async def _none_left(self, shop):
        async with asyncio.timeout(PATIENCE):
            while True:
                look = lambda tx: tx.fetch(LEFT, shop_id=shop.id, at=self.clock)  # noqa: E731 - of one use
                if not (await self.till.parts.db.read(look))[0][0]:
                    return
                await asyncio.sleep(0.002)

    def deliver(self, shop):
        """Let an engine send all that is due."""

        async def act():
            async with working(self.settings, self._lent(lambda sender: sender)):
                await self._none_left(shop)

        self.run(act())

    def crash(self, shop, posts):
        """Let an engine die once so many posts were answered: what it knew is gone, what it sent is sent."""
        mortals = []

        def through(sender):
            mortals.append(Mortal(sender, posts))
            return mortals[0]

        async def act():
            async with working(self.settings, self._lent(through)) as engine:
                death = asyncio.create_task(mortals[0].dying.wait())
                done = asyncio.create_task(self._none_left(shop))
                await asyncio.wait([death, done], return_when=asyncio.FIRST_COMPLETED)
                for task in (death, done, *engine._loops):
                    task.cancel()
                await asyncio.gather(death, done, *engine._loops, return_exceptions=True)
                for task in list(engine._tasks):
                    task.cancel()

        self.run(act())
        # What it had handed to the store is done by now, or never.
        self.till.write(lambda tx: tx.fetch("SELECT 1"))
        self._all_read()

    def _all_read(self):
        """Wait until the receiver has read to their ends all connections that there were."""
        # It takes them in in their order: once it answers this one, none before waits to be taken in.
        with socket.create_connection((self.receiver.host, self.receiver.port), timeout=PATIENCE) as link:
            link.sendall(b"GET /last HTTP/1.1\r\n\r\n")
            assert link.recv(1)
        until = time.monotonic() + PATIENCE
        while self.receiver._open:
            assert time.monotonic() < until
            time.sleep(0.002)
