import pytest
from filtering import refused, thing, written

from till.liquid.registers import Registers

POTION = thing("product", handle="potion", url="/products/potion")
SHELF = thing("collection", handle="best-of", url="/collections/best-of")


def lent(root=""):
    routes = {"root_url": root or "/", "account_login_url": f"{root}/account/login"}
    return Registers(routes=routes, asset_url="/a/{}".format, file_url="/f/{}".format)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'app.js' | asset_url", "/a/app.js"),
        ("'doc.pdf' | file_url", "/f/doc.pdf"),
        ("'option_selection.js' | shopify_asset_url", "/a/option_selection.js"),
        ("'lightbox.js' | global_asset_url", "/a/lightbox.js"),
        ("'a.png' | asset_img_url", "/a/a.png?width=100&height=100"),
        ("'a.png' | asset_img_url: '300x'", "/a/a.png?width=300"),
        ("'a.png' | file_img_url: 'large'", "/f/a.png?width=480&height=480"),
        (
            "'Till' | link_to: 'https://till.example/?a=1&b=2'",
            '<a href="https://till.example/?a=1&amp;b=2">Till</a>',
        ),
        ("'T' | link_to: '/', 'Ti\"tle'", '<a href="/" title="Ti&quot;tle">T</a>'),
        ("'T' | link_to: '/', class: 'x', data-id: 3", '<a href="/" class="x" data-id="3">T</a>'),
        ("'<b>' | link_to: '/\">'", '<a href="/&quot;&gt;">&lt;b&gt;</a>'),
        ("nil | link_to: nil", '<a href=""></a>'),
        ("'A & B' | url_for_vendor", "/de/collections/vendors?q=A+%26+B"),
        ("'Tea' | url_for_type", "/de/collections/types?q=Tea"),
        ("nil | url_for_type", ""),
        ("nil | link_to_vendor", ""),
        ("nil | link_to_type", ""),
        (
            "'A & B' | link_to_vendor",
            '<a href="/de/collections/vendors?q=A+%26+B" title="A &amp; B">A &amp; B</a>',
        ),
        (
            "'Tea' | link_to_type: class: 'x'",
            '<a href="/de/collections/types?q=Tea" title="Tea" class="x">Tea</a>',
        ),
        ("'/collections/all' | sort_by: 'price-ascending'", "/collections/all?sort_by=price-ascending"),
        ("'/c?q=a&sort_by=manual#x' | sort_by: 'best-selling'", "/c?q=a&sort_by=best-selling#x"),
        ("nil | sort_by: 'manual'", ""),
        ("'/de/products/tea' | within: shelf", "/de/collections/best-of/products/tea"),
        ("'/de/products/tea' | within: nil", "/de/products/tea"),
        ("'/pages/x' | within: shelf", "/pages/x"),
        ("nil | within: shelf", ""),
        ("'Log in' | customer_login_link", '<a href="/de/account/login" id="customer_login_link">Log in</a>'),
        (
            "'<i>' | customer_logout_link",
            '<a href="/de/account/logout" id="customer_logout_link">&lt;i&gt;</a>',
        ),
        (
            "'<i>' | edit_customer_address_link: 7",
            '<a href="/de/account/addresses" id="edit_address_link_7">&lt;i&gt;</a>',
        ),
        (
            "'x' | delete_customer_address_link: 7",
            '<a href="/de/account/addresses" id="delete_address_link_7">x</a>',
        ),
        ("'x' | link_to: shelf", '<a href="/collections/best-of">x</a>'),
        ("nil | customer_register_link", '<a href="/de/account/register" id="customer_register_link"></a>'),
    ],
)
def test_urls_and_links(source, want):
    assert written("{{ " + source + " }}", registers=lent("/de"), shelf=SHELF) == want


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nil | asset_url", "give the name of a file, not nothing"),
        ("product | file_url", "give the name of a file, not an object"),
        ("list | global_asset_url", "not an object"),
        ("'/c' | sort_by: 'cheap'", "'cheap' is no order: give one of manual"),
        ("'/c' | sort_by", "is no order"),
        (f"'{'x' * 501}' | shopify_asset_url", "no longer than 500 characters"),
        (f"'{'x' * 9000}' | sort_by: 'manual'", "the URL is longer than 8000 characters"),
        ("'x' | link_to: '/', 2, 3, 4", "positional arguments"),
    ],
)
def test_what_is_no_name_and_no_order_is_refused(source, said):
    assert said in refused("{{ " + source + " }}", product=POTION, list=[1])


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'Red' | link_to_tag", ("/collections/best-of/red", "Show products matching tag Red", "Red")),
        (
            "'x' | link_to_tag: 'Deep Red'",
            ("/collections/best-of/deep-red", "Show products matching tag Deep Red", "x"),
        ),
        (
            "'Red' | link_to_add_tag",
            ("/collections/best-of/blue+red", "Narrow selection to products matching tag Red", "Red"),
        ),
        (
            "'Blue' | link_to_add_tag",
            ("/collections/best-of/blue", "Narrow selection to products matching tag Blue", "Blue"),
        ),
        ("'Blue' | link_to_remove_tag", ("/collections/best-of", "Remove tag Blue", "Blue")),
        (
            "'<b>' | link_to_tag: '\"'",
            ("/collections/best-of", "Show products matching tag &quot;", "&lt;b&gt;"),
        ),
    ],
)
def test_links_to_tags(source, want):
    href, title, text = want
    made = written("{{ " + source + " }}", collection=SHELF, current_tags=["Blue"], blog=None)
    assert made == f'<a href="{href}" title="{title}">{text}</a>'


def test_tags_of_a_blog_are_below_tagged():
    blog = thing("blog", url="/blogs/news")
    made = written("{{ 'A b' | link_to_tag }}", blog=blog, collection=None, current_tags=None)
    assert 'href="/blogs/news/tagged/a-b"' in made
    gone = written("{{ 'A' | link_to_remove_tag }}", blog=blog, collection=None, current_tags=["A"])
    assert 'href="/blogs/news"' in gone


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("'blue' | highlight_active_tag", '<span class="active">blue</span>'),
        ("'Blue' | highlight_active_tag: 'on'", '<span class="on">Blue</span>'),
        ("'Re<d' | highlight_active_tag", "Re&lt;d"),
        ("nil | highlight_active_tag", ""),
        (
            "'Blue' | highlight_active_tag | link_to_tag: 'Blue'",
            (
                '<a href="/collections/best-of/blue" title="Show products matching tag Blue">'
                '<span class="active">Blue</span></a>'
            ),
        ),
    ],
)
def test_the_tag_of_the_page_is_marked(source, want):
    assert written("{{ " + source + " }}", collection=SHELF, current_tags=["Blue"], blog=None) == want
