"""Every tag of the platform's list, each by a case of its own."""

import pytest

from theming import faulty, page, schema, text, told
from till.liquid.drop import Record, Shelf
from till.liquid.environment import ThemeEnvironment
from till.liquid.limits import Limits
from till.liquid.registers import Posted, Registers

THINGS = {"things": ["a", "b", "c"], "none": []}

PLAIN = {
    "assign": ("{% assign x = 'A' | downcase %}{{ x }}", "a"),
    "capture": ("{% capture x %}{{ 1 | plus: 1 }}{% endcapture %}[{{ x }}]", "[2]"),
    "case": ("{% case 2 %}{% when 1, 2 or 3 %}few{% else %}many{% endcase %}", "few"),
    "comment": ("a{% comment %}{{ x }}{% nonsense %}{% endcomment %}b", "ab"),
    "cycle": ("{% for i in (1..3) %}{% cycle 'odd', 'even' %} {% endfor %}", "odd even odd "),
    "decrement": ("{% decrement x %}{% decrement x %}", "-1-2"),
    "doc": ("{% doc %}@param {string} x {{ open{% enddoc %}b", "b"),
    "echo": ("{% echo 'a' | upcase %}", "A"),
    "for": ("{% for t in things reversed limit: 2 %}{{ forloop.index }}{{ t }}{% endfor %}", "1b2a"),
    "for else": ("{% for t in none %}x{% else %}none{% endfor %}", "none"),
    "break": ("{% for i in (1..9) %}{% if i > 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "12"),
    "continue": ("{% for i in (1..3) %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "13"),
    "if": ("{% if false %}a{% elsif things contains 'b' %}b{% else %}c{% endif %}", "b"),
    "increment": ("{% increment x %}{% increment x %}", "01"),
    "inline comment": ("{% # not {{ this }} %}a", "a"),
    "layout": ("{% layout none %}alone", "alone"),
    "liquid": ("{% liquid\n  assign x = 1\n  if x == 1\n    echo 'one'\n  endif\n%}", "one"),
    "raw": ("{% raw %}{{ x }} {% if %}{% endraw %}", "{{ x }} {% if %}"),
    "style": (
        "{% style %}a { b: {{ 'C' | downcase }} }{% endstyle %}",
        "<style data-shopify>a { b: c }</style>",
    ),
    "tablerow": (
        "{% tablerow t in things cols: 3 %}{{ tablerowloop.col }}{{ t }}{% endtablerow %}",
        '<tr class="row1">\n<td class="col1">1a</td><td class="col2">2b</td><td class="col3">3c</td></tr>\n',
    ),
    "unless": ("{% unless things.size > 3 %}few{% else %}many{% endunless %}", "few"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_tag(name):
    source, expected = PLAIN[name]
    assert text(source, shown=THINGS) == expected


def test_every_tag_of_the_platform_is_there():
    wanted = (
        "assign break capture case comment content_for continue cycle decrement doc echo for form if include "
        "increment # javascript layout liquid paginate render schema section sections style stylesheet "
        "tablerow unless"
    )
    assert set(wanted.split()) - ThemeEnvironment({}, Limits()).tags.keys() == set()


def test_render_has_a_scope_of_its_own():
    snippet = {"snippets/card.liquid": "[{{ title }}{{ outer }}{% assign outer = 2 %}]"}
    source = "{% assign outer = 1 %}{% render 'card', title: 'T' %}{{ outer }}"
    assert text(source, snippet) == "[T]1"


def test_render_for_each_of_a_list():
    snippet = {"snippets/card.liquid": "{{ forloop.index }}{{ it }}{{ card }} "}
    assert text("{% render 'card' for things as it %}", snippet, shown=THINGS) == "1a 2b 3c "
    assert text("{% render 'card' with things[1], it: 'x' %}", snippet, shown=THINGS) == "xb "
    shelf = Shelf("things", lambda: ["x", "y"], {}.get)
    assert text("{% render 'card' for shelf as it %}", snippet, shown={"shelf": shelf}) == "1x 2y "


def test_include_shares_the_scope():
    snippet = {"snippets/card.liquid": "{{ outer }}{% assign outer = 2 %}"}
    assert text("{% assign outer = 1 %}{% include 'card' %}{{ outer }}", snippet) == "12"
    assert text("{% assign name = 'card' %}{% include name, outer: 5 %}", snippet) == "5"


def test_include_is_not_allowed_inside_render():
    files = {"snippets/a.liquid": "{% include 'b' %}x", "snippets/b.liquid": "B"}
    body, faults = faulty("{% render 'a' %}", files)
    assert body == "x"
    assert faults == ["snippets/a.liquid:1: include usage is not allowed in this context"]


def test_a_layout_of_another_name():
    files = {"layout/bare.liquid": "<{{ content_for_layout }}>"}
    assert text("{% layout 'bare' %}in", files) == "<in>"
    body, faults = faulty("{% layout 'bear' %}in", files)
    assert body == "in"
    assert faults == ["layout/bear.liquid: there is no layout/bear.liquid \N{EN DASH} layout/bare.liquid?"]


def test_css_and_scripts_come_once_in_the_head():
    section = "<p>{{ section.id }}</p>{% stylesheet %}p { x: '{{' }{% endstylesheet %}"
    section += "{% javascript %}let a = `${b}{{}}`;{% endjavascript %}"
    files = {
        "layout/theme.liquid": "<head>{{ content_for_header }}</head>{{ content_for_layout }}",
        "templates/index.liquid": "{% section 'one' %}{% section 'one' %}",
        "sections/one.liquid": section + schema(name="One"),
    }
    rendered = page(files, head="<meta>")
    assert told(rendered) == []
    head, _, rest = rendered.body.partition("</head>")
    assert head.startswith("<head><meta>")
    assert head.count("p { x: '{{' }") == 1
    assert head.count("let a = `${b}{{}}`;") == 1
    assert rest.count("<p>one</p>") == 2
    assert "till:" not in rendered.body


FORM = "{% form 'product', product, class: 'buy', data-x: things[0] %}{{ form.id }}{% endform %}"


def test_a_form_names_where_it_goes_and_what_it_is_of():
    product = Record("product", {"id": 7})
    lent = Registers(routes={"cart_add_url": "/de/cart/add"}, form_key="k3y")
    body = text(FORM, shown={"product": product, **THINGS}, registers=lent)
    assert body.startswith('<form method="post" action="/de/cart/add" id="product_form_7" ')
    assert ' class="buy"' in body
    assert ' data-x="a"' in body
    assert '<input type="hidden" name="form_type" value="product">' in body
    assert '<input type="hidden" name="form_key" value="k3y">' in body
    assert '<input type="hidden" name="product-id" value="7">' in body
    assert body.endswith("product_form_7</form>")


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("activate_customer_password", "/account/activate"),
        ("cart", "/cart"),
        ("contact", "/contact#contact_form"),
        ("create_customer", "/account"),
        ("currency", "/cart/update"),
        ("customer", "/contact#contact_form"),
        ("customer_address", "/account/addresses"),
        ("customer_login", "/account/login"),
        ("guest_login", "/account/login"),
        ("localization", "/localization"),
        ("recover_customer_password", "/account/recover"),
        ("reset_customer_password", "/account/reset"),
        ("storefront_password", "/password"),
    ],
)
def test_each_type_of_form_goes_to_its_place(kind, action):
    assert f' action="{action}"' in text(f"{{% form '{kind}' %}}{{% endform %}}")


def test_a_form_that_was_sent_shows_what_was_wrong():
    source = (
        "{% form 'contact' %}{% if form.errors %}{% for field in form.errors %}{{ field }}: "
        "{{ form.errors.messages[field] }}{% endfor %}{% endif %}{{ form.email }}"
        "{% if form.posted_successfully? %}thanks{% endif %}{% endform %}"
    )
    sent = Posted("contact", {"email": "a@b"}, {"email": "is not valid"})
    assert "email: is not valida@b</form>" in text(source, registers=Registers(posted=sent))
    assert "thanks</form>" in text(source, registers=Registers(posted=Posted("contact", done=True)))
    other = Registers(posted=Posted("customer", {}, {"email": "is not valid"}))
    assert "not valid" not in text(source, registers=other)


def test_a_form_escapes_its_attributes():
    body = text("{% form 'cart', class: bad %}{% endform %}", shown={"bad": '"><script>'})
    assert "<script>" not in body


def test_a_form_of_no_known_type():
    body, faults = faulty("a{% form 'prodct' %}{% endform %}b")
    assert body == "ab"
    assert faults == ["templates/index.liquid:1: there is no form of type prodct: product?"]


PAGES = (
    "{% paginate collection.products by 2 %}{% for p in collection.products %}{{ p }} {% endfor %}"
    "{{ paginate.current_page }}/{{ paginate.pages }} {{ paginate.items }} {{ paginate.current_offset }}"
    "{% for part in paginate.parts %} {{ part.title }}"
    "{% if part.is_link %}={{ part.url }}{% endif %}{% endfor %}"
    "{% endpaginate %}|{{ collection.products | join: '' }}"
)


def test_paginate_shows_one_page_of_a_list():
    collection = Record("collection", {"products": list("abcde")})
    lent = Registers(page_url="/c?sort=x&page=2")
    body = text(PAGES, shown={"collection": collection}, registers=lent)
    assert body == "c d 2/3 5 2 1=/c?sort=x&page=1 2 3=/c?sort=x&page=3|abcde"
    body = text(PAGES, shown={"collection": {"products": list("ab")}}, registers=Registers(page_url="/c"))
    assert body == "a b 1/1 2 0|ab"


@pytest.mark.parametrize("asked", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_page_that_is_no_number_is_the_first(asked):
    shown = {"collection": {"products": list("abc")}}
    body = text(PAGES, shown=shown, registers=Registers(page_url=f"/c?page={asked}"))
    assert body.startswith("a b 1/2 3 0")


def test_paginate_leaves_out_what_is_far():
    shown = {"collection": {"products": list(range(40))}}
    body = text(PAGES, shown=shown, registers=Registers(page_url="/c?page=10"))
    assert [part.partition("=")[0] for part in body.partition("|")[0].split(" ")[5:]] == (
        ["1", "&hellip;", "8", "9", "10", "11", "12", "&hellip;", "20"]
    )


def test_paginate_takes_at_most_250():
    shown = {"collection": {"products": list(range(300))}}
    source = "{% paginate collection.products by 999 %}{{ collection.products.size }}{% endpaginate %}"
    assert faulty(source, shown=shown) == (
        "250",
        ["templates/index.liquid:1: paginate shows 1 to 250 items on a page, not 999"],
    )


def test_what_a_shelf_has_not_is_empty():
    shelf = Shelf("collections", list, {"tea": Record("collection", {"title": "Tea"})}.get)
    ask = "{% if EACH == empty %}e{% endif %}{% if EACH != empty %}n{% endif %}"
    ask += "{% if EACH == blank %}b{% endif %}"
    for each, expected in {
        "collections.none": "eb",
        "collections[nothing]": "eb",
        "collections['']": "eb",
        "collections.tea": "n",
        "nothing": "nb",
        "missing": "nb",
    }.items():
        shown = {"collections": shelf, "nothing": None, "missing": None}
        assert text(ask.replace("EACH", each), shown=shown) == expected
        kept = "{% assign kept = " + each + " %}" + ask.replace("EACH", "kept")
        assert text(kept, shown=shown) == expected


def test_a_form_of_localization_tells_the_choice():
    dollar = Record("currency", {"iso_code": "USD"})
    here = Record("country", {"currency": dollar})
    english = Record("shop_locale", {"iso_code": "en"})
    localization = Record(
        "localization",
        {
            "available_countries": [here, here],
            "country": here,
            "available_languages": [english, Record("shop_locale", {"iso_code": "de"})],
            "language": english,
        },
    )
    source = (
        "{% form 'localization' %}|{{ form.available_locales | map: 'iso_code' | join }} "
        "{{ form.current_locale.iso_code }} {{ form.available_currencies | map: 'iso_code' | join }} "
        "{{ form.current_currency.iso_code }}{{ form.set_as_default_checkbox }}|{% endform %}"
    )
    assert text(source, shown={"localization": localization}).split("|")[1] == "en de en USD USD"
    assert text(source).split("|")[1].strip() == ""


def test_a_form_of_an_address_has_a_checkbox():
    source = "{% form 'customer_address', address %}|{{ form.set_as_default_checkbox }}|{% endform %}"
    for address, name in ((Record("address", {"id": 7}), "7"), (None, "new")):
        expected = (
            f'<input type="checkbox" id="address_default_address_{name}" name="address[default]" value="1">'
        )
        assert text(source, shown={"address": address}).split("|")[1] == expected
