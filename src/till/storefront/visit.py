"""One look at a storefront: what a visitor asks for, as plain data that a rendering process is sent."""

from hashlib import blake2b

import msgspec
from msgspec import Struct


class CartLine(Struct, frozen=True, kw_only=True):
    """`key` is told to themes; `properties` are what the visitor wrote to the product, in their order."""

    variant_id: int
    quantity: int
    properties: dict[str, str] = {}

    @property
    def key(self) -> str:
        """What names a line: its variant, and its properties where it has some."""
        if not self.properties:
            return f"{self.variant_id}:"
        return f"{self.variant_id}:{_digest(self.properties)}"


class CartState(Struct, frozen=True, kw_only=True):
    """A visitor's cart at rest.

    `turn` counts the orders that were made of it; `placed` is the key of the form that made the last one,
    `order_id` the id of that order.
    """

    token: str = ""
    lines: tuple[CartLine, ...] = ()
    attributes: dict[str, str] = {}
    note: str = ""
    turn: int = 0
    placed: str = ""
    order_id: int | None = None


class Posted(Struct, frozen=True, kw_only=True):
    """What became of a form that was just sent: `errors` by the name of the field."""

    form: str
    ok: bool
    errors: dict[str, str] = {}
    values: dict[str, str] = {}


class Visit(Struct, frozen=True, kw_only=True):
    """`now` is in microseconds UTC; `path` comes without the locale's prefix, `root` is that prefix.

    With `marks`, a section that failed shows a small box; else nothing. `files` are JSON files, by name, that
    an editor has not saved: they go before the theme's own. `sketch` is the digest of all of them.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    host: str = "demo.store.localhost"
    scheme: str = "http"
    locale: str = "en"
    root: str = ""
    shop: str = "demo"
    currency: str = "USD"
    timezone: str = "UTC"
    now: int = 0
    cart: CartState = CartState()
    customer: dict[str, str] | None = None
    posted: Posted | None = None
    theme_id: int = 0
    role: str = "main"
    design_mode: bool = False
    files: dict[str, str] = {}
    sketch: str = ""
    sections: tuple[str, ...] = ()
    section_id: str | None = None
    marks: bool = False

    def first(self, name: str, default: str = "") -> str:
        """The first value of a name in the query."""
        return next((value for key, value in self.query if key == name), default)


def _digest(properties: dict[str, str]) -> str:
    return blake2b(msgspec.json.encode(sorted(properties.items())), digest_size=8).hexdigest()
