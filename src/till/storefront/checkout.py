"""The checkout: a page of our own, which makes a real order of a cart."""

from collections.abc import Mapping

from starlette.responses import Response

from till import money
from till.storefront import answers, cart
from till.storefront.drops.currencies import SYMBOLS
from till.storefront.guest import Guest
from till.storefront.ordering import FIELDS, EmptyCart, key_of
from till.storefront.stock import Stock
from till.storefront.visit import CartState


def page(
    guest: Guest,
    found: CartState,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    sentence: str = "",
    status: int = 200,
) -> Response:
    """The form, beside what is bought."""
    stock = guest.stock
    bought = cart.known(found, stock)
    if not bought:
        raise EmptyCart("Your cart is empty: put something into it first.")
    lines = []
    for line in bought:
        goods = stock.goods[line.variant_id]
        named = f" – {goods.title}" if goods.options else ""  # noqa: RUF001 - a dash between words
        price = shown(goods.price * line.quantity, stock)
        lines.append(
            {"title": stock.said(goods.product.title) + named, "quantity": line.quantity, "price": price}
        )
    wrong = dict.fromkeys(FIELDS, "") | dict(errors or {})
    return answers.own(
        "checkout.html",
        status,
        shop=stock.world.shop.name,
        action=guest.url("/checkout"),
        cart_url=guest.url("/cart"),
        fields=FIELDS,
        values=dict.fromkeys(FIELDS, "") | dict(values or {}),
        errors=wrong,
        sentence=sentence or ("Some fields are missing or wrong." if errors else ""),
        key=key_of(guest.token, found, stock),
        lines=lines,
        total=shown(cart.subtotal(found, stock), stock),
    )


def thanks(guest: Guest, name: str, total: int | None = None) -> Response:
    """What is shown when the order is made."""
    return answers.own(
        "thanks.html",
        shop=guest.stock.world.shop.name,
        home=guest.url("/"),
        order=name,
        total="" if total is None else shown(total, guest.stock),
    )


def shown(minor: int, stock: Stock) -> str:
    """An amount as people read it: `$24.00 USD`."""
    sign = SYMBOLS.get(stock.currency, "")
    return f"{sign if len(sign) == 1 else ''}{money.spell(minor, stock.currency)} {stock.currency}"
