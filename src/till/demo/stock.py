"""Fills a shop with the demo orders, through the same door as every other order."""

from functools import partial

from till.db.port import Database, Tx
from till.demo.story import Scene, scenes
from till.dialect.body import read
from till.ids import Minter
from till.orders.cancel import Cancellation, cancel
from till.orders.journal import system
from till.orders.order import Order
from till.orders.store import Orders
from till.orders.wire.fields import OrderRequest
from till.orders.wire.request import to_order
from till.shop import Shop

BATCH = 100


async def fill(db: Database, shop: Shop, mint: Minter, *, seed: int, count: int, now: int) -> None:
    """Add `count` orders to an empty shop, oldest first, so that their numbers follow their dates."""
    story = scenes(seed, count, now=now, zone=shop.timezone)
    for start in range(0, len(story), BATCH):
        batch = [(scene, _order(scene, shop, mint)) for scene in story[start : start + BATCH]]
        await db.write(partial(_play, batch=batch, shop=shop, mint=mint), shop_id=shop.id)


def _order(scene: Scene, shop: Shop, mint: Minter) -> Order:
    request = read(OrderRequest, {"order": scene.sent}, "")
    return to_order(request.order, shop=shop, number=0, mint=mint, at=scene.at)


async def _play(tx: Tx, *, batch: list[tuple[Scene, Order]], shop: Shop, mint: Minter) -> None:
    orders, by = Orders(tx, shop), system(mint)
    for scene, order in batch:
        kept = await orders.add(order, by=by)
        if scene.cancelled_at is not None:
            wish = Cancellation(reason=scene.reason, refund=scene.refund, restock=True, mint=mint)
            await orders.change(
                kept.order, partial(cancel, wish=wish, strict=False, at=scene.cancelled_at), by=by
            )
