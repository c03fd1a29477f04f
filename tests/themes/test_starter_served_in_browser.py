"""The default theme on a real storefront, in Chromium: what a visitor puts into the cart becomes an order."""

from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from barred import barred
from browsers import browser
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

    def open(self, held=None):
        self.is_open = True
        for route in held or self.held:
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


def fill_cart(page, *handles):
    for handle in handles:
        page.goto(f"/products/{handle}")
        page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("dialog").wait_for()


def in_cart(page):
    """The units that are in the cart, by handle."""
    page.goto("/cart")
    items = page.evaluate("fetch('/cart.js').then((answer) => answer.json())")["items"]
    return {each["handle"]: each["quantity"] for each in items}


def test_a_choice_made_before_the_script_is_there_is_what_is_bought(page):
    gate = Gate(page, "**/cart.js")
    page.goto("/products/stoneware-mug", wait_until="commit")
    page.get_by_label("Moss", exact=True).check()
    gate.open()
    page.wait_for_url("**variant=*")
    page.unroute("**/cart.js")
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("dialog").get_by_text("Colour: Moss").wait_for()


def test_of_two_quick_choices_the_last_is_shown_and_one_that_failed_is_not_sold(page):
    gate = Gate(page, "**/*sections=*")
    page.goto("/products/moka-pot")
    page.get_by_label("Red", exact=True).check()
    page.get_by_label("6 cups", exact=True).check()
    while len(gate.held) < 2:
        page.wait_for_timeout(20)
    gate.open(reversed(gate.held))
    price, button = page.locator(".product__price"), page.locator("[name=add]")
    price.get_by_text("$48.00").wait_for()
    assert (button.inner_text(), button.is_disabled()) == ("Sold out", True)
    page.get_by_label("Silver", exact=True).check()
    price.get_by_text("$46.00").wait_for()
    expect(button).to_be_enabled()
    page.route("**/*sections=*", lambda route: route.abort())
    page.get_by_label("3 cups", exact=True).check()
    page.get_by_text("That did not work: please try again.").wait_for()
    expect(button).to_be_disabled()


def test_what_is_sent_twice_is_put_in_once(page):
    gate = Gate(page, "**/cart/add.js")
    page.goto("/products/kitchen-scale")
    page.get_by_role("button", name="Add to cart").dblclick()
    gate.open()
    page.get_by_role("dialog").get_by_text("Kitchen Scale", exact=True).wait_for()
    assert in_cart(page) == {"kitchen-scale": 1}


def test_whoever_checks_out_during_a_change_buys_what_is_in_the_cart_after_it(page):
    fill_cart(page, "stoneware-mug", "kitchen-scale")
    page.goto("/cart")
    gate = Gate(page, "**/cart/change.js")
    main = page.get_by_role("main")
    main.get_by_role("link", name="Remove Kitchen Scale").click()
    main.get_by_role("button", name="One more of Stoneware Mug").click()
    main.get_by_role("button", name="Check out").click()
    gate.open()
    page.wait_for_url("**/checkout*")
    assert in_cart(page) == {"stoneware-mug": 2}


def test_a_page_from_before_the_cart_was_changed_elsewhere_changes_no_other_line(page):
    fill_cart(page, "stoneware-mug")
    page.goto("/cart")
    other = page.context.new_page()
    fill_cart(other, "kitchen-scale", "kitchen-scale")
    page.get_by_role("main").get_by_role("button", name="Check out").click()
    page.wait_for_url("**/checkout*")
    assert in_cart(page) == {"stoneware-mug": 1, "kitchen-scale": 2}
    page.goto("/cart")
    other.goto("/cart")
    other.get_by_role("link", name="Remove Stoneware Mug").click()
    expect(other.get_by_role("main").get_by_text("Stoneware Mug", exact=True)).to_have_count(0)
    page.get_by_role("main").get_by_role("button", name="Check out").click()
    expect(page.get_by_role("main").get_by_text("Stoneware Mug", exact=True)).to_have_count(0)
    assert page.url.endswith("/cart")
    assert in_cart(page) == {"kitchen-scale": 2}


def test_what_the_cart_refuses_is_said_there_and_the_keyboard_stays_where_it_was(page):
    fill_cart(page, "moka-pot")
    page.goto("/cart")
    main = page.get_by_role("main")
    more = main.get_by_role("button", name="One more of Moka Pot")
    more.focus()
    page.keyboard.press("Enter")
    field = main.get_by_label("Quantity of Moka Pot")
    main.get_by_text("$72.00 USD").wait_for()
    expect(more).to_be_focused()
    field.fill("5000")
    field.press("Enter")
    main.get_by_role("alert").filter(has_text="You can only add").wait_for()
    expect(field).to_have_value("2")
    main.get_by_role("link", name="Remove Moka Pot").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing in it yet.").wait_for()


def test_german_stays_german(page):
    page.goto("/")
    page.get_by_role("button", name="Deutsch").last.click()
    page.wait_for_url("**/de**")
    page.get_by_role("link", name="Zum Kaffee").click()
    page.get_by_role("heading", name="Kaffee", exact=True).wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
