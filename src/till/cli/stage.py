"""Sets up what `till demo` shows: a shop, an app with a token, and the orders; or finds them again."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from till import clock, keys
from till.apps.app import App, Grant
from till.apps.history import BY_COMMAND
from till.apps.installations import Installations
from till.apps.life import Life
from till.apps.store import Apps
from till.cli.store import Store, opened
from till.db.port import Tx
from till.demo.stock import Stock, fill
from till.errors import Invalid
from till.orders import counts, part_index
from till.orders.part_index import RETURN, Among
from till.orders.query import OrderFilter, where
from till.orders.store import Orders
from till.orders.view import decode
from till.settings import Settings
from till.shop import Rate, Shop
from till.shops.store import Shops
from till.themes.founding import found as found_theme

SHOP = "demo"
MARK = "demo.json"
SCOPES = frozenset(
    f"{mode}_{area}"
    for mode in ("read", "write")
    for area in ("orders", "fulfillments", "customers", "apps", "themes")
)
FILES = ("till.db", "till.db-wal", "till.db-shm", "till.key", "write.lock", MARK)


class NotADemo(Invalid):
    """A folder that `till demo` did not make is not touched by it."""


class Mark(Struct, omit_defaults=True):
    """Lies in the folder of a demo; names its app once the demo is complete."""

    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What is there to be shown; `made` in this run, or found.

    `order_id` is of the newest order, `lived_id` of one of which something came back, if there is any.
    """

    shop_id: int
    client_id: str
    secret: str
    token: str
    orders: int
    order_id: int
    lived_id: int
    made: bool


async def set_up(settings: Settings, *, seed: int, count: int, fresh: bool) -> Stage:
    """The demo in the data folder: found, or made where there is none, or no complete one."""
    mark = settings.data / MARK
    found = _read(mark)
    if found is None and (settings.data / "till.db").exists():
        raise NotADemo(f"{settings.data} holds another database, not a demo's: give another --data.")
    made = fresh or found is None or not found.client_id
    if made:
        for name in FILES:
            (settings.data / name).unlink(missing_ok=True)
        _write(mark, Mark())
    async with opened(settings) as store:
        if made:
            _write(mark, Mark(client_id=await _make(store, seed=seed, count=count)))
        return await _open(store, _read(mark) or Mark(), made=made)


def _read(mark: Path) -> Mark | None:
    try:
        return msgspec.json.decode(mark.read_bytes(), type=Mark)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:  # written only in part
        return Mark()


def _write(mark: Path, says: Mark) -> None:
    mark.write_bytes(msgspec.json.encode(says))


async def _make(store: Store, *, seed: int, count: int) -> str:
    """Found the shop with its orders and its app; answers the client id."""
    made = App(client_id=keys.mint_client_id(), name="Till demo", scopes=SCOPES, partner=False)
    sealed = store.sealer.seal(keys.mint_secret(), about=made.client_id)
    async with store.minting() as mint:
        shop = Shop(id=mint(), handle=SHOP, currency="USD", timezone="America/New_York")
        shop, at = shop.change(rate=Rate.OFF), clock.now()

        async def found(tx: Tx) -> None:
            await Shops(tx).add(shop, at=at)
            await found_theme(tx, shop, theme_id=mint(), at=at)
            await Apps(tx).add(made, sealed_secret=sealed, at=at)
            await Life(tx, shop, BY_COMMAND, at, mint).install(made, Grant(scopes=SCOPES))

        await store.db.write(found)
        stock = Stock(shop, mint, made.client_id)
        await fill(store.db, stock, seed=seed, count=count, now=clock.now())
    return made.client_id


async def _open(store: Store, mark: Mark, *, made: bool) -> Stage:
    """Mint a token for the demo's app, and look up what is worth showing."""

    async def work(tx: Tx) -> Stage:
        shop = await Shops(tx).find(SHOP)
        installations, orders = Installations(tx, shop), Orders(tx, shop)
        installation = await installations.find(mark.client_id)
        every = where(OrderFilter(), shop_id=shop.id, dialect=tx.dialect, personal=True, since=None)
        newest = await orders.page(every, key=(), backward=False, ascending=False, limit=1)
        newest_id = newest[0].id if newest else 0
        sent_back = await part_index.page(
            tx, Among(kind=RETURN), shop_id=shop.id, key=(), backward=False, limit=1
        )
        sealed = await Apps(tx).sealed_secret(mark.client_id)
        return Stage(
            shop_id=shop.id,
            client_id=mark.client_id,
            secret=store.sealer.unseal(sealed, about=mark.client_id),
            token=await installations.mint_token(installation.id, at=clock.now()),
            orders=await counts.counted(tx, OrderFilter(), shop_id=shop.id, first=None, last=None),
            order_id=newest_id,
            lived_id=decode(sent_back[0].body).id if sent_back else newest_id,
            made=made,
        )

    return await store.db.write(work)
