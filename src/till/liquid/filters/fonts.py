"""Fonts of the font settings: their faces, files and variants.

A font is an object with family, weight, style, variants, `system?` and, where it has files, `files`
(format -> URL). System fonts have none, and need no face.
"""

from liquid import RenderContext

from till.liquid.filters.common import (
    Filter,
    Html,
    attribute,
    get,
    items,
    number,
    plain,
    short,
    text,
    with_context,
    wrong,
)
from till.liquid.filters.reach import registers

DISPLAYS = ("auto", "block", "swap", "fallback", "optional")
STYLES = ("normal", "italic", "oblique")
WEIGHTS = {"normal": 400, "bold": 700}
TYPES = ("woff2", "woff")


@with_context
def font_url(value: object, kind: object = "woff2", *, context: RenderContext) -> str:
    """The URL of a font's file, woff2 or woff; nothing for a system font."""
    wanted = text(plain(kind))
    if wanted not in TYPES:
        raise wrong(f"{short(kind)} is no type of font file: give woff2 or woff")
    found = text(get(get(value, "files"), wanted))
    if found and "/" not in found:
        return registers(context).asset_url(found)
    return found


@with_context
def font_face(value: object, *, context: RenderContext, font_display: object = None) -> str:
    """The `@font-face` of a font that has files; nothing for a system font, as on the platform."""
    sources = [(kind, font_url(value, kind, context=context)) for kind in TYPES]
    written = [f'url("{_css(url)}") format("{kind}")' for kind, url in sources if url]
    if not written:
        return ""
    lines = [
        f'font-family: "{_css(text(get(value, "family")))}";',
        f"font-weight: {_weight(value)};",
        f"font-style: {_style(value)};",
        *_display(font_display),
        f"src: {', '.join(written)};",
    ]
    return Html("@font-face {\n  " + "\n  ".join(lines) + "\n}\n")


def font_modify(value: object, name: object = None, wanted: object = None) -> object:
    """The variant of a font with another weight or style; nil where the font has none such.

    A weight is a number from 100 to 900, normal, bold, bolder, lighter, `+100` or `-100`.
    """
    weight, style = _weight(value), _style(value)
    what, given = text(plain(name)), text(plain(wanted))
    if what == "style" and given in STYLES:
        style = given
    elif what == "weight":
        weight = _modified(weight, given)
    else:
        raise wrong(
            f"{short(name)}, {short(wanted)} changes nothing of a font: give weight or style and a value"
        )
    if plain(value) is None:
        return None
    for each in [value, *items(get(value, "variants"))]:
        if _weight(each) == weight and _same(_style(each), style):
            return each
    return None


def _modified(weight: int, given: str) -> int:
    if given in WEIGHTS:
        return WEIGHTS[given]
    if given == "bolder":
        return 400 if weight < 400 else 700 if weight < 600 else 900
    if given == "lighter":
        return 100 if weight < 600 else 400 if weight < 800 else 700
    found = number(given)
    if found is None or abs(found) > 900:
        raise wrong(
            f"{short(given)} is no weight: give 100 to 900, normal, bold, bolder, lighter, +100 or -100"
        )
    return weight + int(found) if given[0] in "+-" else int(found)


def _weight(font: object) -> int:
    found = number(get(font, "weight"))
    return WEIGHTS.get(text(get(font, "weight")), 400) if found is None else int(found)


def _style(font: object) -> str:
    found = text(get(font, "style"))
    return found if found in STYLES else "normal"


def _same(one: str, other: str) -> bool:
    """Whether two styles are one; a font has either an italic or an oblique."""
    return one == other or (one != "normal" and other != "normal")


def _display(given: object) -> list[str]:
    wanted = text(plain(given))
    if not wanted:
        return []
    if wanted not in DISPLAYS:
        raise wrong(f"{short(given)} is no font-display: give one of {', '.join(DISPLAYS)}")
    return [f"font-display: {wanted};"]


def _css(given: str) -> str:
    """Text inside the quotes of CSS, and inside a style element."""
    return attribute(given.replace("\\", "").replace('"', "").replace("\n", " "))


FILTERS: dict[str, Filter] = {"font_face": font_face, "font_modify": font_modify, "font_url": font_url}
