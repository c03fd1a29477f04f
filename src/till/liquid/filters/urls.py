"""URLs of assets and files, links, and the paths of collections, vendors, types and tags."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from liquid import RenderContext

from till.liquid.filters.common import (
    Filter,
    Html,
    escaped,
    get,
    is_object,
    items,
    plain,
    short,
    tag,
    text,
    with_context,
    wrong,
)
from till.liquid.filters.reach import registers, root, route, seen
from till.liquid.filters.strings import handle_of

LONGEST_URL = 8000
ORDERS = (
    "manual",
    "best-selling",
    "title-ascending",
    "title-descending",
    "price-ascending",
    "price-descending",
    "created-ascending",
    "created-descending",
)


def with_query(url: str, parameters: dict[str, str]) -> str:
    """`url` with parameters added, each once; its other parameters and its fragment stay."""
    if len(url) > LONGEST_URL:
        raise wrong(f"the URL is longer than {LONGEST_URL} characters")
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    query = urlencode([pair for pair in kept if pair[0] not in parameters] + list(parameters.items()))
    return urlunsplit(parts._replace(query=query))


@with_context
def asset_url(value: object, *, context: RenderContext) -> str:
    """The URL of a file under assets/."""
    return registers(context).asset_url(_name(value))


@with_context
def file_url(value: object, *, context: RenderContext) -> str:
    """The URL of a file of the shop."""
    return registers(context).file_url(_name(value))


@with_context
def platform_asset_url(value: object, *, context: RenderContext) -> str:
    """Scripts that the platform keeps for every theme: the theme's own copy, since Till keeps none."""
    return registers(context).asset_url(_name(value))


def link_to(value: object, /, url: object = "", title: object = None, **attributes: object) -> str:
    """A link with `value` as its text; further attributes by their names. An object stands for its URL."""
    href = get(url, "url") if is_object(url) else url
    return tag("a", {"href": text(plain(href)), "title": title, **attributes}, escaped(value))


@with_context
def link_to_vendor(value: object, /, *, context: RenderContext, **attributes: object) -> str:
    """A link to all products of a vendor."""
    href = url_for_vendor(value, context=context)
    return tag("a", {"href": href, "title": text(value), **attributes}, escaped(value)) if href else ""


@with_context
def link_to_type(value: object, /, *, context: RenderContext, **attributes: object) -> str:
    """A link to all products of a type."""
    href = url_for_type(value, context=context)
    return tag("a", {"href": href, "title": text(value), **attributes}, escaped(value)) if href else ""


@with_context
def url_for_vendor(value: object, *, context: RenderContext) -> str:
    """The path of all products of a vendor."""
    return _found_by(value, "vendors", context)


@with_context
def url_for_type(value: object, *, context: RenderContext) -> str:
    """The path of all products of a type."""
    return _found_by(value, "types", context)


def sort_by(value: object, order: object = None) -> str:
    """The URL of a collection, sorted; an order that the platform has not is refused."""
    wanted = text(plain(order))
    if wanted not in ORDERS:
        raise wrong(f"{short(order)} is no order: give one of {', '.join(ORDERS)}")
    url = text(value)
    return with_query(url, {"sort_by": wanted}) if url else ""


@with_context
def within(value: object, collection: object = None, *, context: RenderContext) -> str:
    """The URL of a product inside a collection; unchanged where there is no collection."""
    url, handle = text(value), text(get(collection, "handle"))
    start = root(context)
    path = url.removeprefix(start)
    if not handle or not path.startswith("/products/"):
        return url
    return f"{start}/collections/{quote(handle)}{path}"


@with_context
def link_to_tag(value: object, name: object = None, *, context: RenderContext) -> str:
    """A link to what has this tag alone, in the collection or blog of the page."""
    return _tagged(value, [text(plain(name)) or text(value)], context, "Show products matching tag {}")


@with_context
def link_to_add_tag(value: object, name: object = None, *, context: RenderContext) -> str:
    """A link to what has the tags of the page and this one."""
    wanted = text(plain(name)) or text(value)
    tags = list(dict.fromkeys([*_current(context), wanted]))
    return _tagged(value, tags, context, "Narrow selection to products matching tag {}", wanted)


@with_context
def link_to_remove_tag(value: object, name: object = None, *, context: RenderContext) -> str:
    """A link to what has the tags of the page but for this one."""
    wanted = text(plain(name)) or text(value)
    tags = [each for each in _current(context) if handle_of(each) != handle_of(wanted)]
    return _tagged(value, tags, context, "Remove tag {}", wanted)


@with_context
def highlight_active_tag(value: object, css: object = "active", *, context: RenderContext) -> str:
    """The tag in a `<span class="active">` where the page is narrowed to it."""
    here = {handle_of(each) for each in _current(context)}
    if handle_of(value) in here:
        return tag("span", {"class": text(css)}, escaped(value))
    return escaped(value)


@with_context
def customer_login_link(value: object, *, context: RenderContext) -> str:
    """A link to the page where a customer logs in."""
    return _account(value, context, "login")


@with_context
def customer_logout_link(value: object, *, context: RenderContext) -> str:
    """A link that logs the customer out."""
    return _account(value, context, "logout")


@with_context
def customer_register_link(value: object, *, context: RenderContext) -> str:
    """A link to the page where a customer registers."""
    return _account(value, context, "register")


@with_context
def edit_customer_address_link(value: object, address: object = None, *, context: RenderContext) -> str:
    """A link to the page where the customer changes an address, by the id of the address."""
    return _address(value, address, context, "edit")


@with_context
def delete_customer_address_link(value: object, address: object = None, *, context: RenderContext) -> str:
    """A link to the page where the customer removes an address, by the id of the address."""
    return _address(value, address, context, "delete")


def _address(value: object, address: object, context: RenderContext, what: str) -> Html:
    href = route(context, "account_addresses_url", "/account/addresses")
    return tag("a", {"href": href, "id": f"{what}_address_link_{text(plain(address))}"}, escaped(value))


def _account(value: object, context: RenderContext, what: str) -> Html:
    href = route(context, f"account_{what}_url", f"/account/{what}")
    return tag("a", {"href": href, "id": f"customer_{what}_link"}, escaped(value))


def _name(value: object) -> str:
    """The name of a file; an object has none."""
    given = plain(value)
    if given is None or is_object(given) or isinstance(given, (list, tuple)):
        raise wrong(f"give the name of a file, not {'nothing' if given is None else 'an object'}")
    name = text(given)
    if len(name) > 500:
        raise wrong("the name of a file is no longer than 500 characters")
    return name


def _found_by(value: object, what: str, context: RenderContext) -> str:
    sought = text(plain(value))
    return with_query(f"{root(context)}/collections/{what}", {"q": sought}) if sought else ""


def _current(context: RenderContext) -> Sequence[str]:
    """The tags that the page is narrowed to."""
    own = get(seen(context, "collection"), "current_tags")
    return [text(each) for each in items(seen(context, "current_tags") or own)]


def _tagged(value: object, tags: Sequence[str], context: RenderContext, title: str, named: str = "") -> Html:
    path = "+".join(quote(handle_of(each)) for each in tags)
    href = _tag_base(context) + (f"/{path}" if path else "")
    if not path:
        href = href.removesuffix("/tagged")
    return tag("a", {"href": href, "title": title.format(named or tags[0])}, escaped(value))


def _tag_base(context: RenderContext) -> str:
    """What a tag's path follows: the collection of the page, `/blogs/news/tagged`, or all products."""
    blog = text(get(seen(context, "blog"), "url"))
    if blog and seen(context, "collection") is None:
        return f"{blog}/tagged"
    return text(get(seen(context, "collection"), "url")) or route(
        context, "all_products_collection_url", "/collections/all"
    )


FILTERS: dict[str, Filter] = {
    "asset_url": asset_url,
    "customer_login_link": customer_login_link,
    "customer_logout_link": customer_logout_link,
    "customer_register_link": customer_register_link,
    "delete_customer_address_link": delete_customer_address_link,
    "edit_customer_address_link": edit_customer_address_link,
    "file_url": file_url,
    "global_asset_url": platform_asset_url,
    "highlight_active_tag": highlight_active_tag,
    "link_to": link_to,
    "link_to_add_tag": link_to_add_tag,
    "link_to_remove_tag": link_to_remove_tag,
    "link_to_tag": link_to_tag,
    "link_to_type": link_to_type,
    "link_to_vendor": link_to_vendor,
    "shopify_asset_url": platform_asset_url,
    "sort_by": sort_by,
    "url_for_type": url_for_type,
    "url_for_vendor": url_for_vendor,
    "within": within,
}
