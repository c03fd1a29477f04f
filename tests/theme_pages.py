"""Bob in a browser at the pages of themes: signed in, with a draft of his own, and looked at by axe-core."""

import contextlib

from axe_playwright_python.sync_playwright import Axe

from admin_hall import PASSWORD

DESKTOP, PHONE = {"width": 1366, "height": 860}, {"width": 360, "height": 740}


@contextlib.contextmanager
def signed_in(chrome, url):
    """A page of `bob` with the list of his shop's themes; what goes wrong on it fails the test."""
    context = chrome.new_context(viewport=DESKTOP)
    opened = context.new_page()
    wrong = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "console", lambda told: wrong.append(told.text) if "Content Security Policy" in told.text else None
    )
    opened.goto(f"{url}/admin/sign-in")
    opened.fill("#email", "bob@example.com")
    opened.fill("#password", PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    opened.goto(f"{url}/admin/corner/themes")
    yield opened
    context.close()
    assert wrong == []


def check(page):
    """Axe-core finds nothing, and nothing is wider than the screen."""
    found = Axe().run(page, options={"iframes": False})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def draft(page, name):
    """A copy of Till's own theme, added by the page; answers its card."""
    page.get_by_text("Begin with Till's own theme").click()
    page.get_by_label("Name of the copy").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    return page.locator("article", has=page.get_by_role("heading", name=name))


def edit_code(card):
    """From the card of a theme to the editor of its files."""
    card.get_by_text("More").click()
    card.get_by_role("link", name="Edit code").click()
