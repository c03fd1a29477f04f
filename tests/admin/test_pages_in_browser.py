"""Every page in a real browser: light and dark, wide and narrow, free of what axe-core finds."""

import pytest

from admin_hall import PASSWORD
from barred import barred
from running import answer, where

SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 360, "height": 740}}


@pytest.fixture
def look(tmp_path):
    """Judge a page: no violation, no sideways scrolling, no word on the console; and keep a picture."""

    def looked(page, name):
        assert barred(page) == []
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (name, wide)
        page.screenshot(path=str(tmp_path / f"{name}.png"), full_page=True)

    return looked


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(params=list(SIZES))
def page(request, chrome, scheme):
    context = chrome.new_context(color_scheme=scheme, viewport=SIZES[request.param])
    opened = context.new_page()
    said = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    # What is refused is told on the console, too, by its status.
    assert [each for each in said if not each.startswith("Failed to load resource")] == []


def sign_in(page, served, email="ada@example.com"):
    page.goto(f"{served.url}/admin/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("button.primary")


def test_the_pages_before_somebody_is_known(page, served, look):
    at = where(served.folder)
    page.goto(f"{served.url}/admin")
    look(page, "sign-in")
    page.fill("#email", "nobody@example.com")
    page.fill("#password", "wrong wrong wrong")
    page.click("button.primary")
    assert page.locator("[role=alert]").inner_text() == "E-mail address or password is wrong."
    look(page, "sign-in-wrong")
    set_up = answer("staff", "invite", "--owner", "--url", served.url, *at)["link"]
    page.goto(set_up)
    look(page, "set-up")
    page.fill("#email", "carol@example.com")
    page.fill("#name", "Carol")
    page.fill("#password", "password1234")
    page.click("button.primary")
    assert "first that others try" in page.locator("[role=alert]").inner_text()
    look(page, "set-up-wrong")
    new = answer("staff", "invite", "dora@example.com", "--shop", "corner", "--url", served.url, *at)["link"]
    page.goto(new)
    look(page, "invitation")
    known = answer("staff", "invite", "bob@example.com", "--shop", "market", "--url", served.url, *at)["link"]
    page.goto(known)
    look(page, "invitation-known")
    reset = answer("staff", "reset-password", "bob@example.com", "--url", served.url, *at)["link"]
    page.goto(reset)
    look(page, "reset")
    page.goto(f"{served.url}/admin/invitation?token=none")
    look(page, "link-spent")


def test_the_pages_of_a_shop(page, served, look, site):
    apps = f"{served.url}/admin/market/apps"
    sign_in(page, served)
    assert page.locator("h1").inner_text() == "Your shops"
    look(page, "shops")
    page.click("text=market")
    look(page, "apps-none")
    page.click("nav.tabs >> text=Available")
    look(page, "apps-available")
    page.goto(f"{served.url}/admin/market/app-install/lark")
    look(page, "consent")
    page.uncheck("input[value=email]")
    page.click("button[value=accept]")
    page.wait_for_url(f"{site.url}/lark?**")
    page.goto(f"{served.url}/admin/market/app-install/sparrow")
    look(page, "consent-embedded")
    page.click("button[value=accept]")
    page.frame_locator("#app").locator("h1").wait_for()
    look(page, "embedded")
    page.goto(apps)
    page.click("summary >> text=What it may do >> nth=0")
    page.locator("summary", has_text="Uninstall").first.click()
    look(page, "apps-installed")
    for name in ("lark", "sparrow"):
        page.goto(apps)
        card = page.locator("article", has_text=name.capitalize())
        card.locator("summary", has_text="Uninstall").click()
        card.locator("select").select_option("replaced")
        card.locator("textarea").fill("Another one does it for less; we moved at the end of the month.")
        card.locator("button.danger").click()
    page.wait_for_url("**view=uninstalled")
    look(page, "apps-uninstalled")
    page.goto(f"{served.url}/admin/nowhere/apps")
    look(page, "no-shop")
