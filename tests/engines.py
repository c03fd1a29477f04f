"""An engine in the test's own process: a shop, an app, subscriptions, events, and a clock that can be set."""

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field
from functools import partial

import msgspec

from till import clock, keys
from till.apps.app import App, Installation
from till.apps.installations import Installations
from till.apps.store import Apps
from till.clock import SECOND
from till.db.open import open_database
from till.deliveries.attempt import DETAILS
from till.deliveries.delivery import State
from till.deliveries.given import given, rows_of
from till.deliveries.worker import Tuning
from till.ids import uuid7
from till.keys import Sealer
from till.log import Log
from till.orders.topics import READ
from till.settings import Settings
from till.shop import Rate, Shop
from till.shops.store import Shops
from till.vault import key_of, open_vault
from till.web.wakes import Wakes
from till.webhooks.fanout import renew
from till.webhooks.forms import Telling
from till.webhooks.outbox import record, take
from till.webhooks.subscription import Options
from till.webhooks.topic import Resource, Topic
from till.working import Lent, rules_of, working

SCOPES = frozenset({"read_orders", "write_orders", "read_apps", "write_apps"})
PATIENCE = 60.0
QUICK = Tuning(poll=0.1)
ADD = """
    INSERT INTO subscriptions
        (shop_id, id, installation_id, topic, address, options, state, since, created_at, updated_at)
    VALUES (:shop_id, :id, :installation_id, :topic, :address, :options, 'active', :at, :at, :at)
"""

PILE = """
    INSERT INTO deliveries (shop_id, id, subscription_id, installation_id, event_number, topic, resource_id,
        form, address, ordered, state, run_at, created_at)
    SELECT :s, r.id, :hook, :installation, :event, 'orders/update', 1, '', :address, :ordered, 0, :at, :at
    FROM {rows} r
"""


class MovedClock:
    """The real time, and as much later as the test says; or, once told to `stand`, that alone."""

    def __init__(self):
        self.offset = 0
        self._still = None

    def __call__(self):
        return (clock.now() if self._still is None else self._still) + self.offset

    def stand(self):
        """From here on no time passes but what the test says, however long things take."""
        self._still = clock.now()

    def move(self, seconds):
        self.offset += int(seconds * SECOND)


class Lines:
    """Where a log writes, so that a test can read it."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@dataclass
class Bench:
    """A store with a shop and an app in it, to which engines can be put."""

    run: object
    db: object
    settings: Settings
    sealer: Sealer
    clock: MovedClock
    shop: Shop = None
    secret: str = ""
    installation_id: int = 0
    lines: Lines = field(default_factory=Lines)
    _ids: object = None
    _versions: dict = field(default_factory=dict)

    def write(self, work, **more):
        return self.run(self.db.write(work, **more))

    def rows(self, sql, **params):
        return [tuple(row) for row in self.run(self.db.read(lambda tx: tx.fetch(sql, **params)))]

    def subscribe(self, address, *, topic="orders/update", **options):
        """A subscription; answers its id."""
        subscription_id = next(self._ids)

        async def work(tx):
            await tx.execute(
                ADD,
                shop_id=self.shop.id,
                id=subscription_id,
                installation_id=self.installation_id,
                topic=topic,
                address=address,
                options=msgspec.json.encode(msgspec.convert(options, Options)).decode(),
                at=self.clock(),
            )
            await renew(tx, self.shop.id)

        self.write(work)
        return subscription_id

    async def tell(self, resource_id=1, *, topic="orders/update", times=1):
        """Events of a resource, each in a transaction of its own, as the API records them."""
        for _ in range(times):
            version = self._versions[resource_id] = self._versions.get(resource_id, 0) + 1
            body = msgspec.json.encode({"order": {"id": resource_id, "version": version}})

            async def work(tx, version=version, body=body):
                numbers = await take(tx, shop_id=self.shop.id, events=1)
                await record(
                    tx,
                    [Topic(topic, READ, lambda *_: True)],
                    Telling(body, lambda typed, *_: typed),
                    numbers=numbers,
                    resource=Resource(self.shop.id, resource_id, version, self.clock()),
                )

            await self.db.write(work, shop_id=self.shop.id)

    def told(self, *args, **kwargs):
        self.run(self.tell(*args, **kwargs))

    @contextlib.asynccontextmanager
    async def engine(self, *, tuning=QUICK, db=None, now=None, through=lambda sender: sender):
        """An engine at work; `wakes` of it is given, to ring and to look at."""
        wakes = Wakes()
        log = Log(self.lines)
        lent = Lent(
            db=db or self.db,
            sealer=self.sealer,
            rules=rules_of(self.settings, is_local=True),
            clock=now or self.clock,
            log=log,
            wakes=wakes,
            through=through,
            tuning=tuning,
        )
        async with working(self.settings, lent) as engine:
            engine.wakes = wakes
            try:
                yield engine
            finally:
                wakes.end()
        log.flush()

    def deliveries(self, **where):
        """All deliveries, oldest first, each as a dict."""
        names = "id subscription_id state reason run_at token attempts failures created_at ended_at topic"
        sql = f"SELECT {', '.join(names.split())} FROM deliveries WHERE shop_id = :shop_id ORDER BY id"
        found = [dict(zip(names.split(), row, strict=True)) for row in self.rows(sql, shop_id=self.shop.id)]
        for each in found:
            each["state"] = State(each["state"])
            each["id"] = str(uuid.UUID(bytes=bytes(each["id"])))
        return [each for each in found if all(each[name] == value for name, value in where.items())]

    def attempts(self):
        names = "delivery_id number started_at micros status error counted bytes_read details response"
        sql = f"SELECT {', '.join(names.split())} FROM attempts WHERE shop_id = :shop_id ORDER BY started_at"
        found = [dict(zip(names.split(), row, strict=True)) for row in self.rows(sql, shop_id=self.shop.id)]
        for each in found:
            each["delivery_id"] = str(uuid.UUID(bytes=bytes(each["delivery_id"])))
            each["details"] = DETAILS.decode(bytes(each["details"]))
        return found

    def subscription(self, subscription_id):
        names = "state reason last_success_at failing_since failures warned"
        sql = f"SELECT {', '.join(names.split())} FROM subscriptions WHERE shop_id = :shop_id AND id = :id"
        (row,) = self.rows(sql, shop_id=self.shop.id, id=subscription_id)
        return dict(zip(names.split(), row, strict=True))

    def events(self):
        """The topics and payloads of all that was told, oldest first."""
        sql = """SELECT e.topic, COALESCE(e.payload, c.payload) FROM events e
            JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
            WHERE e.shop_id = :shop_id ORDER BY e.number"""
        return [
            (topic, msgspec.json.decode(bytes(body))) for topic, body in self.rows(sql, shop_id=self.shop.id)
        ]

    def notices(self):
        return [(topic, body["webhook"]) for topic, body in self.events() if topic.startswith("webhook/")]

    async def count(self, **where):
        """How many deliveries there are of some state and subscription, on a loop that goes on."""
        clause = "".join(f" AND {name} = :{name}" for name in where)
        sql = f"SELECT COUNT(*) FROM deliveries WHERE shop_id = :shop_id{clause}"
        rows = await self.db.read(lambda tx: tx.fetch(sql, shop_id=self.shop.id, **where))
        return rows[0][0]

    async def settled(self, count, *, seconds=PATIENCE, state=State.DELIVERED, **where):
        """Wait until so many deliveries are in a state."""
        await until(partial(self._has, count, int(state), where), seconds=seconds)

    async def _has(self, count, state, where):
        return await self.count(state=state, **where) >= count


async def until(holds, *, seconds=PATIENCE):
    """Wait until an async condition holds, while everything else goes on."""
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.01)


@contextlib.contextmanager
def bench(run, *, folder, url, **settings):
    """A store with a shop and an app; its engine may deliver to loopback."""
    asked = Settings(data=folder, database=url, stop_timeout=5.0, **settings)
    db = run(open_database(folder=folder, url=url))
    try:
        sealer = run(open_vault(db, key_of(asked)))
        found = Bench(run, db, asked, sealer, MovedClock())
        _found(found)
        yield found
    finally:
        run(db.close())


def _found(found):
    """Found the shop, and install the app in it."""
    ids = iter(range(1_000, 1_000_000))
    found._ids = ids
    shop = Shop(id=next(ids), handle="demo", currency="USD", timezone="America/New_York")
    shop = shop.change(rate=Rate.OFF)
    app = App(client_id=keys.mint_client_id(), name="Test", scopes=SCOPES, partner=False)
    found.secret = keys.mint_secret()
    installation = Installation(
        id=next(ids), shop_id=shop.id, client_id=app.client_id, scopes=SCOPES, protected=frozenset()
    )
    found.shop, found.installation_id = shop, installation.id

    async def work(tx):
        await Shops(tx).add(shop, at=clock.now())
        sealed = found.sealer.seal(found.secret, about=app.client_id)
        await Apps(tx).add(app, sealed_secret=sealed, at=clock.now())
        await Installations(tx, shop).add(installation, at=clock.now())

    found.write(work)


async def pile_up(house, hook, address, count, *, event=1, ordered=0):
    """So many deliveries of one event, as if they had piled up."""

    async def work(tx):
        sql = PILE.format(rows=rows_of(tx.dialect, {"id": "bytes"}))
        await tx.execute(
            sql,
            s=house.shop.id,
            hook=hook,
            installation=house.installation_id,
            event=event,
            address=address,
            ordered=ordered,
            at=house.clock(),
            given=given({"id": uuid7()} for _ in range(count)),
        )

    await house.db.write(work)
