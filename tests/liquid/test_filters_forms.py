import pytest
from filtering import refused, thing, written

from till.liquid.forms import errors_of
from till.liquid.registers import Posted, Registers

WRONG = Posted(kind="contact", errors={"first_name": "is <taken>", "form": "Try again"})
SAID = '<div class="errors"><ul><li>First name is &lt;taken&gt;</li><li>Try again</li></ul></div>'


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("form | default_errors", SAID),
        ("form.errors | default_errors", SAID),
        ("fine | default_errors", ""),
        ("nil | default_errors", ""),
        (
            "form | payment_button",
            (
                '<div class="shopify-payment-button" data-shopify="payment-button">'
                '<button type="submit" name="return_to" '
                'value="/checkout" class="shopify-payment-button__button">Buy it now</button></div>'
            ),
        ),
        ("nil | payment_button", ""),
        ("'text' | payment_button", ""),
        ("form | payment_terms", ""),
        ("nil | payment_terms", ""),
        ("shop | login_button: action: 'follow'", ""),
        ("nil | login_button", ""),
        (
            "form | currency_selector",
            (
                '<select name="currency"><option value="EUR">EUR €</option>'
                '<option value="USD" selected>USD</option></select>'
            ),
        ),
        (
            "form | currency_selector: class: '\"x'",
            (
                '<select name="currency" class="&quot;x"><option value="EUR">EUR €</option>'
                '<option value="USD" selected>USD</option></select>'
            ),
        ),
        ("nil | avatar", ""),
        ("'Ann' | avatar", ""),
    ],
)
def test_forms(source, want):
    euro = thing("currency", iso_code="EUR", symbol="€")
    dollar = thing("currency", iso_code="USD", symbol="USD")
    page = {
        "form": thing("form", errors=errors_of(WRONG), id="x"),
        "fine": thing("form", errors=None, id="x"),
        "shop": thing("shop", enabled_currencies=[euro, dollar]),
    }
    assert written("{{ " + source + " }}", **page) == want


def test_the_buy_button_goes_to_the_checkout_of_the_shop_in_its_words():
    files = {"locales/en.default.json": '{"payment_button": {"buy_now": "Now & here"}}'}
    lent = Registers(routes={"checkout_url": "/de/checkout"})
    made = written("{{ form | payment_button }}", files=files, registers=lent, form=thing("form", id="x"))
    assert 'value="/de/checkout"' in made
    assert ">Now &amp; here</button>" in made


def test_initials_stand_for_a_face():
    made = written("{{ customer | avatar }}", customer=thing("customer", first_name="<a", last_name="b"))
    assert "&lt;B</text>" in made
    assert written("{{ customer | avatar }}", customer=thing("customer", name=None)).count("?") == 1


def paginate(**more):
    parts = [
        thing("part", title=1, url="", is_link=False),
        thing("part", title=2, url="/c?page=2&x", is_link=True),
        thing("part", title="&hellip;", url="", is_link=False),
        thing("part", title=9, url="/c?page=9", is_link=True),
    ]
    link = thing("part", title="", url="/c?page=2&x", is_link=True)
    return thing("paginate", **{"parts": parts, "current_page": 1, "previous": None, "next": link} | more)


def test_links_to_the_other_pages():
    made = written("{{ paginate | default_pagination }}", paginate=paginate())
    assert made == (
        '<span class="page current" aria-current="page">1</span> '
        '<span class="page"><a href="/c?page=2&amp;x">2</a></span> <span class="deco">&hellip;</span> '
        '<span class="page"><a href="/c?page=9">9</a></span> '
        '<span class="next"><a href="/c?page=2&amp;x" rel="next">Next &raquo;</a></span>'
    )
    assert written("{{ nil | default_pagination }}{{ 'x' | default_pagination }}") == ""


def test_links_to_the_other_pages_in_other_words():
    back = thing("part", title="", url="/c", is_link=True)
    source = "{{ paginate | default_pagination: previous: '<<', next: 'N', anchor: 'p\"' }}"
    made = written(source, paginate=paginate(previous=back))
    assert '<span class="prev"><a href="/c#p&quot;" rel="prev">&lt;&lt;</a></span>' in made
    assert 'rel="next">N</a>' in made


LINES = [
    thing("line_item", variant_id=7, product_id=1, quantity=2),
    thing("line_item", variant_id=8, product_id=1, quantity=3),
    thing("line_item", variant_id=7, product_id=1, quantity=4),
]


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("cart | item_count_for_variant: 7", "6"),
        ("cart | item_count_for_variant: '8'", "3"),
        ("cart | item_count_for_variant: variant", "6"),
        ("cart | item_count_for_variant: 99", "0"),
        ("nil | item_count_for_variant: 7", "0"),
        ("'x' | item_count_for_variant: 7", "0"),
        ("cart | line_items_for: variant | sum: 'quantity'", "6"),
        ("cart | line_items_for: product | size", "3"),
        ("cart | line_items_for: nil | size", "0"),
        ("nil | line_items_for: product | size", "0"),
    ],
)
def test_counts_of_a_cart(source, want):
    product = thing("product", id=1, variants=[])
    page = {"cart": thing("cart", items=LINES), "variant": thing("variant", id=7), "product": product}
    assert written("{{ " + source + " }}", **page) == want


def test_a_cart_is_asked_for_a_thing_that_is_sold():
    cart = thing("cart", items=LINES)
    assert "give the id of a variant" in refused("{{ cart | item_count_for_variant: 'x' }}", cart=cart)
    assert "give a product or a variant" in refused("{{ cart | line_items_for: 'x' }}", cart=cart)


@pytest.mark.parametrize(
    ("country", "want"),
    [
        ("US", "Ann &lt;B&gt;<br>1 Main St<br>Town CA 123<br>Land"),
        ("DE", "Ann &lt;B&gt;<br>1 Main St<br>123 Town<br>Land"),
        ("GB", "Ann &lt;B&gt;<br>1 Main St<br>Town 123<br>Land"),
        ("JP", "Land<br>〒123<br>CalifTown<br>1 Main St<br>Ann &lt;B&gt;"),
    ],
)
def test_addresses_are_written_as_in_their_country(country, want):
    parts = {"address1": "1 Main St", "city": "Town", "zip": "123", "country": "Land", "province": "Calif"}
    names = {"first_name": "Ann", "last_name": "<B>", "province_code": "CA"}
    address = thing("address", country_code=country, **parts, **names)
    assert written("{{ address | format_address }}", address=address) == f"<p>{want}</p>"
    assert (
        written("{{ nil | format_address }}{{ 'x' | format_address }}{{ none | format_address }}", none={})
        == ""
    )
