"""A hundred shops with an app in each, a hundred for the limits to write to, and where orders fall."""

import random
from collections import Counter
from collections.abc import Iterator

from bench.marks import Marks
from bench.samples import SHOPS, VARIANTS, shop_at
from till import clock, keys
from till.apps.app import App, Installation
from till.apps.installations import Installations
from till.apps.store import Apps
from till.cli.store import Store
from till.clock import DAY
from till.db.port import Tx
from till.ids import Minter
from till.shops.store import Shops

DAYS = 180
NODE = 31
# So many orders of a database are asked for by id.
MOST_ASKED = 100_000


async def found(store: Store) -> list[str]:
    """Found all shops; the tokens of the first hundred."""
    app = App(
        client_id=keys.mint_client_id(),
        name="bench",
        scopes=frozenset({"read_orders", "write_orders"}),
        partner=False,
    )
    sealed = store.sealer.seal(keys.mint_secret(), about=app.client_id)

    async def work(tx: Tx) -> list[str]:
        await Apps(tx).add(app, sealed_secret=sealed, at=clock.now())
        tokens = []
        for index in range(2 * SHOPS):
            shop = await Shops(tx).add(shop_at(index), at=clock.now())
            if index < SHOPS:
                installed = Installation(
                    id=shop.id, shop_id=shop.id, client_id=app.client_id, scopes=app.scopes
                )
                tokens.append(await Installations(tx, shop).add(installed, at=clock.now()))
        return tokens

    return await store.db.write(work)


def spread(orders: int) -> Iterator[tuple[int, int, Marks]]:
    """When and in which shop each order falls: its variant, the place of its shop, and its marks
    but for the number of its event.

    They come over half a year up to an hour ago, in any shop, so that a shop's orders lie apart.
    """
    dice, numbers = random.Random(orders), Counter[int]()
    end = clock.now() - DAY // 24
    at = 0
    mint = Minter(NODE, clock=lambda: at // 1_000)
    for index in range(orders):
        at = (end - DAYS * DAY * (orders - index) // orders) // 1_000_000 * 1_000_000
        place = dice.randrange(SHOPS)
        numbers[place] += 1
        number = numbers[place]
        marks = Marks(id=mint(), shop_id=shop_at(place).id, at=at, number=1_000 + number, event=0)
        yield dice.randrange(VARIANTS), place, marks


class Asked:
    """A fair choice of the orders of a database, however many there are."""

    def __init__(self, orders: int) -> None:
        self._share = min(1.0, MOST_ASKED / orders)
        self._dice = random.Random(orders)
        self.ids: list[tuple[int, int]] = []

    def see(self, place: int, order_id: int) -> None:
        if self._share == 1.0 or self._dice.random() < self._share:
            self.ids.append((place, order_id))
