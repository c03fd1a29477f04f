"""The calls that change a cart, as themes and their scripts make them."""

import secrets
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from till.errors import Unreadable
from till.storefront import answers, cart, forms
from till.storefront.forms import listed, number_of, text_of, texts_of
from till.storefront.guest import CART, Guest
from till.storefront.stock import Stock
from till.storefront.visit import CartState

KEPT_SECONDS = 14 * 86_400
Form = dict[str, Any]


def added(form: Form, stock: Stock) -> Callable[[CartState], CartState]:
    """`/cart/add`: one thing, or `items` of several."""
    wanted = [_wanted(each) for each in listed(form.get("items")) or [form]]
    return lambda old: cart.add(old, stock, wanted)


def changed(form: Form, stock: Stock) -> Callable[[CartState], CartState]:
    """`/cart/change`: a line by its `line` (from 1) or by its `id` (a key or a variant)."""
    line, key = number_of(form.get("line")), text_of(form.get("id")) or None
    if line is None and key is None:
        raise Unreadable("Which line? Give its number as line, or its key as id.")
    words = texts_of(form["properties"]) if isinstance(form.get("properties"), dict) else None
    quantity = _quantity(form, None)
    return lambda old: cart.change(old, stock, key=key, line=line, quantity=quantity, properties=words)


def updated(form: Form, stock: Stock) -> Callable[[CartState], CartState]:
    """`/cart/update`: quantities by key, by variant or in turn, a note, attributes."""
    given = form.get("updates", ())
    numbers: dict[str, int] | list[int]
    if isinstance(given, dict):
        numbers = {key: _units(value) for key, value in given.items()}
    else:
        numbers = [_units(value) for value in given] if isinstance(given, list) else []
    note = text_of(form["note"]) if "note" in form else None
    words = texts_of(form["attributes"]) if isinstance(form.get("attributes"), dict) else None
    return lambda old: cart.update(old, stock, updates=numbers, note=note, attributes=words)


def cleared(form: Form, stock: Stock) -> Callable[[CartState], CartState]:  # noqa: ARG001 - as the others
    """`/cart/clear`."""
    return cart.clear


CALLS: dict[str, Callable[[Form, Stock], Callable[[CartState], CartState]]] = {
    "/cart/add": added,
    "/cart/change": changed,
    "/cart/update": updated,
    "/cart/clear": cleared,
}


def keys_of(form: Form) -> list[str]:
    """The keys of the lines that a call to add names, which went well."""
    wanted = [_wanted(each) for each in listed(form.get("items")) or [form]]
    return [cart.key_of(each) for each in wanted]


def new_token() -> str:
    """What names a new cart."""
    return secrets.token_hex(32)


def keep(answer: Response, guest: Guest, token: str) -> None:
    """Give the visitor the cookie that names the cart: for this host alone, and for no script."""
    name, secure = guest.origin.cookie(CART), guest.origin.is_secure
    answer.set_cookie(name, token, max_age=KEPT_SECONDS, httponly=True, samesite="lax", secure=secure)


def wants_json(request: Request) -> bool:
    """Whether a script asks for data, and not a form, a page or a file."""
    headers, path = request.headers, str(request.scope["path"])
    accept = headers.get("accept", "")
    return not path.startswith(("/assets/", "/files/")) and (
        path.endswith((".js", ".json"))
        or "json" in accept
        or "javascript" in accept
        or headers.get("content-type", "").startswith(forms.JSON)
        or headers.get("x-requested-with", "").lower() == "xmlhttprequest"
    )


def refused(message: str, status: int = 422) -> Response:
    """A refusal in the shape that scripts of themes read."""
    return answers.told({"status": status, "message": "Cart Error", "description": message}, status)


def _wanted(form: Any) -> cart.Wanted:
    variant = number_of(form.get("id")) if isinstance(form, dict) else None
    if variant is None:
        raise Unreadable("Required parameter missing or invalid: id, the number of a variant.")
    words = texts_of(form.get("properties"))
    return cart.Wanted(variant_id=variant, quantity=_quantity(form, 1) or 0, properties=words)


def _quantity(form: Form, usual: int | None) -> int | None:
    return _units(form["quantity"]) if text_of(form.get("quantity")).strip() else usual


def _units(value: Any) -> int:
    found = number_of(value)
    if found is None:
        raise Unreadable(f"The quantity {text_of(value)[:20]!r} is no whole number: give one such as 2.")
    return found
