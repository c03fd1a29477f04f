"""Whatever stands in the files of a theme, the check ends, and names places that are there."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from themes_to_check import HERO, files

from growing import is_linear
from till.checking import jsons
from till.checking.engine import check, mend

WORDS = """name type id settings blocks sections order block_order presets default options value label min max
    step tag class limit max_blocks layout wrapper current main hero line size side static one other a.b"""
KEYS = st.sampled_from(WORDS.split())
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-9, 99)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["hero", "line", "range", "select", "text", "t:x.y", "@theme", "@app", "", "main", "é"])
)
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)
LIQUID = """{% if a %}~{% endif %}~{% else %}~{% for x in y %}~{% endfor %}~{% raw %}~{{ a.b[0] }}~{
~{% assign a = b | c: d %}~{% render 'card' %}~{% liquid\n echo x\n%}~{% schema %}~{% endschema %}~<div>
~{% comment %}~{% endcomment %}~</div>~<img src='~'>~<!--~{{ 'a.b' | t }}~{% ~ %}~{{~}}~x~é\u2028~\r\n
~<script src=x>~</script>~{% form 'x' %}~{% paginate a by 2 %}~{% content_for 'blocks' %}
~{% # theme-check-disable %}"""
PIECES = st.sampled_from(LIQUID.split("~"))
TEXT = st.lists(PIECES, max_size=12).map("".join)


def looked(theme):
    for each in check(theme):
        lines = theme.get(each.file, b"").decode().split("\n")
        assert 1 <= each.line <= len(lines), each
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1, each
        assert each.message
        assert "\n" not in each.message.replace("\\n", "")


@settings(max_examples=60)
@given(JSON, JSON, JSON, JSON)
def test_any_json(template, schema, settings_schema, locale):
    looked(
        files(
            templates__index_DOT_json=json.dumps(template, indent=1),
            config__settings_schema_DOT_json=json.dumps(settings_schema),
            config__settings_data_DOT_json=json.dumps(template),
            locales__en_DOT_default_DOT_json=json.dumps(locale),
            locales__de_DOT_json=json.dumps(template),
            sections__line_DOT_liquid="{% schema %}" + json.dumps(schema) + "{% endschema %}",
            sections__hero_DOT_liquid=HERO.partition("{% schema %}")[0]
            + "{% schema %}\n"
            + json.dumps(settings_schema)
            + "{% endschema %}",
        )
    )


@settings(max_examples=60)
@given(TEXT, TEXT)
def test_any_liquid(section, layout):
    theme = files(sections__hero_DOT_liquid=section, layout__theme_DOT_liquid=layout)
    looked(theme)
    theme |= mend(theme, check(theme))
    looked(theme)


def test_lists_where_names_belong_and_halves_of_characters():
    odd = {"order": [["a"], {}], "sections": {"\ud800\n": {"type": ["x"], "block_order": [["b"]]}}}
    schema = {"tag": ["div"], "limit": [1], "max_blocks": {}, "name": ["x"], "blocks": [[], {"type": []}]}
    theme = files(
        templates__index_DOT_json=json.dumps(odd),
        sections__line_DOT_liquid="{% schema %}" + json.dumps(schema) + "{% endschema %}",
    )
    looked(theme)
    assert msgspec.msgpack.encode(check(theme))


@given(JSON, st.integers(0, 3))
def test_json_is_read_as_python_reads_it(value, indent):
    text = json.dumps(value, indent=indent or None)
    assert jsons.parse(text).plain == json.loads(text)
    for each in jsons.parse(text).walk():
        assert json.JSONDecoder().raw_decode(text, each.at)[0] == each.plain


@given(st.text(alphabet='{}[],:"\\ 0123e+-.tfalsn/*\n', max_size=30))
def test_what_is_no_json_for_python_is_none_here(text):
    if "/*" in text or "//" in text:
        return
    try:
        there = json.loads(text, strict=False)
    except ValueError:
        with pytest.raises(jsons.BadJson) as refused:
            jsons.parse(text)
        assert 0 <= refused.value.at <= len(text)
    else:
        assert jsons.parse(text).plain == there


def test_a_theme_that_is_checked_again_is_as_wrong_as_before():
    once, again = (check(files(snippets__odd_DOT_liquid="{{ 1 | mony }}{% if a %}")) for _ in range(2))
    assert {"unknown filter mony", "if is never closed by endif"} <= {each.message for each in once}
    assert again == once


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda size: "fine\n" + "{{" * (size // 2), "{{ is never closed by }}"),
        (lambda size: "{{ a\n" + "{{ b }" * (size // 6), "{{ is never closed by }}"),
        (
            lambda size: "{% liquid\n" + "echo nothing\n" * (size // 13) + "%}",
            "nothing is called nothing here",
        ),
    ],
)
def test_reading_a_large_file_that_is_wrong_throughout_grows_with_it(make, said):
    found = []

    def work(text):
        found[:] = [each for each in check(files(snippets__odd_DOT_liquid=text)) if "odd" in each.file]

    assert is_linear(work, make, 100_000)
    assert said in {each.message for each in found}
