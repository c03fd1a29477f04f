"""Settings become what their type says; the schema's default stands where the merchant set nothing."""

import pytest

from theming import faulty, page, schema, told
from till.liquid.drop import Record, Shelf
from till.liquid.registers import Registers
from till.liquid.values import Color, Font, VideoUrl

CATALOGUE = {
    ("product", "mug"): Record("product", {"title": "Mug", "url": "/products/mug"}),
    ("collection", "all"): Record("collection", {"title": "All", "url": "/collections/all"}),
    ("link_list", "main"): Record("linklist", {"handle": "main", "title": "Main menu"}),
    ("image", "a.png"): Record("image", {"alt": "A"}),
}

TYPES = [
    # type, what the merchant chose, what reads it, what is seen
    ("checkbox", True, "{% if x %}y{% endif %}", "y"),
    ("checkbox", None, "{{ x }}", "false"),
    ("number", 7, "{{ x | plus: 1 }}", "8"),
    ("number", "7", "{{ x | plus: 1 }}", "8"),
    ("range", 1.5, "{{ x }}", "1.5"),
    ("text", "T", "{{ x }}", "T"),
    ("text", "", "{% if x == blank %}blank{% endif %}", "blank"),
    ("text", "{{ shop.name }}!", "{{ x }}", "Till!"),
    ("richtext", "<p>T</p>", "{{ x }}", "<p>T</p>"),
    ("product", "mug", "{{ x.title }}", "Mug"),
    ("product", "{{ product }}", "{{ x.title }}", "This"),
    ("product", "", "{% if x == blank %}none{% endif %}", "none"),
    ("product", "gone", "{% if x == blank %}none{% endif %}", "none"),
    ("collection", "shopify://collections/all", "{{ x.title }}", "All"),
    ("product_list", ["mug", "gone"], "{% for p in x %}{{ p.title }}{% endfor %}", "Mug"),
    ("link_list", "main", "{{ x.title }}", "Main menu"),
    ("image_picker", "shopify://shop_images/a.png", "{{ x.alt }}", "A"),
    ("url", "shopify://products/mug", "{{ x }}", "/products/mug"),
    ("url", "shopify://pages/about", "{{ x }}", "/pages/about"),
    ("url", "https://example.com", "{{ x }}", "https://example.com"),
    (
        "color",
        "#ff8000",
        "{{ x }} {{ x.red }} {{ x.green }} {{ x.blue }} {{ x.alpha }}",
        "#ff8000 255 128 0 1.0",
    ),
    ("color", "#ff8000", "{% if x == '#ff8000' and x != blank %}y{% endif %}", "y"),
    ("font_picker", "work_sans_i7", "{{ x.family }} {{ x.style }} {{ x.weight }}", "Work Sans italic 700"),
    ("video_url", "https://youtu.be/abcdef12345", "{{ x.type }} {{ x.id }}", "youtube abcdef12345"),
    ("color_scheme", "scheme-2", "{{ x.settings.ink }} {{ x.id }} {{ x }}", "#222 scheme-2 scheme-2"),
    ("liquid", "{% assign a = 2 %}{{ a | times: 3 }}", "{{ x }}", "6"),
    ("select", "left", "{{ x }}", "left"),
]
THEME = {
    "config/settings_schema.json": [
        {"name": "theme_info", "theme_name": "T"},
        {
            "name": "Colours",
            "settings": [
                {"type": "header", "content": "none"},
                {"type": "text", "id": "tone", "default": "warm"},
                {
                    "type": "color_scheme_group",
                    "id": "schemes",
                    "definition": [{"type": "color", "id": "ink", "default": "#111"}],
                },
            ],
        },
    ],
    "config/settings_data.json": {
        "current": "Bold",
        "presets": {
            "Bold": {"tone": "bold", "schemes": {"scheme-1": {}, "scheme-2": {"settings": {"ink": "#222"}}}},
            "Calm": {"tone": "calm"},
        },
    },
}


@pytest.mark.parametrize(("kind", "value", "source", "seen"), TYPES, ids=[f"{t[0]} {t[1]}" for t in TYPES])
def test_a_setting_is_what_its_type_says(kind, value, source, seen):
    given = {} if value is None else {"x": value}
    files = THEME | {
        "templates/index.json": {"sections": {"s": {"type": "s", "settings": given}}, "order": ["s"]},
        "sections/s.liquid": "{% assign x = section.settings.x %}["
        + source
        + "]"
        + schema(name="S", settings=[{"type": kind, "id": "x"}]),
    }
    shown = {"shop": Record("shop", {"name": "Till"}), "product": Record("product", {"title": "This"})}
    lent = Registers(find=lambda of, handle: CATALOGUE.get((of, handle)))
    rendered = page(files, shown=shown, registers=lent)
    assert told(rendered) == []
    assert f"[{seen}]" in rendered.body


def test_what_a_setting_picked_is_a_key_as_well():
    menus = Shelf("linklists", list, {"main": CATALOGUE["link_list", "main"]}.get)
    files = {
        "templates/index.liquid": "{% section 's' %}",
        "sections/s.liquid": "{{ menus[section.settings.menu].title }}"
        + schema(name="S", settings=[{"type": "link_list", "id": "menu", "default": "main"}]),
    }
    lent = Registers(find=lambda of, handle: CATALOGUE.get((of, handle)))
    rendered = page(files, shown={"menus": menus}, registers=lent)
    assert told(rendered) == []
    assert ">Main menu</div>" in rendered.body


def test_what_reads_as_text_goes_through_filters_as_text():
    shown = {"ink": Color("#ABC"), "font": Font("work_sans_n4")}
    source = "{{ ink | prepend: 'c: ' | downcase }} {{ font | upcase }} {{ template | replace: '.', ' ' }}"
    rendered = page({"templates/product.alt.liquid": source}, template="product.alt", shown=shown)
    assert told(rendered) == []
    assert rendered.body == "c: #abc WORK_SANS_N4 product alt"


def test_the_settings_of_the_theme_come_from_the_preset_that_is_current():
    source = "{{ settings.tone }} {% for s in settings.schemes %}{{ s.id }}={{ s.settings.ink }} {% endfor %}"
    rendered = page(THEME | {"templates/index.liquid": source})
    assert told(rendered) == []
    assert rendered.body == "bold scheme-1=#111 scheme-2=#222 "


def test_a_setting_that_the_theme_has_not_is_a_fault():
    body, faults = faulty("{{ settings.tune }}", THEME)
    assert body == ""
    assert faults == ["templates/index.liquid:1: settings has no tune \N{EN DASH} tone?"]


def test_comments_above_json_are_no_fault():
    files = {
        "config/settings_data.json": '/*\n made by a tool\n*/\n{"current": {"a": "A"}}',
        "templates/index.json": '/* x */{"sections": {"s": {"type": "s"}}, "order": ["s"]}',
        "sections/s.liquid": "{{ settings.a }}",
    }
    rendered = page(files)
    assert told(rendered) == []
    assert ">A</div>" in rendered.body


def test_json_that_is_none_is_said_with_its_line():
    files = {"config/settings_data.json": '{\n"current": }', "templates/index.json": '{"sections":\n\n[}'}
    assert told(page(files)) == [
        "config/settings_data.json:2: this is no JSON: Expecting value",
        "templates/index.json:3: this is no JSON: Expecting value",
    ]


def test_json_of_another_shape_is_no_crash():
    for odd in (
        "[]",
        "7",
        '"x"',
        '{"sections": 7, "order": 7}',
        '{"sections": {"a": 7}, "order": ["a"]}',
        "null",
    ):
        files = {
            "templates/index.json": odd,
            "config/settings_data.json": odd,
            "config/settings_schema.json": odd,
            "sections/g.json": odd,
            "layout/theme.liquid": "{% sections 'g' %}{{ content_for_layout }}stands",
        }
        assert page(files).body == "stands"
    for odd in ("[]", "7", '{"settings": 7, "blocks": 7}', '{"blocks": [7], "settings": [7], "default": 7}'):
        files = {
            "templates/index.liquid": "{% section 's' %}",
            "sections/s.liquid": "s{% schema %}" + odd + "{% endschema %}",
        }
        rendered = page(files)
        assert ">s</div>" in rendered.body
        assert {fault.kind for fault in rendered.faults} == {"schema"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("#fff", (255, 255, 255, 1.0)),
        ("#11223380", (17, 34, 51, 0.5)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1.0)),
        ("rgba(300, 2, 3, 0.25)", (255, 2, 3, 0.25)),
        ("", (0, 0, 0, 0.0)),
        ("tomato; } body {", (0, 0, 0, 0.0)),
    ],
)
def test_a_colour(text, parts):
    color = Color(text)
    assert (color.red, color.green, color.blue, color.alpha) == parts
    assert str(color) == text


def test_a_colour_by_hue_saturation_and_lightness():
    found = [Color(text) for text in ("#ff0000", "#00ff00", "#0000ff", "#808080", "#336699")]
    assert [(each.hue, each.saturation, each.lightness) for each in found] == [
        (0, 100, 50),
        (120, 100, 50),
        (240, 100, 50),
        (0, 0, 50),
        (210, 50, 40),
    ]


def test_a_font_and_a_film_that_are_none():
    assert (Font("what ever").family, Font("what ever").weight, Font("serif").fallback_families) == (
        "What ever",
        400,
        "serif",
    )
    assert (VideoUrl("https://example.com/x").type, VideoUrl("https://vimeo.com/123").id) == (None, "123")
