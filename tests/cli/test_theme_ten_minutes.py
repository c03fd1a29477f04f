"""The first ten minutes of a theme developer, from nothing to published, as they are typed and clicked."""

import io
import json
import os
import re
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from urllib.request import Request, urlopen

import pytest

from admin_hall import PASSWORD
from barred import barred
from browsers import browser
from running import serve, till
from themer import Themer, developing

PAGES = {
    "home": "/",
    "collections": "/collections",
    "everything": "/collections/all",
    "search": "/search?q=coffee",
    "cart": "/cart",
    "about": "/pages/about",
    "journal": "/blogs/journal",
    "lost": "/nothing-here",
}
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
HEADING = "getComputedStyle(document.querySelector('h1')).color"


@pytest.fixture(scope="module")
def chrome():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Minute 0: a demo shop, and a theme to begin from."""
    folder = tmp_path_factory.mktemp("ten-minutes")
    with serve(folder / "demo", "--orders", "5", verb="demo") as server:
        till("theme", "init", folder / "my-theme")
        themer = Themer(server.url, server.said["accessToken"], folder / "my-theme", {})
        yield SimpleNamespace(server=server, themer=themer, token=server.said["accessToken"])


@pytest.fixture
def eye(chrome, tmp_path):
    """Looks at pages on a desktop and on a phone; axe-core finds nothing in either."""
    shots = Path(os.environ.get("TILL_SCREENSHOTS", tmp_path))

    def look(page, name):
        for label, size in (("phone", PHONE), ("desktop", DESKTOP)):
            page.set_viewport_size(size)
            assert barred(page) == [], (name, label)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (name, label)
            page.screenshot(path=shots / f"{name}-{label}.png", full_page=True)

    return look


def api(demo, path):
    request = Request(f"{demo.server.url}/api/202412{path}", headers={"X-Genstore-Access-Token": demo.token})
    with urlopen(request, timeout=60) as reply:
        return json.load(reply)


def current(demo):
    [found] = [each for each in api(demo, "/themes")["themes"] if each["isCurrent"] in (True, "true")]
    return found["shopThemeName"]


def buy(page, url, look):
    """Put something into the cart, and pay for it."""
    page.goto(url + "/collections/all")
    page.locator("main a[href*='/products/']").first.click()
    page.wait_for_url("**/products/**")
    look(page, "product")
    # A wait for what a script fetches would not wait: a promise is as good as true.
    with page.expect_response("**/cart/add*"):
        page.locator("form[action*='/cart/add'] [type=submit]:visible").first.click()
    assert page.evaluate("fetch('/cart.js').then((r) => r.json()).then((cart) => cart.item_count)") == 1
    page.goto(url + "/cart")
    look(page, "cart-with-something")
    page.goto(url + "/checkout")
    look(page, "checkout")
    for label, text in {
        "E-mail": "ada@example.com",
        "Last name": "Lovelace",
        "Address": "12 St James's Square",
        "Postal code": "SW1Y 4JH",
        "City": "London",
        "Country": "United Kingdom",
    }.items():
        page.get_by_label(re.compile(f"^{label}")).first.fill(text)
    page.locator("form button").last.click()
    page.wait_for_selector("text=/#\\d+/")
    look(page, "thanks")
    return re.search(r"#\d+", page.inner_text("body"))[0]


@pytest.mark.long
def test_from_nothing_to_published(chrome, demo, eye, tmp_path):
    themer = demo.themer
    began = time.monotonic()
    with developing(themer.folder, **themer.known) as dev:
        print(f"theme dev is up after {time.monotonic() - began:.2f} s")
        page = chrome.new_page(viewport=DESKTOP)
        see_every_page(page, dev, demo, eye)
        change_a_colour(page, themer, dev)
        change_a_section(page, themer, dev)
        make_a_mistake(page, themer, dev, eye)
        page.close()
    push_a_draft(themer)
    edit_it_in_the_admin(chrome, demo, eye)
    share_it(chrome, demo, eye)
    publish_and_go_back(demo)
    pack_it(themer, tmp_path)


def see_every_page(page, dev, demo, eye):
    """Minute 1: the whole shop is there, and a checkout makes a real order."""
    for name, path in PAGES.items():
        reply = page.goto(dev.url + path)
        assert reply.status == (404 if name == "lost" else 200), name
        assert page.locator("header").count() >= 1
        assert page.locator("till-overlay").count() == 0, name
        eye(page, name)
    order = buy(page, dev.url, eye)
    [found] = [each for each in api(demo, "/orders?limit=5")["orders"] if each["name"] == order]
    assert (found["sourceName"], found["email"]) == ("web", "ada@example.com")
    page.set_viewport_size(DESKTOP)


def change_a_colour(page, themer, dev):
    """Minute 2: a stylesheet is swapped without a reload."""
    page.goto(dev.url + "/collections/all")
    page.evaluate("window.mark = 1")
    css = themer.read("assets/base.css").decode()
    themer.write({"assets/base.css": css + "\nh1 { color: rgb(120, 20, 60) }\n"})
    page.wait_for_function(f"{HEADING} === 'rgb(120, 20, 60)'")
    assert page.evaluate("window.mark") == 1


def change_a_section(page, themer, dev):
    """Minute 3: schema and markup of one section; nothing else of the page is touched."""
    page.goto(dev.url)
    page.evaluate("window.mark = 1; scrollTo(0, 250)")
    hero = themer.read("sections/hero.liquid").decode()
    hero = hero.replace('"settings": [', '"settings": [{"type": "text", "id": "shout", "label": "Shout", '
                        '"default": "Fresh on Tuesdays"},', 1)  # fmt: skip
    hero = hero.replace("{% schema %}", "<p id=shout>{{ section.settings.shout }}</p>\n{% schema %}", 1)
    themer.write({"sections/hero.liquid": hero})
    page.wait_for_selector("[id$=__hero] #shout")
    assert page.inner_text("#shout") == "Fresh on Tuesdays"
    assert page.evaluate("[window.mark, scrollY]") == [1, 250]


def make_a_mistake(page, themer, dev, eye):
    """Minutes 4 and 5: the page says what is wrong and stands; so does the check."""
    page.goto(dev.url + "/collections/all")
    page.locator("main a[href*='/products/']").first.click()
    page.wait_for_url("**/products/**")
    good = themer.read("sections/product.liquid").decode()
    themer.write({"sections/product.liquid": "{{ product.titel | mony }}\n" + good})
    page.wait_for_selector("till-overlay section")
    said = page.locator("till-overlay section").inner_text()
    assert all(part in said for part in ("sections/product.liquid:1", "mony", "money?", "titel", "title?"))
    assert page.locator("h1").is_visible()
    eye(page, "mistake")
    done = themer.run("check")
    assert done.returncode == 1
    assert all(part in done.stdout for part in ("sections/product.liquid", "mony", "money"))
    sarif = json.loads(themer.run("check", "-o", "sarif").stdout)
    places = [each["locations"][0]["physicalLocation"] for each in sarif["runs"][0]["results"]]
    assert any(each["artifactLocation"]["uri"].endswith("sections/product.liquid") for each in places)
    assert "mony" in themer.refused("push", "--unpublished", "--strict")
    themer.write({"sections/product.liquid": good})
    page.wait_for_function("!document.querySelector('till-overlay')")
    themer.says("check")


def push_a_draft(themer):
    """Minute 6: a draft of all files, then the one that changed."""
    made = themer.json("push", "--unpublished", "--strict", "-t", "Autumn")
    assert (made["theme"]["status"], made["theme"]["isCurrent"]) == ("SUCCESS", False)
    assert len(made["uploaded"]) > 50
    themer.write({"assets/base.css": themer.read("assets/base.css").decode() + "/* again */\n"})
    assert themer.json("push")["uploaded"] == ["assets/base.css"]


def edit_it_in_the_admin(chrome, demo, eye):
    """Minute 7: somebody adds a block in the editor; a pull brings it and shows what it changed."""
    demo.admin = chrome.new_context(viewport=DESKTOP)
    page = demo.admin.new_page()
    page.goto(demo.server.said["setUp"])
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label(re.compile("name", re.IGNORECASE)).first.fill("Ada Byron")
    page.locator("input[type=password]").first.fill(PASSWORD)
    page.locator("main form button").first.click()
    page.goto(f"{demo.server.url}/admin/demo/themes")
    eye(page, "admin-themes")
    page.set_viewport_size(DESKTOP)
    page.get_by_role("link", name="Customise Autumn").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_label("Add a block to Opening").select_option(label="Heading")
    page.get_by_role("button", name="Add a block to Opening").click()
    page.get_by_label("Text", exact=True).fill("Added in the editor")
    page.frame_locator("#view").get_by_text("Added in the editor").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 3.").wait_for()
    page.frame_locator("#view").locator("[data-sketch=''][data-version='3']").wait_for(state="attached")
    page.frame_locator("#view").get_by_text("Added in the editor").wait_for()
    page.screenshot(path=Path(os.environ.get("TILL_SCREENSHOTS", demo.themer.folder.parent)) / "editor.png")
    page.close()
    said = demo.themer.says("pull")
    assert "~ templates/index.json" in said
    assert re.search(r"^\+.*Added in the editor", said, re.MULTILINE), said
    assert demo.themer.json("push")["uploaded"] == []


def share_it(chrome, demo, eye):
    """Minute 8: a link for others, on an origin where no cookie of the admin is."""
    link = demo.themer.json("share")["preview"]["url"]
    host = re.sub(r"^http://|[:/].*", "", link)
    assert host not in demo.server.url
    assert demo.admin.cookies(demo.server.url) != []
    assert demo.admin.cookies(link) == []
    private = chrome.new_context(viewport=DESKTOP)
    page = private.new_page()
    page.goto(link)
    assert "till_preview" not in page.url
    page.get_by_text("Preview of Autumn").wait_for()
    assert page.inner_text("#shout") == "Fresh on Tuesdays"
    assert page.get_by_text("Added in the editor").is_visible()
    eye(page, "shared")
    private.close()
    demo.admin.close()


def publish_and_go_back(demo):
    """Minute 9: what visitors see changes at once, and back."""
    first = current(demo)
    shop = "http://demo.store.localhost:" + demo.server.url.rpartition(":")[2]

    def shown():
        at = f"http://127.0.0.1:{shop.rpartition(':')[2]}/"
        with urlopen(Request(at, headers={"Host": shop.removeprefix("http://")}), timeout=60) as reply:
            return "Fresh on Tuesdays" in reply.read().decode()

    assert not shown()
    demo.themer.json("publish", "-f")
    assert (current(demo), shown()) == ("Autumn", True)
    assert len(demo.themer.json("versions")["versions"]) >= 3
    assert "--allow-live" in demo.themer.refused("push", code=2)
    demo.themer.json("rollback")
    assert (current(demo), shown()) == (first, False)


def pack_it(themer, tmp_path):
    """Minute 10: a zip within the limits, the same each time."""
    first = themer.json("package", "-o", str(tmp_path / "one.zip"))
    themer.json("package", "-o", str(tmp_path / "two.zip"))
    packed = (tmp_path / "one.zip").read_bytes()
    assert packed == (tmp_path / "two.zip").read_bytes()
    assert len(packed) == first["size"] < 50 * 1024 * 1024
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        assert sorted(file.namelist()) == first["files"]
        assert file.read("assets/base.css") == themer.read("assets/base.css")
