"""Pictures: their URLs in a size, and `<img>`."""

from collections.abc import Iterable

from liquid import RenderContext

from till.liquid.filters.common import (
    Filter,
    Html,
    get,
    number,
    plain,
    tag,
    text,
    whole,
    with_context,
    wrong,
)
from till.liquid.filters.pictures import WIDEST, Picture, checked, dimensions, picture_of, scaled
from till.liquid.filters.reach import seen
from till.liquid.filters.urls import asset_url, file_url

# The widths of a srcset that nobody chose.
WIDTHS = (165, 352, 533, 832, 1200, 1920, 2880, 3840)
MOST_WIDTHS = 30
# A section below the first screens is loaded when it is scrolled to (the platform counts so too).
ABOVE = 3
REGION = ("crop_left", "crop_top", "crop_width", "crop_height")


def image_url(value: object, /, **wanted: object) -> str:
    """The URL of a picture in a width or a height, of a thing or of an image.

    As on the platform one of the two has to be given (or the crop of a region), up to 5760 pixels.
    """
    url, image = picture_of(value)
    known = ("width", "height", "crop", "format", "pad_color", "quality", *REGION)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise wrong(f"there is no argument {unknown[0]}: give one of {', '.join(known)}")
    given = {name: checked(name, wanted.get(name)) for name in known if name in wanted}
    if not url:
        raise wrong("there is no picture: give an image, or a thing that has one")
    if given.get("width") is None and given.get("height") is None and given.get("crop") != "region":
        raise wrong("give a width or a height")
    return scaled(url, image, **given)


def img_url(value: object, /, size: object = "small", **wanted: object) -> str:
    """The URL of a picture in a named size or `480x480`; deprecated on the platform for `image_url`.

    Without a picture there is nothing (the platform has a picture that says so).
    """
    url, image = picture_of(value)
    if not url:
        return ""
    given = {name: checked(name, wanted.get(name)) for name in ("crop", "scale", "format") if name in wanted}
    sides: dict[str, object] = dict(dimensions(size))
    return scaled(url, image, **sides, **given)


@with_context
def asset_img_url(value: object, size: object = "small", *, context: RenderContext) -> str:
    """The URL of a picture under assets/, in a size."""
    return img_url(asset_url(value, context=context), size)


@with_context
def file_img_url(value: object, size: object = "small", *, context: RenderContext) -> str:
    """The URL of a picture of the shop's files, in a size."""
    return img_url(file_url(value, context=context), size)


def img_tag(value: object, alt: object = "", css: object = "", size: object = None) -> str:
    """An `<img>` with a text, a class and a size; deprecated on the platform for `image_tag`."""
    url, image = picture_of(value)
    if plain(size) is not None and image is not None:
        url = img_url(value, size)
    if not url:
        return ""
    said = text(plain(alt)) or text(get(image, "alt"))
    return tag("img", {"src": url, "alt": said, "class": text(plain(css)) or None})


@with_context
def image_tag(value: object, /, *, context: RenderContext, **wanted: object) -> str:
    """An `<img>` for the URL of `image_url`, with its text, its size and a srcset.

    `width`, `height` and `srcset` are left out where they are nil; `widths` chooses the srcset; `preload`
    adds a `<link rel="preload">`; everything else is an attribute. Pictures of a section further down the
    page are loaded when they are needed.
    """
    url, image = picture_of(value)
    if not url:
        return ""
    preload = plain(wanted.pop("preload", None))
    widths = wanted.pop("widths", None)
    attributes: dict[str, object] = {
        "src": url,
        "alt": text(plain(wanted.pop("alt", None))) or text(get(image, "alt")),
    }
    attributes |= _sizes(value, image, wanted)
    srcset = wanted.pop("srcset") if "srcset" in wanted else _srcset(url, value, _widths(widths, value))
    attributes["srcset"] = plain(srcset) or None
    if plain(srcset) and "sizes" not in wanted and attributes.get("width"):
        attributes["sizes"] = f"(min-width: {attributes['width']}px) {attributes['width']}px, 100vw"
    index = number(get(seen(context, "section"), "index"))
    if "loading" not in wanted and not preload and index is not None and index > ABOVE:
        attributes["loading"] = "lazy"
    focus = get(get(image, "presentation"), "focal_point")
    if "style" not in wanted and focus is not None and text(focus):
        attributes["style"] = f"object-position:{text(focus)};"
    made = tag("img", {**attributes, **wanted})
    if preload is None or preload is False:
        return made
    hint = {"rel": "preload", "as": "image", "href": url, "imagesrcset": attributes["srcset"]}
    hint["imagesizes"] = wanted.get("sizes") or attributes.get("sizes")
    return Html(tag("link", hint) + made)


def _sizes(value: object, image: object, wanted: dict[str, object]) -> dict[str, object]:
    """Width and height: those that are given, none that is nil, else those of the URL."""
    if "width" in wanted or "height" in wanted:
        return {name: plain(wanted.pop(name)) for name in ("width", "height") if name in wanted}
    if isinstance(value, Picture):
        return {"width": value.shown_width, "height": value.shown_height}
    return {"width": get(image, "width"), "height": get(image, "height")}


def _widths(given: object, value: object) -> Iterable[int]:
    """The widths of the srcset: those that are written (`200, 300`), else usual ones up to the URL's own."""
    written = text(plain(given))
    if written:
        return [whole(each, least=1, most=WIDEST, what="each of the widths") for each in written.split(",")][
            :MOST_WIDTHS
        ]
    most = value.shown_width if isinstance(value, Picture) else None
    if not most:
        return []
    return [width for width in WIDTHS if width < most] + [most]


def _srcset(url: str, value: object, widths: Iterable[int]) -> str:
    height = value.shown_height if isinstance(value, Picture) else None
    width = value.shown_width if isinstance(value, Picture) else None
    has_height = "height=" in url.partition("?")[2]
    made = []
    for each in widths:
        sides = {"width": each}
        if has_height and height and width:
            sides["height"] = max(round(each * height / width), 1)
        made.append(f"{scaled(url, None, **sides)} {each}w")
    return ", ".join(made)


FILTERS: dict[str, Filter] = {
    "article_img_url": img_url,
    "asset_img_url": asset_img_url,
    "collection_img_url": img_url,
    "file_img_url": file_img_url,
    "image_tag": image_tag,
    "image_url": image_url,
    "img_tag": img_tag,
    "img_url": img_url,
    "product_img_url": img_url,
}
