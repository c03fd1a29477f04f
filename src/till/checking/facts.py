"""What is known of the platform's Liquid, and which words took the place of which."""

from functools import cache
from importlib import resources
from typing import Any

import msgspec

from till.liquid.objects import OBJECTS

INSTEAD = {
    "include": "render 'name', with what the snippet needs as arguments",
    "img_url": "image_url: width: …",
    "product_img_url": "image_url: width: …",
    "collection_img_url": "image_url: width: …",
    "article_img_url": "image_url: width: …",
    "img_tag": "image_url: width: … | image_tag",
    "hex_to_rgba": "color_modify: 'alpha', …",
    "currency_selector": "form 'localization'",
}
SILENT_SETTINGS = frozenset({"header", "paragraph", "line_break"})
# Those that hold a value.
SETTING_TYPES = frozenset(
    (
        *("article", "article_list", "blog", "checkbox", "collection", "collection_list", "color"),
        *("color_background", "color_palette", "color_scheme", "color_scheme_group", "font_picker", "html"),
        *("image_picker", "inline_richtext", "link_list", "liquid", "metaobject", "metaobject_list"),
        *("number", "page", "product", "product_list", "radio", "range", "richtext", "select"),
        *("style.layout_panel", "style.size_panel", "style.spacing_panel", "text", "text_alignment"),
        *("textarea", "url", "video", "video_url"),
    )
)
# What the platform has beside its list of properties.
BESIDE = {"customer": frozenset({"new_address"})}


# Read when this is imported, for behind the fence no file is opened later.
COVERAGE: dict[str, Any] = msgspec.json.decode(
    resources.files("till.liquid").joinpath("coverage.json").read_bytes()
)


@cache
def deprecated() -> frozenset[str]:
    """Tags and filters that the platform advises against."""
    return frozenset(COVERAGE["deprecated"])


@cache
def properties() -> dict[str, frozenset[str]]:
    """The properties of each global object, where they are known and closed."""
    return {
        name: frozenset(found) | BESIDE.get(name, frozenset())
        for name, found in COVERAGE["objects"].items()
        if found and name in OBJECTS
    }
