"""Apps as the pages hand them on: tokens for the frame, signed links, and nothing to strangers."""

import hashlib
import hmac
import json
from urllib.parse import parse_qsl, urlsplit

import jwt

from admin_hall import PASSWORD, Plain
from following import led_on
from running import answer, till, where


def test_a_shop_of_others_and_one_that_is_not_there_are_answered_alike(served):
    foreign, unknown = (served.bob.get(f"/admin/{shop}/apps") for shop in ("market", "nowhere"))
    assert (foreign.status, foreign.text) == (404, unknown.text)
    for path in ("app-install/lark", "app-install/none", "apps"):
        assert served.bob.get(f"/admin/market/{path}").text == foreign.text
    fields = {"csrf": served.bob.form("/admin/corner/app-install/lark"), "clientId": served.apps.lark}
    assert served.bob.ask("POST", "/admin/market/apps/uninstall", fields).text == foreign.text


def test_a_session_token_is_given_to_the_page_of_an_embedded_app_only(served, site):
    path = "/admin/corner/app-install/sparrow"
    assert served.ada.ask("POST", path, served.ada.consent(path)).headers["Location"] == path
    frame = served.ada.get(path)
    assert f"frame-src {site.url}; script-src 'self'" in frame.headers["Content-Security-Policy"]
    tokens = f"{path}/session-token"
    same = {"Sec-Fetch-Site": "same-origin", "Origin": served.url}
    given = served.ada.ask("POST", tokens, **same)
    assert (given.status, given.headers["Cache-Control"]) == (200, "no-store")
    claims = jwt.decode(json.loads(given.text)["token"], options={"verify_signature": False})
    assert (claims["aud"], claims["exp"] - claims["iat"]) == (served.apps.sparrow, 60)
    refused = [
        served.ada.ask("POST", tokens, **{"Sec-Fetch-Site": "cross-site", "Origin": served.url}),
        served.ada.ask("POST", tokens, **{"Sec-Fetch-Site": "same-origin", "Origin": "null"}),
        served.ada.ask("POST", tokens),
        Plain(served.url).ask("POST", tokens, **same),
        served.bob.ask("POST", "/admin/market/app-install/sparrow/session-token", **same),
        served.ada.ask("POST", "/admin/market/app-install/sparrow/session-token", **same),
        served.ada.ask("POST", "/admin/corner/app-install/ledger/session-token", **same),
    ]
    assert [each.status for each in refused] == [403, 403, 403, 303, 404, 404, 404]
    assert served.ada.get(tokens).status == 405
    fields = {"csrf": served.ada.form(path), "clientId": served.apps.sparrow, "reason": "other", "note": "x"}
    assert served.ada.ask("POST", "/admin/corner/apps/uninstall", fields).status == 303
    assert served.ada.ask("POST", tokens, **same).status == 404


def test_an_app_is_opened_with_a_signature_that_it_can_check(served, site):
    told = answer("app", "rotate-secret", served.apps.lark, "--grace", "0s", *where(served.folder))
    path = "/admin/corner/app-install/lark"
    fields = served.ada.consent(path, protected=["name"], olderOrders="1")
    installed = served.ada.ask("POST", path, fields)
    assert (installed.status, installed.headers["Location"]) == (200, None)
    opened = served.ada.get(path).headers["Location"]
    for location in (led_on(installed.text), opened):
        url = urlsplit(location)
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{site.url}/lark"
        parts = dict(parse_qsl(url.query))
        said = parts.pop("hmac")
        assert set(parts) == {"shop", "shopId", "timestamp"}, "the app asks for its code itself"
        text = "&".join(f"{name}={value}" for name, value in sorted(parts.items()))
        assert said == hmac.new(told["clientSecret"].encode(), text.encode(), hashlib.sha256).hexdigest()
    page = served.ada.get("/admin/corner/apps").text
    assert "Customers&#39; e-mail addresses: hidden from it" in page
    fields = {"csrf": served.ada.form("/admin/corner/app-install/sparrow"), "clientId": served.apps.lark}
    for reason, status in (("made_up", 422), ("too_expensive", 303)):
        reply = served.ada.ask(
            "POST", "/admin/corner/apps/uninstall", fields | {"reason": reason, "note": ""}
        )
        assert reply.status == status


def test_what_a_page_shows_of_others_is_escaped(served):
    at = where(served.folder)
    name = "<script>alert(1)</script>"
    app = answer("app", "create", name, "--scopes", "read_orders", "--handle=bad", *at)
    answer("app", "install", app["clientId"], "--shop", "market", *at)
    page = served.ada.get("/admin/market/apps").text
    assert (name in page, "&lt;script&gt;alert(1)" in page) == (False, True)
    till("app", "uninstall", app["clientId"], "--shop", "market", *at)


def test_no_log_line_holds_a_token_an_address_or_a_query(served):
    served.ada.get("/admin/set-up?token=sekretsekret")
    served.ada.get("/admin/nowhere-at-all/app-install/secret-name")
    Plain(served.url).get("/admin/sign-in?next=/admin/sekretsekret")
    till("staff", "list", *where(served.folder))  # time for the lines to be written
    logged = served.server.logged()
    lines = [json.loads(line) for line in logged.splitlines()]
    paths = {line["path"] for line in lines if line.get("path", "").startswith("/admin")}
    assert {"/admin/{shop}/app-install/{app}", "/admin/set-up", "/admin/sign-in"} <= paths
    secrets = [PASSWORD, "sekretsekret", "secret-name", "nowhere-at-all", "@example.com", "token="]
    secrets += [value for client in (served.ada, served.bob) for value in client.cookies.values()]
    assert [each for each in secrets if each in logged] == []
