"""Elements of the head, drawings, and files written into the page."""

from urllib.parse import quote

from liquid import RenderContext

from till.liquid.context import ThemeContext
from till.liquid.faults import nearest
from till.liquid.filters.common import Filter, Html, plain, short, tag, text, with_context, wrong
from till.liquid.filters.drawings import PLACEHOLDERS, payment, placeholder

# The platform inlines assets of less than 15 KB, and these kinds.
LARGEST_INLINE = 15 * 1024
INLINE = (".svg", ".js", ".css", ".svg.liquid", ".js.liquid", ".css.liquid")


def script_tag(value: object, /, **attributes: object) -> str:
    """A `<script>` for a URL."""
    return tag("script", {"src": _url(value), "type": "text/javascript", **attributes}, "")


def stylesheet_tag(
    value: object, /, media: object = "all", *, preload: object = None, **attributes: object
) -> str:
    """A `<link rel="stylesheet">` for a URL; `preload` puts a hint before it.

    The platform sends the hint as a header; here it is an element, which browsers take the same way.
    """
    url = _url(value)
    link = {"href": url, "rel": "stylesheet", "type": "text/css", "media": text(plain(media)), **attributes}
    made = tag("link", link)
    if plain(preload) is not True:
        return made
    return Html(tag("link", {"rel": "preload", "as": "style", "href": url}) + made)


def preload_tag(value: object, /, **attributes: object) -> str:
    """A `<link rel="preload">` for a URL; the argument `as` has to say of what kind it is."""
    if not text(plain(attributes.get("as"))):
        raise wrong("say with the argument as what kind of file it is, e.g. as: 'script'")
    return tag("link", {"href": _url(value), "rel": "preload", **attributes})


@with_context
def inline_asset_content(value: object, *, context: RenderContext) -> str:
    """The text of an SVG, JavaScript or CSS file under assets/, of less than 15 KB."""
    name = text(plain(value))
    files = context.run.environment.files if isinstance(context, ThemeContext) else {}
    content = files.get(f"assets/{name}")
    if not name.endswith(INLINE):
        raise wrong(f"{short(name)} is no SVG, JavaScript or CSS file")
    if content is None:
        known = [file.removeprefix("assets/") for file in files if file.startswith("assets/")]
        near = nearest(name, known)
        raise wrong(f"there is no asset {short(name)}{f'; did you mean {near}' if near else ''}")
    if len(content.encode()) >= LARGEST_INLINE:
        raise wrong(f"{short(name)} is not smaller than {LARGEST_INLINE:,} bytes")
    return Html(content)


def placeholder_svg_tag(value: object, /, css: object = None, **attributes: object) -> str:
    """A drawing of our own that stands where a picture will be; 30 names as on the platform."""
    name = text(plain(value))
    if name not in PLACEHOLDERS:
        near = nearest(name, PLACEHOLDERS)
        raise wrong(f"there is no placeholder {short(name)}{f'; did you mean {near}' if near else ''}")
    given = attributes.pop("class", None) if css is None else css
    return placeholder(name, {"class": plain(given) or "placeholder-svg", **attributes})


def payment_type_svg_tag(value: object, /, **attributes: object) -> str:
    """A small card with the name of a way to pay (`visa`, `paypal`), drawn by us."""
    name = text(plain(value))
    return payment(name, attributes) if name else ""


def payment_type_img_url(value: object) -> str:
    """The drawing of `payment_type_svg_tag` as a URL that holds it."""
    name = text(plain(value))
    return _data_url(payment(name, {"xmlns": "http://www.w3.org/2000/svg"})) if name else ""


def _data_url(svg: str) -> str:
    return "data:image/svg+xml," + quote(svg, safe="")


def _url(value: object) -> str:
    url = text(plain(value))
    if not url:
        raise wrong("there is no URL")
    return url


FILTERS: dict[str, Filter] = {
    "inline_asset_content": inline_asset_content,
    "payment_type_img_url": payment_type_img_url,
    "payment_type_svg_tag": payment_type_svg_tag,
    "placeholder_svg_tag": placeholder_svg_tag,
    "preload_tag": preload_tag,
    "script_tag": script_tag,
    "stylesheet_tag": stylesheet_tag,
}
