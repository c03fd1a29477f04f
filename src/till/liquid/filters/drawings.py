"""Drawings of our own, put together from a few shapes: placeholders for pictures, and ways to pay."""

from collections.abc import Mapping

from till.liquid.filters.common import Html, escaped, tag, text

# What each drawing shows; a number in the name turns and shifts it, so that neighbours differ.
BOTTLE = '<path d="M230 150h65v70c30 20 45 45 45 80v90H185v-90c0-35 15-60 45-80z"/><path d="M185 320h155"/>'
SHIRT = '<path d="M195 150l65 30 65-30 85 55-35 60-35-20v160H180V245l-35 20-35-60z"/>'
BAG = '<path d="M160 220h205l20 185H140z"/><path d="M205 250v-55c0-65 115-65 115 0v55"/>'
SHOE = '<path d="M125 330c45 0 70-45 95-90l60 45c30 25 115 15 120 65v35H125z"/><path d="M125 360h275"/>'
HAT = '<path d="M170 320c0-180 185-180 185 0"/><path d="M110 320h305v35H110z"/>'
WATCH = (
    '<circle cx="262" cy="262" r="80"/>'
    '<path d="M262 215v50l32 20M225 190l8-75h58l8 75M225 335l8 75h58l8-75"/>'
)
FRAME = (
    '<path d="M130 150h265v225H130z"/><path d="M130 330l80-85 65 65 50-45 70 65"/>'
    '<circle cx="320" cy="205" r="24"/>'
)
HILLS = '<path d="M60 390c95-150 165-150 225-55 55-95 120-95 180 55z"/><circle cx="390" cy="170" r="38"/>'
PAGE = '<path d="M165 120h195v285H165z"/><path d="M200 175h125M200 220h125M200 265h125M200 310h70"/>'
SHELF = (
    '<path d="M110 250h305M110 390h305M150 250v-80h60v80M245 250v-50h50v50M320 250v-95h50v95"/>'
    '<path d="M150 390v-70h80v70M270 390v-95h60v95"/>'
)

THINGS = (BOTTLE, SHIRT, BAG, SHOE, HAT, WATCH)
SHELVES = (SHELF, FRAME, HILLS, BAG, SHIRT, BOTTLE)
# Pairs of a light ground and a line on it with a contrast of more than 3 to 1.
COLOURS = (
    ("#e8efe6", "#4f6b4a"),
    ("#f3e9dd", "#8a5a2b"),
    ("#e6ecf4", "#3f5f8a"),
    ("#f5e6ea", "#94455c"),
    ("#ece8f5", "#5d4a94"),
    ("#f4f0d9", "#756413"),
)


def _numbered(stem: str, count: int, shapes: tuple[str, ...], *, colour: bool) -> dict[str, tuple[str, int]]:
    return {f"{stem}-{n}": (shapes[(n - 1) % len(shapes)], n if colour else 0) for n in range(1, count + 1)}


# Name -> its shapes, and its colours (0: the line takes the colour of the text around it).
PLACEHOLDERS: dict[str, tuple[str, int]] = {
    **_numbered("product", 6, THINGS, colour=False),
    **_numbered("collection", 6, SHELVES, colour=False),
    **_numbered("lifestyle", 2, (HILLS, FRAME), colour=False),
    "image": (FRAME, 0),
    **_numbered("product-apparel", 4, (SHIRT, BAG, SHOE, HAT), colour=True),
    **_numbered("collection-apparel", 4, (SHELF, SHIRT, HAT, BAG), colour=True),
    **_numbered("hero-apparel", 3, (HILLS, SHELF, FRAME), colour=True),
    **_numbered("blog-apparel", 3, (PAGE, FRAME, HILLS), colour=True),
    **_numbered("detailed-apparel", 1, (WATCH,), colour=True),
}
SIDE = 525
WIDE = {"hero-apparel": (1050, SIDE), "lifestyle": (1050, SIDE)}


def placeholder(name: str, attributes: Mapping[str, object]) -> Html:
    """The drawing of a known name; it says nothing, so assistive technology passes it by."""
    shapes, colours = PLACEHOLDERS[name]
    width, height = WIDE.get(name.rpartition("-")[0], (SIDE, SIDE))
    ground, line = COLOURS[(colours - 1) % len(COLOURS)] if colours else ("none", "currentColor")
    inside = (
        f'<rect width="{width}" height="{height}" fill="{ground}"/>'
        f'<g transform="translate({(width - SIDE) // 2} 0)" fill="none" stroke="{line}" stroke-width="6" '
        f'stroke-linejoin="round" stroke-linecap="round">{shapes}</g>'
    )
    given = {"viewBox": f"0 0 {width} {height}", "xmlns": "http://www.w3.org/2000/svg", "aria-hidden": "true"}
    return tag("svg", {**given, **attributes}, inside)


def payment(name: str, attributes: Mapping[str, object]) -> Html:
    """A card with a name on it: `american_express` is written `American Express`."""
    shown = " ".join(word.capitalize() for word in text(name)[:40].replace("_", " ").split())
    size = max(3.5, min(9.0, 52 / max(len(shown), 1)))
    inside = (
        f"<title>{escaped(shown)}</title>"
        '<rect x=".5" y=".5" width="37" height="23" rx="3" fill="#fff" stroke="#000" stroke-opacity=".25"/>'
        f'<text x="19" y="{12 + size / 3:.1f}" font-size="{size:.1f}" font-family="sans-serif" fill="#222" '
        f'text-anchor="middle">{escaped(shown)}</text>'
    )
    given = {"viewBox": "0 0 38 24", "width": "38", "height": "24", "role": "img", "aria-label": shown}
    return tag("svg", {**given, **attributes}, inside)
