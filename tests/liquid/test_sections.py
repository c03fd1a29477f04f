"""Templates of JSON, sections, groups, blocks, and single sections on request."""

import json
import re

from theming import page, schema, told
from till.liquid.bundle import Bundle
from till.liquid.drop import Record
from till.liquid.engine import Engine, Page
from till.liquid.registers import Registers

LAYOUT = {
    "layout/theme.liquid": "{% sections 'header-group' %}{{ content_for_layout }}{% section 'footer' %}"
}
GROUP = {
    "sections/header-group.json": {
        "type": "header",
        "name": "Header",
        "sections": {"menu": {"type": "menu"}},
        "order": ["menu"],
    },
    "sections/menu.liquid": "{{ section.location }} {{ section.index }}" + schema(name="Menu", tag="header"),
    "sections/footer.liquid": "{{ section.settings.note }}{{ section.index }}"
    + schema(
        name="Footer", **{"class": "foot"}, settings=[{"type": "text", "id": "note", "default": "none"}]
    ),
    "config/settings_data.json": {
        "current": {"sections": {"footer": {"settings": {"note": "© {{ shop }}"}}}}
    },
}
HERO = "{{ section.settings.title }}:{% for block in section.blocks %}{{ block.settings.t }}{% endfor %};"
TEMPLATE = {
    "sections/hero.liquid": HERO
    + schema(
        name="Hero",
        settings=[{"type": "text", "id": "title", "default": "Hello"}],
        blocks=[
            {"type": "slide", "name": "Slide", "settings": [{"type": "text", "id": "t", "default": "D"}]}
        ],
    ),
    "templates/index.json": {
        "wrapper": "main#content.wide.deep[data-page=home]",
        "sections": {
            "one": {
                "type": "hero",
                "settings": {"title": "One"},
                "blocks": {
                    "a": {"type": "slide"},
                    "b": {"type": "slide", "settings": {"t": "B"}},
                    "c": {"type": "slide", "disabled": True},
                },
                "block_order": ["b", "a", "c"],
            },
            "two": {"type": "hero", "disabled": True},
            "three": {"type": "hero"},
        },
        "order": ["three", "one", "two"],
    },
}
THEME = LAYOUT | GROUP | TEMPLATE


def test_a_page_is_its_sections_in_order_within_their_wrappers():
    rendered = page(THEME, shown={"shop": "Till"})
    assert told(rendered) == []
    assert rendered.body == (
        '<header id="shopify-section-sections--header-group__menu" class="shopify-section">header 1</header>'
        '<main id="content" class="wide deep" data-page="home">'
        '<div id="shopify-section-template--index__three" class="shopify-section">Hello:;</div>'
        '<div id="shopify-section-template--index__one" class="shopify-section">One:BD;</div></main>'
        '<div id="shopify-section-footer" class="shopify-section foot">© Till</div>'
    )


def test_the_editor_finds_sections_and_blocks():
    files = THEME | {
        "sections/hero.liquid": "{% for b in section.blocks %}<i {{ b.shopify_attributes }}>{% endfor %}"
        + schema(name="Hero", blocks=[{"type": "slide"}])
    }
    body = page(files, design_mode=True, shown={"shop": "Till"}).body
    assert 'data-shopify-editor-section="{&quot;id&quot;:&quot;template--index__one&quot;,' in body
    block = '{"id":"b","type":"slide"}'.replace('"', "&quot;")
    assert f'<i data-shopify-editor-block="{block}">' in body
    assert "<i >" in page(files, shown={"shop": "Till"}).body


def test_sections_by_their_ids():
    ids = ("template--index__one", "three", "footer", "menu", "sections--header-group__menu", "nowhere")
    rendered = page(THEME, sections=ids, shown={"shop": "Till"})
    assert rendered.content_type == "application/json; charset=utf-8"
    found = json.loads(rendered.body)
    assert list(found) == list(ids)
    assert found["template--index__one"].endswith(">One:BD;</div>")
    assert found["three"].endswith(">Hello:;</div>")
    assert found["footer"].endswith(">© Till</div>")
    assert found["menu"] == found["sections--header-group__menu"]
    assert found["menu"].endswith(">header 1</header>")
    assert found["nowhere"] is None


def test_one_section_alone():
    rendered = page(THEME, section_id="one")
    assert rendered.body.startswith('<div id="shopify-section-template--index__one"')
    assert rendered.content_type == "text/html; charset=utf-8"
    assert page(THEME, section_id="nowhere").status == 404


def test_documents_that_are_not_saved_yet_go_before_those_that_are():
    files = {
        "layout/theme.liquid": "{{ settings.size }} {% sections 'group' %} {{ content_for_layout }}",
        "templates/index.json": '{"sections": {"a": {"type": "word"}}, "order": ["a"]}',
        "sections/group.json": '{"sections": {"b": {"type": "word"}}, "order": ["b"]}',
        "sections/word.liquid": "{{ section.settings.word }}{% schema %}"
        '{"settings": [{"type": "text", "id": "word", "default": "old"}]}{% endschema %}',
        "config/settings_data.json": '{"current": {"size": 1}}',
    }
    engine = Engine(Bundle("k", "n", files, {}))

    def words(one):
        body = one.render(Page(template="index", globals={}, registers=Registers())).body
        return re.sub("<[^>]*>", "", body).split()

    assert words(engine) == ["1", "old", "old"]
    new = {"sections": {"x": {"type": "word", "settings": {"word": "new"}}}, "order": ["x"]}
    for name, expected in (
        ("config/settings_data.json", ["2", "old", "old"]),
        ("sections/group.json", ["1", "new", "old"]),
        ("templates/index.json", ["1", "old", "new"]),
    ):
        changed = {"current": {"size": 2}} if name.startswith("config") else new
        assert words(engine.over({name: json.dumps(changed)})) == expected
    assert words(engine) == ["1", "old", "old"]


def test_an_alternate_template_and_what_stands_in_for_it():
    files = {"templates/product.alt.liquid": "alt {{ template.suffix }}", "templates/product.liquid": "plain"}
    assert page(files, template="product.alt").body == "alt alt"
    assert page(files, template="product.other").body == "plain"
    body = page(
        {"templates/customers/login.liquid": "{{ template }} {{ template.name }} {{ template.directory }}"},
        template="customers/login",
    ).body
    assert body == "customers/login login customers"


def test_a_template_is_compared_as_text():
    source = "{% if template == 'product.alt' and template contains 'product' %}yes{% endif %}"
    assert page({"templates/product.alt.liquid": source}, template="product.alt").body == "yes"


def test_a_template_without_a_layout():
    files = TEMPLATE | {"templates/index.json": {"layout": False, "sections": {}, "order": []}}
    assert page(files | {"layout/theme.liquid": "never"}).body == ""


BLOCKS = {
    "sections/main.liquid": "{% content_for 'blocks' %}"
    "{% content_for 'block', type: 'text', id: 'fix', more: 9 %}"
    + schema(name="Main", blocks=[{"type": "@theme"}]),
    "blocks/group.liquid": "({% content_for 'blocks' %})" + schema(name="Group", **{"class": "g"}),
    "blocks/text.liquid": "{{ block.settings.t }}{{ more }}{{ section.settings.none }}"
    + schema(name="Text", tag=None, settings=[{"type": "text", "id": "t", "default": "T"}]),
}


def of_blocks(blocks):
    return BLOCKS | {
        "templates/index.json": {"sections": {"m": {"type": "main", "blocks": blocks}}, "order": ["m"]}
    }


def test_theme_blocks_stand_in_each_other():
    files = of_blocks(
        {
            "g": {
                "type": "group",
                "blocks": {"t": {"type": "text", "settings": {"t": "in"}}},
                "block_order": ["t"],
            },
            "app": {"type": "shopify://apps/reviews/blocks/stars/1"},
            "fix": {"type": "text", "static": True, "settings": {"t": "fixed"}},
        }
    )
    rendered = page(files)
    assert told(rendered) == []
    inside = '<div id="shopify-block-g" class="shopify-block g">(in)</div>fixed9'
    assert (
        rendered.body
        == f'<div id="shopify-section-template--index__m" class="shopify-section">{inside}</div>'
    )


def test_blocks_end_eight_deep():
    blocks = {"t": {"type": "text"}}
    for _ in range(9):
        blocks = {"g": {"type": "group", "blocks": blocks}}
    rendered = page(of_blocks(blocks))
    assert rendered.body.count("(") == 8
    assert told(rendered) == ["blocks/group.liquid:1: blocks stand in blocks more than 8 deep"]


def test_a_block_drop_is_rendered_by_its_name():
    files = of_blocks({"t": {"type": "text"}}) | {
        "sections/main.liquid": "{% for block in section.blocks %}{% render block %}{% endfor %}"
        + schema(name="M")
    }
    assert ">T</div>" in page(files).body


def test_what_is_missing_is_named_with_its_line():
    files = TEMPLATE | {
        "templates/index.json": {
            "sections": {"a": {"type": "heroo"}, "b": {"type": "hero"}},
            "order": ["a", "b", "c"],
        },
    }
    rendered = page(files)
    assert rendered.body.endswith(">Hello:;</div>")
    assert told(rendered) == [
        "templates/index.json:3: there is no sections/heroo.liquid \N{EN DASH} hero?",
        "templates/index.json:13: order names c, and sections has none of this name",
    ]


def test_a_section_that_calls_itself_ends():
    rendered = page(
        {"templates/index.liquid": "{% section 'me' %}", "sections/me.liquid": "{% section 'me' %}"}
    )
    said = "sections/me.liquid:1: this section stands inside of itself; show it beside itself instead"
    assert told(rendered) == [said]


def test_sections_that_call_each_other_twice_end_at_once():
    rendered = page(
        {
            "templates/index.liquid": "{% section 'a' %}{% section 'b' %}",
            "sections/a.liquid": "a{% section 'b' %}{% section 'b' %}",
            "sections/b.liquid": "b{% section 'a' %}{% section 'a' %}",
        }
    )
    assert len(rendered.faults) == 2
    assert len(rendered.body) < 2_000


def test_a_broken_section_leaves_the_others_and_may_show_a_box():
    files = TEMPLATE | {
        "sections/bad.liquid": "before{% for i in (1..9999999) %}x{% endfor %}",
        "templates/index.json": {
            "sections": {"a": {"type": "bad"}, "b": {"type": "hero"}},
            "order": ["a", "b"],
        },
    }
    rendered = page(files)
    assert '__a" class="shopify-section"></div>' in rendered.body
    assert rendered.body.endswith(">Hello:;</div>")
    said = "sections/bad.liquid:1: loops of this page take more than 100,000 turns"
    assert told(rendered) == [said]
    assert f'<div class="till-fault" role="note">{said}</div></div>' in page(files, marks=True).body


def test_a_template_takes_25_sections_and_a_section_50_blocks():
    sections = {f"s{place}": {"type": "hero"} for place in range(26)}
    blocks = {f"b{place}": {"type": "slide"} for place in range(51)}
    sections["s0"]["blocks"] = blocks
    rendered = page(TEMPLATE | {"templates/index.json": {"sections": sections, "order": list(sections)}})
    assert rendered.body.count('class="shopify-section"') == 25
    assert rendered.body.count("D") == 50
    assert told(rendered) == [
        "templates/index.json:1: 26 sections; a template or group has at most 25",
        "sections/hero.liquid: 51 blocks; a section has at most 50",
    ]


def test_a_static_section_takes_the_default_of_its_schema():
    files = {
        "templates/index.liquid": "{% section 'hero' %}",
        "sections/hero.liquid": HERO
        + schema(
            name="Hero",
            settings=[{"type": "text", "id": "title"}],
            blocks=[{"type": "slide", "settings": [{"type": "text", "id": "t"}]}],
            default={"settings": {"title": "Def"}, "blocks": [{"type": "slide", "settings": {"t": "x"}}]},
        ),
    }
    assert ">Def:x;</div>" in page(files).body


def test_an_asset_made_of_liquid():
    files = {
        "assets/theme.css.liquid": "a { color: {{ settings.ink }} }",
        "config/settings_schema.json": json.dumps(
            [{"settings": [{"type": "color", "id": "ink", "default": "#123"}]}]
        ),
    }
    engine = Engine(Bundle("k", "n", files, {}))
    shown = Page(template="index", globals={"shop": Record("shop", {})}, registers=Registers())
    made = engine.asset("theme.css", shown)
    assert (made.body, made.content_type) == ("a { color: #123 }", "text/css; charset=utf-8")
    assert engine.asset("other.css", shown) is None
