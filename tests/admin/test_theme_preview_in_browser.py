"""The editor of themes beside its preview: what is changed is seen without being saved."""

import re

import pytest

from theme_pages import PHONE, check, draft, shown, signed_in

SAVE = {"name": "Save", "exact": True}

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def page(chrome, served):
    with signed_in(chrome, served.url) as opened:
        yield opened


@pytest.fixture
def editor(page):
    """Opens the editor of a new draft, and waits for its preview."""

    def opened(name):
        draft(page, name).get_by_role("link", name="Customise").click()
        view = page.frame_locator("#view")
        view.get_by_role("heading", level=1).first.wait_for()
        return view

    return opened


def heading(page):
    """Choose the heading of the first section; answers the field of its text."""
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_role("button", name=re.compile("Heading: ")).first.click()
    return page.get_by_label("Text", exact=True)


def frame_of(page):
    return page.query_selector("#view").content_frame()


def test_a_setting_is_seen_as_it_is_typed_in_its_section_alone_and_not_saved(page, editor, served):
    view = editor("Typed")
    field = heading(page)
    frame_of(page).evaluate("window.mark = 1; scrollTo({top: 120, behavior: 'instant'})")
    field.fill("Tea, for once")
    view.get_by_role("heading", name="Tea, for once").wait_for()
    assert frame_of(page).evaluate("[window.mark, scrollY]") == [1, 120]
    assert page.locator("#version").inner_text() == "1"
    assert page.get_by_role("button", **SAVE).is_enabled()
    address = f"{page.url.removesuffix('/editor')}/file?name=templates/index.json"
    assert "Tea, for once" not in page.request.get(address).json()["text"]
    page.keyboard.press("Control+s")
    page.get_by_text("Saved as version 2.").wait_for()
    shown(page, 2)
    assert view.get_by_role("heading", name="Tea, for once").is_visible()
    assert "Tea, for once" in page.request.get(address).json()["text"]


def test_what_is_added_moved_hidden_removed_and_undone_is_seen(page, editor):
    view = editor("Shaped")
    sections = view.locator("main > [id^=shopify-section-]")
    order = "all => all.map(each => each.id.split('__')[1])"
    before = sections.evaluate_all(order)

    def sees(expected):
        expression = (
            "wanted => JSON.stringify([...document.querySelectorAll('main > [id^=shopify-section-]')]"
        )
        expression += ".map(each => each.id.split('__')[1])) === JSON.stringify(wanted)"
        frame_of(page).wait_for_function(expression, arg=expected)

    page.get_by_role("button", name="Quote", exact=True).click()
    page.get_by_role("button", name="Up Quote").click()
    moved = list(before)
    at = moved.index("quote")
    moved[at - 1], moved[at] = moved[at], moved[at - 1]
    sees(moved)
    page.get_by_role("button", name="Hide Quote").click()
    sees([each for each in moved if each != "quote"])
    page.get_by_role("button", name="Undo").click()
    sees(moved)
    page.get_by_role("button", name="Redo").click()
    sees([each for each in moved if each != "quote"])
    page.get_by_role("button", name="Remove Quote").click()
    page.get_by_label("Add a section to Page").select_option(label="Newsletter")
    page.get_by_role("button", name="Add a section to Page").click()
    sees([each for each in moved if each != "quote"] + ["newsletter_1"])
    for _ in range(4):
        page.keyboard.press("Control+z")
    sees(before)
    assert page.get_by_role("button", **SAVE).is_disabled()
    assert page.get_by_role("button", name="Undo").is_disabled()


def test_the_settings_of_the_whole_theme_are_seen_on_every_page_that_the_preview_goes_to(page, editor):
    view = editor("Coloured")
    page.get_by_role("button", name="Colours, type and the rest").click()
    page.get_by_label("Accent").first.fill("#123456")
    accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent').includes('#123456')"
    frame_of(page).wait_for_function(accent)
    with page.expect_response(lambda reply: "/collections" in reply.url and reply.status == 200):
        view.locator("main a[href^='/collections/']:visible").first.click()
    frame_of(page).wait_for_function("location.pathname.startsWith('/collections')")
    frame_of(page).wait_for_function(accent)
    page.get_by_label("Accent").first.fill("#654321")
    frame_of(page).wait_for_function(accent.replace("#123456", "#654321"))
    assert frame_of(page).evaluate("location.pathname").startswith("/collections")
    check(page)
    page.set_viewport_size(PHONE)
    check(page)


def test_a_preview_that_does_not_come_is_asked_for_again(page, editor):
    """The server is too busy for the first page of it, and for the first repaint."""
    failed = []

    def fail_first(route):
        kind = route.request.resource_type
        if kind in ("document", "fetch") and kind not in failed:
            failed.append(kind)
            route.fulfill(status=503, body="busy", headers={"X-Frame-Options": "DENY"})
        else:
            route.continue_()

    page.route(re.compile(r"store\.localhost"), fail_first)
    view = editor("Busy")
    heading(page).fill("There at last")
    view.get_by_role("heading", name="There at last").wait_for()
    assert failed == ["document", "fetch"]


def test_what_is_kept_no_longer_is_handed_in_again(page, editor, served):
    """As where hours went by, or many others were at work: so many sketches are not kept."""
    view = editor("Forgotten")
    heading(page).fill("Remembered")
    view.get_by_role("heading", name="Remembered").wait_for()
    for number in range(41):
        body = {
            "csrf": page.locator("#editor").get_attribute("data-csrf"),
            "files": {"templates/x.json": f'{{"n": {number}}}'},
        }
        reply = page.evaluate(
            "async ([url, body]) => (await fetch(url, {method: 'POST', headers: "
            "{'Content-Type': 'application/json'}, body: JSON.stringify(body)})).status",
            [page.url.replace("/editor", "/sketch"), body],
        )
        assert reply == 200
    frame_of(page).evaluate("location.reload()")
    view.locator("[data-sketch='']").wait_for(state="attached")
    view.get_by_role("heading", name="Remembered").wait_for()


def test_what_save_would_refuse_is_refused_beside_the_form_and_the_preview_stays(page, editor):
    view = editor("Refused")
    field = heading(page)
    field.fill("Long" * 140_000)
    page.get_by_role("region", name="Heading").get_by_text("Not shown: ").wait_for()
    assert "templates/index.json" in page.locator("#unseen").inner_text()
    refused = page.locator("#unseen").inner_text().removeprefix("Not shown: ")
    page.get_by_role("button", **SAVE).click()
    page.locator("#wrong").get_by_text(refused.splitlines()[0]).wait_for()
    assert page.locator("#version").inner_text() == "1"
    field.fill("Short")
    view.get_by_role("heading", name="Short").wait_for()
    page.locator("#unseen").wait_for(state="hidden")


def test_the_page_in_the_frame_listens_to_its_editor_alone(page, editor):
    view = editor("Deaf")
    field = heading(page)
    frame_of(page).evaluate(
        "window.mark = 1; postMessage({type: 'till:paint', turn: 1, token: 'x', sketch: '', sections: null})"
    )
    field.fill("Heard")
    view.get_by_role("heading", name="Heard").wait_for()
    assert frame_of(page).evaluate("window.mark") == 1
