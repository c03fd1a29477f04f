"""The colour filters of the platform (shopify.dev, "color filters")."""

from till.liquid.filters.colour import Colour, mix, read, translucent
from till.liquid.filters.common import Filter, number, short, text, whole, wrong

CHANNELS = ("red", "green", "blue")
HSL = ("hue", "saturation", "lightness")
COMPONENTS = ("alpha", *CHANNELS, *HSL)
LARGEST = {"alpha": 1, "red": 255, "green": 255, "blue": 255, "hue": 360, "saturation": 100, "lightness": 100}


def color_to_hex(value: object) -> str:
    """`#ea5ab9`; an alpha is left out."""
    return read(value).hex()


def color_to_rgb(value: object) -> str:
    """`rgb(…)`, or `rgba(…)` of a translucent colour."""
    return read(value).css_rgb()


def color_to_hsl(value: object) -> str:
    """`hsl(…)`, or `hsla(…)` of a translucent colour."""
    return read(value).css_hsl()


def color_to_oklch(value: object) -> str:
    """`oklch(…)` as CSS Color 4 writes it."""
    return read(value).css_oklch()


def hex_to_rgba(value: object, alpha: object = 1) -> str:
    """`rgba(234, 90, 185, 0.5)`; always with its alpha."""
    red, green, blue = read(value).rgb
    return f"rgba({red}, {green}, {blue}, {_part('alpha', alpha):g})"


def color_extract(value: object, component: object = None) -> float | int:
    """One component: alpha, red, green, blue, hue, saturation or lightness."""
    colour = read(value)
    match _component(component):
        case "alpha":
            found = round(colour.alpha, 2)
            return int(found) if found == int(found) else found
        case "red" | "green" | "blue" as channel:
            return colour.rgb[CHANNELS.index(channel)]
        case other:
            return int(colour.hsl[HSL.index(other)] + 0.5)


def color_modify(value: object, component: object = None, amount: object = None) -> str:
    """The colour with one component set to `amount`; outside of its range is refused."""
    colour = read(value)
    name = _component(component)
    part = _part(name, amount)
    if name == "alpha":
        return str(translucent(colour, part))
    if name in CHANNELS:
        channels = {"red": colour.red, "green": colour.green, "blue": colour.blue, name: part}
        return str(Colour(**channels, alpha=colour.alpha))
    return str(colour.turned(**{name: part}))


def color_lighten(value: object, percent: object = None) -> str:
    """Lighter by so many points of HSL lightness."""
    colour = read(value)
    return str(colour.turned(lightness=colour.hsl[2] + _percent(percent)))


def color_darken(value: object, percent: object = None) -> str:
    """Darker by so many points of HSL lightness."""
    colour = read(value)
    return str(colour.turned(lightness=colour.hsl[2] - _percent(percent)))


def color_saturate(value: object, percent: object = None) -> str:
    """More saturated by so many points of HSL saturation."""
    colour = read(value)
    return str(colour.turned(saturation=colour.hsl[1] + _percent(percent)))


def color_desaturate(value: object, percent: object = None) -> str:
    """Less saturated by so many points of HSL saturation."""
    colour = read(value)
    return str(colour.turned(saturation=colour.hsl[1] - _percent(percent)))


def color_mix(value: object, other: object = None, percent: object = 50) -> str:
    """So many per cent of the colour, the rest of the other; alphas are mixed too."""
    return str(mix(read(value), read(other), _percent(percent) / 100))


def color_brightness(value: object) -> float:
    """The perceived brightness, from 0 to 255 (W3C AERT)."""
    return round(read(value).brightness, 2)


def brightness_difference(value: object, other: object = None) -> float | int:
    """How far apart two colours are in perceived brightness (W3C AERT wants 125 or more)."""
    return int(abs(read(value).brightness - read(other).brightness) + 0.5)


def color_difference(value: object, other: object = None) -> int:
    """The sum of the differences of the channels (W3C AERT wants 500 or more)."""
    return sum(abs(one - two) for one, two in zip(read(value).rgb, read(other).rgb, strict=True))


def color_contrast(value: object, other: object = None) -> float:
    """The first part of the contrast ratio n:1, from 1 to 21, to one decimal (WCAG 2.1)."""
    lighter, darker = sorted((read(value).luminance, read(other).luminance), reverse=True)
    return round((lighter + 0.05) / (darker + 0.05), 1)


def _component(component: object) -> str:
    name = text(component)
    if name not in COMPONENTS:
        raise wrong(f"{short(component)} is no part of a colour: give one of {', '.join(COMPONENTS)}")
    return name


def _part(name: str, value: object) -> float:
    found = number(value)
    if found is None or not 0 <= found <= LARGEST[name]:
        raise wrong(f"{name} must be a number from 0 to {LARGEST[name]}, not {short(value)}")
    return float(found)


def _percent(value: object) -> int:
    return whole(value, least=0, most=100, what="the percentage")


FILTERS: dict[str, Filter] = {
    each.__name__: each
    for each in (
        brightness_difference,
        color_brightness,
        color_contrast,
        color_darken,
        color_desaturate,
        color_difference,
        color_extract,
        color_lighten,
        color_mix,
        color_modify,
        color_saturate,
        color_to_hex,
        color_to_hsl,
        color_to_oklch,
        color_to_rgb,
        hex_to_rgba,
    )
}
