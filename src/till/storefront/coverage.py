"""Which objects of the platform templates can read here, and which of their properties.

Nothing is written down: the classes of objects say what they declare, and objects that are made of a mapping
are looked at in every kind of page of the sample catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from liquid.builtin.tags.for_tag import ForLoop
from liquid.builtin.tags.tablerow_tag import TableRow

from till.liquid.coverage import published
from till.liquid.drop import Drop, Record, Shelf
from till.liquid.forms import errors_of, form
from till.liquid.pages import Paginate
from till.liquid.registers import Posted
from till.storefront.routes import locate
from till.storefront.scenery import globals_of, scene_of
from till.storefront.stock import stock_of
from till.storefront.surveying import catalogue_of
from till.storefront.visit import CartLine, CartState, Visit
from till.storefront.world import World, decode

SAMPLE = Path(__file__).with_name("catalogue")
MOST_OF_A_KIND = 12
MOST_OF_A_LIST = 4


def had() -> dict[str, frozenset[str]]:
    """Name or kind of an object -> the properties that templates can read of it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind in _classes(Drop):
        if kind.table:
            found[str(kind.kind)] |= set(kind.table) - kind.absent
    for name, value in [*_pages(), *_engines()]:
        if value is not None:
            found[name] |= _named(name, value)
        for each in _reached(value):
            found[each.kind] |= set(each.names()) - each.absent
    return {name: frozenset(names) for name, names in found.items()}


def _named(name: str, value: object) -> set[str]:
    """The properties of an object that answers by name without saying beforehand what it knows."""
    known = published().objects.get(name, [])
    if isinstance(value, Shelf):
        return {each for each in known if value.find(each) is not None}
    if isinstance(value, (ForLoop, TableRow)):
        return {each for each in known if each in value}
    # A form knows whatever field was sent.
    return set(known) if isinstance(value, Record) and value.open and value.kind == "form" else set()


def _engines() -> Iterator[tuple[str, object]]:
    """What the engine gives to templates itself, beside the objects that have a class."""
    posted = Posted(kind="contact", errors={"email": "is missing"})
    yield "form", form("contact", "contact_form", posted)
    yield "form_errors", errors_of(posted)
    yield "forloop", ForLoop("x", iter(()), 0, None)
    yield "tablerowloop", TableRow("x", iter(()), 0, 1)
    yield "paginate", Paginate("/collections/all?page=2", items=100, size=10, window=2)
    for name in ("content_for_header", "content_for_layout", "settings"):
        yield name, ""


def _classes(kind: type[Drop]) -> Iterator[type[Drop]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _classes(each)


def _pages() -> Iterator[tuple[str, object]]:
    """The objects of each kind of page, by their names."""
    world = catalogue_of(SAMPLE)
    shown = decode(world)
    stock = stock_of(world, shown.locale, shown.shop.currency)
    variant = next(iter(stock.goods))
    cart = CartState(lines=(CartLine(variant_id=variant, quantity=2),))
    for path in _paths(shown):
        place = locate(path, stock)
        scene = scene_of(stock, Visit(path=path, query=(("q", "a"),), cart=cart))
        yield from globals_of(scene, place, place.template, "Sample").items()


def _paths(world: World) -> list[str]:
    blog = world.blogs[0].handle
    return [
        "/",
        f"/products/{world.products[0].handle}",
        f"/collections/{world.collections[0].handle}/products/{world.products[0].handle}",
        f"/collections/{world.collections[0].handle}",
        "/collections",
        "/cart",
        "/search",
        f"/pages/{world.pages[0].handle}",
        f"/blogs/{blog}",
        f"/blogs/{blog}/{world.blogs[0].articles[0].handle}",
        "/nothing/here",
    ]


def _reached(value: object) -> Iterator[Drop]:
    """Every object that can be reached from a value, few of each kind."""
    left, counted = [value], Counter[str]()
    while left:
        each = left.pop()
        if isinstance(each, Drop):
            counted[each.kind] += 1
            if counted[each.kind] > MOST_OF_A_KIND:
                continue
            yield each
            left += [each[name] for name in each.names()]
        elif isinstance(each, Mapping):
            left += islice(each.values(), MOST_OF_A_LIST)
        elif isinstance(each, (list, tuple, Shelf)):
            left += islice(each, MOST_OF_A_LIST)
