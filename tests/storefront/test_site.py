"""Pages, files and hosts of storefronts, asked as a browser asks."""

import re

import pytest

from shopping import Visitor
from till.errors import Invalid
from till.settings import from_environment
from till.storefront.host import Hosts
from till.storefront.shipped import shipped
from till.storefront.world import decode

MADE = "a { --shop: {{ shop.name }}; --cart: {{ cart.item_count }} }"
SPELLED = {
    "made": "assets/made.css",
    "templates__pageslow": "templates/page.slow",
    "templates__pagelong": "templates/page.long",
}


def first(kind):
    """The handle of the first thing of a kind in the catalogue that is shipped."""
    return getattr(decode(shipped().raw), kind)[0].handle


def shop_name():
    return decode(shipped().raw).shop.name


@pytest.fixture
def theme(till):
    """A draft with a template of the test's own; answers what changes its files."""
    made = till.post("/themes", {"theme": {"shopThemeName": "Draft"}}).json["theme"]

    def put(**files):
        files |= {"made": MADE} if "made" in files else {}
        assets = [
            {"assetName": SPELLED.get(name, name.replace("__", "/")) + ".liquid", "context": text}
            for name, text in files.items()
        ]
        reply = till.post(f"/themes/{made['shopThemeId']}/assets", {"assets": assets})
        assert reply.status == 200, reply.body
        return made["shopThemeId"]

    return put


def test_every_kind_of_page_is_shown(till, visitor):
    paths = ["/", "/collections", "/collections/all", "/cart", "/search?q=a", "/account/login"]
    paths += [f"/{kind}/{first(kind)}" for kind in ("products", "collections", "pages", "blogs")]
    for path in paths:
        page = visitor.get(path)
        assert page.status == 200, (path, page.text[:500])
        assert page["content-type"] == "text/html; charset=utf-8"
        assert "<h1" in page.text, path
        assert "Liquid" not in page.text, path


def test_what_is_not_there_has_the_themes_own_page(visitor):
    page = visitor.get("/products/none")
    assert page.status == 404
    assert "<h1" in page.text


def test_another_language_stands_under_its_own_prefix(visitor):
    page = visitor.get("/de/collections/all")
    assert page.status == 200
    assert re.search(r'<html[^>]* lang="de"', page.text)
    assert 'href="/de/' in page.text


def test_theme_pages_are_in_a_sandbox(visitor):
    page = visitor.get("/")
    assert page["content-security-policy"].startswith("sandbox ")
    assert "allow-top-navigation" not in page["content-security-policy"]
    assert page["x-content-type-options"] == "nosniff"


def test_assets_are_served_by_their_digest_for_ever(visitor):
    found = re.findall(r'"(/assets/t/[0-9a-f]{64}/[^"?]+)', visitor.get("/").text)
    assert found
    for path in found:
        page = visitor.get(path)
        assert page.status == 200, path
        assert "immutable" in page["cache-control"]
        assert page["content-type"] != "text/html"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.css",
        f"/assets/t/{'0' * 64}/a.css",
        "/assets/t/x/y",
        "/files/none.svg",
        "/files/../world.json",
    ],
)
def test_files_that_are_not_there(visitor, path):
    assert visitor.get(path).status == 404


def test_an_asset_is_never_a_page(till, visitor, theme):
    """Whatever ending somebody asks for, bytes of a theme do not become HTML of this host."""
    draft = theme(layout__theme="{{ content_for_header }}<script>alert(1)</script>{{ content_for_layout }}")
    asset = till.get(f"/themes/{draft}/assets?assetName=layout/theme.liquid").json["asset"]
    digest = asset["sha256"]
    page = visitor.get(f"/assets/t/{digest}/x.html")
    assert page["content-type"] == "application/octet-stream"
    assert "sandbox" in page["content-security-policy"]


def test_pictures_of_the_catalogue(visitor):
    (path, *_) = re.findall(r"(/files/[a-z0-9-]+\.svg)", visitor.get("/collections/all").text)
    page = visitor.get(path)
    assert page["content-type"] == "image/svg+xml"
    assert "sandbox" in page["content-security-policy"]


def test_an_asset_that_is_made_of_liquid(till, visitor, theme):
    draft = theme(
        made="",
        layout__theme="{{ content_for_header }}{{ 'made.css' | asset_url }}|{{ content_for_layout }}",
    )
    link = till.post(f"/themes/{draft}/preview").json["preview"]["url"]
    visitor.get("/" + link.rpartition("/")[2])
    path = re.search(r"(/assets/l/[0-9a-f]+/made.css)\|", visitor.get("/").text)[1]
    page = visitor.get(path)
    assert page.text == "a { --shop: Till; --cart: 0 }".replace("Till", shop_name())
    assert page["content-type"].startswith("text/css")
    assert "immutable" in page["cache-control"]
    assert visitor.get(path.replace("made.css", "none.css")).status == 404


def test_other_shops_have_other_hosts(till, visitor):
    till.found("corner", currency="EUR")
    corner = Visitor(till.parts, till.run, host="corner.store.localhost:8080")
    assert '"EUR"' in corner.get("/cart.js").text
    assert '"USD"' in visitor.get("/cart.js").text
    nobody = Visitor(till.parts, till.run, host="nobody.store.localhost:8080")
    page = nobody.get("/")
    assert page.status == 404
    assert "no shop" in page.text


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "localhost:8080",
        "demo.localhost:8080",
        "demo.genmystore.com",
        "store.localhost",
        "evilstore.localhost",
        "demo.store.localhost.evil.example",
    ],
)
def test_no_page_of_a_theme_on_any_other_host(till, host):
    other = Visitor(till.parts, till.run, host=host)
    for path in ("/", "/products/x", "/cart.js", "/checkout", "/-/till.css", f"/assets/t/{'0' * 64}/a.css"):
        page = other.get(path)
        assert page.status in (307, 404), (host, path)
        assert "sandbox" not in (page["content-security-policy"] or "")


@pytest.mark.parametrize(
    "host",
    [
        "demo.store.localhost:8080",
        "DEMO.store.localhost",
        "demo.store.localhost.",
        "nobody.store.localhost",
        "a.b.store.localhost",
    ],
)
def test_no_admin_and_no_api_on_the_host_of_a_storefront(till, host):
    shop = Visitor(till.parts, till.run, host=host)
    for path in (
        "/admin",
        "/admin/sign-in",
        "/api/202412/orders",
        "/healthz",
        "/metrics",
        "/docs",
        "/openapi.json",
    ):
        page = shop.get(path, x_genstore_access_token=till.token)
        assert page.status == 404, (host, path)
        assert page["content-type"].startswith("text/html"), path
        assert "orders" not in page.headers


def test_hosts():
    hosts = Hosts("shops.example.com")
    assert hosts.handle("demo.shops.example.com:443") == "demo"
    assert hosts.handle("a.b.shops.example.com") == ""
    assert hosts.handle("shops.example.com") == ""
    assert hosts.handle("example.com") is None
    assert hosts.handle("demo.store.localhost") is None
    assert hosts.url("demo", scheme="https", host="admin.example.com") == "https://demo.shops.example.com"
    assert Hosts().url("demo", scheme="http", host="127.0.0.1:9000") == "http://demo.store.localhost:9000"
    assert Hosts().url("demo", scheme="http", host="[::1]:9000") == "http://demo.store.localhost:9000"
    assert Hosts().url("demo", scheme="http", host="[::1]") == "http://demo.store.localhost"


def test_sections_alone(visitor):
    whole = visitor.get("/").text
    ids = re.findall(r'id="shopify-section-([^"]+)"', whole)
    assert ids
    page = visitor.get(f"/?sections={ids[0]},no-such-section")
    assert page["content-type"].startswith("application/json")
    assert page.json["no-such-section"] is None
    assert f'id="shopify-section-{ids[0]}"' in page.json[ids[0]]
    one = visitor.get(f"/?section_id={ids[0]}")
    assert one.text.strip().startswith("<")
    assert "<html" not in one.text
    assert visitor.get("/?sections=a,b,c,d,e,f").status == 400


def test_a_preview_shows_another_theme_to_who_has_its_link(till, visitor, theme):
    draft = theme(
        layout__theme="<html><body>{{ content_for_header }}Draft{{ content_for_layout }}</body></html>"
    )
    reply = till.post(f"/themes/{draft}/preview")
    link = reply.json["preview"]["url"]
    assert link.startswith("http://demo.store.localhost:8080/?till_preview=")
    entered = visitor.get(link.removeprefix("http://demo.store.localhost:8080"))
    (cookie,) = entered.cookies
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie
    shown = visitor.follow(entered)
    assert entered["location"] == "/"
    assert "Draft" in shown.text
    assert "Preview of Draft" in shown.text
    assert shown["cache-control"] == "private, no-store"
    assert "Draft" not in Visitor(till.parts, till.run).get("/").text
    ended = visitor.follow(visitor.get("/pages/none?till_preview=off&a=b"))
    assert ended.status == 404
    assert "Draft" not in ended.text


def test_a_preview_is_of_one_shop(till, theme):
    draft = theme(snippets__x="x")
    till.found("corner")
    link = till.post(f"/themes/{draft}/preview").json["preview"]["url"]
    corner = Visitor(till.parts, till.run, host="corner.store.localhost:8080")
    refused = corner.get("/" + link.rpartition("/")[2])
    assert refused.status == 403
    assert not corner.cookies


def test_preview_needs_a_theme_and_a_scope(till):
    assert till.post("/themes/12345/preview").status == 404
    assert till.run(till.ask("POST", "/themes/12345/preview", token=till.install(till.shop))).status == 403


def test_a_page_that_takes_too_much_is_stopped_and_others_go_on(till, visitor, theme):
    """A needle looked for in half a megabyte, over and over: within all counted limits, and far too long."""
    slow = (
        "{% assign hay = 'xxxxxxxxxxxxxxxx' %}\n{% for i in (1..15) %}{% assign hay = hay | append: hay %}"
        "{% endfor %}\n{% for i in (1..90000) %}{% if hay contains 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxy' %}"
        "{{ i }}{% endif %}{% endfor %}"
    )
    draft = theme(
        templates__pageslow=slow,
        templates__pagelong="{% assign a = 'x' %}{% for i in (1..60) %}\n"
        "{% assign a = a | append: a %}{% endfor %}{{ a }}",
    )
    link = till.post(f"/themes/{draft}/preview").json["preview"]["url"]
    visitor.get("/" + link.rpartition("/")[2])
    path = f"/pages/{first('pages')}"
    stopped = [visitor.get(f"{path}?view=slow") for _ in range(3)]
    assert [page.status for page in stopped] == [500] * 3
    # Where it stood is known unless the kernel was first to end it.
    assert any("templates/page.slow.liquid:3" in page.text for page in stopped)
    for page in stopped:
        assert "default-src 'none'" in page["content-security-policy"]
        assert "hay" not in page.text
    page = visitor.get(f"{path}?view=long")
    assert page.status == 200
    assert "1 fault" in page.text
    assert visitor.get(path).status == 200


def test_methods_that_a_storefront_does_not_take(visitor):
    page = visitor.run(visitor.ask("DELETE", "/", b"", {}))
    assert page.status == 405
    assert visitor.run(visitor.ask("HEAD", "/", b"", {})).body == b""
    assert visitor.post("/products/x").status == 405


def test_settings_of_storefronts():
    with pytest.raises(Invalid, match="give one of local, open, closed"):
        from_environment({"TILL_STOREFRONT": "ajar"})
    for domain in ("localhost", "shops.example.com", "example.com"):
        with pytest.raises(Invalid, match="apart from them"):
            from_environment({"TILL_STOREFRONT_DOMAIN": domain, "TILL_BASE_DOMAIN": "shops.example.com"})
    assert from_environment({"TILL_STOREFRONT_DOMAIN": "shops.example.net"}).storefront_domain
