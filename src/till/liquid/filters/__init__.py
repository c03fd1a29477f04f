"""The filters of the platform, one module a family; python-liquid has those of plain Liquid.

Every filter escapes what it writes into HTML, is bounded in what it makes, and fails with nothing but a
Liquid error, which the engine keeps as a fault with file and line.
"""

from liquid import Environment

from till.liquid.filters import (
    address,
    cart,
    color,
    dates,
    fonts,
    forms,
    html,
    images,
    jsons,
    lists,
    media,
    metafields,
    money,
    strings,
    translate,
    urls,
)
from till.liquid.filters.common import Filter
from till.liquid.filters.guard import Guarded

FAMILIES = (
    address,
    cart,
    color,
    dates,
    fonts,
    forms,
    html,
    images,
    jsons,
    lists,
    media,
    metafields,
    money,
    strings,
    translate,
    urls,
)

# What python-liquid has beside Liquid, and the platform has not.
FOREIGN = ("safe", "escapejs")


def register(environment: Environment) -> None:
    """Give `environment` the store's filters, and guard those that it has already."""
    for name in FOREIGN:
        environment.filters.pop(name, None)
    for name, function in {**environment.filters, **all_filters()}.items():
        called = function.called if isinstance(function, Guarded) else function
        environment.filters[name] = Guarded(name, called)


def all_filters() -> dict[str, Filter]:
    """The store's filters by name."""
    return {name: function for family in FAMILIES for name, function in family.FILTERS.items()}
