"""Forms and pages: what went wrong, links to other pages, buttons to pay, currencies."""

from collections.abc import Callable, Sequence

from liquid import RenderContext

from till.liquid.filters.common import (
    Filter,
    Html,
    escaped,
    get,
    is_object,
    items,
    plain,
    tag,
    text,
    with_context,
)
from till.liquid.filters.reach import registers, route, shop, translated

MOST_PARTS = 500


def nothing_to_show(reason: str) -> Callable[[Filter], Filter]:
    """Marks a filter that shows nothing in Till, and why; the table of what is covered says so."""

    def mark(called: Filter) -> Filter:
        called.shows_nothing = reason  # type: ignore[attr-defined] # our own mark on a function
        return called

    return mark


@with_context
def default_errors(value: object, *, context: RenderContext) -> str:
    """The errors of a form (or a form) as a list; nothing where there are none."""
    errors = get(value, "errors") if is_object(value) else value
    if isinstance(errors, str) or not isinstance(errors, Sequence):
        return ""
    messages = get(errors, "messages")
    named = get(errors, "translated_fields")
    found = []
    for field in items(errors):
        name = text(field)
        message = text(get(messages, name)) or translated(context, "errors.invalid", "is not right")
        label = text(get(named, name)) or name.replace("_", " ")
        label = label[:1].upper() + label[1:]
        found.append(tag("li", {}, escaped(message if name == "form" else f"{label} {message}")))
    return tag("div", {"class": "errors"}, tag("ul", {}, "".join(found))) if found else ""


def default_pagination(
    value: object,
    next: object = None,  # noqa: A002 -- the argument's name on the platform
    previous: object = None,
    anchor: object = None,
) -> str:
    """Links to the other pages of a `paginate` object; nothing where there is one page only."""
    parts = items(get(value, "parts"))[:MOST_PARTS]
    back, onward = get(value, "previous"), get(value, "next")
    behind = f"#{text(plain(anchor))}" if text(plain(anchor)) else ""
    made = []
    if back is not None:
        made.append(_step("prev", back, text(plain(previous)) or "&laquo; Previous", behind))
    for part in parts:
        title = escaped(get(part, "title"))
        if get(part, "is_link"):
            link = tag("a", {"href": text(get(part, "url")) + behind, "title": None}, title)
            made.append(tag("span", {"class": "page"}, link))
        elif text(get(part, "title")) == text(get(value, "current_page")):
            made.append(tag("span", {"class": "page current", "aria-current": "page"}, title))
        else:
            made.append(tag("span", {"class": "deco"}, title))
    if onward is not None:
        made.append(_step("next", onward, text(plain(next)) or "Next &raquo;", behind))
    return Html(" ".join(made))


def _step(css: str, part: object, title: str, behind: str) -> Html:
    link = tag("a", {"href": text(get(part, "url")) + behind, "rel": css}, escaped(title))
    return tag("span", {"class": css}, link)


@with_context
def payment_button(value: object, *, context: RenderContext) -> str:
    """A button inside a product form that goes to the checkout at once; nothing outside of a form."""
    if not is_object(plain(value)):
        return ""
    button = tag(
        "button",
        {
            "type": "submit",
            "name": "return_to",
            "value": route(context, "checkout_url", "/checkout"),
            "class": "shopify-payment-button__button",
        },
        escaped(translated(context, "payment_button.buy_now", "Buy it now")),
    )
    return tag("div", {"class": "shopify-payment-button", "data-shopify": "payment-button"}, button)


@nothing_to_show("Till offers no instalments")
def payment_terms(_value: object) -> str:
    """The platform's banner on instalments: what a shop without them shows, nothing."""
    return ""


@nothing_to_show("Till has no account shared by shops")
def login_button(_value: object, *, action: object = None) -> str:
    """The platform's button to log in by an account shared by shops: there is none, so nothing."""
    del action
    return ""


@with_context
def currency_selector(value: object, /, *, context: RenderContext, **attributes: object) -> str:
    """A `<select>` of the shop's currencies; deprecated on the platform."""
    del value
    here = registers(context).currency
    offered = [
        text(get(each, "iso_code")) or text(each) for each in items(shop(context, "enabled_currencies"))
    ]
    options = [
        tag("option", {"value": code, "selected": code == here or None}, escaped(_currency(each, code)))
        for each, code in zip(
            items(shop(context, "enabled_currencies")) or [here], offered or [here], strict=True
        )
    ]
    return tag("select", {"name": "currency", **attributes}, "".join(options))


def _currency(each: object, code: str) -> str:
    symbol = text(get(each, "symbol"))
    return f"{code} {symbol}" if symbol and symbol != code else code


def avatar(value: object) -> str:
    """A customer's picture, or a circle with his initials; nothing without a customer."""
    if not is_object(plain(value)):
        return ""
    names = [text(get(value, name)).strip() for name in ("first_name", "last_name")]
    initials = "".join(name[0].upper() for name in names if name) or text(get(value, "name"))[:1].upper()
    inside = (
        '<circle cx="20" cy="20" r="20" fill="currentColor" opacity=".15"/>'
        '<text x="20" y="26" font-size="16" text-anchor="middle" fill="currentColor">'
        f"{escaped(initials or '?')}</text>"
    )
    given = {
        "class": "customer-avatar",
        "viewBox": "0 0 40 40",
        "width": 40,
        "height": 40,
        "aria-hidden": "true",
    }
    return tag("svg", given, inside)


FILTERS: dict[str, Filter] = {
    "avatar": avatar,
    "currency_selector": currency_selector,
    "default_errors": default_errors,
    "default_pagination": default_pagination,
    "login_button": login_button,
    "payment_button": payment_button,
    "payment_terms": payment_terms,
}
