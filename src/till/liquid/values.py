"""Values of settings that are more than text: colours, fonts, schemes, videos."""

import re
from collections.abc import Mapping

from till.liquid.drop import Drop, shown

HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}){1,2}\Z")
FUNCTION = re.compile(r"rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)(?:[\s,/]+([\d.]+))?\s*\)\Z")
FONT = re.compile(r"(?P<name>.+)_(?P<style>[nio])(?P<weight>[1-9])\Z")
VIDEO = re.compile(
    r"(?:youtube\.com/(?:watch\?(?:.*&)?v=|embed/)|youtu\.be/)(?P<youtube>[\w-]{6,})"
    r"|vimeo\.com/(?:video/)?(?P<vimeo>\d+)"
)
SYSTEM = frozenset({"sans-serif", "serif", "monospace", "system_ui", "mono"})


class Color(Drop):
    """A colour; as text it is what the merchant chose, `#1a2b3c`."""

    kind = "color"
    absent = frozenset({"chroma", "color_space", "oklab", "oklaba", "oklch", "oklcha"})

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts = _parts(text)

    def __liquid__(self) -> str:
        return self._text

    def __str__(self) -> str:
        return self._text

    @shown
    def red(self) -> int:
        """0 to 255."""
        return self._parts[0]

    @shown
    def green(self) -> int:
        """0 to 255."""
        return self._parts[1]

    @shown
    def blue(self) -> int:
        """0 to 255."""
        return self._parts[2]

    @shown
    def alpha(self) -> float:
        """0 to 1."""
        return self._parts[3]

    @shown
    def rgb(self) -> str:
        """`26 43 60`, as `rgb()` of CSS takes it."""
        return "{} {} {}".format(*self._parts)

    @shown
    def rgba(self) -> str:
        """`26 43 60 / 1.0`."""
        return "{} {} {} / {}".format(*self._parts)

    @shown
    def hue(self) -> int:
        """0 to 360."""
        return self._hsl()[0]

    @shown
    def saturation(self) -> int:
        """0 to 100."""
        return self._hsl()[1]

    @shown
    def lightness(self) -> int:
        """0 to 100."""
        return self._hsl()[2]

    def _hsl(self) -> tuple[int, int, int]:
        red, green, blue = (part / 255 for part in self._parts[:3])
        high, low = max(red, green, blue), min(red, green, blue)
        light, span = (high + low) / 2, high - low
        if not span:
            return 0, 0, round(light * 100)
        if high == red:
            hue = (green - blue) / span % 6
        elif high == green:
            hue = (blue - red) / span + 2
        else:
            hue = (red - green) / span + 4
        return round(hue * 60), round(span / (1 - abs(2 * light - 1)) * 100), round(light * 100)

    def plain(self) -> object:
        """As JSON: the text."""
        return self._text


def _parts(text: str) -> tuple[int, int, int, float]:
    text = text.strip()
    if HEX.match(text):
        digits = text[1:] if len(text) > 5 else "".join(digit * 2 for digit in text[1:])
        values = [int(digits[index : index + 2], 16) for index in range(0, len(digits), 2)]
        return values[0], values[1], values[2], round(values[3] / 255, 2) if len(values) == 4 else 1.0
    found = FUNCTION.match(text)
    if found:
        red, green, blue = (min(int(float(part)), 255) for part in found.groups()[:3])
        return red, green, blue, min(float(found[4] or 1), 1.0)
    return 0, 0, 0, 0.0


class Font(Drop):
    """A font of the picker, by its handle: `assistant_n4` is Assistant, upright, 400."""

    kind = "font"

    def __init__(self, handle: str) -> None:
        self.handle = handle
        found = FONT.match(handle)
        self._name = found["name"] if found else handle
        self._style = {"i": "italic", "o": "oblique"}.get(found["style"], "normal") if found else "normal"
        self._weight = int(found["weight"]) * 100 if found else 400

    def __liquid__(self) -> str:
        return self.handle

    def __str__(self) -> str:
        return self.handle

    @shown
    def family(self) -> str:
        """`Work Sans` of `work_sans_n4`."""
        if self._name in SYSTEM:
            return self._name.replace("_", "-")
        return " ".join(word.capitalize() for word in self._name.split("_"))

    @shown
    def fallback_families(self) -> str:
        """What stands behind it in a font stack."""
        if "mono" in self._name:
            return "monospace"
        return "serif" if "serif" in self._name and "sans" not in self._name else "sans-serif"

    @shown
    def style(self) -> str:
        """`normal`, `italic` or `oblique`."""
        return self._style

    @shown
    def weight(self) -> int:
        """100 to 900."""
        return self._weight

    @shown
    def baseline_ratio(self) -> float:
        """How far the base line stands above the bottom of the line."""
        return 0.1

    @shown("system?")
    def system(self) -> bool:
        """Whether it needs no file: Till ships no fonts, so the browser takes what it has."""
        return True

    @shown
    def variants(self) -> list["Font"]:
        """The other weights and styles of the family."""
        return [
            Font(f"{self._name}_{style}{weight}")
            for style in "ni"
            for weight in (4, 7)
            if f"{self._name}_{style}{weight}" != self.handle
        ]

    def plain(self) -> object:
        """As JSON: the handle."""
        return self.handle


class Scheme(Drop):
    """A colour scheme; as text it is its id."""

    kind = "color_scheme"

    def __init__(self, identity: str, settings: Drop) -> None:
        self._id = identity
        self._settings = settings

    def __liquid__(self) -> str:
        return self._id

    def __str__(self) -> str:
        return self._id

    @shown
    def id(self) -> str:
        """`scheme-1`."""
        return self._id

    @shown
    def settings(self) -> Drop:
        """Its colours, by the ids of its definition."""
        return self._settings

    def plain(self) -> object:
        """As JSON: the id."""
        return self._id


class VideoUrl(Drop):
    """The address of a film elsewhere; as text it is the address."""

    kind = "video_url"

    def __init__(self, url: str) -> None:
        self._url = url
        found = VIDEO.search(url)
        self._found: Mapping[str, str | None] = found.groupdict() if found else {}

    def __liquid__(self) -> str:
        return self._url

    def __str__(self) -> str:
        return self._url

    @shown
    def id(self) -> str | None:
        """The film's id at its host."""
        return self._found.get("youtube") or self._found.get("vimeo")

    @shown
    def type(self) -> str | None:
        """`youtube` or `vimeo`."""
        return next((name for name, value in self._found.items() if value), None)

    def plain(self) -> object:
        """As JSON: the address."""
        return self._url
