"""The objects of a form, and where each type of form is sent."""

from collections.abc import Mapping

from till.liquid.drop import Drop, Record, Shelf
from till.liquid.filters.common import Html
from till.liquid.registers import Posted

TARGETS: dict[str, tuple[str, str, str]] = {
    "activate_customer_password": ("account_url", "/account", "/activate"),
    "cart": ("cart_url", "/cart", ""),
    "contact": ("root_url", "/", "contact#contact_form"),
    "create_customer": ("account_url", "/account", ""),
    "currency": ("cart_url", "/cart", "/update"),
    "customer": ("root_url", "/", "contact#contact_form"),
    "customer_address": ("account_addresses_url", "/account/addresses", ""),
    "customer_login": ("account_login_url", "/account/login", ""),
    "guest_login": ("account_login_url", "/account/login", ""),
    "localization": ("root_url", "/", "localization"),
    "new_comment": ("root_url", "/", "comments"),
    "product": ("cart_add_url", "/cart/add", ""),
    "recover_customer_password": ("account_recover_url", "/account/recover", ""),
    "reset_customer_password": ("account_url", "/account", "/reset"),
    "storefront_password": ("root_url", "/", "password"),
}
"""Form type -> route, the route's usual value, and what follows it."""

UPLOADS = frozenset({"cart", "product", "localization"})
KEY = "form_key"
"""The hidden field that carries `Registers.form_key`."""
CSS = {
    "product": "shopify-product-form",
    "cart": "shopify-cart-form",
    "localization": "shopify-localization-form",
}


def target(kind: str, routes: Mapping[str, object], given: object) -> str:
    """The URL that a form is sent to. `given` is the object that the tag was handed, if any."""
    url = given.get("url") if isinstance(given, Mapping) else None
    if kind == "new_comment" and url:
        return f"{url}/comments"
    if kind == "customer_address" and isinstance(given, Mapping) and given.get("id"):
        return f"{routes.get('account_addresses_url', '/account/addresses')}/{given['id']}"
    route, usual, more = TARGETS[kind]
    start = str(routes.get(route) or usual)
    return start.rstrip("/") + "/" + more if more and not more.startswith("/") else start + more


def errors_of(posted: Posted) -> object:
    """`form.errors`: a list of fields with `messages` and `translated_fields`; nil where all is well."""
    if not posted.errors:
        return None
    found: dict[str, Drop] = {
        "messages": Record("form.errors.messages", posted.errors, is_open=True),
        "translated_fields": Record(
            "form.errors.translated_fields",
            {name: name.replace("_", " ").replace(".", " ") for name in posted.errors},
            is_open=True,
        ),
    }
    return Shelf("form.errors", lambda: list(posted.errors), found.get)


def choice_of(localization: Drop) -> dict[str, object]:
    """What older themes ask the form itself for: locales and currencies, and which of them are chosen."""
    country = localization.get("country")
    currencies: list[object] = []
    for each in localization.get("available_countries") or []:  # type: ignore[attr-defined] # a list of drops
        if each["currency"] not in currencies:
            currencies.append(each["currency"])
    return {
        "available_locales": localization.get("available_languages"),
        "current_locale": localization.get("language"),
        "available_currencies": currencies,
        "current_currency": country.get("currency") if isinstance(country, Drop) else None,
    }


def form(
    kind: str, identity: str, posted: Posted | None, localization: object = None, given: object = None
) -> Record:
    """The object `form`: what was sent, whether it went well, and what was wrong with it.

    Forms of localization also tell the choice, from the object `localization`, and forms of an address have
    a checkbox; `given` is the object that the tag was handed.
    """
    own = posted if posted and posted.kind == kind and (not posted.id or posted.id == identity) else None
    values: dict[str, object] = dict(own.values) if own else {}
    if kind == "localization" and isinstance(localization, Drop):
        values |= choice_of(localization)
    if kind == "customer_address":
        name = f"address_default_address_{(given.get('id') if isinstance(given, Drop) else None) or 'new'}"
        values["set_as_default_checkbox"] = Html(
            f'<input type="checkbox" id="{name}" name="address[default]" value="1">'
        )
    values |= {
        "id": identity,
        "errors": errors_of(own) if own else None,
        "posted_successfully?": bool(own and own.done),
        "password_needed?": kind in {"customer_login", "storefront_password"},
    }
    return Record("form", values, is_open=True)
