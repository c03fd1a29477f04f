"""Carts at rest, each by the digest of the token that its visitor holds.

A cart is kept once there is something in it, for two weeks after it was touched last. A shop keeps `MOST`
of those that no order was made of: who was away for longest loses his to one that comes. Who looks at the
checkout touches his cart for an hour ahead, and loses it to nobody meanwhile.
"""

from dataclasses import dataclass

import msgspec

from till.clock import DAY
from till.db.port import Row, Tx
from till.errors import Unavailable
from till.keys import digest
from till.storefront.visit import CartState

KEPT_FOR = 14 * DAY
AT_CHECKOUT = DAY // 24
# Looking at the checkout once more within this time is not noted again.
LATELY = AT_CHECKOUT // 12
MOST, LEFT = 20_000, 18_000
FIND = "SELECT body FROM carts WHERE shop_id = :shop_id AND digest = :digest"
# Touches the row, so that whoever else wants to change it waits.
HOLD = """
    UPDATE carts SET updated_at = CASE WHEN updated_at > :at THEN updated_at ELSE :at END
    WHERE shop_id = :shop_id AND digest = :digest RETURNING body
"""
PUT = """
    INSERT INTO carts (shop_id, digest, body, created_at, updated_at, order_id)
    VALUES (:shop_id, :digest, :body, :at, :at, :order_id)
    ON CONFLICT (shop_id, digest) DO UPDATE SET body = :body, order_id = :order_id,
    updated_at = CASE WHEN carts.updated_at > :at THEN carts.updated_at ELSE :at END
"""
CHECKS_OUT = """
    UPDATE carts SET updated_at = :until
    WHERE shop_id = :shop_id AND digest = :digest AND updated_at < :lately
"""
NOTED = """
    SELECT body FROM carts WHERE shop_id = :shop_id AND digest = :digest AND updated_at >= :lately
"""
CHECKING_OUT = """
    SELECT COUNT(*) FROM carts WHERE shop_id = :shop_id AND updated_at > :at AND order_id IS NULL
"""
OPEN = """
    SELECT COUNT(*) FROM carts WHERE shop_id = :shop_id AND updated_at <= :at AND order_id IS NULL
"""
LEAVE = """
    DELETE FROM carts WHERE shop_id = :shop_id AND digest IN (
        SELECT digest FROM carts WHERE shop_id = :shop_id AND updated_at <= :at AND order_id IS NULL
        ORDER BY updated_at DESC, digest LIMIT :most OFFSET :left
    )
"""
SHOPS = "SELECT id FROM shops ORDER BY id"
FORGET = "DELETE FROM carts WHERE shop_id = :shop_id AND updated_at < :before"


class NoRoom(Unavailable):
    """So many visitors are at the checkout that no other cart can be kept."""


@dataclass(frozen=True, slots=True)
class KeptCarts:
    """The carts of one shop."""

    tx: Tx
    shop_id: int

    async def find(self, token: str) -> CartState:
        """The cart of a token; an empty one where there is none."""
        return _cart(await self.tx.fetch(FIND, shop_id=self.shop_id, digest=digest(token))) or CartState()

    async def hold(self, token: str, *, at: int) -> CartState | None:
        """The same, to be changed in this transaction; None where there is none yet."""
        return _cart(await self.tx.fetch(HOLD, shop_id=self.shop_id, digest=digest(token), at=at))

    async def checks_out(self, token: str, *, at: int) -> None:
        """Whoever holds the token looks at the checkout: the cart is left to him for an hour."""
        until, lately = at + AT_CHECKOUT, at + AT_CHECKOUT - LATELY
        await self.tx.execute(
            CHECKS_OUT, shop_id=self.shop_id, digest=digest(token), until=until, lately=lately
        )

    async def is_checking_out(self, token: str, *, at: int) -> bool:
        """Whether that was noted lately."""
        lately = at + AT_CHECKOUT - LATELY
        return bool(await self.tx.fetch(NOTED, shop_id=self.shop_id, digest=digest(token), lately=lately))

    async def must_have_room(self, *, at: int) -> None:
        """Refuse one more cart where those at the checkout alone are as many as may be kept."""
        ((busy,),) = await self.tx.fetch(CHECKING_OUT, shop_id=self.shop_id, at=at)
        if busy >= MOST:
            raise NoRoom("Too many visitors are at the checkout of this shop: try again in a while.")

    async def leave_most(self, *, at: int) -> None:
        """Where there are more than `MOST` open carts, drop those that were left alone for longest."""
        ((count,),) = await self.tx.fetch(OPEN, shop_id=self.shop_id, at=at)
        if count > MOST:
            await self.tx.execute(LEAVE, shop_id=self.shop_id, at=at, most=count, left=LEFT)

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


def _cart(rows: list[Row]) -> CartState | None:
    return msgspec.json.decode(bytes(rows[0][0]), type=CartState) if rows else None
