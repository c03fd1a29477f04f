"""A cart: what may be put into it and what becomes of it. Pure: a cart goes in, another comes out."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from till.errors import Invalid
from till.storefront.stock import Stock
from till.storefront.visit import CartLine, CartState

MOST_LINES = 100
MOST_UNITS = 9_999
MOST_PROPERTIES, LONGEST_NAME, LONGEST_VALUE = 20, 100, 500
LONGEST_NOTE = 5_000


class CartRefused(Invalid):
    """The cart stays as it was; the message is for the visitor."""


class LineGone(CartRefused):
    """The line that is meant is not in the cart, or not any more."""


class Wanted(Struct, frozen=True, kw_only=True):
    """So many units of a variant, perhaps with words of the visitor's own."""

    variant_id: int
    quantity: int = 1
    properties: dict[str, str] = {}


def add(cart: CartState, stock: Stock, wanted: Sequence[Wanted]) -> CartState:
    """The cart with more in it: a line that is there already grows; new lines come first."""
    if not wanted or len(wanted) > MOST_LINES:
        raise CartRefused(f"Name 1 to {MOST_LINES} things to add.")
    lines = list(cart.lines)
    for wish in wanted:
        line = _line(wish)
        there = next((index for index, each in enumerate(lines) if each.key == line.key), None)
        units = wish.quantity + (0 if there is None else lines[there].quantity)
        if wish.quantity < 1:
            raise CartRefused("The quantity must be 1 or more.")
        if there is None:
            lines.insert(0, line)
        else:
            lines[there] = replace(lines[there], quantity=units)
        _check(lines, stock, wish.variant_id)
    return replace(cart, lines=tuple(lines))


def key_of(wish: Wanted) -> str:
    """The key of the line that a wish becomes."""
    return _line(wish).key


def change(
    cart: CartState,
    stock: Stock,
    *,
    key: str | None = None,
    line: int | None = None,
    quantity: int | None = None,
    properties: Mapping[str, str] | None = None,
) -> CartState:
    """The cart with one line changed, named by its `key`, its variant's id, or its number from 1."""
    index = _find(cart, key, line)
    old = cart.lines[index]
    units = old.quantity if quantity is None else quantity
    words = old.properties if properties is None else checked_words(properties, "properties")
    return _with(cart, stock, {index: replace(old, quantity=units, properties=words)})


def update(
    cart: CartState,
    stock: Stock,
    *,
    updates: Mapping[str, int] | Sequence[int] = (),
    note: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> CartState:
    """The cart with new quantities (by key or variant, or one for each line in turn), note and attributes."""
    if isinstance(updates, Mapping):
        named = {_find(cart, key, None): units for key, units in updates.items()}
    else:
        named = dict(enumerate(updates[: len(cart.lines)]))
    if named:
        cart = _with(
            cart, stock, {index: replace(cart.lines[index], quantity=n) for index, n in named.items()}
        )
    if note is not None:
        cart = replace(cart, note=_short(note, "note", LONGEST_NOTE))
    if attributes is not None:
        words = {name: value for name, value in (cart.attributes | dict(attributes)).items() if value}
        cart = replace(cart, attributes=checked_words(words, "attributes"))
    return cart


def clear(cart: CartState) -> CartState:
    """The cart without lines; note and attributes stay, as on the platform."""
    return replace(cart, lines=())


def checked_words(words: Mapping[str, str], where: str) -> dict[str, str]:
    """The visitor's own words, short and few; empty ones are left out."""
    kept = {name: value for name, value in words.items() if value}
    if len(kept) > MOST_PROPERTIES:
        raise CartRefused(f"There are {len(kept)} {where}, and at most {MOST_PROPERTIES} are taken.")
    for name, value in kept.items():
        _short(name, where, LONGEST_NAME)
        _short(value, f"{where}[{name}]", LONGEST_VALUE)
    return kept


def subtotal(cart: CartState, stock: Stock) -> int:
    """What all lines come to, in minor units."""
    return sum(stock.goods[each.variant_id].price * each.quantity for each in known(cart, stock))


def known(cart: CartState, stock: Stock) -> list[CartLine]:
    """The lines whose variants the catalogue still has: it may have changed since."""
    return [each for each in cart.lines if each.variant_id in stock.goods]


def _line(wish: Wanted) -> CartLine:
    properties = checked_words(wish.properties, "properties")
    return CartLine(variant_id=wish.variant_id, quantity=wish.quantity, properties=properties)


def _with(cart: CartState, stock: Stock, changed: Mapping[int, CartLine]) -> CartState:
    lines = [changed.get(index, each) for index, each in enumerate(cart.lines)]
    merged: dict[str, CartLine] = {}
    for each in lines:
        if each.quantity < 0:
            raise CartRefused("The quantity must be 0 or more.")
        if each.quantity:
            there = merged.get(each.key)
            merged[each.key] = (
                each if there is None else replace(each, quantity=each.quantity + there.quantity)
            )
    for line in changed.values():
        if line.quantity:
            _check(list(merged.values()), stock, line.variant_id)
    return replace(cart, lines=tuple(merged.values()))


def _check(lines: Sequence[CartLine], stock: Stock, variant_id: int) -> None:
    goods = stock.goods.get(variant_id)
    if goods is None:
        raise CartRefused(f"Cannot find variant {variant_id}: it is not in this catalogue.")
    if len(lines) > MOST_LINES:
        raise CartRefused(f"A cart holds at most {MOST_LINES} lines.")
    title = stock.said(goods.product.title)
    if not goods.is_available:
        raise CartRefused(f"The product '{title}' is already sold out.")
    units = sum(each.quantity for each in lines if each.variant_id == variant_id)
    most = MOST_UNITS if goods.variant.inventory is None else min(MOST_UNITS, goods.variant.inventory)
    if units > most:
        raise CartRefused(f"You can only add {most} {title} to the cart.")


def _find(cart: CartState, key: str | None, line: int | None) -> int:
    if line is not None and 1 <= line <= len(cart.lines):
        return line - 1
    for index, each in enumerate(cart.lines):
        if key is not None and key in (each.key, str(each.variant_id)):
            return index
    raise LineGone("No such line is in the cart: read /cart.js for the keys of those that are.")


def _short(text: str, where: str, most: int) -> str:
    if len(text) > most:
        raise CartRefused(f"{where} has {len(text)} characters, and at most {most} are taken.")
    return text
