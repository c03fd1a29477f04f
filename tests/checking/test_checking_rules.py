"""Each rule of `till theme check` finds what it is about where it stands, and nothing in a sound theme."""

import json
from pathlib import Path

import pytest
from themes_to_check import HERO, INDEX, LAYOUT, SOUND, files, found, rules

from till.checking.engine import RULES, check
from till.checking.finding import Severity
from till.themes.starter import starter

S, L, T = "sections__hero_DOT_liquid", "layout__theme_DOT_liquid", "templates__index_DOT_json"


def one(theme):
    every = found(theme)
    assert len(every) == 1, every
    return every[0]


def hero(text):
    """The sound section with a line before all others."""
    return files(**{S: f"{text}\n{HERO}"})


def template(**changed):
    return files(**{T: json.dumps(INDEX | changed)})


def schema(old, new):
    assert old in HERO
    return files(**{S: HERO.replace(old, new)})


def test_nothing_is_wrong_with_a_sound_theme():
    assert found(files()) == []


def test_nothing_is_wrong_with_the_default_theme():
    assert check(dict(starter())) == []


@pytest.mark.parametrize(
    ("line", "rule", "column", "said"),
    [
        ("{% if %}x{% endif %}", "LiquidHTMLSyntaxError", 4, "missing expression"),
        ("{{ product | mony }}", "UnknownFilter", 14, "unknown filter mony"),
        ("{% fro x in y %}", "UnknownTag", 4, "unknown tag fro"),
        ("{% include 'card' %}", "DeprecatedTag", 4, "the tag include is out of date"),
        ("{{ product | img_url }}", "DeprecatedFilter", 14, "the filter img_url is out of date"),
        ("{% assign lost = 1 %}", "UnusedAssign", 4, "lost is set and never read"),
        ("{% render 'crad' %}", "MissingTemplate", 11, "there is no snippets/crad.liquid"),
        ("{% section 'heor' %}", "MissingTemplate", 12, "there is no sections/heor.liquid"),
        (
            "{% content_for 'block', type: 'x', id: 'y' %}",
            "MissingTemplate",
            31,
            "there is no blocks/x",
        ),
        ("{{ 'thme.css' | asset_url }}", "MissingAsset", 4, "there is no assets/thme.css"),
        ("{{ prodcut.title }}", "UndefinedObject", 4, "nothing is called prodcut here"),
        ("{{ product.titel }}", "UnknownProperty", 4, "product has no property titel"),
        ("{{ settings.acent }}", "UndefinedSetting", 4, "the setting acent is read here"),
        ("{{ section.settings.sise }}", "UndefinedSetting", 4, "the setting sise is read here"),
        ("{{ block.settings.txt }}", "UndefinedSetting", 4, "the setting txt is read here"),
        (
            "{{ 'hero.titel' | t }}",
            "TranslationKeyExists",
            4,
            "locales/en.default.json has no text",
        ),
        ('<img src="x" alt="">', "ImgWidthAndHeight", 1, "this picture has no width and no height"),
        ('<img src="x" width="1" height="1">', "ImgAlt", 1, "this picture has no alt"),
        ('<script src="x"></script>', "ParserBlockingScript", 1, "the page waits for this script"),
        (
            "{{ 'theme.css' | asset_url | script_tag }}",
            "ParserBlockingScript",
            30,
            "script_tag makes",
        ),
        ("<section><b>x</section>", "UnclosedHTMLElement", 10, "<b> is never closed"),
        ("</section>", "UnclosedHTMLElement", 1, "</section> closes nothing"),
        ("{% if product %}<section>{% endif %}", "UnclosedHTMLElement", 17, "<section> is never closed"),
        ('<iframe src="http://a.example/"></iframe>', "PlainHttp", 1, "this is fetched without TLS"),
    ],
)
def test_what_is_wrong_in_liquid_is_found_where_it_stands(line, rule, column, said):
    name, file, at, character, message = one(hero(f"<p>\n{line}"))
    assert (name, file, at, character) == (rule, "sections/hero.liquid", 2, column)
    assert message.startswith(said)


@pytest.mark.parametrize(
    "line",
    [
        "{% liquid\n  assign a = 1\n  echo a\n%}",
        "{% for item in collection.products %}{{ item.title }} {{ forloop.index }}{% endfor %}",
        "{% form 'product', product %}{{ form.errors }}{% endform %}",
        "{% capture b %}x{% endcapture %}{{ b }}",
        "{{ maybe | default: 'x' }}",
        "{% render 'card' with product as product %}",
        "{% assign key = 'hero.' | append: 'title' %}{{ key | t }}",
        "{{ 'hero.count' | t: count: 2 }}{{ 'hero.count.one' | t }}",
        "{{ 'shopify.checkout.total' | t }}",
        "{% if product %}<section>{% else %}<section class='x'>{% endif %}</section>",
        "{% if product %}<section>{% endif %}{% if product %}</section>{% endif %}",
        "{% comment %}<section>{% endcomment %}{% raw %}{{ x }}<b>{% endraw %}",
        "<!-- <section> --><script>if (1 < 2) { '<b>' }</script>",
        '<img src="x" alt="a > b" width="{{ 1 }}" height="2"><br><input>',
        "<img {{ product.title }}>",
        '<{{ product.type }} class="x"></{{ product.type }}>',
        '<script src="x" defer></script><script src="x" type="module"></script>',
        "<p>a<p>b<ul><li>x</ul><svg><path d='x'/></svg>",
        '<a href="http://example.com/">x</a>',
    ],
)
def test_what_is_right_is_let_be(line):
    assert found(hero(f"<div>\n{line}\n</div>")) == []


@pytest.mark.parametrize(
    ("changed", "rule", "said"),
    [
        ({"order": ["main", "man"]}, "ValidTemplate", "order names man"),
        ({"order": []}, "ValidTemplate", "the section main is not in order"),
        ({"sections": []}, "ValidTemplate", "this file has sections and their order"),
        ({"layout": "other"}, "ValidTemplate", "there is no layout/other.liquid"),
        ({"sections": {"main": {"type": "heor"}}}, "ValidSectionType", "there is no sections/heor.liquid"),
        ({"sections": {"main": {}}}, "ValidSectionType", "the section main has no type"),
        (
            {"sections": {"main": {"type": "hero", "blocks": {"a": {"type": "lin"}}, "block_order": ["a"]}}},
            "ValidSectionType",
            "sections/hero.liquid takes no block of the type 'lin'",
        ),
        (
            {"sections": {"main": {"type": "hero", "blocks": {}, "block_order": ["a"]}}},
            "ValidSectionType",
            "block_order names a",
        ),
        (
            {"sections": {"main": {"type": "hero", "settings": {"sise": 1}}}},
            "ValidSettings",
            "the setting sise is given here",
        ),
        (
            {"sections": {"main": {"type": "hero", "settings": {"size": 9}}}},
            "ValidSettings",
            "the setting size goes from 1 to 5, and this is 9",
        ),
        (
            {"sections": {"main": {"type": "hero", "settings": {"side": "up"}}}},
            "ValidSettings",
            "the setting side has no option 'up'",
        ),
    ],
)
def test_what_is_wrong_in_a_template_is_found(changed, rule, said):
    name, file, line, _, message = one(template(**changed))
    assert (name, file, line) == (rule, "templates/index.json", 1)
    assert message.startswith(said)


def test_too_many_sections_and_blocks_are_counted():
    many = {f"s{n}": {"type": "hero"} for n in range(26)}
    crowded = one(template(sections=many, order=list(many)))
    assert (crowded[0], crowded[4]) == ("TemplateLimits", "there are 26 sections, and 25 are allowed")
    blocks = {f"b{n}": {"type": "line"} for n in range(51)}
    full = {"main": {"type": "hero", "blocks": blocks, "block_order": list(blocks)}}
    assert "the section main has 51 blocks, and 50 are allowed" in one(template(sections=full))[4]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"type": "range"', '"type": "rnge"', "there is no setting of type rnge"),
        ('"id": "side"', '"id": "size"', "two settings of the section have the id size"),
        ('"id": "side"', '"id": "a side"', "the id 'a side' has other characters"),
        ('"label": "Size", ', "", "the setting size has no label"),
        ('"min": 1, ', "", "the range size needs the number min"),
        ('"max": 5', '"max": 500', "the range size has 500 steps, and 101 are allowed"),
        (', "default": 2', "", "the range size has no default"),
        ('"default": "left"', '"default": "up"', "the setting side has no option 'up'"),
        ('"name": "t:hero.name",', '"name": "x", "nmae": 1,', "a schema has no nmae"),
        ('"name": "t:hero.name",', '"name": "x", "tag": "b",', "a section cannot be a 'b'"),
        ('"name": "t:hero.name",', '"name": "x", "limit": 3,', "limit is 1 or 2"),
        ('"name": "t:hero.name",', f'"name": "{"x" * 26}",', "the name has 26 characters"),
        (
            '"blocks": [{"type": "line"}]',
            '"blocks": [{"type": "lin"}]',
            "no block of this section has",
        ),
        ('"settings": {"size": 3}', '"settings": {"sise": 3}', "the setting sise is given here"),
        ('{"name": "Hero", ', "{", "a preset has a name"),
    ],
)
def test_what_is_wrong_in_a_schema_is_found(old, new, said):
    every = [each for each in found(schema(old, new)) if each[0] == "ValidSchema"]
    assert [each[4] for each in every if each[4].startswith(said)], every
    line = schema(old, new)["sections/hero.liquid"].decode().splitlines()[every[0][2] - 1]
    assert '"' in line


def test_broken_json_is_found_where_it_breaks():
    name, file, line, column, message = one(files(locales__de_DOT_json='{\n  "hero": {,}\n}'))
    assert (name, file, line, column) == ("JSONSyntaxError", "locales/de.json", 2, 12)
    assert "a name between quotes is expected" in message
    broken = schema('"name": "t:hero.name"', '"name" "t:hero.name"')
    name, file, line, *_ = next(each for each in found(broken) if each[0] == "JSONSyntaxError")
    assert (file, line) == ("sections/hero.liquid", 10)
    twice = files(config__settings_data_DOT_json='{"current": {}, "current": {}}')
    assert one(twice)[:4] == ("UniqueKeys", "config/settings_data.json", 1, 17)


def test_languages_must_match():
    de = {"hero": {"title": "Hallo", "count": "x", "more": "y"}}
    every = found(files(locales__de_DOT_json=json.dumps(de, indent=1)))
    assert {each[0] for each in every} == {"MatchingTranslations"}
    assert [each[4] for each in every] == [
        "the text hero.title leaves out name, which locales/en.default.json has",
        "the text hero.count has plural forms in locales/en.default.json",
        "the text hero.more is not in locales/en.default.json",
    ]
    assert [each[2] for each in every] == [3, 4, 5]
    assert one(files(locales__de_DOT_json='{"hero": {"title": "{{ name }}"}}'))[4].startswith(
        "the text hero.count is in locales/en.default.json and not here"
    )


def test_texts_of_schemas_and_defaults():
    assert one(schema("t:hero.name", "t:hero.nmae"))[0] == "SchemaTranslationExists"
    assert "SchemaTranslationExists" in rules(files(without={"locales/en.default.schema.json"}))
    renamed = files(
        without={"locales/en.default.json"}, locales__en_DOT_json=SOUND["locales/en.default.json"]
    )
    assert "DefaultLocale" in rules(renamed)


def test_a_text_that_nothing_asks_for_is_told():
    every = check(files())
    assert [(each.rule, each.message) for each in every] == [
        ("UnusedTranslation", "nothing asks for the text hero.count")
    ]


def test_files_that_are_missing_too_many_or_too_large():
    pageless = one(files(without={"templates/cart.json"}))
    assert pageless[0] == "MissingPage"
    assert pageless[4].startswith("there is no templates/cart.json or .liquid")
    assert "RequiredFiles" in rules(files(without={"layout/theme.liquid"}))
    assert "AdvisedFiles" in rules(files(without={"config/settings_schema.json"}))
    assert rules(files(templates__index_DOT_liquid="x")) == {"RequiredFiles"}
    twins = [each for each in check(files(snippets__Card_DOT_liquid="x")) if each.rule == "RequiredFiles"]
    assert [(each.file, each.severity) for each in twins] == [("snippets/Card.liquid", Severity.ERROR)]
    assert "is there as snippets/card.liquid too" in twins[0].message
    large = one(files(snippets__card_DOT_liquid="x" * 262_145))
    assert (large[0], large[4]) == ("FileSize", "has 262,145 bytes: at most 262,144 are allowed there")
    assert one(files(assets__run_DOT_exe="x"))[:2] == ("FileName", "assets/run.exe")
    assert "FileEncoding" in rules(files(snippets__card_DOT_liquid=b"\xff"))
    assert one(files(snippets__more_DOT_liquid="x"))[:2] == ("OrphanedSnippet", "snippets/more.liquid")
    assert one(files(assets__more_DOT_css="x"))[:2] == ("OrphanedAsset", "assets/more.css")


def test_what_a_layout_writes():
    every = found(files(**{L: LAYOUT.replace("{{ content_for_header }}", "")}))
    assert [each[0] for each in every] == ["RequiredLayoutThemeObject"]


def test_settings_of_the_theme():
    assert "ValidSettingsSchema" in rules(files(config__settings_schema_DOT_json="{}"))
    said = [
        each[4]
        for each in found(files(config__settings_schema_DOT_json='[{"settings": [{"type": "color"}]}]'))
    ]
    assert "a group of settings has a name" in said
    assert "a setting of the theme of type color has no id" in said
    other = files(config__settings_data_DOT_json='{"current": {"acent": 1}}')
    assert one(other)[:2] == ("ValidSettingsData", "config/settings_data.json")


def test_every_rule_is_tried_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in RULES if f'"{name}"' not in source] == []
