"""From a cart and what a visitor fills in to the body of `POST /orders`. Pure."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from till import money
from till.errors import Invalid
from till.storefront import cart as carts
from till.storefront.stock import Stock, number
from till.storefront.visit import CartLine, CartState

LONGEST = 255
EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[^@\s<>\".]{2,63}\Z")
FIELDS: Mapping[str, tuple[str, str, bool]] = {
    "email": ("E-mail", "email", True),
    "first_name": ("First name", "given-name", False),
    "last_name": ("Last name", "family-name", True),
    "address1": ("Address", "address-line1", True),
    "address2": ("Apartment, suite, etc.", "address-line2", False),
    "zip": ("Postal code", "postal-code", True),
    "city": ("City", "address-level2", True),
    "country": ("Country", "country-name", True),
    "phone": ("Phone", "tel", False),
}


class CartChanged(Invalid):
    """The form was filled in for another cart than the one that there is now."""


class EmptyCart(Invalid):
    """There is nothing to buy."""


class Buyer(Struct, frozen=True):
    """Who buys, by the names in `FIELDS`, and what is wrong with it, by the same."""

    values: dict[str, str]
    errors: dict[str, str]


def buyer_of(form: Mapping[str, Any]) -> Buyer:
    """What a form says of the buyer, stripped of blanks around it."""
    values = {name: str(form.get(name, "")).strip() for name in FIELDS}
    errors = {
        name: f"{label} is missing."
        for name, (label, _, needed) in FIELDS.items()
        if needed and not values[name]
    }
    for name, value in values.items():
        if len(value) > LONGEST:
            errors[name] = f"{FIELDS[name][0]} is longer than {LONGEST} characters."
        elif not value.isprintable():
            errors[name] = f"{FIELDS[name][0]} holds control characters: leave them out."
    if values["email"] and "email" not in errors and not EMAIL.match(values["email"]):
        errors["email"] = "This is no e-mail address: write one like ada@example.com."
    return Buyer(values, errors)


def key_of(token: str, cart: CartState, stock: Stock) -> str:
    """What a form for this cart at these prices carries: nobody else can know it, and it makes one order."""
    prices = [stock.goods[line.variant_id].price for line in carts.known(cart, stock)]
    told = msgspec.json.encode(
        [token, cart.turn, cart.lines, cart.note, cart.attributes, stock.currency, prices]
    )
    return hashlib.sha256(told).hexdigest()


def order_of(cart: CartState, stock: Stock, buyer: Mapping[str, str]) -> dict[str, Any]:
    """The body of `POST /orders`; `EmptyCart` where nothing in the cart can be bought."""
    lines = carts.known(cart, stock)
    if not lines:
        raise EmptyCart("Your cart is empty: put something into it first.")
    for line in lines:
        goods = stock.goods[line.variant_id]
        if not goods.is_available:
            raise carts.CartRefused(f"The product '{stock.said(goods.product.title)}' is already sold out.")
    names = {"firstName": buyer["first_name"], "lastName": buyer["last_name"]}
    address = {
        **names,
        "address1": buyer["address1"],
        "address2": buyer["address2"],
        "zip": buyer["zip"],
        "city": buyer["city"],
        "country": buyer["country"],
        "phone": buyer["phone"],
    }
    told = {name: value for name, value in address.items() if value}
    order: dict[str, Any] = {
        "sourceName": "web",
        "currency": stock.currency,
        "email": buyer["email"],
        "financialStatus": "pending",
        "customer": {**names, "email": buyer["email"]},
        "shippingAddress": told,
        "billingAddress": told,
        "lineItems": [_line(line, stock) for line in lines],
    }
    note = _note(cart, lines, stock)
    return {"order": order | ({"note": note} if note else {})}


def _line(line: CartLine, stock: Stock) -> dict[str, Any]:
    goods = stock.goods[line.variant_id]
    found: dict[str, Any] = {
        "productId": str(number("product", goods.product.handle)),
        "variantId": str(goods.id),
        "title": stock.said(goods.product.title)[:LONGEST],
        "price": money.spell(goods.price, stock.currency),
        "quantity": line.quantity,
        "grams": goods.variant.grams,
        "taxable": True,
        "requiresShipping": True,
    }
    found |= {"variantTitle": goods.title[:LONGEST]} if goods.options else {}
    return found | ({"sku": goods.variant.sku} if goods.variant.sku else {})


def _note(cart: CartState, lines: list[CartLine], stock: Stock) -> str:
    """What the visitor wrote: the note, the cart's attributes, and what was written to single lines."""
    told = [cart.note] if cart.note else []
    told += [f"{name}: {value}" for name, value in cart.attributes.items()]
    for line in lines:
        title = stock.said(stock.goods[line.variant_id].product.title)
        told += [
            f"{title}, {name}: {value}" for name, value in line.properties.items() if not name.startswith("_")
        ]
    return "\n".join(told)[: carts.LONGEST_NOTE]
