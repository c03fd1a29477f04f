"""A storefront that is not open to everybody: a plain page, unless somebody was given a link."""

from urllib.parse import quote

import pytest

from inside import inside
from shopping import Visitor
from storefront_shops import themed
from till.clock import DAY
from till.storefront.previews import Previews

SCOPES = frozenset({"read_themes", "write_themes"})


@pytest.fixture(params=[{"storefront": "closed"}, {"host": "0.0.0.0"}], ids=["closed", "not local"])
def closed(request, run, tmp_path):
    with inside(run, folder=tmp_path, url=None, **request.param) as server:
        server.token = server.install(server.shop, scopes=SCOPES)
        themed(server, server.shop)
        yield server


def test_nobody_is_let_in_without_a_link(closed):
    visitor = Visitor(closed.parts, closed.run)
    for path in ("/", "/cart.js", "/checkout", "/products/x", "/files/x.svg"):
        page = visitor.get(path)
        assert page.status == 403, path
        assert "not open" in page.text
    assert visitor.post("/cart/add", {"id": "1"}).status == 403


def test_a_link_lets_in(closed):
    visitor = Visitor(closed.parts, closed.run)
    (theme,) = closed.get("/themes").json["themes"]
    link = closed.post(f"/themes/{theme['shopThemeId']}/preview").json["preview"]["url"]
    page = visitor.follow(visitor.get("/" + link.rpartition("/")[2]))
    assert page.status == 200
    assert "Preview of" in page.text
    assert visitor.get("/collections/all").status == 200
    visitor.get("/?till_preview=off")
    assert visitor.get("/").status == 403


@pytest.mark.parametrize("token", ["x", "eyJhbGciOiJub25lIn0.eyJzaG9wIjoiMSJ9.", "a" * 2_000, "é"])
def test_a_link_that_nobody_gave_lets_nobody_in(closed, token):
    visitor = Visitor(closed.parts, closed.run)
    assert visitor.get(f"/?till_preview={quote(token)}").status == 403
    assert not visitor.cookies
    visitor.cookies["till_preview"] = token.encode("ascii", "replace").decode()
    assert visitor.get("/").status == 403


def test_a_link_ends(closed):
    previews = Previews(b"k" * 32)
    token, preview = previews.mint(shop_id=1, theme_id=2, at=100 * DAY)
    assert preview.expires_at == 114 * DAY
    assert previews.read(token, shop_id=1, at=114 * DAY - 1) == preview
    assert previews.read(token, shop_id=1, at=114 * DAY) is None
    assert previews.read(token, shop_id=2, at=100 * DAY) is None
    assert Previews(b"l" * 32).read(token, shop_id=1, at=100 * DAY) is None


def test_an_open_storefront_of_a_domain(run, tmp_path):
    more = {"host": "0.0.0.0", "storefront": "open", "storefront_domain": "Shops.Example.net"}
    with inside(run, folder=tmp_path, url=None, **more) as server:
        themed(server, server.shop)
        assert Visitor(server.parts, server.run, host="demo.shops.example.net").get("/").status == 200
        page = Visitor(server.parts, server.run, host="demo.store.localhost").get("/")
        assert "sandbox" not in (page["content-security-policy"] or "")


def test_the_editors_frame_needs_no_cookie(closed):
    visitor = Visitor(closed.parts, closed.run)
    (theme,) = closed.get("/themes").json["themes"]
    link = closed.post(f"/themes/{theme['shopThemeId']}/preview").json["preview"]["url"]
    framed = f"/?till_design={link.partition('till_preview=')[2]}&design_mode=true"
    page = visitor.get(framed)
    assert page.status == 200
    assert "data-shopify-editor-section" in page.text, page.text.partition("<body")[2][:600]
    assert "Preview of" not in page.text
    assert not visitor.cookies.get("till_preview")
    asking = f"http://{visitor.host}{framed}"
    on = visitor.get("/collections/all", referer=asking, sec_fetch_dest="iframe")
    assert on.status == 303
    assert on["location"].startswith("/collections/all?design_mode=true&till_design=ey")
    assert visitor.follow(on).status == 200
    assert visitor.get("/cart.js", referer=asking).status == 200
    assert visitor.get("/cart.js", referer=f"http://elsewhere.example{framed}").status == 403
    assert visitor.get("/?till_design=none").status == 403
