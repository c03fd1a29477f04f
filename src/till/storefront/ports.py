"""What a storefront needs of the place that it stands in: a server with its store, or a folder at hand.

`Site` (till.storefront.site) is the same for both. A server's ports are in till.storefront.served; `till
theme dev` gives a `Source` that reads a directory, and `HeldCarts` (till.storefront.held) with a `Door`.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from msgspec import Struct

from till.liquid.bundle import Bundle
from till.liquid.engine import Rendered
from till.storefront.visit import CartState, Visit


class Front(Struct, frozen=True, kw_only=True):
    """A shop as its visitors meet it; `is_open` says that whoever comes is let in."""

    id: int
    handle: str
    currency: str
    timezone: str
    is_open: bool = True


class Shown(Struct, frozen=True, kw_only=True):
    """A theme that is shown; `key` is unique for its content, which `bundle` brings when it is needed."""

    id: int
    name: str
    key: str
    bundle: Callable[[], Awaitable[Bundle]]
    role: str = "main"
    version: int = 0


class Source(Protocol):
    """Where themes come from."""

    async def front(self, handle: str) -> Front | None:
        """The shop of this handle, or None."""
        ...

    async def theme(self, front: Front, theme_id: int | None) -> Shown | None:
        """The shop's current theme, or one that a preview names; None where there is none (any more)."""
        ...

    async def asset(self, front: Front, digest: str) -> bytes | None:
        """The bytes of a file by its SHA-256 in hexadecimal."""
        ...


class Placed(Struct, frozen=True, kw_only=True):
    """An order that was made: its id, the name that people say (`#1001`), its total in minor units."""

    id: int
    name: str
    total: int
    currency: str


class Carts(Protocol):
    """Where carts are kept, each under the token that its visitor holds."""

    async def read(self, front: Front, token: str) -> CartState:
        """The cart of a token; an empty one where there is none."""
        ...

    async def change(self, front: Front, token: str, command: Callable[[CartState], CartState]) -> CartState:
        """Apply `command` to the cart and keep what it makes; nothing else changes it meanwhile."""
        ...

    async def checks_out(self, front: Front, token: str) -> CartState:
        """The cart of a token whose visitor looks at the checkout, and should not lose it meanwhile."""
        ...

    async def check_out(
        self, front: Front, token: str, key: str, order: Callable[[CartState], dict[str, Any]]
    ) -> Placed:
        """Make an order of the cart and empty it, in one step.

        `order` makes the body of `POST /orders` of the cart, or refuses. The same `key` twice is one order.
        """
        ...


Door = Callable[[Front, dict[str, Any], str], Awaitable[Placed]]
"""Places an order: the body of `POST /orders`, and an Idempotency-Key for it."""

SketchesOf = Callable[[Front, int, str], Awaitable[dict[str, str] | None]]
"""The files that a sketch of a theme, by its id, has in place of the theme's own; None where it is gone."""

Finish = Callable[[Visit, Rendered], str]
"""Has the last word on a page: answers the HTML that is sent."""
