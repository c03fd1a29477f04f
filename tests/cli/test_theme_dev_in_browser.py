"""`till theme dev` in a real browser: what is saved is seen at once, and nothing that is saved ends it."""

import os
import time

import pytest

from barred import barred
from browsers import browser
from running import till
from themer import Themer, developing
from till.testing.ports import free_port

# A page that is being loaded again has no heading yet.
COLOUR = "getComputedStyle(document.querySelector('h1, h2') ?? document.documentElement).color"
# Whatever reloads the page loses this mark.
MARK = "window.mark = 'kept'; document.documentElement.dataset.mark = 'kept'"
TALL = "body { min-height: 4000px }\n"


@pytest.fixture(scope="module")
def chrome():
    with browser() as opened:
        yield opened


@pytest.fixture
def work(tmp_path):
    """The default theme in a folder, and its pages."""
    till("theme", "init", tmp_path / "theme")
    themer = Themer("", "", tmp_path / "theme", {})
    with developing(themer.folder) as dev:
        themer.dev = dev
        yield themer


@pytest.fixture
def page(chrome, work):
    opened = chrome.new_page(viewport={"width": 1280, "height": 800})
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.goto(work.dev.url)
    mark(opened)
    yield opened
    opened.close()


def mark(page):
    """Mark the page once it is whole and hears of what is saved: what was saved before reloads it."""
    page.wait_for_function("document.readyState === 'complete'")
    page.locator("script[data-listens]").wait_for(state="attached")
    page.evaluate(MARK)


def is_kept(page):
    return page.evaluate("window.mark") == "kept"


def overlay(page):
    return page.locator("till-overlay section")


def append(work, name, text):
    work.write({name: work.read(name).decode() + text})


def repainted(page, act):
    """Do what repaints the page, and wait until it is painted."""
    done = "addEventListener('till:repainted', () => fine(), {once: true})"
    page.evaluate(f"window.done = new Promise((fine) => {done}); null")
    act()
    page.evaluate("window.done")


def test_a_stylesheet_is_swapped_without_a_reload(page, work):
    append(work, "assets/base.css", TALL)
    page.wait_for_function("document.body.scrollHeight >= 4000")
    page.evaluate("scrollTo(0, 700)")
    repainted(page, lambda: append(work, "assets/base.css", "h1, h2 { color: rgb(9, 8, 7) !important }"))
    assert page.evaluate(COLOUR) == "rgb(9, 8, 7)"
    assert page.evaluate("scrollY") == 700
    assert is_kept(page)
    assert page.evaluate("document.querySelectorAll('link[rel=stylesheet][href*=\"base.css\"]').length") == 1
    assert page.errors == []


def test_a_section_is_painted_again_alone(page, work):
    hero = page.locator("[id$=__hero]")
    page.evaluate("document.querySelector('[id$=__story]').dataset.other = 'kept'; scrollTo(0, 300)")
    text = work.read("sections/hero.liquid").decode()
    changed = text.replace(
        '<div class="hero__inner', '<p id="new">{{ section.settings.shout }}</p><div class="hero__inner', 1
    )
    setting = '"settings": [{"type": "text", "id": "shout", "label": "Shout", "default": "Loud and clear"},'
    changed = changed.replace('"settings": [', setting, 1)
    assert changed.count("shout") == 2
    repainted(page, lambda: work.write({"sections/hero.liquid": changed}))
    assert hero.locator("#new").inner_text() == "Loud and clear"
    assert page.evaluate("document.querySelector('[id$=__story]').dataset.other") == "kept"
    assert page.evaluate("scrollY") == 300
    assert is_kept(page)
    assert work.dev.saved("sections/hero.liquid")["repainted"] == "sections"
    assert page.errors == []


def test_a_snippet_repaints_the_sections_that_show_it(page, work):
    repainted(page, lambda: append(work, "snippets/product-card.liquid", "<i class=mine>mine</i>"))
    assert page.locator("[id$=__coffee] i.mine").count() > 0
    assert is_kept(page)


def test_a_layout_or_a_template_reloads_the_page(page, work):
    append(work, "layout/theme.liquid", "<!-- new -->")
    page.wait_for_function("window.mark === undefined")
    mark(page)
    index = work.read("templates/index.json").decode().replace("<em>slowing down</em>", "<em>more</em>")
    work.write({"templates/index.json": index})
    page.wait_for_function("window.mark === undefined")


def test_mistakes_are_shown_with_file_line_and_the_nearest_name_and_the_page_stands(page, work):
    product = work.read("sections/product.liquid").decode()
    page.goto(work.dev.url + "/products/" + first_product(page))
    mark(page)
    work.write({"sections/product.liquid": "{{ product.titel | mony }}\n" + product})
    overlay(page).wait_for()
    said = overlay(page).inner_text()
    assert "sections/product.liquid:1" in said
    assert "money?" in said
    assert "title?" in said
    assert page.locator("h1").count() == 1
    assert is_kept(page)
    assert barred(page) == []
    page.keyboard.press("Escape")
    assert overlay(page).count() == 0
    work.write({"sections/product.liquid": product})
    work.dev.saved("sections/product.liquid", 2)
    page.wait_for_timeout(300)
    assert overlay(page).count() == 0
    assert page.locator("h1").count() == 1


def first_product(page):
    return page.locator("a[href*='/products/']").first.get_attribute("href").rpartition("/")[2]


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("sections/hero.liquid", "{% if %}{{ \n{% endfor"),
        ("templates/index.json", '{"sections": {'),
        ("layout/theme.liquid", "{% for %}"),
        ("config/settings_schema.json", "[{"),
        ("sections/hero.liquid", "{% schema %}{,}{% endschema %}"),
    ],
)
def test_a_syntax_error_ends_nothing(page, work, name, broken):
    good = work.read(name)
    work.write({name: broken})
    overlay(page).wait_for()
    assert name in overlay(page).inner_text()
    assert is_kept(page)
    page.reload()
    mark(page)
    work.write({name: good})
    page.wait_for_selector("[id$=__hero] h2, [id$=__hero] h1")
    page.wait_for_function("!document.querySelector('till-overlay')")


def test_a_browser_that_lost_the_server_comes_back_by_itself(chrome, tmp_path):
    till("theme", "init", tmp_path / "theme")
    work = Themer("", "", tmp_path / "theme", {})
    port = str(free_port())
    with developing(work.folder, "--port", port) as dev:
        opened = chrome.new_page()
        opened.goto(dev.url)
        mark(opened)
        code, seconds = dev.stop()
        assert code == 0
        assert seconds < 20
    append(work, "assets/base.css", "h1, h2 { color: rgb(3, 2, 1) !important }")
    with developing(work.folder, "--port", port) as dev:
        opened.wait_for_function("window.mark === undefined")
        opened.wait_for_function(f"{COLOUR} === 'rgb(3, 2, 1)'")
        mark(opened)
        append(work, "assets/base.css", "h1, h2 { color: rgb(4, 4, 4) !important }")
        opened.wait_for_function(f"{COLOUR} === 'rgb(4, 4, 4)'")
        assert is_kept(opened)
    opened.close()


def test_files_are_followed_however_an_editor_saves_them(page, work):
    path = work.folder / "assets" / "base.css"
    good = path.read_bytes()

    def colour(number):
        return good + f"\nh1, h2 {{ color: rgb({number}, 0, 0) !important }}".encode()

    def rename(content):
        beside = path.with_name(".base.css.tmp")
        beside.write_bytes(content)
        beside.replace(path)

    def backup(content):
        path.rename(path.with_name("base.css~"))
        path.write_bytes(content)

    def truncate(content):
        with path.open("wb") as file:
            file.flush()
            time.sleep(0.02)
            file.write(content)

    def pieces(content):
        with path.open("wb", buffering=0) as file:
            half = len(content) // 2
            file.write(content[:half])
            time.sleep(0.01)
            file.write(content[half:])
            os.fsync(file.fileno())

    for number, save in enumerate((rename, backup, truncate, pieces), 11):
        save(colour(number))
        page.wait_for_function(f"{COLOUR} === 'rgb({number}, 0, 0)'")
    assert is_kept(page)


def test_a_file_saved_again_unchanged_repaints_nothing(page, work):
    path = work.folder / "assets" / "base.css"
    path.write_bytes(path.read_bytes())
    append(work, "sections/hero.liquid", " ")
    work.dev.saved("sections/hero.liquid")
    assert not any("assets/base.css" in each.get("saved", ()) for each in work.dev.said)


def test_saves_one_after_the_other_are_each_seen(page, work):
    """How soon is measured by `make bench`."""
    good = work.read("assets/base.css").decode()
    for number in range(12):
        css = f"{good}\nh1, h2 {{ color: rgb({number}, 9, 9) !important }}"
        repainted(page, lambda text=css: work.write({"assets/base.css": text}))
        assert page.evaluate(COLOUR) == f"rgb({number}, 9, 9)"
    assert is_kept(page)


def test_full_page_reloads_and_off_leaves_the_page_alone(chrome, work):
    for mode, gone in (("full-page", True), ("off", False)):
        with developing(work.folder, "--live-reload", mode, "--error-overlay", "silent") as dev:
            opened = chrome.new_page()
            opened.goto(dev.url)
            mark(opened)
            append(work, "assets/base.css", f"/* {mode} */")
            dev.saved("assets/base.css")
            if gone:
                opened.wait_for_function("window.mark === undefined")
                mark(opened)
            else:
                opened.wait_for_timeout(500)
                assert is_kept(opened)
            work.write(
                {"sections/hero.liquid": work.read("sections/hero.liquid").decode() + "{{ 1 | mony }}"}
            )
            dev.saved("sections/hero.liquid")
            if gone:
                opened.wait_for_function("window.mark === undefined")
            else:
                opened.reload()
            mark(opened)
            assert overlay(opened).count() == 0
            opened.close()


def test_a_tab_that_nobody_looks_at_lets_go_and_catches_up_when_it_is_seen(page, work):
    hide = "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    with page.expect_event("requestfailed", lambda asked: asked.url.endswith("/__till/events")):
        page.evaluate(hide % "true" + tell)
    append(work, "assets/base.css", "h1, h2 { color: rgb(7, 7, 7) !important }")
    work.dev.saved("assets/base.css")
    page.wait_for_timeout(300)
    assert page.evaluate(COLOUR) != "rgb(7, 7, 7)"
    page.evaluate(hide % "false" + tell)
    page.wait_for_function(f"window.mark === undefined && {COLOUR} === 'rgb(7, 7, 7)'")
