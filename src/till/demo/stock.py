"""Fills a shop with the demo orders: all of them live at once, and everything is done when it happens."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple

from till.db.port import Database, Tx
from till.demo.deeds import Deed
from till.demo.plan import Life, Step
from till.demo.staff import APP, Actor
from till.demo.story import lives
from till.dialect.body import read
from till.ids import Minter
from till.orders import journal
from till.orders.journal import By
from till.orders.order import Order
from till.orders.store import Orders
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Shop

BATCH = 250


class Happening(NamedTuple):
    """The birth of an order, or where there is a `step`, that; `last` if nothing follows."""

    place: int  # of the order among all
    life: Life
    step: Step | None
    last: bool


class Stock(NamedTuple):
    """The shop that is filled, what gives ids, and the client id of the app that fills it."""

    shop: Shop
    mint: Minter
    client_id: str


async def fill(db: Database, stock: Stock, *, seed: int, count: int, now: int) -> None:
    """Add `count` orders to an empty shop and live their lives up to `now`, in the order of time."""
    alive: dict[int, Order] = {}
    story = happenings(lives(seed, count, now=now, zone=stock.shop.timezone))
    while batch := list(islice(story, BATCH)):
        work = partial(_play, stock=stock, batch=batch, alive=alive)
        alive |= await db.write(work, shop_id=stock.shop.id)
        for each in batch:
            if each.last:
                del alive[each.place]


def happenings(all_lives: Iterable[Life]) -> Iterator[Happening]:
    """Births, which come in the order of time, and what follows from each, in the order of time."""
    waiting: list[tuple[int, int, int, Life]] = []  # when, of which order, which step
    for place, life in enumerate(all_lives):
        while waiting and waiting[0][0] <= life.at:
            yield _next(waiting)
        yield Happening(place, life, None, last=not life.steps)
        if life.steps:
            heappush(waiting, (life.steps[0].at, place, 0, life))
    while waiting:
        yield _next(waiting)


def _next(waiting: list[tuple[int, int, int, Life]]) -> Happening:
    _, place, index, life = heappop(waiting)
    last = index + 1 == len(life.steps)
    if not last:
        heappush(waiting, (life.steps[index + 1].at, place, index + 1, life))
    return Happening(place, life, life.steps[index], last=last)


async def _play(
    tx: Tx, *, stock: Stock, batch: list[Happening], alive: Mapping[int, Order]
) -> dict[int, Order]:
    """Do all of it; answers the orders as they are then, by their place."""
    orders, found = Orders(tx, stock.shop), dict[int, Order]()
    for place, life, step, _ in batch:
        if step is None:
            found[place] = (await orders.add(_born(life, stock), by=_by(APP, stock))).order
            continue
        order, by = found.get(place) or alive[place], _by(step.by, stock)
        if step.note is not None:
            where = {"shop_id": stock.shop.id, "order_id": order.id}
            await journal.write_note(tx, step.note, **where, at=step.at, by=by)
        if step.deed is not None:
            done = await orders.change(order, partial(_do, step.deed, stock, step.at), by=by)
            order = done.order
        found[place] = order
    return found


def _do(deed: Deed, stock: Stock, at: int, order: Order) -> Order:
    return deed(order, stock.mint, at)


def _born(life: Life, stock: Stock) -> Order:
    request = read(OrderRequest, {"order": life.sent}, "")
    return to_order(request.order, shop=stock.shop, number=0, mint=stock.mint, at=life.at)


def _by(actor: Actor, stock: Stock) -> By:
    return By(actor.type, actor.id or stock.client_id, stock.mint, actor.name)
