"""Metafields as HTML and as text, by their type."""

from collections.abc import Callable
from typing import NamedTuple

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
    wrong,
)
from till.liquid.filters.dates import ISO, moment
from till.liquid.filters.images import image_url
from till.liquid.filters.jsons import to_json
from till.liquid.filters.money import money
from till.liquid.filters.names import ENGLISH, formats_of, names_of
from till.liquid.filters.pictures import picture_of
from till.liquid.filters.reach import registers
from till.liquid.filters.richtext import to_html, to_text
from till.liquid.filters.strftime import strftime

REFERENCES = ("collection_reference", "page_reference", "product_reference", "variant_reference")
MEASURES = ("dimension", "volume", "weight")
LISTS = ("list.single_line_text_field", "list.metaobject_reference")
WIDEST = 500


class Shown(NamedTuple):
    """One metafield about to be shown: its type, its value, the page, and the field that is asked for."""

    kind: str
    value: object
    context: RenderContext
    field: object

    @property
    def css(self) -> dict[str, object]:
        """The class that the platform's table gives."""
        return {"class": f"metafield-{self.kind}"}


@with_context
def metafield_tag(
    value: object, *, context: RenderContext, field: object = None, list_format: object = None
) -> str:
    """The element that the platform's table gives for the type of a metafield; nothing for nil.

    Lists are shown of texts and of metaobjects, as on the platform.
    """
    if not _is_metafield(value):
        return ""
    shown = Shown(text(get(value, "type")), get(value, "value"), context, field)
    if shown.kind.startswith("list."):
        return _list(shown, list_format)
    made = ELEMENTS.get(shown.kind)
    return made(shown) if made else tag("span", shown.css, escaped(shown.value))


@with_context
def metafield_text(value: object, *, context: RenderContext, field: object = None) -> str:
    """The text of a metafield by its type: a title, a number with its unit, a list as a sentence."""
    if not _is_metafield(value):
        return ""
    shown = Shown(text(get(value, "type")), get(value, "value"), context, field)
    if shown.kind.startswith("list."):
        return _sentence(_texts(shown))
    made = TEXTS.get(shown.kind)
    return made(shown) if made else text(shown.value)


def _time(shown: Shown) -> Html:
    at = moment(shown.value, shown.context)
    if at is None:
        return tag("time", shown.css, escaped(shown.value))
    exact = shown.kind == "date_time"
    locale = registers(shown.context).locale
    machine = strftime(at, ISO if exact else "%Y-%m-%d", ENGLISH)
    words = strftime(at, formats_of(locale)["date_at_time" if exact else "date"], names_of(locale))
    return tag("time", {"datetime": machine, **shown.css}, escaped(words))


def _measure(shown: Shown) -> Html:
    parts = (
        tag("span", {"class": f"metafield-{shown.kind}_{name}"}, escaped(get(shown.value, name)))
        for name in ("value", "unit")
    )
    return tag("span", shown.css, " ".join(parts))


def _rating(shown: Shown) -> Html:
    given = tag("span", {"class": "metafield-rating_value"}, escaped(get(shown.value, "rating")))
    most = tag("span", {"class": "metafield-rating_scale-maximum"}, escaped(get(shown.value, "scale_max")))
    return tag("span", shown.css, f"{given}/{most}")


def _reference(shown: Shown) -> Html:
    return tag("a", {"href": text(get(shown.value, "url")), **shown.css}, escaped(_title(shown)))


def _file(shown: Shown) -> Html:
    if text(get(shown.value, "media_type")) == "video":
        sources = items(get(shown.value, "sources"))
        inside = "".join(tag("source", {"src": text(get(each, "url"))}) for each in sources)
        return tag("video", {"controls": True, **shown.css}, inside)
    if picture_of(shown.value)[0]:
        said = text(get(shown.value, "alt"))
        return tag("img", {"src": image_url(shown.value, width=WIDEST), "alt": said, **shown.css})
    url = text(get(shown.value, "url"))
    return tag("a", {"href": url, **shown.css}, escaped(url.rpartition("/")[2]))


def _lines(shown: Shown) -> Html:
    return tag("div", shown.css, "<br>".join(escaped(line) for line in text(shown.value).splitlines()))


def _is_metafield(value: object) -> bool:
    if plain(value) is None:
        return False
    if not is_object(value) or get(value, "type") is None:
        raise wrong("give a metafield, not its value")
    return True


def _list(shown: Shown, list_format: object) -> Html:
    name = "ol" if text(plain(list_format)) == "ordered" else "ul"
    entry = {"class": "metafield-single_line_text_field"}
    inside = "".join(tag("li", entry, escaped(each)) for each in _texts(shown))
    return tag(name, {"class": "metafield-single_line_text_field-array"}, inside)


def _texts(shown: Shown) -> list[str]:
    if shown.kind not in LISTS:
        raise wrong(f"lists are shown of texts and of metaobjects, not {shown.kind}")
    if shown.kind == "list.metaobject_reference":
        return [_field(each, shown.field) for each in items(shown.value)]
    return [text(each) for each in items(shown.value)]


def _sentence(parts: list[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _field(metaobject: object, field: object) -> str:
    name = text(plain(field))
    if not name:
        raise wrong("say with the argument field which field of the metaobject is meant")
    found = get(metaobject, name)
    return text(get(found, "value") if is_object(found) else found)


def _title(shown: Shown) -> str:
    return text(get(shown.value, "title"))


def _money(shown: Shown) -> str:
    amount = get(shown.value, "amount") if is_object(shown.value) else shown.value
    return money(amount, context=shown.context)


Shows = Callable[[Shown], str]
ELEMENTS: dict[str, Shows] = {
    "date": _time,
    "date_time": _time,
    "file_reference": _file,
    "json": lambda shown: tag("script", {"type": "application/json", **shown.css}, to_json(shown.value)),
    "metaobject_reference": lambda shown: tag(
        "span", {"class": "metafield-single_line_text_field"}, escaped(_field(shown.value, shown.field))
    ),
    "money": lambda shown: tag("span", shown.css, escaped(_money(shown))),
    "multi_line_text_field": _lines,
    "rating": _rating,
    "rich_text_field": lambda shown: tag("div", shown.css, to_html(shown.value)),
    "url": lambda shown: tag("a", {"href": text(shown.value), **shown.css}, escaped(shown.value)),
    **dict.fromkeys(REFERENCES, _reference),
    **dict.fromkeys(MEASURES, _measure),
}
TEXTS: dict[str, Shows] = {
    "file_reference": lambda shown: picture_of(shown.value)[0] or text(get(shown.value, "url")),
    "json": lambda shown: to_json(shown.value),
    "metaobject_reference": lambda shown: _field(shown.value, shown.field),
    "money": _money,
    "rating": lambda shown: text(get(shown.value, "rating")),
    "rich_text_field": lambda shown: to_text(shown.value),
    **dict.fromkeys(REFERENCES, _title),
    **dict.fromkeys(
        MEASURES, lambda shown: f"{text(get(shown.value, 'value'))} {text(get(shown.value, 'unit'))}".strip()
    ),
}

FILTERS: dict[str, Filter] = {"metafield_tag": metafield_tag, "metafield_text": metafield_text}
