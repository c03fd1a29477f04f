"""Where the picture of a thing is: products, articles and the like have one, an image is one."""

import re
from typing import Any

from till.liquid.filters.common import get, is_object, plain, short, text, whole, wrong
from till.liquid.filters.urls import with_query

# Where each kind of object keeps its picture, the first that it has.
PICTURES = ("featured_image", "preview_image", "image", "featured_media")
WIDEST = 5760
SIZES = {
    "pico": "16x16",
    "icon": "32x32",
    "thumb": "50x50",
    "small": "100x100",
    "compact": "160x160",
    "medium": "240x240",
    "large": "480x480",
    "grande": "600x600",
    "original": "1024x1024",
    "1024x1024": "1024x1024",
    "2048x2048": "2048x2048",
    "master": "",
}
CROPS = ("top", "center", "bottom", "left", "right", "region")
FORMATS = ("jpg", "pjpg")
CHOICES = {"crop": (CROPS, "way to crop"), "format": (FORMATS, "format")}
BOUNDS = {"width": (1, WIDEST), "height": (1, WIDEST), "quality": (10, 100), "scale": (1, 3)}
_SIZE = re.compile(r"(\d{0,5})x(\d{0,5})\Z")
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\Z")


class Picture(str):
    """The URL of a picture, which still knows the picture: `image_tag` takes its text and size from it."""

    __slots__ = ("of", "shown_height", "shown_width")
    of: object
    shown_width: int | None
    shown_height: int | None


def picture_of(value: object) -> tuple[str, object]:
    """The URL of a thing's picture, and the image itself; nothing and None where there is none.

    Accepts the URL or the image as well as the thing.
    """
    given = plain(value)
    for _ in range(4):
        if isinstance(given, str):
            return given, given.of if isinstance(given, Picture) else None
        if not is_object(given):
            return "", None
        source = get(given, "src") or get(given, "url") if _is_image(given) else None
        if source:
            return text(source), given
        given = next((plain(found) for name in PICTURES if (found := get(given, name)) is not None), None)
    return "", None


def _is_image(value: object) -> bool:
    return get(value, "src") is not None


def scaled(url: str, image: object, **wanted: Any) -> Picture:
    """The URL for a width, a height, or both, and how large the picture will be shown.

    The server of pictures may scale or not; what is asked for stands in the query as on the platform.
    """
    width, height = wanted.get("width"), wanted.get("height")
    query = {name: text(value) for name, value in wanted.items() if value is not None}
    found = Picture(with_query(url, query) if query else url)
    found.of = image
    found.shown_width, found.shown_height = _shown(image, width, height)
    return found


def _shown(image: object, width: int | None, height: int | None) -> tuple[int | None, int | None]:
    """How large: never larger than the picture is, and in its proportions where one side is not given."""
    own_width, own_height = get(image, "width"), get(image, "height")
    if not _size(own_width) or not _size(own_height):
        return width, height
    if width and height:
        return width, height
    if height and not width:
        height = min(height, own_height)
        return max(round(own_width * height / own_height), 1), height
    width = min(width or own_width, own_width)
    return width, max(round(own_height * width / own_width), 1)


def _size(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def dimensions(size: object) -> dict[str, int]:
    """Width and height of a size as the old filters take it: `small`, `480x`, `x480`, `480x480_crop…`."""
    named = text(plain(size)).partition("_crop_")[0].partition("@")[0]
    given = SIZES.get(named, named)
    if not given:
        return {}
    found = _SIZE.match(given)
    if not found or given == "x":
        raise wrong(f"{short(size)} is no size: write it as 480x480, 480x, x480 or one of {', '.join(SIZES)}")
    sides = {name: int(side) for name, side in zip(("width", "height"), found.groups(), strict=True) if side}
    for name, side in sides.items():
        whole(side, least=1, most=WIDEST, what=f"the {name}")
    return sides


def checked(name: str, value: object) -> object:
    """An argument of `image_url`, refused with a sentence where the platform would not take it."""
    given = plain(value)
    if given is None:
        return None
    if name in CHOICES:
        return _one_of(given, *CHOICES[name])
    if name == "pad_color":
        if not _COLOUR.match(text(given)):
            raise wrong(f"{short(given)} is no colour of three or six hexadecimal digits")
        return text(given).removeprefix("#")
    least, most = BOUNDS.get(name, (0, 20_000))
    return whole(given, least=least, most=most, what=f"the {name}")


def _one_of(given: object, known: tuple[str, ...], what: str) -> str:
    if text(given) not in known:
        raise wrong(f"{short(given)} is no {what}: give one of {', '.join(known)}")
    return text(given)
