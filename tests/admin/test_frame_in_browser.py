"""An embedded app in its frame gets fresh session tokens from the page around it; strangers get none."""

import json

import jwt
import pytest

from admin_hall import PASSWORD
from running import answer, till, where

PATH = "/admin/corner/app-install/starling"


@pytest.fixture
def page(chrome, served):
    context = chrome.new_context(viewport={"width": 1000, "height": 700})
    opened = context.new_page()
    opened.goto(f"{served.url}{PATH}")
    opened.fill("#email", "ada@example.com")
    opened.fill("#password", PASSWORD)
    opened.click("button.primary")
    # A page leads on from signing in.
    opened.wait_for_selector("button[value=accept], #app")
    if opened.locator("button[value=accept]").count():
        opened.click("button[value=accept]")
    opened.frame_locator("#app").locator("h1").wait_for()
    yield opened
    context.close()


def told(frame):
    """What the frame was last told."""
    frame.locator("#told:not(:empty)").wait_for()
    return json.loads(frame.locator("#told").inner_text())


def test_the_app_is_shown_with_a_token_and_gets_fresh_ones(page, served, site):
    secret = answer("app", "rotate-secret", served.apps.starling, "--grace", "0s", *where(served.folder))
    page.reload()
    frame = page.frame_locator("#app")
    frame.locator("h1").wait_for()
    query, headers = site.last("/starling")
    assert set(query) == {"lang", "shop", "shopId", "timestamp", "hmac", "embedded", "sessionToken"}
    assert (query["shop"], query["embedded"], headers["Referer"]) == ("corner", "1", None)
    frame.locator("#ask").click()
    answered = told(frame)
    assert (answered["type"], answered["id"]) == ("till:session-token", 7)
    for token in (query["sessionToken"], answered["token"]):
        claims = jwt.decode(
            token, secret["clientSecret"], algorithms=["HS256"], audience=served.apps.starling
        )
        assert set(claims) == {"aud", "sub", "exp", "nbf", "iat", "sid", "sig"}


def test_the_frame_cannot_lead_the_page_away_nor_read_it(page, served):
    (frame,) = [each for each in page.frames if each.parent_frame]
    with pytest.raises(Exception, match="Blocked a frame"):
        frame.evaluate("parent.document.title")
    # By itself, that is: five seconds after somebody last touched it.
    frame.evaluate("setTimeout(() => { try { top.location = 'about:blank#taken' } catch { 0 } }, 5500)")
    page.wait_for_timeout(6_500)
    assert page.url == f"{served.url}{PATH}"


def test_another_origin_in_the_frame_is_told_nothing(page, served, site):
    (frame,) = [each for each in page.frames if each.parent_frame]
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    # The page's policy holds for where the frame goes, too: it may not even show another origin.
    frame.evaluate(f"location = '{site.url.replace('localhost', '127.0.0.1')}/other'")
    page.wait_for_timeout(500)
    assert not any(path == "/other" for path, _, _ in site.asked)
    page.evaluate("postMessage({type: 'till:session-token', id: 9}, '*')")
    page.wait_for_timeout(300)
    assert not any("session-token" in url for url in asked)


def test_no_page_may_show_the_admin_in_a_frame(page, served, site):
    page.goto(f"{site.url}/attack")
    framed = f"""document.body.innerHTML = '<iframe src="{served.url}/admin/corner/apps"></iframe>'"""
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame and frame.url != "about:blank"):
        page.evaluate(framed)
    (frame,) = [each for each in page.frames if each.parent_frame]
    assert frame.url == "chrome-error://chromewebdata/"


def test_when_the_session_has_ended_the_page_says_so(page, served):
    page.context.clear_cookies()
    frame = page.frame_locator("#app")
    frame.locator("#ask").click()
    assert told(frame) == {"type": "till:session-token", "id": 7, "error": "no session"}
    assert "Your session has ended" in page.locator("#stuck").inner_text()


@pytest.mark.parametrize("fails", [lambda route: route.abort(), lambda route: route.fulfill(status=502)])
def test_a_server_that_does_not_answer_is_no_end_of_the_session(page, fails):
    page.route("**/session-token", fails)
    frame = page.frame_locator("#app")
    frame.locator("#ask").click()
    assert told(frame) == {"type": "till:session-token", "id": 7, "error": "no answer"}
    assert "The server cannot be reached" in page.locator("#unheard").inner_text()
    assert not page.locator("#stuck").is_visible()


def test_an_app_that_was_uninstalled_gets_no_more_tokens(page, served):
    till("app", "uninstall", served.apps.starling, "--shop", "corner", *where(served.folder))
    frame = page.frame_locator("#app")
    frame.locator("#ask").click()
    assert "token" not in told(frame)
