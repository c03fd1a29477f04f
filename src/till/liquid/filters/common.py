"""What the filters share: reading values as Liquid does, writing HTML, refusing an argument."""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, TypeVar

from liquid.exceptions import FilterArgumentError
from liquid.undefined import Undefined

from till.liquid.drop import Shelf

# Whatever a filter walks over, it walks over no more than this.
MOST_ITEMS = 10_000
# A number beyond is no price, no width and no percentage; spelling it out would only fill memory.
LARGEST = Decimal(10) ** 30
LONGEST_NUMBER = 64
# `url_escape` and its kin write up to three characters for one byte.
LONGEST_TEXT = 4 * 2**20

_ATTRIBUTE_NAME = re.compile(r"[A-Za-z_:@][A-Za-z0-9_:.@-]*\Z")
_UNESCAPED = re.compile(r"""["'<>]|&(?![A-Za-z][A-Za-z0-9]*;|#[0-9]+;|#[xX][0-9A-Fa-f]+;)""")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}

Filter = Callable[..., Any]
Marked = TypeVar("Marked", bound=Filter)


class Html(str):
    """Text that is HTML already: a filter that writes it between tags does not escape it again.

    What any other text is, nobody knows: a title, a search term, a label. It is escaped.
    """

    __slots__ = ()


def wrong(sentence: str) -> FilterArgumentError:
    """What a filter refuses its argument with; the engine makes a fault of it and shows nothing."""
    return FilterArgumentError(sentence, token=None)


def plain(value: object) -> object:
    """What a drop or an undefined name stands for, or the value itself."""
    return value.__liquid__() if hasattr(value, "__liquid__") else value


def text(value: object) -> str:
    """`value` as Liquid prints it: nil as nothing, a list as its items one after another."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "".join(text(each) for each in islice(value, MOST_ITEMS))
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, int) and abs(value) > LARGEST:
        raise wrong("the number has more than thirty digits")
    return str(value)


def short(value: object) -> str:
    """`value` for a sentence: quoted and cut."""
    if isinstance(value, Mapping) and not isinstance(value, Undefined):
        return "an object"
    if isinstance(value, int) and abs(value) > LARGEST:
        return "so large a number"
    given = text(value)
    return repr(given if len(given) <= 40 else given[:39] + "…")


def escaped(value: object) -> Html:
    """`value` between tags: HTML as it is, everything else escaped once."""
    given = text(value)
    return given if isinstance(given, Html) else attribute(given)


def attribute(value: object) -> Html:
    """`value` between quotes; what is an entity already stays one."""
    return Html(_UNESCAPED.sub(lambda found: _ENTITIES[found[0]], text(value)))


def tag(name: str, attributes: Mapping[str, object], inside: str | None = None) -> Html:
    """An element. An attribute that is nil or false is left out, one that is true stands alone.

    `inside` is HTML; without it the element has no end tag.
    """
    written = [name]
    for key, value in islice(attributes.items(), MOST_ITEMS):
        given = plain(value)
        if given is None or given is False:
            continue
        if not _ATTRIBUTE_NAME.match(key):
            raise wrong(f"{short(key)} is not the name of an HTML attribute")
        written.append(key if given is True else f'{key}="{attribute(given)}"')
    opened = f"<{' '.join(written)}>"
    return Html(opened if inside is None else f"{opened}{inside}</{name}>")


def unescaped(value: object) -> str:
    """Text without its entities."""
    return html.unescape(text(value))


def number(value: object) -> Decimal | None:
    """`value` as a number, or None where it is none (nil, text, a truth value, too large)."""
    given = plain(value)
    if isinstance(given, bool) or not isinstance(given, (int, float, str, Decimal)):
        return None
    if isinstance(given, str):
        given = given.strip()
        if not given or len(given) > LONGEST_NUMBER:
            return None
    elif isinstance(given, int) and abs(given) > LARGEST:
        return None
    try:
        found = Decimal(str(given) if isinstance(given, float) else given)
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > LARGEST:
        return None
    # Thousands of digits after the point are the same attack from the other end.
    return found if abs(found) > Decimal("1e-30") else Decimal(0)


def whole(value: object, *, least: int, most: int, what: str) -> int:
    """`value` as a whole number in bounds; refused with a sentence that says them."""
    found = number(value)
    if found is None or not least <= found <= most:
        raise wrong(f"{what} must be a number from {least} to {most}, not {short(value)}")
    return int(found)


def get(value: object, name: str, default: Any = None) -> Any:
    """The property `name` of an object, or `default` where it has none.

    Only what the object declares is asked for, so that a filter that looks whether a thing is a
    product or an image leaves no fault behind.
    """
    if isinstance(value, Shelf):
        found = value.find(name)
    elif isinstance(value, Mapping):
        found = value.get(name)
    else:
        return default
    return default if plain(found) is None else found


def is_object(value: object) -> bool:
    """Whether `value` has properties: a drop or a mapping."""
    return isinstance(value, Mapping) and not isinstance(value, Undefined)


def items(value: object) -> list[Any]:
    """`value` as a list: nothing for nil, an object or text as its only item."""
    if plain(value) is None:
        return []
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        return [value]
    return list(islice(value, MOST_ITEMS))


def bounded(given: str) -> str:
    """`given`, refused where it is longer than a page may be."""
    if len(given) > LONGEST_TEXT:
        raise wrong(f"the text is longer than {LONGEST_TEXT:,} characters")
    return given


def with_context(called: Marked) -> Marked:
    """Let `called` have the render context as its named argument `context`."""
    called.with_context = True  # type: ignore[attr-defined]  # python-liquid's own mark
    return called


def with_environment(called: Marked) -> Marked:
    """Let `called` have the environment as its named argument `environment`."""
    called.with_environment = True  # type: ignore[attr-defined]  # python-liquid's own mark
    return called
