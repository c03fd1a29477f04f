"""The cart."""

from functools import cached_property

from till.liquid.drop import Drop, Record, shown
from till.storefront import cart as carts
from till.storefront.drops.currencies import currency_of
from till.storefront.drops.lines import LineDrop
from till.storefront.drops.scene import Scene
from till.storefront.visit import CartLine


class CartDrop(Drop):
    """The visitor's cart."""

    kind = "cart"
    absent = frozenset({"duties_included"})

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._cart = scene.visit.cart

    @cached_property
    def _lines(self) -> list[CartLine]:
        return carts.known(self._cart, self._scene.stock)

    @shown
    def items(self) -> list[LineDrop]:
        return [LineDrop(self._scene, each, index) for index, each in enumerate(self._lines, 1)]

    @shown
    def item_count(self) -> int:
        return sum(each.quantity for each in self._lines)

    @shown("empty?")
    def is_empty(self) -> bool:
        return not self._lines

    @shown
    def total_price(self) -> int:
        return carts.subtotal(self._cart, self._scene.stock)

    @shown
    def original_total_price(self) -> int:
        return carts.subtotal(self._cart, self._scene.stock)

    @shown
    def items_subtotal_price(self) -> int:
        return carts.subtotal(self._cart, self._scene.stock)

    @shown
    def checkout_charge_amount(self) -> int:
        return carts.subtotal(self._cart, self._scene.stock)

    @shown
    def total_discount(self) -> int:
        return 0

    @shown
    def discounts(self) -> list[object]:
        return []

    @shown
    def discount_applications(self) -> list[object]:
        return []

    @shown
    def cart_level_discount_applications(self) -> list[object]:
        return []

    @shown
    def total_weight(self) -> int:
        return sum(each.grams * each.quantity for each in self.items)

    @shown
    def requires_shipping(self) -> bool:
        return bool(self._lines)

    @shown
    def taxes_included(self) -> bool:
        return False

    @shown
    def note(self) -> str:
        return self._cart.note

    @shown
    def attributes(self) -> Drop:
        return Record("attributes", self._cart.attributes, is_open=True)

    @shown
    def currency(self) -> Drop:
        return currency_of(self._scene.stock.currency)

    def plain(self) -> object:
        """As `/cart.js` has it."""
        names = (
            "note original_total_price total_price total_discount total_weight item_count requires_shipping "
            "items_subtotal_price cart_level_discount_applications discount_codes"
        )
        own = {name: self[name] for name in names.split() if name in self.table}
        return own | {
            "token": self._cart.token,
            "attributes": self._cart.attributes,
            "items": [each.plain() for each in self.items],
            "currency": self._scene.stock.currency,
            "discount_codes": [],
        }
