"""Foreign templates reach nothing but declared names, and end in a fault where they ask for too much."""

import time

import pytest

from theming import faulty, page, told
from till.liquid.drop import Drop, Record, Shelf, shown


class Secretive(Drop):
    kind = "secretive"
    of_class = "LEAK"

    def __init__(self):
        self.of_instance = "LEAK"

    @shown
    def title(self):
        return "T"

    def method(self):
        return "LEAK"

    @property
    def of_property(self):
        return "LEAK"


class Opaque:
    attribute = "LEAK"

    def __getitem__(self, key):
        return "LEAK"

    def __str__(self):
        return "opaque"


REACHED = {
    "drop": Secretive(),
    "record": Record("record", {"title": "T"}),
    "shelf": Shelf("shelf", lambda: [1], {}.get),
    "foreign": Opaque(),
    "function": lambda: "LEAK",
    "kind": Secretive,
    "words": "text",
    "list": [1, 2],
    "object": {"a": 1},
    "number": 7,
    "generic": list,
}
ASKED = [
    "__class__",
    "__dict__",
    "__init__",
    "__globals__",
    "__mro__",
    "__subclasses__",
    "__getitem__",
    "__builtins__",
    "_read",
    "of_class",
    "of_instance",
    "of_property",
    "method",
    "title.__class__",
    "attribute",
    "kind",
    "table",
    "names",
    "plain",
    "lent",
    "items",
    "find",
    "format",
    "append",
    "keys",
    "upper",
    "mro",
]


@pytest.mark.parametrize("name", REACHED)
@pytest.mark.parametrize("asked", ASKED)
def test_nothing_of_python_is_reached(name, asked):
    sources = [
        f"{{{{ {name}.{asked} }}}}",
        f"{{{{ {name}['{asked}'] }}}}",
        f"{{% assign k = '{asked}' %}}{{{{ {name}[k] }}}}",
    ]
    for source in sources:
        body, _ = faulty(f"[{source}]", shown=REACHED)
        assert body == "[]", source


@pytest.mark.parametrize(
    "filter_", ["map", "where", "sum", "sort", "find", "has", "reject", "uniq", "compact"]
)
@pytest.mark.parametrize("asked", ["__class__", "of_class", "of_instance", "method", "attribute"])
def test_filters_that_take_a_name_reach_nothing_either(filter_, asked):
    things = [REACHED["drop"], REACHED["object"], REACHED["record"]]
    source = f"{{{{ things | {filter_}: '{asked}' | join: ',' }}}}{{{{ things | json }}}}"
    body, _ = faulty(source, shown={"things": things})
    assert "LEAK" not in body
    assert "<class" not in body


def test_loops_and_page_objects_reach_nothing():
    names = (
        "forloop",
        "settings",
        "template",
        "section",
        "block",
        "form",
        "paginate",
        "tablerowloop",
        "forloop.parentloop",
    )
    inside = "".join(f"{{{{ {name}.__class__ }}}}{{{{ {name}._maps }}}}{{{{ {name}.it }}}}" for name in names)
    source = f"{{% for i in list %}}{{% form 'cart' %}}[{inside}]{{% endform %}}{{% endfor %}}"
    body, _ = faulty(source, shown=REACHED)
    assert body.count("[]") == 2


def often(first, again):
    """A variable that is made of itself, 60 times over."""
    return f"{{% assign s = {first} %}}{{% for i in (1..60) %}}{{% assign s = {again} %}}{{% endfor %}}"


BOMBS = {
    "a loop": "{% for i in (1..999999999999) %}x{% endfor %}",
    "loops in loops": "{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}",
    "loops after loops": "{% for i in (1..60000) %}{% endfor %}{% for i in (1..60000) %}{% endfor %}",
    "a table": "{% tablerow i in (1..999999999999) %}x{% endtablerow %}",
    "a loop over render": "{% for i in (1..999) %}{% render 'many' %}{% endfor %}",
    "append": often("'aaaaaaaa'", "s | append: s"),
    "prepend": often("'aaaaaaaa'", "s | prepend: s"),
    "replace": often("'aaaaaaaa'", "s | replace: 'a', s"),
    "replace nothing": often("'aaaaaaaa'", "s | replace: '', s"),
    "join": often("'aaaaaaaa'", "'a,a,a' | split: ',' | join: s"),
    "concat": often("'a,a' | split: ','", "s | concat: s"),
    "capture": "{% for i in (1..60) %}{% capture s %}{{ s }}{{ s }}aaaaaaaa{% endcapture %}{% endfor %}",
    "times": often("99", "s | times: s"),
    "output": "{% assign s = '" + "a" * 999 + "' %}{% for i in (1..9999) %}{{ s }}{% endfor %}",
    "many variables": "{% assign s = '"
    + "a" * 99
    + "' %}"
    + "".join(f"{{% assign s{i} = s | replace: 'a', s | replace: 'aaaaaaaaaaa', s %}}" for i in range(999)),
    "a range sorted": "{{ (1..99999999) | sort | size }}",
    "a range joined": "{{ (1..99999999) | join: ',' }}",
    "a range reversed": "{{ (1..99999999) | reverse | first }}",
    "ranges joined": "{% assign a = 'a' | split: ',' | concat: (1..99999999) %}",
    "a chain of filters": "{{ 'a'" + " | upcase" * 20_000 + " }}",
    "blocks in blocks": "{% if true %}" * 3_000 + "x" + "{% endif %}" * 3_000,
    "paths in paths": "{{ " + "a[" * 5_000 + "b" + "]" * 5_000 + " }}",
    "and, and, and": "{% if " + "true and " * 20_000 + "true %}x{% endif %}",
    "include itself": "{% include 'again' %}",
    "render itself": "{% render 'self' %}",
    "render each other": "{% render 'ping' %}",
    "a section in itself": "{% section 'me' %}",
    "raw after raw": "{% raw %}" * 20_000,
    "comment after comment": "{% comment %}" * 20_000,
    "open braces": "{{ " * 20_000,
    "open tags": "{% if " * 20_000,
}
HELPERS = {
    "snippets/many.liquid": "{% for i in (1..999) %}{% endfor %}",
    "snippets/again.liquid": "{% include 'again' %}",
    "snippets/self.liquid": "{% if true %}{% for i in (1..1) %}{% render 'self' %}{% endfor %}{% endif %}",
    "snippets/ping.liquid": "{% render 'pong' %}",
    "snippets/pong.liquid": "{% render 'ping' %}",
    "sections/me.liquid": "{% section 'me' %}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_fault_of_its_section(name):
    files = {
        "layout/theme.liquid": "<{{ content_for_layout }}>",
        "templates/index.json": {
            "sections": {"a": {"type": "bomb"}, "b": {"type": "fine"}},
            "order": ["b", "a"],
        },
        "sections/bomb.liquid": BOMBS[name],
        "sections/fine.liquid": "fine",
        **HELPERS,
    }
    began = time.process_time()
    rendered = page(files)
    spent = time.process_time() - began
    assert told(rendered)
    assert ">fine</div>" in rendered.body
    assert len(rendered.body) < 3 * 1024 * 1024
    assert spent < 10, f"{spent:.1f} s"


def test_a_setting_is_no_way_out():
    files = {
        "templates/index.json": {
            "sections": {
                "a": {
                    "type": "s",
                    "settings": {"l": "{{ drop.of_class }}{% for i in (1..9999999) %}{% endfor %}"},
                }
            },
            "order": ["a"],
        },
        "sections/s.liquid": "[{{ section.settings.l }}]"
        '{% schema %}{"name": "s", "settings": [{"type": "liquid", "id": "l"}]}{% endschema %}',
    }
    rendered = page(files, shown=REACHED)
    assert "[]" in rendered.body
    assert [fault.kind for fault in rendered.faults] == ["unknown_property", "limit"]
