"""`t`: the texts of the theme's locale files, with plurals and interpolation."""

import re

from liquid import RenderContext

from till.liquid.filters.common import Filter, Html, attribute, escaped, number, plain, text, with_context
from till.liquid.filters.reach import registers, report

LONGEST_KEY = 500
PLACE = re.compile(r"\{\{-?\s*([\w.-]+)\s*-?\}\}")
# A key that ends so holds HTML (shopify.dev, "storefront locale files").
HTML_ENDS = ("_html", ".html")
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


@with_context
def translate(value: object, /, *, context: RenderContext, **given: object) -> str:
    """The text of a key in the page's language, else in the theme's default language.

    `count` chooses the plural; `{{ name }}` in the text is filled from the argument of that name. What is
    filled in is escaped, unless it is HTML of another filter; the text itself is escaped unless its key ends
    in `_html`. A key that is missing is a fault, and shown as the platform shows it.
    """
    key = text(plain(value)).strip()
    shown = registers(context)
    if not key or len(key) > LONGEST_KEY:
        return ""
    count = number(given.get("count"))
    found = shown.translations.text(key, None if count is None else float(count))
    if found is None:
        near = shown.translations.nearest(key)
        report(context, "missing_translation", f"there is no translation {key}", near)
        return Html(attribute(f"translation missing: {shown.locale}.{key}"))
    last = key.rpartition(".")[2]
    owner = key.rpartition(".")[0] if last in PLURALS else key
    ready = found if owner.endswith(HTML_ENDS) or owner == "html" else attribute(found)
    return Html(PLACE.sub(lambda place: _filled(place, given), ready))


def _filled(place: re.Match[str], given: dict[str, object]) -> str:
    """What stands in a place; a place that nobody fills stays as it is written."""
    if place[1] not in given:
        return place[0]
    return escaped(plain(given[place[1]]))


FILTERS: dict[str, Filter] = {"t": translate, "translate": translate}
