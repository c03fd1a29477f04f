"""What real themes write beyond the exact grammar is read, unless a page is strict."""

import pytest

from theming import faulty, page, text, told

CARD = {"snippets/card.liquid": "{{ a }}{{ b }}{{ limit }}{{ image }}"}
SHOWN = {"limit": 2, "things": ["a", "b", "c"], "with": "W", "o": {"limit": ["a", "b"], "offset": 1}}

LAX = {
    "render without commas": ("{% render 'card' a: 1 b: 2 %}", "122"),
    "render with a comma too many": ("{% render 'card', a: 1,, b: 2 %}", None),
    "an argument called limit": ("{% render 'card', limit: 9 %}", "9"),
    "a value called limit": ("{% render 'card', a: limit %}", "22"),
    "an argument called for": ("{% render 'card', for: 1, a: 3 %}", "32"),
    "include with an argument": ("{% include 'card' with image: 'i' %}", "2i"),
    "render with an argument": ("{% render 'card' with image: 'i' b: 'b' %}", "b2i"),
    "render with a value": ("{% render 'card' with limit as a, b: 1 %}", "212"),
    "a filter on an argument": (
        "{% render 'card', a: 1, b: 'x' | upcase | append: 'y', image: 'i' %}",
        "1x2i",
    ),
    "a filter on the last argument": ("{% render 'card', a: 1, b: 'x' | replace: 'x', 'y' %}", "1x2"),
    "a range to limit": ("{% for i in (1..limit) %}{{ i }}{% endfor %}", "12"),
    "a range from limit": ("{% for i in (limit..3) %}{{ i }}{% endfor %}", "23"),
    "a captured name in quotes": ("{% capture 'x' %}1{% endcapture %}{{ x }}", "1"),
    "a captured name in double quotes": ('{% capture "x-y" %}1{% endcapture %}{{ x-y }}', "1"),
    "an output called limit": ("{{ limit }}{{ limit | plus: limit }}", "24"),
    "assigned to limit": ("{% assign limit = 5 %}{{ limit }}", "5"),
    "a loop limited by limit": ("{% for t in things limit: limit %}{{ t }}{% endfor %}", "ab"),
    "a loop over a property called limit": (
        "{% for t in things limit:1 offset: limit %}{{ t }}{% endfor %}",
        "c",
    ),
    "a loop variable called offset": ("{% for offset in things %}{{ offset }}{% endfor %}", "abc"),
    "pages as long as limit": ("{% paginate things by limit %}{{ things | join }}{% endpaginate %}", "a b"),
    "pages of a property": ("{% paginate o.limit by o.offset %}{{ o.limit | join }}{% endpaginate %}", "a"),
    "a condition on limit": ("{% if limit > 1 and limit < 3 %}y{% endif %}", "y"),
    "a filter in unless": ("{% unless things | size > 9 %}n{% else %}y{% endunless %}", "y"),
    "a filter in if": ("{% if none | size > 9 %}n{% else %}y{% endif %}", "y"),
    "arguments of a filter without commas": ("{{ nothing | default: 'd' allow_false: true }}", "d"),
    "no commas in form": ("{% form 'cart' class: 'c' %}{% endform %}", None),
    "windows lines": ("{% liquid\r\n  assign x = 1\r\n\r\n   \r\n  echo x\r\n%}", "1"),
    "blank lines": ("{% liquid\n\n  \t\n  echo 'a'\n   \n%}", "a"),
    "nothing but blank lines": ("{% liquid\n  \n%}a", "a"),
    "an else with more": ("{% if false %}a{% else if true %}b{% endif %}", "b"),
    "a stray end": ("a{{ 1 }}", "a1"),
}


@pytest.mark.parametrize("name", LAX)
def test_lax(name):
    source, expected = LAX[name]
    body = text(
        source, CARD, shown=SHOWN | {"none": None, "nothing": None, "a": None, "b": None, "image": None}
    )
    if expected is not None:
        assert body == expected


def test_strict_reads_the_exact_grammar():
    for source in ("{% if things | size > 1 %}{% endif %}", "{% render 'card' a: 1 b: 2 %}", "{{ a b }}"):
        rendered = page({"templates/index.liquid": source, **CARD}, strict=True, shown=SHOWN | {"a": 1})
        assert [fault.kind for fault in rendered.faults] == ["syntax"]


SPOTS = {
    "{{ 'a' | upcase": "1: {{ is never closed by }}",
    "\n\n{% if x %}": "3: if is never closed by endif",
    "\n{% schema %}": "2: schema is never closed by endschema",
    "{% raw %}\n": "1: raw is never closed by endraw",
    "\n{% nosuch %}": "2: unknown tag nosuch",
    "\n{% endfor %}": "2: endfor closes nothing",
    "{% else %}": "1: else stands outside of the tag it belongs to",
    "\n\n{% paginate x %}{% endpaginate %}": "3: paginate needs `by` and the size of a page",
    "{% content_for 'block', id: 'x' %}": "1: content_for 'block' needs type",
    "{% content_for 'bloks' %}": "1: content_for takes 'blocks' or 'block'",
    "{% section x %}": "1: section takes a name between quotes",
    "{% form %}{% endform %}": "1: missing expression",
    "{% liquid\n echo 1\n !\n%}": "3: expected one tag on each line, found '!'",
    "{% form 'cart' %}": "1: form is never closed by endform",
    "\n{% style %}{% if x %}{% endif %}": "2: style is never closed by endstyle",
}


@pytest.mark.parametrize("source", SPOTS)
def test_what_does_not_parse_is_said_with_its_line(source):
    _, faults = faulty(source, shown={"x": 1})
    assert faults
    assert faults[0].startswith(f"templates/index.liquid:{SPOTS[source]}")


def test_what_does_not_parse_leaves_the_rest():
    body, faults = faulty("a{% nosuch %}b{{ | }}c{% if %}d{% endif %}e")
    assert body[:2] == "ab"
    assert len(faults) == 3


def test_a_schema_and_its_end_inside_a_comment_are_text():
    assert text("{% comment %}{% schema %}{% endcomment %}a") == "a"
    assert text("{% raw %}{% schema %}x{% endschema %}{% endraw %}") == "{% schema %}x{% endschema %}"


def test_lines_are_counted_behind_a_schema():
    source = '{% schema %}\n{"name":\n"{{ x"\n}\n{% endschema %}\n{{ 1 | nosuch }}'
    rendered = page({"templates/index.liquid": "{% section 's' %}", "sections/s.liquid": source})
    assert told(rendered) == ["sections/s.liquid:6: unknown filter nosuch"]
