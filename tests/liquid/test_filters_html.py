import xml.etree.ElementTree as ET
from urllib.parse import unquote

import pytest
from filtering import refused, written

from till.liquid.filters.drawings import PLACEHOLDERS

FILES = {"assets/i.svg": "<svg><path/></svg>", "assets/big.css": "x" * 15 * 1024, "assets/a.txt": "x"}


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'/a.js?b&c' | script_tag", '<script src="/a.js?b&amp;c" type="text/javascript"></script>'),
        ("'/a.js' | script_tag: defer: true", '<script src="/a.js" type="text/javascript" defer></script>'),
        ("'/a.css' | stylesheet_tag", '<link href="/a.css" rel="stylesheet" type="text/css" media="all">'),
        (
            "'/a.css' | stylesheet_tag: 'print'",
            '<link href="/a.css" rel="stylesheet" type="text/css" media="print">',
        ),
        (
            "'/a.css' | stylesheet_tag: preload: true",
            (
                '<link rel="preload" as="style" href="/a.css">'
                '<link href="/a.css" rel="stylesheet" type="text/css" media="all">'
            ),
        ),
        (
            "'/\"><script>' | stylesheet_tag",
            '<link href="/&quot;&gt;&lt;script&gt;" rel="stylesheet" type="text/css" media="all">',
        ),
        ("'/a.js' | preload_tag: as: 'script'", '<link href="/a.js" rel="preload" as="script">'),
        (
            "'/a' | preload_tag: as: 'font', crossorigin: true",
            '<link href="/a" rel="preload" as="font" crossorigin>',
        ),
        ("'' | payment_type_svg_tag", ""),
        ("nil | payment_type_img_url", ""),
    ],
)
def test_elements_of_the_head(source, want):
    assert written("{{ " + source + " }}") == want


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nil | script_tag", "there is no URL"),
        ("'' | stylesheet_tag", "there is no URL"),
        ("'/a' | preload_tag", "say with the argument as"),
        ("'/a' | script_tag: 5", "positional argument"),
        ("'none.svg' | inline_asset_content", "there is no asset 'none.svg'"),
        ("'i.svgg' | inline_asset_content", "is no SVG, JavaScript or CSS file"),
        ("'a.txt' | inline_asset_content", "is no SVG, JavaScript or CSS file"),
        ("'big.css' | inline_asset_content", "is not smaller than 15,360 bytes"),
        ("'../i.svg' | inline_asset_content", "there is no asset '../i.svg'; did you mean i.svg"),
        ("nil | inline_asset_content", "is no SVG, JavaScript or CSS file"),
        ("'product-7' | placeholder_svg_tag", "there is no placeholder 'product-7'; did you mean product-"),
        ("nil | placeholder_svg_tag", "there is no placeholder ''"),
    ],
)
def test_what_cannot_be_shown_is_refused(source, said):
    assert said in refused("{{ " + source + " }}", files=FILES)


def test_an_asset_is_written_into_the_page():
    assert written("{{ 'i.svg' | inline_asset_content }}", files=FILES) == "<svg><path/></svg>"


@pytest.mark.parametrize("name", sorted(PLACEHOLDERS))
def test_each_placeholder_is_a_drawing(name):
    made = written("{{ '" + name + "' | placeholder_svg_tag: 'pla\"in' }}")
    drawing = ET.fromstring(made)
    assert (drawing.get("class"), drawing.get("aria-hidden")) == ('pla"in', "true")
    assert len(list(drawing.iter())) >= 4


def test_there_are_as_many_placeholders_as_on_the_platform_and_neighbours_differ():
    assert len(PLACEHOLDERS) == 30
    drawn = [written("{{ 'product-" + str(n) + "' | placeholder_svg_tag }}") for n in range(1, 7)]
    assert len(set(drawn)) == 6
    assert all('class="placeholder-svg"' in each for each in drawn)


def test_ways_to_pay_are_drawn_with_their_names():
    made = ET.fromstring(written("{{ 'american_express' | payment_type_svg_tag: class: 'x' }}"))
    assert (made.get("class"), made.get("aria-label")) == ("x", "American Express")
    url = written("{{ '<b>visa' | payment_type_img_url }}")
    assert url.startswith("data:image/svg+xml,")
    assert not set("<>\"'# ") & set(url.partition(",")[2])
    assert ET.fromstring(unquote(url.partition(",")[2])).get("aria-label") == "<b>visa"
