"""The default theme in Chromium: nothing for axe to find, no page too wide for a phone, and its scripts."""

import pytest
from playwright.sync_api import expect
from starter_hall import ORIGIN, full_cart, serve

from barred import barred
from browsers import browser

PAGES = (
    "/",
    "/products/hand-grinder",
    "/collections/all",
    "/cart",
    "/search?q=coffee",
    "/de/pages/contact",
    "/blogs/journal",
    "/blogs/journal/water-first",
    "/nowhere",
    "/account/login",
)


@pytest.fixture(scope="module")
def chrome():
    with browser() as opened:
        yield opened


@pytest.fixture
def opened(chrome):
    """Opens a path of the shop; what goes wrong on the page fails the test."""
    contexts, wrong = [], []

    def go(path, *, cart=None, width=1280, scheme="light", scripts=True):
        context = chrome.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        serve(page, cart)
        page.goto(ORIGIN + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


def check(page):
    assert barred(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(opened, path, width, scheme):
    check(opened(path, cart=full_cart(), width=width, scheme=scheme))


def test_the_cart_opens_over_the_page_and_closes_by_key(opened):
    page = opened("/", cart=full_cart(), width=360)
    page.click("[data-opens-cart]")
    assert page.get_by_role("dialog").is_visible()
    check(page)
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_a_choice_shows_its_price_and_its_picture(opened):
    page = opened("/products/moka-pot")
    page.get_by_label("Red", exact=True).check()
    page.wait_for_selector('[data-swap="price"] :text("$38.00")')
    assert "moka-pot-red" in page.locator(".product__first img").get_attribute("src")
    page.get_by_label("6 cups", exact=True).check()
    page.wait_for_selector('[data-swap="buy"] :text("Sold out")')
    assert page.locator("[name=add]").is_disabled()
    check(page)


def test_suggestions_appear_while_one_types(opened):
    page = opened("/")
    page.locator(".header__search summary").press("Enter")
    expect(page.locator(".header__search [type=search]")).to_be_focused()
    page.keyboard.type("mug")
    page.wait_for_selector(".suggestion")
    assert page.locator(".suggestion").first.inner_text().startswith("Stoneware Mug")
    check(page)


def test_without_scripts_all_is_still_there(opened):
    page = opened("/products/moka-pot", scripts=False, width=360)
    assert page.get_by_label("Choose").is_visible()
    assert page.get_by_role("button", name="Add to cart").is_visible()
    assert not page.locator("fieldset.choice").first.is_visible()
    page.locator(".header__menu summary").click()
    assert page.get_by_role("link", name="Coffee", exact=True).first.is_visible()
