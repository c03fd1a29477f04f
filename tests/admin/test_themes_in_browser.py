"""The pages of themes, their editor and that of their code in a browser."""

import json
import re

import pytest
from editing_pages import holding, holds, kept, losing, meanwhile
from playwright.sync_api import expect

from theme_pages import PHONE, check, draft, edit_code, shown, signed_in

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def page(chrome, served):
    with signed_in(chrome, served.url) as opened:
        yield opened


def test_a_theme_is_published_and_taken_back(page):
    was = page.locator("article", has=page.locator(".tag", has_text="Live")).locator("h2").inner_text()
    card = draft(page, "Spring")
    check(page)
    card.get_by_role("link", name="Publish").click()
    assert page.get_by_role("heading", name="Publish Spring?").is_visible()
    check(page)
    page.set_viewport_size(PHONE)
    check(page)
    page.get_by_role("button", name="Publish").click()
    check(page)
    assert "Live" in page.locator("article", has_text="Spring").locator("h2").inner_text()
    page.get_by_text("Go back to what visitors saw before").click()
    page.get_by_role("button", name="Roll back").click()
    live = page.locator("article", has=page.locator(".tag", has_text="Live"))
    assert live.locator("h2").inner_text() == was


def test_the_editor_changes_adds_moves_hides_and_undoes(page, served):
    draft(page, "Edited").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_role("button", name=re.compile("Heading: Coffee")).click()
    page.get_by_label("Text", exact=True).fill("Tea, for once")
    page.get_by_role("button", name="Quote", exact=True).click()
    page.get_by_role("button", name="Up Quote").click()
    page.get_by_role("button", name="Hide Quote").click()
    page.get_by_label("Add a section to Page").select_option(label="Newsletter")
    page.get_by_role("button", name="Add a section to Page").click()
    page.get_by_role("button", name="Remove Newsletter").click()
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_role("button", name="Newsletter", exact=True).is_visible()
    check(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 2.").wait_for()
    view = shown(page, 2)
    view.get_by_role("heading", name="Tea, for once").wait_for()
    assert view.get_by_text("Letters from the roastery").first.is_visible()
    assert view.get_by_text("The decaf is so good").count() == 0
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    page.set_viewport_size(PHONE)
    check(page)


def test_code_is_read_changed_by_key_and_refused_where_it_is_wrong(page):
    edit_code(draft(page, "Coded"))
    page.get_by_text("sections", exact=False).first.click()
    page.get_by_role("link", name="hero.liquid").click()
    text = page.get_by_role("textbox", name="sections/hero.liquid")
    # The page's policy lets nobody evaluate anything again and again.
    expect(page.locator("#text")).to_have_value(re.compile("hero__words"))
    right = text.input_value()
    text.fill("{% if %}" + right)
    page.keyboard.press("Control+s")
    page.get_by_role("alert").get_by_text("line 1").wait_for()
    text.fill(right.replace('class="hero hero--', 'class="hero mine hero--'))
    page.keyboard.press("Control+s")
    page.get_by_text("sections/hero.liquid is saved.").wait_for()
    page.get_by_label("Find in this file").fill("mine")
    page.keyboard.press("Enter")
    assert page.evaluate("getSelection().toString()") in ("mine", "")
    check(page)
    page.set_viewport_size(PHONE)
    check(page)


def test_a_file_that_is_opened_during_a_save_is_not_mixed_up_with_the_saved_one(page):
    edit_code(draft(page, "Slow"))
    page.get_by_text("snippets", exact=False).first.click()
    page.get_by_role("link", name="words.liquid").click()
    text = page.get_by_role("textbox", name="snippets/words.liquid")
    text.wait_for()
    right = text.input_value()
    held = holding(page)
    page.on("dialog", lambda dialog: dialog.accept())
    text.fill(right + "one")
    page.keyboard.press("Control+s")
    # The second of two is no change of somebody else's.
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="social.liquid").click()
    other = page.get_by_role("textbox", name="snippets/social.liquid")
    other.wait_for()
    kept = other.input_value()
    assert len(held) == 1
    held.pop().continue_()
    page.get_by_text("snippets/words.liquid is saved.").wait_for()
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    other.fill(kept + "two")
    page.unroute("**/files")
    page.keyboard.press("Control+s")
    page.get_by_text("snippets/social.liquid is saved.").wait_for()
    page.get_by_role("link", name="words.liquid").click()
    assert text.input_value() == right + "one"


def test_a_file_chosen_before_the_script_is_there_is_opened_and_stays_open_when_loaded_again(page):
    held = holding(page, "**/theme-code.js")
    edit_code(draft(page, "Early"))
    page.get_by_text("snippets", exact=False).first.click()
    page.get_by_role("link", name="words.liquid").click()
    page.get_by_role("button", name="Begin").wait_for()
    assert page.get_by_role("button", name="Begin").is_disabled()
    holds(page, held, 1)
    held.pop().continue_()
    page.get_by_role("textbox", name="snippets/words.liquid").wait_for()
    page.unroute("**/theme-code.js")
    page.reload()
    page.get_by_role("textbox", name="snippets/words.liquid").wait_for()


def test_the_file_asked_for_last_is_opened_and_what_is_typed_meanwhile_is_kept(page):
    edit_code(draft(page, "Quick"))
    page.get_by_text("snippets", exact=False).first.click()
    page.get_by_role("link", name="words.liquid").click()
    words = page.get_by_role("textbox", name="snippets/words.liquid")
    words.wait_for()
    held = holding(page, "**/file?name=*")
    page.get_by_role("link", name="social.liquid").click()
    page.get_by_role("link", name="quantity.liquid").click()
    words.fill("typed meanwhile")
    holds(page, held, 2)
    for route in reversed(held):
        route.continue_()
    page.get_by_text("snippets/words.liquid is not saved: open it again").wait_for()
    page.unroute("**/file?name=*")
    page.wait_for_timeout(200)
    assert page.get_by_role("textbox", name="snippets/quantity.liquid").is_enabled()
    page.get_by_role("link", name="words.liquid").click()
    page.get_by_role("button", name="Bring mine back").click()
    assert words.input_value() == "typed meanwhile"


def test_two_saves_at_once_are_one(page):
    draft(page, "Twice").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_label("Ground").select_option("plain")
    held = holding(page)
    page.keyboard.press("Control+s")
    page.keyboard.press("Control+s")
    holds(page, held, 1)
    page.wait_for_timeout(200)
    assert len(held) == 1
    held.pop().continue_()
    page.get_by_text("Saved as version 2.").wait_for()
    assert page.get_by_role("alert").count() == 0


def test_what_is_changed_during_a_save_is_saved_after_it_where_that_was_asked(page):
    draft(page, "Again").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    held = holding(page)
    for count, ground in ((1, "plain"), (1, "accent")):
        page.get_by_label("Ground").select_option(ground)
        page.keyboard.press("Control+s")
        holds(page, held, count)
    held[0].continue_()
    holds(page, held, 2)
    held[1].continue_()
    page.get_by_text("Saved as version 3.").wait_for()
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()


def test_a_save_whose_answer_was_lost_is_no_change_of_somebody_elses(page):
    draft(page, "Lost").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_label("Ground").select_option("plain")
    losing(page)
    page.keyboard.press("Control+s")
    page.get_by_text("The server cannot be reached: check the connection, then try again.").wait_for()
    page.unroute("**/files")
    # Of the two files that are saved now, one is there already.
    page.get_by_role("button", name="Colours, type and the rest").click()
    page.get_by_label("Screen").select_option("dark")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved as version 3.").wait_for()
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    assert not page.locator("#conflict").is_visible()


def test_undo_goes_back_to_what_was_saved_and_over_no_other_undo(page):
    draft(page, "Undone").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_role("button", name=re.compile("Heading: Coffee")).click()
    text = page.get_by_label("Text", exact=True)
    text.fill("one")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 2.").wait_for()
    text.fill("two")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    assert text.input_value() == "one"
    text.fill("three")
    page.get_by_role("button", name="Hide Heading").click()
    page.get_by_role("button", name="Undo").click()
    text.fill("four")
    page.get_by_role("button", name="Undo").click()
    assert text.input_value() == "three"


def test_a_setting_that_is_no_text_is_left_as_it_is_and_a_number_may_be_none(page):
    draft(page, "Odd").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).wait_for()
    schema, values = "config/settings_schema.json", "config/settings_data.json"
    groups, data = (json.loads(kept(page, each)["text"]) for each in (schema, values))
    odd = {"type": "color_scheme_group", "id": "odd", "label": "Odd one", "info": "Many"}
    groups.append({"name": "More", "settings": [odd, {"type": "number", "id": "most", "label": "Most"}]})
    data["current"] = {"odd": {"one": {"settings": {}}}, "most": 5}
    for name, value in ((schema, groups), (values, data)):
        meanwhile(page, name, json.dumps(value))
    page.reload()
    page.get_by_role("button", name="Colours, type and the rest").click()
    page.get_by_text("This is set in the code of the theme.").wait_for()
    assert page.get_by_label("Odd one").count() == 0
    check(page)
    page.get_by_label("Most").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 4.").wait_for()
    assert json.loads(kept(page, values)["text"])["current"] == {"odd": {"one": {"settings": {}}}}


def test_whoever_moves_hides_and_removes_by_keys_stays_there(page):
    draft(page, "Keys").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Columns", exact=True).click()
    focused = "document.activeElement.textContent"
    for name in ("Up Columns", "Hide Columns"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
        assert page.evaluate(focused).replace("Show", "Hide") == name
    page.get_by_role("button", name="Remove Columns").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(focused) == "Settings"


def test_versions_are_listed_compared_and_shown_again(page):
    card = draft(page, "Kept")
    card.get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Opening", exact=True).click()
    page.get_by_label("Ground").select_option("plain")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 2.").wait_for()
    page.get_by_role("link", name="Themes").first.click()
    card.get_by_text("More").click()
    card.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="Compare with version 1").click()
    page.get_by_text("templates/index.json").wait_for()
    check(page)
    page.set_viewport_size(PHONE)
    check(page)
    page.get_by_role("button", name="Show this one version 1").click()
    assert "Shown" in page.get_by_role("heading", name="Version 1").inner_text()


def test_the_whole_theme_is_set_and_sections_move_by_key_and_by_drag(page):
    draft(page, "Moved").get_by_role("link", name="Customise").click()
    page.get_by_role("button", name="Columns", exact=True).focus()
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Moved to place 4 of 7.").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Columns"
    blogs = page.get_by_role("button", name="Blog posts", exact=True)
    blogs.drag_to(page.get_by_role("button", name="Opening", exact=True))
    page.get_by_text("Moved to place 1 of 7.").wait_for()
    page.get_by_role("button", name="Colours, type and the rest").click()
    page.get_by_label("Accent").first.fill("#123456")
    page.get_by_label("Screen").select_option("dark")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved as version 2.").wait_for()
    view = shown(page, 2)
    view.locator("html[data-colours=dark]").wait_for()
    order = view.locator("main > [id^=shopify-section-]").evaluate_all("all => all.map(each => each.id)")
    assert [each.rpartition("__")[2] for each in order[:2]] == ["journal", "hero"]
    assert order.index("shopify-section-template--index__reasons") == 4
    style = "document => getComputedStyle(document).getPropertyValue('--accent')"
    assert view.locator("html").evaluate(style).startswith("light-dark(#123456")
