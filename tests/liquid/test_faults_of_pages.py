"""The page stands, and what is wrong is said once, with file, line and the nearest name."""

import pytest

from theming import faulty, page, told
from till.liquid.drop import Drop, Record, Shelf, shown
from till.liquid.faults import MOST

DASH = "\N{EN DASH}"


class Product(Drop):
    kind = "product"
    absent = frozenset({"gift_card"})

    @shown
    def title(self):
        return "Mug"

    @shown("available?")
    def available(self):
        return True

    @shown
    def broken(self):
        raise ValueError("out of paint")


PAGE = {"product": Product(), "shop": Record("shop", {"name": "S"}), "nothing": None}

WRONG = {
    "{{ product.titel | mony }}": [
        "unknown filter mony ~ money?",
        "product has no titel ~ title?",
    ],
    "{{ prodct.title }}": ["unknown object prodct ~ product?"],
    "{% rendr 'x' %}": ["unknown tag rendr ~ render?"],
    "{% render 'crad' %}": ["there is no snippets/crad.liquid ~ snippets/card.liquid?"],
    "{% include 'crad' %}": ["there is no snippets/crad.liquid ~ snippets/card.liquid?"],
    "{% section 'heo' %}": ["there is no sections/heo.liquid ~ hero?"],
    "{% sections 'x' %}": ["there is no sections/x.json"],
    "{{ 1 | divided_by: 0 }}": None,
    "{{ 'a' | append }}": None,
    "{{ product.broken }}": ["ValueError: out of paint"],
    "{% if product < 'a' %}{% endif %}": None,
}

FILES = {"snippets/card.liquid": "card", "sections/hero.liquid": "hero"}


@pytest.mark.parametrize("source", WRONG)
def test_the_page_stands(source):
    body, faults = faulty(f"before\n{source}after", FILES, shown=PAGE)
    assert body.startswith("before\n")
    assert body.endswith("after")
    expected = WRONG[source]
    if expected is None:
        assert len(faults) == 1
    else:
        assert faults == [f"templates/index.liquid:2: {said.replace('~', DASH)}" for said in expected]


def test_what_is_broken_inside_a_block_leaves_its_neighbours():
    body, faults = faulty("{% for i in (1..3) %}{{ i | divided_by: 0 }}{{ i }}{% endfor %}")
    assert body == "123"
    assert len(faults) == 1


RIGHT = (
    "{{ nothing.anything.at_all }}",
    "{{ customer.first_name }}{% if gift_card %}{% endif %}",
    "{{ product.gift_card }}{{ product.available? }}",
    "{% if passed %}{% endif %}{% render 'card', passed: 1 %}",
    "{% assign later = 1 %}{{ later }}",
    "{{ section.settings.of_another }}",
    "{{ shop.size }}",
)


@pytest.mark.parametrize("source", RIGHT)
def test_what_may_be_absent_is_no_fault(source):
    _, faults = faulty(source, FILES, shown=PAGE)
    assert faults == []


def test_a_fault_names_the_file_it_is_in():
    files = {
        "templates/index.liquid": "{% section 'hero' %}",
        "sections/hero.liquid": "\n{% render 'card' %}\n{{ product.titel }}",
        "snippets/card.liquid": "\n\n{{ product.titel }}",
    }
    assert told(page(files, shown=PAGE)) == [
        f"snippets/card.liquid:3: product has no titel {DASH} title?",
        f"sections/hero.liquid:3: product has no titel {DASH} title?",
    ]


def test_at_most_200_are_kept():
    source = "\n".join(f"{{{{ product.x{place} }}}}" for place in range(MOST + 50))
    _, faults = faulty(source, shown=PAGE)
    assert len(faults) == MOST


def test_time_is_told_by_file():
    files = {"templates/index.liquid": "{% section 'hero' %}", "sections/hero.liquid": "{% render 'card' %}"}
    rendered = page(files | {"snippets/card.liquid": "{% for i in (1..9000) %}{{ i }}{% endfor %}"})
    assert rendered.spent.keys() == {
        "layout/theme.liquid",
        "templates/index.liquid",
        "sections/hero.liquid",
        "snippets/card.liquid",
    }
    assert max(rendered.spent, key=rendered.spent.get) == "snippets/card.liquid"


def test_a_shelf_is_a_list_and_answers_to_handles():
    items = [Record("collection", {"title": name}) for name in "AB"]
    shelf = Shelf("collections", lambda: items, {"b": items[1]}.get)
    source = "{{ c.size }}{{ c.first.title }}{{ c.b.title }}{{ c['b'].title }}{{ c[0].title }}{{ c.x.title }}"
    assert faulty(source, shown={"c": shelf}) == ("2ABBA", [])
    assert faulty("{% for each in c %}{{ each.title }}{% endfor %}", shown={"c": shelf}) == ("AB", [])


def test_a_property_is_computed_once():
    calls = []
    record = Record("thing", {"x": lambda: calls.append(1) or "v"})
    assert faulty("{{ r.x }}{{ r.x }}{{ r['x'] }}", shown={"r": record}) == ("vvv", [])
    assert calls == [1]
