"""Bob at the pages of themes: in a browser, looked at by axe-core, and without one."""

import contextlib
import json
import re
from types import SimpleNamespace

from admin_hall import PASSWORD
from barred import barred

HOME = "/admin/corner/themes"
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
    sign_in(opened, url)
    yield opened
    context.close()
    assert wrong == []


def sign_in(page, url):
    """From wherever `page` is to the list of themes."""
    page.goto(f"{url}/admin/sign-in")
    page.fill("#email", "bob@example.com")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{url}/admin/corner/themes")


def check(page):
    """Axe-core finds nothing, and nothing is wider than the screen."""
    assert barred(page, iframes=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def draft(page, name):
    """A copy of Till's own theme, added by the page; answers its card."""
    page.get_by_text("Begin with Till's own theme").click()
    page.get_by_label("Name of the copy").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    return page.locator("article", has=page.get_by_role("heading", name=name))


def shown(page, version):
    """The preview, once it is of this version as it was saved, whole and with all that is in it."""
    view = page.frame_locator("#view")
    view.locator(f"[data-sketch=''][data-version='{version}']").wait_for(state="attached")
    return view


def edit_code(card):
    """From the card of a theme to the editor of its files."""
    card.get_by_text("More").click()
    card.get_by_role("link", name="Edit code").click()


def send(bob, path, body, **headers):
    """JSON as a script of the editor sends it."""
    own = {"Origin": bob.url, "Sec_Fetch_Site": "same-origin", "Content_Type": "application/json"}
    reply = bob.ask("POST", path, raw=json.dumps(body).encode(), **own | headers)
    return SimpleNamespace(status=reply.status, said=json.loads(reply.text), headers=reply.headers)


def cards(bob):
    """Each theme's name and how it stands, by its id."""
    found = re.findall(r'id="theme-(\d+)">([^<]*?)\s*<span class="tag[^"]*">([^<]*)<', bob.get(HOME).text)
    return {int(number): (name, stands) for number, name, stands in found}


def clear(bob):
    """Delete all drafts: a shop has twenty themes at most, and the tests share theirs."""
    for made, (_, stands) in cards(bob).items():
        if stands != "Live":
            bob.ask("POST", f"{HOME}/{made}/delete", {"csrf": bob.form(HOME), "name": ""})


def add(bob, name):
    """A copy of Till's own theme; answers its id."""
    before = set(cards(bob))
    reply = bob.ask("POST", f"{HOME}/add", {"csrf": bob.form(HOME), "name": name})
    assert (reply.status, reply.headers["location"]) == (303, HOME)
    (made,) = set(cards(bob)) - before
    return made
