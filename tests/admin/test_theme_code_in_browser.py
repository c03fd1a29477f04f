"""The editor of a theme's code: answers that are late, lost or refused, and what it makes of lines."""

import pytest
from editing_pages import holding, holds, kept, losing, meanwhile
from playwright.sync_api import expect

from theme_pages import draft, edit_code, signed_in

CHANGED = "Somebody else changed this while you had it open"
WORDS, SOCIAL = "snippets/words.liquid", "snippets/social.liquid"
READS = "**/file?name=*"

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def page(chrome, served):
    with signed_in(chrome, served.url) as opened:
        opened.on("dialog", lambda dialog: dialog.accept())
        yield opened


@pytest.fixture
def words(page, request):
    """The field of a file, in a new draft."""
    edit_code(draft(page, request.node.name[5:45]))
    page.get_by_text("snippets", exact=False).first.click()
    page.get_by_role("link", name="words.liquid").click()
    field = page.get_by_role("textbox", name=WORDS)
    field.wait_for()
    return field


def test_a_file_that_comes_while_another_is_deleted_stays(page, words):
    reads, saves = holding(page, READS), holding(page)
    page.get_by_role("link", name="social.liquid").click()
    page.get_by_role("button", name="Delete the file").click()
    dialog = page.locator("#deleting")
    dialog.get_by_role("button", name="Delete").click()
    holds(page, saves, 1)
    # What is under way is not left.
    dialog.get_by_role("button", name="Leave it").click()
    page.keyboard.press("Escape")
    assert dialog.is_visible()
    holds(page, reads, 1)
    reads.pop().continue_()
    expect(page.locator("#file")).to_have_text(SOCIAL)
    saves.pop().continue_()
    page.get_by_text(f"{WORDS} is deleted.").wait_for()
    expect(dialog).to_be_hidden()
    assert page.locator("#file").inner_text() == SOCIAL
    assert page.locator("#text").input_value() == kept(page, SOCIAL)["text"]


@pytest.mark.parametrize("why", ["wrong", "stale"])
def test_what_is_refused_while_another_file_is_on_its_way_can_be_brought_back(page, words, why):
    mine = "{% if %}" if why == "wrong" else "{# mine #}"
    if why == "stale":
        meanwhile(page, WORDS, "{# theirs #}")
    saves = holding(page)
    words.fill(mine)
    page.keyboard.press("Control+s")
    holds(page, saves, 1)
    reads = holding(page, READS)
    page.get_by_role("link", name="social.liquid").click()
    holds(page, reads, 1)
    page.unroute(READS)
    saves.pop().continue_()
    if why == "wrong":
        page.locator("#wrong").get_by_text("line 1").wait_for()
    else:
        page.get_by_role("heading", name=CHANGED).wait_for()
    reads.pop().continue_()
    expect(page.locator("#wrong")).to_contain_text(f"{WORDS} is not saved")
    expect(page.locator("#wrong")).to_contain_text("line 1" if why == "wrong" else "somebody changed it")
    assert page.locator("#file").inner_text() == SOCIAL
    assert page.get_by_role("heading", name=CHANGED).count() == 0
    page.get_by_role("link", name="words.liquid").click()
    page.get_by_role("button", name="Bring mine back").click()
    assert words.input_value() == mine


def test_a_file_keeps_its_ends_of_lines(page, words):
    meanwhile(page, WORDS, "one\r\ntwo\r\n")
    page.reload()
    expect(words).to_have_value("one\ntwo\n")
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()
    words.fill("one\nthree\n")
    page.keyboard.press("Control+s")
    page.get_by_text(f"{WORDS} is saved.").wait_for()
    assert kept(page, WORDS)["text"] == "one\r\nthree\r\n"
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()


def test_what_is_typed_during_a_save_is_saved_after_it_where_that_was_asked(page, words):
    saves = holding(page)
    words.fill("one")
    page.keyboard.press("Control+s")
    holds(page, saves, 1)
    words.fill("two")
    page.keyboard.press("Control+s")
    saves[0].continue_()
    holds(page, saves, 2)
    saves[1].continue_()
    expect(page.locator("#version")).to_have_text("3")
    assert kept(page, WORDS)["text"] == "two"
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()


def test_a_save_whose_answer_was_lost_is_no_change_of_somebody_elses(page, words):
    losing(page)
    words.fill("mine")
    page.keyboard.press("Control+s")
    page.get_by_text("The server cannot be reached: check the connection, then try again.").wait_for()
    page.unroute("**/files")
    page.keyboard.press("Control+s")
    page.get_by_text(f"{WORDS} is saved.").wait_for()
    assert page.get_by_role("heading", name=CHANGED).count() == 0
    assert page.locator("#version").inner_text() == "2"
    assert page.get_by_role("button", name="Save", exact=True).is_disabled()


def test_a_proxy_that_fails_is_no_end_of_the_session(page, words):
    page.route("**/files", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    words.fill("mine")
    page.keyboard.press("Control+s")
    page.get_by_text("The server did not answer as expected (HTTP 502): try again.").wait_for()
    assert words.input_value() == "mine"


def test_a_file_made_here_is_open_again_when_the_page_is_loaded_again(page, words):
    page.get_by_label("New file").fill("snippets/made.liquid")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("textbox", name="snippets/made.liquid").fill("İ one ONE")
    page.keyboard.press("Control+s")
    page.get_by_text("snippets/made.liquid is saved.").wait_for()
    page.reload()
    expect(page.get_by_role("textbox", name="snippets/made.liquid")).to_have_value("İ one ONE")
    # A letter before it that has another length when it is small shifts nothing.
    page.get_by_label("Find in this file").fill("One")
    chosen, found = "each => each.value.slice(each.selectionStart, each.selectionEnd)", []
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
        found.append(page.locator("#text").evaluate(chosen))
    assert found == ["one", "ONE"]
