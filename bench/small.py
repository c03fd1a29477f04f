"""Fills a small database as the server would: every order through the store's own `Orders.add`."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from itertools import islice

from bench.directory import Asked, spread
from bench.samples import NUMBER, order_of, requests, shop_at
from till.db.port import Database, Tx
from till.ids import Minter
from till.orders import journal
from till.orders.order import Order
from till.orders.store import Orders

CHUNK = 2_000
NODE = 30


async def fill(db: Database, orders: int, watch: Callable[[str], None]) -> list[tuple[int, int]]:
    """Add so many orders; answers which may be asked for."""
    bodies, coming, asked = requests(), spread(orders), Asked(orders)
    by = journal.system(Minter(NODE))
    done = 0
    while chunk := list(islice(coming, CHUNK)):
        of_shop: dict[int, list[Order]] = defaultdict(list)
        for variant, place, marks in chunk:
            body = bodies[variant].replace(str(NUMBER).encode(), b"%07d" % marks.number)
            made = order_of(body, shop=shop_at(place), order_id=marks.id, at=marks.at)
            of_shop[place].append(made)
            asked.see(place, marks.id)
        await asyncio.gather(*(_add(db, place, made, by) for place, made in of_shop.items()))
        done += len(chunk)
        watch(f"{done:,} of {orders:,} orders by Orders.add")
    return asked.ids


async def _add(db: Database, place: int, made: list[Order], by: journal.By) -> None:
    shop = shop_at(place)

    async def work(tx: Tx) -> None:
        for order in made:
            await Orders(tx, shop).add(order, by=by)

    await db.write(work, shop_id=shop.id)
