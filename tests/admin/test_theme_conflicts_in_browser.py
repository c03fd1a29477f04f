"""Two people at one theme: what the second is told, and that neither way on loses anything."""

import json
import re

import pytest
from editing_pages import meanwhile
from playwright.sync_api import expect

from theme_pages import DESKTOP, PHONE, check, draft, edit_code, sign_in, signed_in

SAVE = {"name": "Save", "exact": True}
CHANGED = "Somebody else changed this while you had it open"

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def page(chrome, served):
    with signed_in(chrome, served.url) as opened:
        yield opened


@pytest.fixture
def disputed(page):
    """Somebody saved the first section's ground as `plain` meanwhile; here it is `accent`, and not saved."""

    def opened(name):
        draft(page, name).get_by_role("link", name="Customise").click()
        page.get_by_role("button", name="Opening", exact=True).wait_for()
        other = page.context.new_page()
        other.goto(page.url)
        for each, ground in ((other, "plain"), (page, "accent")):
            each.get_by_role("button", name="Opening", exact=True).click()
            each.get_by_label("Ground").select_option(ground)
        other.get_by_role("button", **SAVE).click()
        other.get_by_text("Saved as version 2.").wait_for()
        other.close()
        page.get_by_role("button", **SAVE).click()
        page.get_by_role("heading", name=CHANGED).wait_for()

    return opened


def kept(page):
    """The ground that is kept."""
    address = f"{page.url.removesuffix('/editor')}/file?name=templates/index.json"
    sections = json.loads(page.request.get(address).json()["text"])["sections"]
    return next(each["settings"]["tone"] for each in sections.values() if each["type"] == "hero")


def ground(page):
    page.get_by_role("button", name="Opening", exact=True).click()
    return page.get_by_label("Ground").input_value()


def test_the_editor_says_by_whom_and_keeps_mine_over_theirs(page, disputed):
    disputed("Mine")
    said = page.get_by_role("region", name="Changed meanwhile").inner_text()
    assert re.search(r"templates/index\.json: changed by bob@example\.com, .*, in version 2\.", said)
    assert page.evaluate("document.activeElement.textContent") == CHANGED
    check(page)
    page.set_viewport_size(PHONE)
    check(page)
    page.set_viewport_size(DESKTOP)
    assert kept(page) == "plain"
    page.get_by_role("button", name="Keep mine (overwrite)").click()
    page.get_by_text("Saved as version 3.").wait_for()
    assert (kept(page), ground(page)) == ("accent", "accent")
    assert page.get_by_role("heading", name=CHANGED).count() == 0


def test_the_editor_loads_theirs_and_undo_brings_mine_back(page, disputed):
    disputed("Theirs")
    page.get_by_role("button", name="Load theirs (drop mine)").click()
    page.get_by_text("What somebody else saved is here now.").wait_for()
    assert (kept(page), ground(page)) == ("plain", "plain")
    assert page.get_by_role("button", **SAVE).is_disabled()
    page.get_by_role("button", name="Undo").click()
    assert ground(page) == "accent"
    page.get_by_role("button", **SAVE).click()
    page.get_by_text("Saved as version 3.").wait_for()
    assert kept(page) == "accent"


def test_a_conflict_may_wait(page, disputed):
    disputed("Later")
    page.get_by_role("button", name="Decide later").click()
    assert page.get_by_role("heading", name=CHANGED).count() == 0
    assert (kept(page), ground(page)) == ("plain", "accent")
    page.keyboard.press("Control+s")
    page.get_by_role("heading", name=CHANGED).wait_for()


@pytest.fixture
def code(page):
    """Opens a file of a new draft in the code editor; answers the field, and what changes it meanwhile."""

    def opened(name):
        edit_code(draft(page, name))
        page.get_by_text("snippets", exact=False).first.click()
        page.get_by_role("link", name="words.liquid").click()
        field = page.get_by_role("textbox", name="snippets/words.liquid")
        field.wait_for()
        return field, lambda text: meanwhile(page, "snippets/words.liquid", text)

    return opened


def test_the_code_editor_compares_and_brings_back_what_was_dropped(page, code):
    field, change = code("Compared")
    before = field.input_value()
    change(before + "{# theirs #}\n")
    field.fill(before + "{# mine #}\n")
    page.keyboard.press("Control+s")
    page.get_by_role("heading", name=CHANGED).wait_for()
    lines = page.get_by_label("Differences in snippets/words.liquid").inner_text().splitlines()
    assert "-{# theirs #}" in lines
    assert "+{# mine #}" in lines
    check(page)
    page.set_viewport_size(PHONE)
    check(page)
    # Typed on while the question stands: that is mine, too.
    field.fill(before + "{# mine, and more #}\n")
    page.get_by_role("button", name="Load theirs (drop mine)").click()
    page.get_by_text("This is what somebody else saved.").wait_for()
    assert field.input_value() == before + "{# theirs #}\n"
    assert page.get_by_role("button", **SAVE).is_disabled()
    page.get_by_role("button", name="Bring mine back").click()
    assert field.input_value() == before + "{# mine, and more #}\n"
    page.get_by_role("button", **SAVE).click()
    page.get_by_text("snippets/words.liquid is saved.").wait_for()


def test_a_file_that_somebody_deleted_meanwhile_can_be_kept(page, code):
    field, change = code("Deleted")
    change(None)
    field.fill("{# mine #}")
    page.keyboard.press("Control+s")
    page.get_by_text("removed by bob@example.com").wait_for()
    page.get_by_role("button", name="Keep mine (overwrite)").click()
    page.get_by_text("snippets/words.liquid is saved.").wait_for()
    change("{# theirs again #}")
    field.fill("{# mine again #}")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Keep mine (overwrite)").click()
    expect(page.locator("#version")).to_have_text("5")


def test_a_file_is_made_renamed_and_deleted(page, code):
    field, _ = code("Filed")
    page.get_by_label("New file").fill("snippets/first.liquid")
    page.get_by_role("button", name="Begin").click()
    new = page.get_by_role("textbox", name="snippets/first.liquid")
    assert page.get_by_role("button", name="Rename the file").is_disabled()
    new.fill("{{ shop.name }}")
    page.keyboard.press("Control+s")
    page.get_by_text("snippets/first.liquid is saved.").wait_for()
    new.fill("{{ shop.name }} more")
    page.get_by_role("button", name="Rename the file").click()
    field = page.get_by_label("New name, with its folder")
    field.fill("snippets/words.liquid")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text("There is a file snippets/words.liquid already").wait_for()
    field.fill("snippets/second.exe")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("alert").get_by_text("second.exe").wait_for()
    check(page)
    page.set_viewport_size(PHONE)
    check(page)
    page.set_viewport_size(DESKTOP)
    field.fill("snippets/second.liquid")
    page.keyboard.press("Enter")
    page.get_by_text("snippets/first.liquid is snippets/second.liquid now.").wait_for()
    # What was typed and not saved is still there.
    second = page.get_by_role("textbox", name="snippets/second.liquid")
    assert second.input_value() == "{{ shop.name }} more"
    page.keyboard.press("Control+s")
    page.get_by_text("snippets/second.liquid is saved.").wait_for()
    page.get_by_role("button", name="Delete the file").click()
    assert page.evaluate("document.activeElement.textContent") == "Leave it"
    page.keyboard.press("Escape")
    assert page.get_by_role("link", name="second.liquid").count() == 1
    page.get_by_role("button", name="Delete the file").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("snippets/second.liquid is deleted.").wait_for()
    assert page.get_by_role("link", name="second.liquid").count() == 0
    assert page.get_by_role("heading", name="No file").is_visible()


def test_the_layout_stays_and_a_picture_can_be_renamed(page, code):
    code("Whole")
    page.locator("summary", has_text="layout").click()
    page.get_by_role("link", name="theme.liquid").click()
    page.get_by_role("textbox", name="layout/theme.liquid").wait_for()
    page.get_by_role("button", name="Delete the file").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("alert").get_by_text("every theme has this layout").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    assert page.get_by_role("link", name="theme.liquid").count() == 1
    page.locator("summary", has_text="assets").click()
    page.get_by_role("link", name="hills.svg").click()
    page.get_by_role("heading", name="assets/hills.svg").wait_for()
    page.get_by_role("button", name="Rename the file").click()
    page.get_by_label("New name, with its folder").fill("assets/mounds.svg")
    page.keyboard.press("Enter")
    page.get_by_text("assets/hills.svg is assets/mounds.svg now.").wait_for()
    assert page.get_by_role("link", name="mounds.svg").get_attribute("aria-current") == "true"
    assert page.get_by_role("link", name="hills.svg").count() == 0


def test_what_is_typed_is_saved_after_signing_in_again_in_another_tab(page, code, served):
    field, _ = code("Signed in again")
    field.fill("{# typed before #}")
    page.context.clear_cookies()
    page.keyboard.press("Control+s")
    page.get_by_text("Your session has ended: sign in again in another tab, then repeat.").wait_for()
    other = page.context.new_page()
    sign_in(other, served.url)
    other.close()
    assert field.input_value() == "{# typed before #}"
    page.get_by_role("button", **SAVE).click()
    page.get_by_text("snippets/words.liquid is saved.").wait_for()
