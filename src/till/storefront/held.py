"""Carts held in memory, for a storefront that has no store of its own."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from till.storefront.ports import Door, Front, Placed
from till.storefront.visit import CartState

MOST = 1_000


class HeldCarts:
    """The last thousand carts; `door` places their orders."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._carts: OrderedDict[str, CartState] = OrderedDict()
        self._placed: OrderedDict[str, Placed] = OrderedDict()
        self._lock = asyncio.Lock()

    async def read(self, front: Front, token: str) -> CartState:  # noqa: ARG002 - there is one shop here
        """The cart of a token; an empty one where there is none."""
        return self._carts.get(token, CartState())

    async def change(self, front: Front, token: str, command: Callable[[CartState], CartState]) -> CartState:
        """Apply `command` to the cart and hold what it makes."""
        changed = command(await self.read(front, token))
        self._hold(token, changed)
        return changed

    async def checks_out(self, front: Front, token: str) -> CartState:
        """The cart, which becomes the last to be given up."""
        cart = await self.read(front, token)
        if token in self._carts:
            self._carts.move_to_end(token)
        return cart

    async def check_out(
        self, front: Front, token: str, key: str, order: Callable[[CartState], dict[str, Any]]
    ) -> Placed:
        """Make an order of the cart and empty it; the same `key` twice is one order."""
        async with self._lock:
            cart = await self.read(front, token)
            if cart.placed == key and key in self._placed:
                return self._placed[key]
            placed = await self._door(front, order(cart), key)
            self._placed[key] = placed
            while len(self._placed) > MOST:
                self._placed.popitem(last=False)
            self._hold(token, emptied(cart, key, placed.id))
            return placed

    def _hold(self, token: str, cart: CartState) -> None:
        self._carts[token] = cart
        self._carts.move_to_end(token)
        while len(self._carts) > MOST:
            self._carts.popitem(last=False)


def emptied(cart: CartState, key: str, order_id: int) -> CartState:
    """The cart after its order was made: empty, and it knows which form made it."""
    return replace(CartState(), turn=cart.turn + 1, placed=key, order_id=order_id)
