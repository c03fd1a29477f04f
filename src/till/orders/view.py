"""What one caller sees of orders: its fidelity profile, its masks, its window (rulings.md §2.2, §6.4)."""

from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Caller
from till.clock import DAY
from till.dialect.scalars import documented, list_in_string
from till.orders.order import Order
from till.orders.wire.answer import show
from till.orders.wire.mask import mask
from till.shop import Fidelity, Shop

WINDOW = 60 * DAY
FORM = 2  # rises when what `show` prints changes, so that stored answers are printed anew


class Stored(Struct):
    """An order as its row holds it: the aggregate, and its default answer ready to send."""

    id: int
    created_at: int
    version: int
    rendering: int
    body: bytes
    answer: bytes


def rendering_of(shop: Shop) -> int:
    """The mark of answers that are printed for `shop` as it is now."""
    return shop.rendering * 1_000 + FORM


def decode(body: bytes) -> Order:
    return _DECODER.decode(body)


_DECODER = msgspec.json.Decoder(Order)


class View(Struct, frozen=True):
    caller: Caller
    fidelity: Fidelity

    @property
    def window(self) -> int | None:
        """How far back from now this caller sees, in microseconds; None for all orders."""
        return None if self.caller.all_orders else WINDOW

    @property
    def is_unmasked(self) -> bool:
        """True when all that is shown can be read off stored answers."""
        return not self.caller.hidden

    @property
    def is_plain(self) -> bool:
        """True when stored answers can be sent as they are."""
        return self.fidelity is Fidelity.TYPED and not self.caller.hidden

    def typed(self, order: Order) -> bytes:
        """The order as this caller sees it in the typed profile."""
        return msgspec.json.encode(mask(show(order, self.caller.shop), self.caller.hidden))

    def _typed(self, row: Stored) -> bytes:
        if self.is_unmasked and row.rendering == rendering_of(self.caller.shop):
            return row.answer
        return self.typed(decode(row.body))

    def order(self, order: Order) -> bytes:
        """One order in its profile, without envelope."""
        typed = self.typed(order)
        return typed if self.fidelity is Fidelity.TYPED else _as_documented(typed)

    def one(self, row: Stored) -> bytes:
        """One stored order in its profile, in its envelope."""
        typed = self._typed(row)
        shown = typed if self.fidelity is Fidelity.TYPED else _as_documented(typed)
        return b'{"order":' + shown + b"}"

    def many(self, rows: list[Stored], fields: frozenset[str]) -> bytes:
        """A page of orders; only the top-level keys in `fields`, where any are named."""
        if self.is_plain and not fields:
            fresh = rendering_of(self.caller.shop)
            shown = [row.answer if row.rendering == fresh else self._typed(row) for row in rows]
            return b'{"orders":[' + b",".join(shown) + b"]}"
        shown = [self._picked(self._typed(row), fields) for row in rows]
        return b'{"orders":[' + b",".join(shown) + b"]}"

    def _picked(self, typed: bytes, fields: frozenset[str]) -> bytes:
        order = msgspec.json.decode(typed)
        if self.fidelity is Fidelity.DOCUMENTED:
            order = documented_order(order, in_list=True)
        if fields:
            order = {name: value for name, value in order.items() if name in fields}
        return msgspec.json.encode(order)


def _as_documented(typed: bytes) -> bytes:
    return msgspec.json.encode(documented_order(msgspec.json.decode(typed), in_list=False))


def documented_order(order: dict[str, Any], *, in_list: bool) -> dict[str, Any]:
    """An order as the samples print it: strings throughout; lists print two arrays inside strings."""
    shown: dict[str, Any] = documented(order)
    customer, terms = shown["customer"], shown["paymentTerms"]
    if terms != "null":
        terms["amount"] = terms["amount"].removesuffix(".00")
    if customer != "null":
        customer["defaultAddress"] = (
            "" if order["customer"]["defaultAddress"] is None else (customer["defaultAddress"])
        )
        customer["addresses"] = customer["addresses"] or ""
    if in_list:
        shown["paymentGatewayNames"] = list_in_string(order["paymentGatewayNames"])
        if customer != "null":
            customer["taxExemptions"] = list_in_string(order["customer"]["taxExemptions"])
    elif customer != "null":
        del customer["addresses"]
    return shown
