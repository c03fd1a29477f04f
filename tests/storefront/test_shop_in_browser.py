"""A storefront in a real browser: bought from, judged by axe-core, and kept apart from the admin."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from admin_hall import PASSWORD, Plain
from barred import barred
from browsers import browser
from running import answer, serve, where

FRAME = """(place) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.id = "f"; frame.src = place; frame.onload = done; setTimeout(done, 2000);
  document.body.append(frame);
})"""
SEEN = """(() => { try { return f.contentDocument.title; } catch { return null; } })()"""
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def chrome():
    # Not for longer: while it is there its loop runs in this thread, and no test can run one of its own.
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storefront")
    answer("shop", "create", "corner", "--timezone", "Europe/London", *where(folder))
    with serve(folder) as server:
        owner = Plain(server.url)
        assert owner.accept(server.said["setUp"], "ada@example.com").status == 303
        port = urlsplit(server.url).port
        shop = f"http://corner.store.localhost:{port}"
        yield SimpleNamespace(url=server.url, port=port, shop=shop, folder=folder)


@pytest.fixture(params=list(SIZES))
def page(request, chrome):
    context = chrome.new_context(viewport=SIZES[request.param])
    opened = context.new_page()
    said = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    # What is refused is told on the console, too, by its status.
    assert [each for each in said if "status of 422" not in each] == []


@pytest.fixture
def look(tmp_path):
    def looked(page, name):
        assert barred(page) == [], name
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (name, wide)
        page.screenshot(path=str(tmp_path / f"{name}.png"), full_page=True)

    return looked


def test_somebody_buys_something(page, served, look):
    page.goto(f"{served.shop}/")
    look(page, "home")
    page.goto(f"{served.shop}/collections/all")
    look(page, "collection")
    page.locator("main a[href*='/products/']").first.click()
    page.wait_for_url("**/products/**")
    look(page, "product")
    # A wait for what a script fetches would not wait: a promise is as good as true.
    with page.expect_response("**/cart/add*"):
        page.locator("form[action$='/cart/add'] [type=submit]").first.click()
    assert page.evaluate("fetch('/cart.js').then((r) => r.json()).then((cart) => cart.item_count)") == 1
    page.goto(f"{served.shop}/cart")
    look(page, "cart")
    page.goto(f"{served.shop}/checkout")
    look(page, "checkout")
    page.get_by_role("button").click()
    look(page, "checkout-wrong")
    for name, value in {
        "email": "ada@example.com",
        "last_name": "Lovelace",
        "address1": "12 St James's Square",
        "zip": "SW1Y 4JH",
        "city": "London",
        "country": "United Kingdom",
    }.items():
        page.fill(f"#{name}", value)
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "Thank you"
    name = page.locator("#order-name").inner_text()
    look(page, "thanks")
    page.goto(f"{served.shop}/cart")
    assert page.evaluate("fetch('/cart.js').then((r) => r.json()).then((cart) => cart.item_count)") == 0
    assert name in {f"#{number}" for number in range(1001, 1010)}


def test_the_session_of_the_admin_never_reaches_a_storefront(chrome, served):
    context = chrome.new_context()
    page = context.new_page()
    for host in ("127.0.0.1", "localhost"):
        page.goto(f"http://{host}:{served.port}/admin/sign-in")
        page.fill("#email", "ada@example.com")
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_url(f"http://{host}:{served.port}/admin**")
    sessions = {cookie["value"] for cookie in context.cookies()}
    assert len(sessions) >= 2
    sent = []
    page.on("request", lambda request: sent.append((request.url, request.all_headers().get("cookie", ""))))
    page.goto(f"{served.shop}/")
    page.evaluate("fetch('/cart/add.js', {method: 'POST', body: new URLSearchParams({id: 1})})")
    asked = [cookies for url, cookies in sent if url.startswith(served.shop)]
    assert len(asked) >= 2
    assert not any(session in cookies for session in sessions for cookies in asked)
    assert page.evaluate("document.cookie") == ""
    # What a theme's script can do with the admin: ask without a session, and not read the answer.
    for host in ("127.0.0.1", "localhost"):
        place = f"http://{host}:{served.port}/admin"
        read = page.evaluate(
            "(place) => fetch(place, {credentials: 'include'}).then((r) => r.text(), () => 'nothing')", place
        )
        assert read == "nothing"
        page.evaluate(FRAME, place)
        assert not page.evaluate(SEEN)
        page.evaluate("f.remove()")
    context.close()


def test_the_cart_is_no_business_of_scripts_and_top_stays(chrome, served):
    context = chrome.new_context()
    page = context.new_page()
    page.goto(f"{served.shop}/")
    page.evaluate(
        "fetch('/search/suggest.json?q=a').then((r) => r.json()).then((found) => fetch('/products/' +"
        " found.resources.results.products[0].handle + '.js')).then((r) => r.json()).then((product) =>"
        " fetch('/cart/add.js', {method: 'POST', body: new URLSearchParams({id: product.variants[0].id})}))"
    )
    names = {cookie["name"]: cookie for cookie in context.cookies()}
    assert names["till_cart"]["httpOnly"]
    assert names["till_cart"]["domain"] == "corner.store.localhost"
    assert page.evaluate("document.cookie") == ""
    context.close()
