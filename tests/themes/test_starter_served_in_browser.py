"""The default theme on a real storefront, in Chromium: what a visitor puts into the cart becomes an order."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from admin_hall import browser
from barred import barred
from running import answer, serve, where


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A server with one shop, and the address of its storefront."""
    folder = tmp_path_factory.mktemp("shop")
    answer("shop", "create", "corner", "--timezone", "Europe/London", *where(folder))
    with serve(folder) as server, browser() as chrome:
        port = server.url.rpartition(":")[2]
        yield SimpleNamespace(url=f"http://corner.store.localhost:{port}", chrome=chrome, folder=folder)


@pytest.fixture
def page(shop):
    context = shop.chrome.new_context(viewport={"width": 360, "height": 740}, base_url=shop.url)
    opened = context.new_page()
    wrong = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


class Gate:
    """It keeps a page's requests for `pattern` back until it is opened."""

    def __init__(self, page, pattern):
        self.held, self.is_open = [], False
        page.route(pattern, self.take)

    def take(self, route):
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self):
        self.is_open = True
        for route in self.held:
            route.continue_()


def test_from_the_shelf_to_an_order(page, shop):
    page.goto("/products/stoneware-mug")
    page.get_by_label("Moss", exact=True).check()
    page.wait_for_url("**variant=*")
    page.get_by_role("button", name="Add to cart").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("Colour: Moss").wait_for()
    assert page.locator(".header__count").inner_text().startswith("1")
    drawer.get_by_role("button", name="One more of Stoneware Mug").click()
    drawer.get_by_text("$36.00 USD").wait_for()
    assert barred(page) == []
    drawer.get_by_role("button", name="Check out").click()
    page.wait_for_url("**/checkout*")
    assert "Stoneware Mug" in page.inner_text("main")


def test_lines_are_taken_out_on_the_carts_page(page):
    page.goto("/products/kitchen-scale")
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("dialog").get_by_text("Kitchen Scale", exact=True).wait_for()
    page.goto("/cart")
    page.get_by_role("link", name="Remove Kitchen Scale").click()
    page.get_by_text("Nothing in it yet.").wait_for()


def test_what_is_short_is_said_beside_the_button(page):
    page.goto("/products/moka-pot")
    page.get_by_label("Red", exact=True).check()
    page.wait_for_url("**variant=*")
    page.get_by_label("Quantity of Moka Pot").first.fill("50")
    page.get_by_role("button", name="Add to cart").click()
    page.locator("[data-problem]").wait_for(state="visible")
    assert page.locator("[data-problem]").inner_text()
    assert not page.get_by_role("dialog").is_visible()


def test_what_is_typed_while_a_variant_is_fetched_is_kept(page):
    page.goto("/products/moka-pot")
    gate = Gate(page, "**/*sections=*")
    page.get_by_label("Red", exact=True).check()
    page.wait_for_url("**variant=*")
    field = page.get_by_label("Quantity of Moka Pot").first
    field.fill("2")
    gate.open()
    page.locator(".product__price").get_by_text("$38.00").wait_for()
    expect(field).to_have_value("2")


def test_quick_steps_all_count_and_what_is_typed_meanwhile_is_kept(page):
    for handle in ("stoneware-mug", "kitchen-scale"):
        page.goto(f"/products/{handle}")
        page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("dialog").wait_for()
    page.goto("/cart")
    gate = Gate(page, "**/cart/change.js")
    cart = page.get_by_role("main")
    mug, scale = (
        cart.get_by_label("Quantity of Stoneware Mug"),
        cart.get_by_label("Quantity of Kitchen Scale"),
    )
    for _ in range(3):
        cart.get_by_role("button", name="One more of Stoneware Mug").click()
    scale.press("ArrowRight")
    scale.press_sequentially("2")
    gate.open()
    cart.get_by_text("$72.00").wait_for()
    expect(mug).to_have_value("4")
    expect(scale).to_have_value("12")
    expect(scale).to_be_focused()
    scale.press("Tab")
    cart.get_by_text("$540.00").wait_for()


def test_german_stays_german(page):
    page.goto("/")
    page.get_by_role("button", name="Deutsch").last.click()
    page.wait_for_url("**/de**")
    page.get_by_role("link", name="Zum Kaffee").click()
    page.get_by_role("heading", name="Kaffee", exact=True).wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
