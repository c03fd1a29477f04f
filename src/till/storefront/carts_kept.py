"""Carts at rest, each by the digest of the token that its visitor holds."""

from dataclasses import dataclass

import msgspec

from till.clock import DAY
from till.db.port import Row, Tx
from till.keys import digest
from till.storefront.visit import CartState

KEPT_FOR = 14 * DAY
FIND = "SELECT body FROM carts WHERE shop_id = :shop_id AND digest = :digest"
# Touches the row, so that whoever else wants to change it waits.
HOLD = """
    UPDATE carts SET updated_at = :at WHERE shop_id = :shop_id AND digest = :digest RETURNING body
"""
PUT = """
    INSERT INTO carts (shop_id, digest, body, created_at, updated_at, order_id)
    VALUES (:shop_id, :digest, :body, :at, :at, :order_id)
    ON CONFLICT (shop_id, digest) DO UPDATE SET body = :body, updated_at = :at, order_id = :order_id
"""
SHOPS = "SELECT id FROM shops ORDER BY id"
FORGET = "DELETE FROM carts WHERE shop_id = :shop_id AND updated_at < :before"


@dataclass(frozen=True, slots=True)
class KeptCarts:
    """The carts of one shop."""

    tx: Tx
    shop_id: int

    async def find(self, token: str) -> CartState:
        """The cart of a token; an empty one where there is none."""
        return _cart(await self.tx.fetch(FIND, shop_id=self.shop_id, digest=digest(token)))

    async def hold(self, token: str, *, at: int) -> CartState:
        """The same, to be changed in this transaction."""
        return _cart(await self.tx.fetch(HOLD, shop_id=self.shop_id, digest=digest(token), at=at))

    async def put(self, token: str, cart: CartState, *, at: int) -> None:
        """Keep a cart as it is now."""
        body = msgspec.json.encode(cart)
        order_id = cart.order_id
        await self.tx.execute(
            PUT, shop_id=self.shop_id, digest=digest(token), body=body, at=at, order_id=order_id
        )


async def shop_ids(tx: Tx) -> list[int]:
    """All shops of this server."""
    return [row[0] for row in await tx.fetch(SHOPS)]


async def forget(tx: Tx, *, shop_id: int, before: int) -> None:
    """Drop the carts of a shop that nobody has touched since."""
    await tx.execute(FORGET, shop_id=shop_id, before=before)


def _cart(rows: list[Row]) -> CartState:
    return msgspec.json.decode(bytes(rows[0][0]), type=CartState) if rows else CartState()
