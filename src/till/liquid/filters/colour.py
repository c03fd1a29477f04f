"""Colours: read from CSS, changed in HSL, written as hex, rgb(), hsl() and oklch()."""

import colorsys
import math
import re
from dataclasses import dataclass, replace

from till.liquid.filters.common import get, short, text, wrong

HEX = re.compile(r"#?([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")
FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,100})\)\Z", re.IGNORECASE)
NUMBER = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,12})?|\.\d{1,12}))(%|deg)?\Z")


@dataclass(frozen=True, slots=True)
class Colour:
    """sRGB: red, green and blue from 0 to 255 (not always whole), alpha from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The channels as whole numbers, halves rounded up."""
        return (_whole(self.red), _whole(self.green), _whole(self.blue))

    @property
    def hsl(self) -> tuple[float, float, float]:
        """Hue from 0 to 360, saturation and lightness from 0 to 100."""
        hue, lightness, saturation = colorsys.rgb_to_hls(self.red / 255, self.green / 255, self.blue / 255)
        return hue * 360, saturation * 100, lightness * 100

    @property
    def brightness(self) -> float:
        """How bright it seems, from 0 to 255 (W3C AERT, colour brightness formula)."""
        red, green, blue = self.rgb
        return (red * 299 + green * 587 + blue * 114) / 1000

    @property
    def luminance(self) -> float:
        """Relative luminance from 0 to 1 (WCAG 2.1)."""
        red, green, blue = (_linear(channel / 255) for channel in self.rgb)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def turned(
        self, *, hue: float | None = None, saturation: float | None = None, lightness: float | None = None
    ) -> "Colour":
        """The colour with other HSL components, each cut to its bounds; the alpha stays."""
        h, s, l = self.hsl  # noqa: E741 -- the letters of HSL
        return from_hsl(
            h if hue is None else hue,
            s if saturation is None else saturation,
            l if lightness is None else lightness,
            self.alpha,
        )

    def __str__(self) -> str:
        """As the platform writes a colour that was changed: hex, or rgba() where it is translucent."""
        return self.hex() if self.alpha >= 1 else self.css_rgb()

    def hex(self) -> str:
        """`#ea5ab9`; the alpha is left out."""
        red, green, blue = self.rgb
        return f"#{red:02x}{green:02x}{blue:02x}"

    def css_rgb(self) -> str:
        """`rgb(234, 90, 185)`, or `rgba(…)` where it is translucent."""
        red, green, blue = self.rgb
        if self.alpha >= 1:
            return f"rgb({red}, {green}, {blue})"
        return f"rgba({red}, {green}, {blue}, {spelt(self.alpha, 3)})"

    def css_hsl(self) -> str:
        """`hsl(320, 77%, 64%)`, or `hsla(…)` where it is translucent."""
        hue, saturation, lightness = (_whole(part) for part in self.hsl)
        if self.alpha >= 1:
            return f"hsl({hue}, {saturation}%, {lightness}%)"
        return f"hsla({hue}, {saturation}%, {lightness}%, {spelt(self.alpha, 3)})"

    def css_oklch(self) -> str:
        """`oklch(68.2% 0.208 343.65)` (CSS Color 4), with ` / 0.5` where it is translucent."""
        lightness, chroma, hue = _oklch(self)
        alpha = "" if self.alpha >= 1 else f" / {spelt(self.alpha, 3)}"
        return f"oklch({spelt(lightness * 100)}% {spelt(chroma, 4)} {spelt(hue)}{alpha})"


def read(value: object) -> Colour:
    """The colour that `value` writes: hex of 3, 4, 6 or 8 digits, rgb(), rgba(), hsl() or hsla().

    A colour setting is an object; then its parts are taken. What is none is refused with a sentence.
    """
    red, green, blue = (get(value, name) for name in ("red", "green", "blue"))
    if all(isinstance(part, (int, float)) for part in (red, green, blue)):
        return Colour(_cut(red, 255), _cut(green, 255), _cut(blue, 255), _cut(get(value, "alpha", 1), 1))
    given = text(value).strip()
    if found := HEX.match(given):
        return _of_hex(found[1])
    if found := FUNCTION.match(given):
        colour = _of_function(found[1].lower(), found[2])
        if colour is not None:
            return colour
    raise wrong(f"{short(value)} is no colour: write it as #ea5ab9, rgb(234, 90, 185) or hsl(320, 77%, 64%)")


def from_hsl(hue: float, saturation: float, lightness: float, alpha: float = 1.0) -> Colour:
    """A colour from hue (degrees, any turn), saturation and lightness (0 to 100)."""
    red, green, blue = colorsys.hls_to_rgb(
        hue % 360 / 360, _cut(lightness, 100) / 100, _cut(saturation, 100) / 100
    )
    return Colour(red * 255, green * 255, blue * 255, alpha)


def mix(one: Colour, other: Colour, weight: float) -> Colour:
    """`weight` (0 to 1) of one, the rest of the other, channel by channel."""
    parts = zip(
        (one.red, one.green, one.blue, one.alpha),
        (other.red, other.green, other.blue, other.alpha),
        strict=True,
    )
    return Colour(*(first * weight + second * (1 - weight) for first, second in parts))


def translucent(colour: Colour, alpha: float) -> Colour:
    """The colour with another alpha, cut to 0 and 1."""
    return replace(colour, alpha=_cut(alpha, 1))


def spelt(value: float, digits: int = 2) -> str:
    """A number without needless zeros: `0.5`, `64`."""
    return f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")


def _of_hex(digits: str) -> Colour:
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
    red, green, blue = parts[:3]
    return Colour(red, green, blue, parts[3] / 255 if len(parts) == 4 else 1.0)


def _of_function(name: str, inside: str) -> Colour | None:
    parts = [NUMBER.match(part) for part in re.split(r"[\s,/]+", inside.strip())]
    if len(parts) not in {3, 4} or None in parts:
        return None
    values = [(float(part[1]), part[2]) for part in parts if part is not None]
    alpha = _cut(_of_unit(*values[3], 1), 1) if len(values) == 4 else 1.0
    if name == "hsl":
        return from_hsl(values[0][0], values[1][0], values[2][0], alpha)
    red, green, blue = (_cut(_of_unit(*value, 255), 255) for value in values[:3])
    return Colour(red, green, blue, alpha)


def _of_unit(value: float, unit: str | None, whole: float) -> float:
    return value * whole / 100 if unit == "%" else value


def _cut(value: float, most: float) -> float:
    return min(max(float(value), 0.0), most)


def _whole(value: float) -> int:
    return math.floor(value + 0.5)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _oklch(colour: Colour) -> tuple[float, float, float]:
    """Lightness, chroma and hue in OKLCH, by the matrices of CSS Color 4."""
    red, green, blue = (_linear(channel / 255) for channel in (colour.red, colour.green, colour.blue))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    small = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * small
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * small
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * small
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) % 360 if chroma > 0.00005 else 0.0
    return lightness, chroma, hue
