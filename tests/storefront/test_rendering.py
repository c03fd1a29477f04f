"""What templates read of the sample catalogue: every object of a page, in two languages."""

from pathlib import Path

import pytest
from objects_of_pages import CASES

from till.liquid.bundle import Asset, Bundle
from till.storefront.rendering import render
from till.storefront.stock import number
from till.storefront.surveying import catalogue_of
from till.storefront.visit import CartLine, CartState, Visit
from till.storefront.world import decode

SAMPLE = Path(__file__).parent / "sample"
LAYOUT = "{{ content_for_layout }}"
TEMPLATES = (
    "index",
    "product",
    "collection",
    "list-collections",
    "cart",
    "search",
    "page",
    "blog",
    "article",
    "404",
)


@pytest.fixture(scope="module")
def world():
    return catalogue_of(SAMPLE)


def show(world, text, path="/", *, files=(), **visit):
    """Render `text` as the template of every page; nothing may be wrong with it."""
    rendered = rendered_of(world, text, path, files=files, **visit)
    assert rendered.faults == []
    return " ".join(rendered.body.split())


def rendered_of(world, text, path="/", *, files=(), **visit):
    every = {f"templates/{name}.liquid": text for name in TEMPLATES}
    bundle = Bundle(
        text, "Test", {"layout/theme.liquid": LAYOUT, **every, **dict(files)}, {"a.css": Asset("ab" * 32, 3)}
    )
    query = visit.pop("query", "")
    pairs = tuple(tuple(each.split("=", 1)) for each in query.split("&") if each)
    return render(bundle, world, Visit(path=path, query=pairs, **visit))


def variant(world, handle, index):
    product = next(each for each in decode(world).products if each.handle == handle)
    return number("variant", handle, *product.variants[index].options)


@pytest.mark.parametrize(
    ("path", "text", "expected"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)]
)
def test_objects_of_pages(world, path, text, expected):
    assert show(world, text, path) == expected


def test_another_language_has_its_own_texts_and_paths(world):
    text = (
        "{{ product.title }} {{ product.url }} "
        "{{ product.variants.first.title }} {{ request.locale.iso_code }} {{ routes.cart_url }}"
    )
    assert (
        show(world, text, "/products/mug", locale="de", root="/de")
        == "Becher /de/products/mug Blau de /de/cart"
    )


def test_amounts_are_in_the_currency_of_the_shop(world):
    assert (
        show(world, "{{ product.price }} {{ shop.money_format }}", "/products/mug", currency="JPY")
        == "22 ¥{{amount}}"
    )


def test_a_variant_is_selected_by_the_query(world):
    white = variant(world, "mug", 1)
    text = "{{ product.selected_variant.title }} {{ product.selected_or_first_available_variant.available }}"
    assert show(world, text, "/products/mug", query=f"variant={white}") == "White false"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort_by=price-descending", "Mug Spoon"),
        ("sort_by=title-descending", "Spoon Mug"),
        ("filter.p.vendor=Claywork", "Mug"),
        ("filter.v.price.lte=10", "Spoon"),
        ("filter.v.availability=1", "Spoon Mug"),
        ("filter.p.tag=wood&filter.p.vendor=Claywork", ""),
    ],
)
def test_collections_are_sorted_and_filtered(world, query, expected):
    text = "{% for p in collection.products %}{{ p.title }} {% endfor %}"
    assert show(world, text, "/collections/kitchen", query=query) == expected


def test_filters_say_what_there_is_to_choose(world):
    text = (
        "{% for f in collection.filters %}{{ f.label }}:{% for v in f.values %}{{ v.label }}={{ v.count }}"
        "{% if v.active %}!{{ v.url_to_remove }}{% endif %};{% endfor %}{% endfor %}"
    )
    shown = show(world, text, "/collections/kitchen", query="filter.p.vendor=Claywork")
    assert "Vendor:Claywork=1!/collections/kitchen;Woodwork=1;" in shown
    assert shown.endswith("Price:")


def test_search_finds_all_words_in_each_kind(world):
    text = (
        "{{ search.terms }} {{ search.results_count }} "
        "{% for r in search.results %}{{ r.title }},{% endfor %}"
    )
    assert show(world, text, "/search", query="q=kitchen") == "kitchen 2 Mug,Spoon,"
    assert show(world, text, "/search", query="q=come") == "come 1 We open,"
    assert show(world, text, "/search", query="q=come&type=product") == "come 0"
    assert show(world, "{{ search.performed }}", "/search") == "false"


def test_suggestions_and_recommendations(world):
    text = "{% for p in predictive_search.resources.products %}{{ p.title }}{% endfor %}"
    assert show(world, text, "/search/suggest", query="q=mug") == "Mug"
    mug = show(world, "{{ product.id }}", "/products/mug")
    text = "{{ recommendations.performed }} {{ recommendations.products.first.title }}"
    assert show(world, text, "/recommendations/products", query=f"product_id={mug}") == "true Spoon"


def test_the_cart_shows_its_lines(world):
    blue, spoon = variant(world, "mug", 0), variant(world, "spoon", 0)
    lines = (
        CartLine(variant_id=blue, quantity=2, properties={"Name": "Ada"}),
        CartLine(variant_id=spoon, quantity=1),
        CartLine(variant_id=1, quantity=9),
    )
    cart = CartState(lines=lines, note="Soon", attributes={"gift": "yes"})
    text = (
        "{% for i in cart.items %}{{ i.title }} {{ i.quantity }} {{ i.final_line_price }} "
        "{% for p in i.properties %}{{ p.first }}={{ p.last }}{% endfor %} {{ i.url_to_remove }};{% endfor %}"
        "{{ cart.total_price }} {{ cart.item_count }} {{ cart.note }} "
        "{{ cart.attributes.gift }} {{ cart.total_weight }}"
    )
    assert show(world, text, "/cart", cart=cart) == (
        "Mug - Blue 2 4800 Name=Ada /cart/change?line=1&quantity=0;"
        "Spoon 1 600 /cart/change?line=2&quantity=0;5400 3 Soon yes 700"
    )


def test_an_alternate_is_shown_where_there_is_one(world):
    files = [("templates/page.alt.liquid", "alternate {{ template.suffix }}")]
    assert show(world, "usual", "/pages/about", files=files, query="view=alt") == "alternate alt"
    assert show(world, "usual", "/pages/about", files=files, query="view=none") == "usual"


def test_an_unknown_property_is_a_fault_and_the_page_stands(world):
    rendered = rendered_of(world, "A{{ product.titel }}B", "/products/mug")
    assert rendered.body == "AB"
    (fault,) = rendered.faults
    assert (fault.file, fault.line, fault.kind, fault.hint) == (
        "templates/product.liquid",
        1,
        "unknown_property",
        "title",
    )


def test_assets_are_named_by_their_digest(world):
    assert show(world, "{{ 'a.css' | asset_url }}") == f"/assets/t/{'ab' * 32}/a.css"


def test_what_the_platform_puts_into_the_head_cannot_be_left(world):
    rendered = rendered_of(
        world, "x", files=[("layout/theme.liquid", "{{ content_for_header }}")], host="</script><b>"
    )
    assert rendered.body.count("<") == 2
    assert "window.Shopify" in rendered.body
