"""Ways out of the admin in a real browser, which holds all that follows a form to the form's policy."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

from admin_hall import PASSWORD, AppSite
from barred import barred
from running import answer, where


class Bounce(BaseHTTPRequestHandler):
    """An app's callback, which sends people on to pages at yet another origin."""

    def do_GET(self):
        self.server.referrers.append(self.headers.get("Referer"))
        self.send_response(302)
        self.send_header("Location", f"{self.server.onward}/home")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def callback(site):
    """Its `url` is at 127.0.0.1, the pages that it leads to are at localhost."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Bounce) as server:
        server.onward, server.referrers = site.url, []
        server.url = f"http://127.0.0.1:{server.server_address[1]}/back"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def app(served, callback):
    """Makes apps whose callback is `callback`; answers their client ids."""

    def make(handle, *more):
        own = ("--scopes", "read_orders", "--handle", handle, f"--redirect-url={callback.url}")
        return answer("app", "create", handle, *own, *more, *where(served.folder))["clientId"]

    return make


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request, chrome):
    context = chrome.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def sign_in(page):
    page.fill("#email", "ada@example.com")
    page.fill("#password", PASSWORD)
    page.click("button.primary")


def authorize(served, client_id, url):
    asked = {"clientId": client_id, "redirectUri": url, "responseType": "code", "shop": "corner"}
    return f"{served.url}/oauth2/authorize?{urlencode(asked | {'state': 's'})}"


def test_whoever_signs_in_on_the_way_to_an_installed_app_arrives_there(
    served, site, callback, app, page, request
):
    handle = f"wren-{request.node.callspec.id}"
    client_id = app(handle, f"--application-url={site.url}/wren")
    answer("app", "install", client_id, "--shop", "corner", *where(served.folder))
    page.goto(authorize(served, client_id, callback.url))
    sign_in(page)
    page.wait_for_url(f"{site.url}/home")
    page.context.clear_cookies()
    page.goto(f"{served.url}/admin/corner/app-install/{handle}")
    sign_in(page)
    page.wait_for_url(re.compile(re.escape(f"{site.url}/wren?") + ".*hmac="))


def test_a_callback_may_lead_on_to_another_origin(served, site, callback, app, page, request):
    handle = f"swift-{request.node.callspec.id}"
    client_id = app(handle)
    page.goto(authorize(served, client_id, callback.url))
    sign_in(page)
    page.click("button[value=decline]")
    page.wait_for_url(f"{site.url}/home")
    page.go_back()
    page.click("button[value=accept]")  # for there is no page in between, which would lead on again
    page.wait_for_url(f"{site.url}/home")
    assert callback.referrers == [None, None], "the app is not told whence people come"


def test_the_install_page_opens_an_app_that_has_pages(served, app, page, request):
    """From there it asks for its code itself, with a state that it knows."""
    handle = f"robin-{request.node.callspec.id}"
    starting = AppSite()
    try:
        app(handle, f"--application-url={starting.url}/start")
        page.goto(f"{served.url}/admin/corner/app-install/{handle}")
        sign_in(page)
        page.click("button[value=accept]")
        page.wait_for_url(f"{starting.url}/start?**")
        query, headers = starting.last("/start")
        assert (set(query), query["shop"]) == ({"shop", "shopId", "timestamp", "hmac"}, "corner")
        assert headers.get("Referer") is None
    finally:
        starting.stop()


def test_the_page_on_the_way_out_bars_nobody(served, app, chrome, callback, tmp_path):
    """As it is seen by whoever lets no page go on by itself."""
    client_id = app("bunting")
    context = chrome.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    shown = []

    def held(route):
        """Take the page's leading on out of it, and leave the rest as it was sent."""
        answer = route.fetch(max_redirects=0)
        shown.append((answer.status, route.request.method))
        route.fulfill(response=answer, body=answer.text().replace('http-equiv="refresh"', 'name="held"'))

    page.goto(authorize(served, client_id, callback.url))
    sign_in(page)
    page.route("**/oauth2/authorize", held)
    page.click("button[value=accept]")
    page.wait_for_selector("meta[name=held]", state="attached")
    assert shown == [(200, "POST")]
    assert barred(page) == []
    assert page.get_by_role("link", name="Go on").get_attribute("href").startswith(f"{callback.url}?code=")
    page.screenshot(path=str(tmp_path / "leaving.png"))
    context.close()
