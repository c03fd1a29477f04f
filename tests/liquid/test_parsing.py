"""A whole theme is parsed, and all that is wrong with it is said at once."""

from theming import schema
from till.liquid.faults import MOST, fatal
from till.liquid.parsing import parse


def told(files):
    return [str(fault) for fault in parse(files)]


def test_a_theme_without_faults():
    files = {
        "layout/theme.liquid": "{{ content_for_header }}{{ content_for_layout }}",
        "templates/index.json": '{"sections": {}, "order": []}',
        "sections/a.liquid": "{{ section.settings.t }}"
        + schema(name="A", settings=[{"type": "text", "id": "t"}]),
        "assets/base.css": "a { b: {{ c }",
        "assets/x.json": "{}",
        "locales/en.default.json": "{}",
    }
    assert told(files) == []


def test_all_faults_by_file_and_line():
    files = {
        "layout/theme.liquid": "{{ 'a' | upcas }}\n{% if x %}",
        "templates/index.json": '{"sections":\n {},,}',
        "templates/page.liquid": "{% nosuch %}",
        "sections/a.liquid": "\n{% schema %}\n{ nope\n{% endschema %}",
        "sections/b.liquid": schema(
            name="B", settings=[{"type": "text", "id": "t"}, {"type": "text", "id": "t"}]
        ),
        "sections/c.liquid": schema(name="C") + "\n" + schema(name="D"),
        "sections/d.liquid": schema(
            name="D", settings=[{"type": "text"}, {"id": "x"}], blocks=[{"name": "B"}]
        ),
        "sections/e.liquid": "{% schema %}[]{% endschema %}",
        "assets/theme.css.liquid": "{{ x | nosuch }}",
        "locales/en.default.json": "{\n\n",
        "config/settings_schema.json": "7,",
        "snippets/deep.liquid": "{% if a %}" * 70,
    }
    dash = "\N{EN DASH}"
    assert told(files) == [
        "assets/theme.css.liquid:1: unknown filter nosuch",
        "config/settings_schema.json:1: this is no JSON: Extra data",
        f"layout/theme.liquid:1: unknown filter upcas {dash} upcase?",
        "layout/theme.liquid:2: if is never closed by endif",
        "locales/en.default.json:3: this is no JSON: Expecting property name enclosed in double quotes",
        "sections/a.liquid:3: this is no JSON: Expecting property name enclosed in double quotes",
        "sections/b.liquid:1: two settings of the section have the id t",
        "sections/c.liquid:6: a file has one schema; this is a second one, and is not read",
        "sections/d.liquid:1: a setting of the section of type text has no id",
        "sections/d.liquid:1: each of the blocks of a schema is an object with a type",
        "sections/d.liquid:1: each of the settings of the section is an object with a type",
        "sections/e.liquid:1: a schema is a JSON object",
        "snippets/deep.liquid:1: block nesting limit reached",
        "snippets/deep.liquid:1: if is never closed by endif",
        "templates/index.json:2: this is no JSON: Expecting property name enclosed in double quotes",
        "templates/page.liquid:1: unknown tag nosuch",
    ]


def test_what_leaves_something_out_of_the_page_is_fatal():
    files = {
        "snippets/a.liquid": "{{ 1 | nosuch }}{% nosuch %}{{ | }}",
        "snippets/b.liquid": "{{ product.x }}",
    }
    assert {fault.kind for fault in parse(files)} == {"unknown_filter", "unknown_tag", "syntax"}
    assert {fault.kind for fault in fatal(parse(files))} == {"unknown_tag", "syntax"}


def test_no_fatal_fault_gives_way_to_many_that_are_not():
    files = {
        "snippets/a.liquid": "".join(f"{{{{ 1 | nosuch{place} }}}}" for place in range(MOST + 1)),
        "snippets/b.liquid": "{{ 1 | nosuch }}\n" * 1_500 + "{% if x %}",
        "snippets/c.liquid": "{% nosuch %}",
    }
    found = parse(files)
    assert len(found) == MOST
    assert [(fault.file, fault.kind) for fault in fatal(found)] == [
        ("snippets/b.liquid", "syntax"),
        ("snippets/c.liquid", "unknown_tag"),
    ]


def test_at_most_200():
    assert len(parse({f"snippets/{place}.liquid": "{% nosuch %}" for place in range(MOST + 1)})) == MOST


def test_json_that_is_nested_too_deep():
    assert told({"templates/x.json": "[" * 100_000}) == [
        "templates/x.json:1: this JSON is nested too deep, or has a number too long"
    ]
