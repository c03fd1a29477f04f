"""The whole life of an app through a real browser: installed, asked for more, taken out, and back again."""

import base64
import hashlib
import hmac
import json
import re
import urllib.error
import urllib.request

import pytest

from admin_hall import PASSWORD
from barred import barred
from builders import a_line
from receiver import Receiver
from receiver import answer as answered
from running import answer, where

FIRST, MORE = "read_orders,write_apps", "read_orders,write_orders,write_apps"
ROOT = "/api/202412"


class Finch:
    """An app of somebody else, without pages: a code comes unasked, and webhooks tell it what happens."""

    def __init__(self, served, site, hooks):
        self.served, self.site, self.hooks = served, site, hooks
        at = where(served.folder)
        made = answer(
            *("app", "create", "Finch Feeds", "--scopes", FIRST, "--partner", "--handle=finch"),
            f"--redirect-url={site.url}/finch/back",
            "--protected=email",
            f"--webhook=app/uninstalled={hooks.url('/bye')}",
            f"--webhook=app/scopesUpdate={hooks.url('/scopes')}",
            *at,
        )
        self.client_id, self.secret = made["clientId"], made["clientSecret"]

    @property
    def door(self):
        return f"{self.served.url}/admin/corner/app-install/finch"

    def redeem(self):
        """The token for the code that the browser brought."""
        query, _ = self.site.last("/finch/back")
        body = {
            "clientId": self.client_id,
            "clientSecret": self.secret,
            "grantType": "authorization-code",
            "code": query["code"],
        }
        status, told = self.ask("POST", "/oauth2/token", body, host="corner.localhost")
        assert status == 200, told
        return told["accessToken"]

    def ask(self, method, path, body=None, *, token=None, host=None):
        sent = {"Content-Type": "application/json"} | ({"Host": host} if host else {})
        sent |= {"X-Genstore-Access-Token": token} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.served.url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def scopes(self, token):
        status, told = self.ask("GET", f"{ROOT}/oauth2/access_scopes", token=token)
        return told["accessScopes"] if status == 200 else status

    def heard(self, path, count):
        """The payloads that came on a path, each with a good signature, once there are so many."""
        got = self.hooks.wait_for(count, path=path)
        for each in got:
            mac = hmac.new(self.secret.encode(), each.body, hashlib.sha256).digest()
            assert each.header("x-genstore-hmac-sha256") == base64.b64encode(mac).decode()
        return [next(iter(json.loads(each.body).values())) for each in got]


@pytest.fixture
def hooks():
    with Receiver() as found:
        yield found


@pytest.fixture
def finch(served, site, hooks):
    return Finch(served, site, hooks)


@pytest.fixture
def page(chrome):
    context = chrome.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def clean(page, folder, name):
    assert barred(page) == []
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def accept(page):
    page.click("button[value=accept]")
    page.wait_for_url(re.compile(r"/finch/back\?"))


def test_an_app_is_installed_asked_for_more_taken_out_and_comes_back(finch, page, tmp_path):
    page.goto(finch.door)
    page.fill("#email", "ada@example.com")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(finch.door)
    clean(page, tmp_path, "1-consent")
    assert "Finch Feeds" in page.inner_text("main")
    accept(page)
    first = finch.redeem()
    assert finch.scopes(first) == ["read_orders", "write_apps"]
    status, told = finch.ask("GET", f"{ROOT}/orders", token=first)
    assert (status, told) == (200, {"orders": []})
    order = {"order": {"lineItems": [a_line()]}}
    status, told = finch.ask("POST", f"{ROOT}/orders", order, token=first)
    assert (status, told["code"]) == (403, "missing_scope")

    answer("app", "configure", finch.client_id, "--scopes", MORE, *where(finch.served.folder))
    assert finch.scopes(first) == ["read_orders", "write_apps"]  # nothing is granted silently
    page.goto(finch.door)
    clean(page, tmp_path, "2-more")
    accept(page)
    assert finch.scopes(first) == ["read_orders", "write_apps", "write_orders"]
    (scope,) = finch.heard("/scopes", 1)
    assert (scope["added"], scope["removed"]) == (["write_orders"], [])
    assert finch.ask("POST", f"{ROOT}/orders", order, token=first)[0] == 200

    finch.hooks.script("/bye", answered(503), answered(200))  # the last word comes late
    page.goto(f"{finch.served.url}/admin/corner/apps")
    clean(page, tmp_path, "3-installed")
    taken_out(page, "Finch Feeds")
    clean(page, tmp_path, "4-uninstalled")
    assert finch.scopes(first) == 401

    page.goto(finch.door)
    clean(page, tmp_path, "5-again")
    accept(page)
    second = finch.redeem()
    assert finch.scopes(second) == ["read_orders", "write_apps", "write_orders"]
    one, again = finch.heard("/bye", 2)
    assert one == again
    told = finch.ask("GET", f"{ROOT}/events?topic=app/installed", token=second)[1]["events"]
    (fresh,) = (each["payload"]["app"]["installationId"] for each in told)
    assert fresh != one["installationId"]
    assert finch.scopes(second) == ["read_orders", "write_apps", "write_orders"]
    page.goto(f"{finch.served.url}/admin/corner/apps")
    clean(page, tmp_path, "6-back")


def taken_out(page, name):
    """Uninstall an app where it is listed."""
    card = page.locator("article.app").filter(has_text=name)
    card.locator("summary").filter(has_text="Uninstall").click()
    card.locator("select").select_option("missing_feature")
    card.get_by_role("button", name="Uninstall").click()
    page.wait_for_load_state()
