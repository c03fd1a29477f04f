import pytest
from filtering import rendered, written

from till.liquid.bundle import Bundle
from till.liquid.engine import Engine, Page
from till.liquid.registers import Registers

FILES = {
    "locales/en.default.json": """{
        "hello": "Hello {{ name }} & co", "rich_html": "<b>{{ name }}</b>",
        "deep": {"html": "<i>x</i>", "k": "v"},
        "items": {"one": "{{ count }} item", "other": "{{ count }} items", "zero": "none"},
        "bottles_html": {"one": "<b>1</b>", "other": "<b>{{ count }}</b>"}, "only": "English", "n": 5
    }""",
    "locales/de.json": """{
        "hello": "Hallo {{name}}", "items": {"one": "{{ count }} Stück", "other": "{{ count }} Stücke"}
    }""",
    "locales/pl.json": """{
        "items": {"one": "1", "few": "few {{ count }}", "many": "many {{ count }}", "other": "o"}
    }""",
}


@pytest.mark.parametrize(
    ("source", "locale", "want"),
    [
        ("'hello' | t: name: 'A<b>'", "en", "Hello A&lt;b&gt; &amp; co"),
        ("'hello' | translate: name: 'A'", "de", "Hallo A"),
        ("'hello' | t", "en", "Hello {{ name }} &amp; co"),
        ("'hello' | t: name: nil", "en", "Hello  &amp; co"),
        ("'rich_html' | t: name: '<i>'", "en", "<b>&lt;i&gt;</b>"),
        ("'rich_html' | t: name: link", "en", '<b><a href="/">x</a></b>'),
        ("'deep.html' | t", "en", "<i>x</i>"),
        ("'items' | t: count: 0", "en", "none"),
        ("'items' | t: count: 1", "en", "1 item"),
        ("'items' | t: count: '3'", "en", "3 items"),
        ("'items' | t: count: 1", "de", "1 Stück"),
        ("'items' | t: count: 3", "pl", "few 3"),
        ("'items' | t: count: 5", "pl", "many 5"),
        ("'items.other' | t: count: 5", "en", "5 items"),
        ("'bottles_html' | t: count: 2", "en", "<b>2</b>"),
        ("'only' | t", "de", "English"),
        ("'n' | t", "en", "5"),
        ("nil | t", "en", ""),
        ("'' | t", "en", ""),
        ("'hello' | t: name: list", "en", "Hello 12 &amp; co"),
    ],
)
def test_texts(source, locale, want):
    lent = Registers(locale=locale)
    before = "{% assign link = 'x' | link_to: '/' %}"
    assert written(before + "{{ " + source + " }}", files=FILES, registers=lent, list=[1, 2]) == want


def test_a_missing_text_is_a_fault_and_shown_as_on_the_platform():
    made, (fault,) = rendered("\n{{ 'helo' | t }}", files=FILES)
    assert made == "\ntranslation missing: en.helo"
    assert (fault.kind, fault.message, fault.hint, fault.line) == (
        "missing_translation",
        "there is no translation helo",
        "hello",
        2,
    )
    made, (fault,) = rendered("{{ '<script>' | t }}", files=FILES)
    assert made == "translation missing: en.&lt;script&gt;"
    assert rendered("{{ deep | t }}", files=FILES, deep=["a"] * 20_000)[0] == ""
    assert rendered("{{ 'deep' | t }}", files=FILES)[1][0].kind == "missing_translation"


def test_a_section_brings_texts_of_its_own():
    schema = """{% schema %}{"name": "S", "locales": {
        "en": {"title": "Ours & {{ n }}", "more_html": "<b>x</b>"}, "de": {"title": "Unser"}
    }}{% endschema %}"""
    files = {
        "layout/theme.liquid": "{{ content_for_layout }}",
        "templates/index.liquid": "{% section 'slow-show' %}",
        "sections/slow-show.liquid": "{{ 'sections.slow-show.title' | t: n: 1 }}|"
        "{{ 'sections.slow-show.more_html' | t }}|{{ 'sections.old' | t }}" + schema,
        "locales/en.default.json": '{"sections": {"old": "Old"}}',
        "locales/de.json": "{}",
    }
    engine = Engine(Bundle("k", "T", files, {}))
    for locale, want in (
        ("en", "Ours &amp; 1|<b>x</b>|Old"),
        ("de", "Unser|<b>x</b>|Old"),
        ("fr", "Ours &amp; 1|<b>x</b>|Old"),
    ):
        made = engine.render(Page(template="index", globals={}, registers=Registers(), locale=locale))
        assert made.faults == []
        assert want in made.body
