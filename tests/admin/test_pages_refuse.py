"""What the pages refuse, asked over HTTP: forged forms, planted cookies, strange hosts, ways elsewhere."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from admin_hall import PASSWORD, Plain
from following import led_on
from running import answer, serve, till, where

PAGES = ["/admin/sign-in", "/admin/nowhere/apps", "/admin/set-up?token=x", "/admin/a/b/c", "/admin/shops"]
FORGED = {
    "no token": ({"csrf": None}, {}),
    "a wrong token": ({"csrf": "0" * 64}, {}),
    "another's token": ({"csrf": "bob"}, {}),
    "another origin": ({}, {"Origin": "https://evil.example"}),
    "no origin": ({}, {"Origin": "null"}),
    "the same host by another scheme": ({}, {"Origin": "https://127.0.0.1"}),
    "another site": ({}, {"Sec-Fetch-Site": "cross-site"}),
    "another host of the site": ({}, {"Sec-Fetch-Site": "same-site"}),
    "nobody's word": ({}, {"Origin": "", "Sec-Fetch-Site": ""}),
}
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/admin",
    "/\\evil.example/admin",
    "\\\\evil.example",
    "/admin//evil.example/..//",
    "/admin/../..//evil.example",
    "javascript:alert(1)",
    "/admin\r\nLocation: https://evil.example",
    "/admin%0d%0a\t/",
    "/oauth2/authorize.evil",
    "/administrator",
    "/api/202412/orders",
    " /admin",
    "",
]


def installed(served, shop="corner"):
    """The history of the shop's apps, as the page shows it; changes with every act."""
    return served.ada.get(f"/admin/{shop}/apps?view=uninstalled").text, served.ada.get(
        f"/admin/{shop}/apps"
    ).text


@pytest.mark.parametrize("forged", FORGED, ids=FORGED)
@pytest.mark.parametrize("path", ["/admin/corner/app-install/sparrow", "/admin/sign-out"])
def test_a_forged_form_changes_nothing(served, path, forged):
    fields, headers = FORGED[forged]
    fields = served.ada.consent("/admin/corner/app-install/sparrow") | fields
    if fields["csrf"] == "bob":
        fields["csrf"] = served.bob.form("/admin/corner/app-install/lark")
    fields = {name: value for name, value in fields.items() if value is not None}
    before = installed(served)
    reply = served.ada.ask("POST", path, fields, **headers)
    assert (reply.status, reply.cookies) == (403, [])
    assert "did not come from a page" in reply.text or "not of this session" in reply.text
    assert installed(served) == before  # and ada is still signed in


@pytest.mark.parametrize("forged", [each for each in FORGED if each != "another's token"])
def test_nobody_is_signed_in_by_a_forged_form(served, forged):
    fields, headers = FORGED[forged]
    visitor = Plain(served.url)
    fields = {"csrf": visitor.form("/admin/sign-in"), "next": ""} | fields
    fields |= {"email": "ada@example.com", "password": PASSWORD}
    fields = {name: value for name, value in fields.items() if value is not None}
    reply = visitor.ask("POST", "/admin/sign-in", fields, **headers)
    assert (reply.status, reply.cookies) == (403, [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/admin/sign-out", "/admin/corner/apps/uninstall"])
def test_what_changes_something_is_posted(served, path, method):
    reply = served.ada.ask(method, path)
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert served.ada.get("/admin/corner/apps").status == 200


@pytest.mark.parametrize("path", PAGES)
def test_every_page_keeps_to_itself(served, path):
    for client in (Plain(served.url), served.ada):
        reply = client.get(path)
        if reply.status == 303:
            assert reply.headers["Location"].startswith("/admin")
            assert reply.headers["Cache-Control"] == "no-store"
            continue
        policy = dict(each.split(" ", 1) for each in reply.headers["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
        assert (policy["form-action"], policy["base-uri"]) == ("'self'", "'none'")
        assert not {"script-src", "connect-src", "frame-src"} & set(policy)
        names = ("X-Frame-Options", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy")
        assert [reply.headers[name] for name in names] == ["DENY", "nosniff", "no-store", "same-origin"]
        assert "<script" not in reply.text


def test_cookies_on_this_machine_are_for_http_and_for_no_script(served):
    visitor = Plain(served.url)
    reply = visitor.sign_in("ada@example.com")
    (session,) = [each for each in reply.cookies if each.startswith("till=")]
    assert session.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax"


def test_behind_a_proxy_cookies_are_bound_to_the_host_and_to_https(served):
    proxied = {"host": "shop.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    with serve(served.folder.parent / "proxied") as server:
        visitor = Plain(server.url)
        at = urlsplit(server.said["setUp"])
        csrf = visitor.form(f"{at.path}?{at.query}", **proxied)
        fields = {"csrf": csrf, "token": dict(parse_qsl(at.query))["token"], "email": "ada@example.com"}
        fields |= {"name": "Ada", "password": PASSWORD}
        assert visitor.ask("POST", at.path, fields, **proxied).status == 403  # as its origin is http
        origin = {"Origin": "https://shop.example.com"}
        reply = visitor.ask("POST", at.path, fields, **proxied, **origin)
        assert reply.status == 303, reply.text
        (session,) = [each for each in reply.cookies if each.startswith("__Host-till=")]
        assert session.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax; Secure"
        assert visitor.get("/admin/shops", **proxied).status == 200
        # The same cookie by plain http, or from a machine that says so of itself, proves nothing.
        assert visitor.get("/admin/shops", host="shop.example.com").status == 403
        visitor.cookies = {"till": visitor.cookies["__Host-till"]}
        assert visitor.get("/admin/shops", **proxied).status == 303


@pytest.mark.parametrize(
    "host", ["shop.example.com", "localhost.example.com", "10.1.2.3:8080", "127.0.0.1.evil.com"]
)
def test_nobody_signs_in_over_plain_http_from_elsewhere(served, host):
    for more in ({}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Host": "localhost"}):
        reply = Plain(served.url).get("/admin/sign-in", host=host, **more)
        assert (reply.status, reply.cookies) == (403, [])
        assert "needs https" in reply.text


@pytest.mark.parametrize("host", ["localhost:1", "demo.localhost", "[::1]:8080", "127.0.0.2"])
def test_names_of_this_machine_may_be_used(served, host):
    assert Plain(served.url).get("/admin/sign-in", host=host).status == 200


def test_the_operator_may_let_people_sign_in_over_plain_http(served):
    with serve(served.folder.parent / "plain", TILL_PLAIN_SIGN_IN="1") as server:
        assert Plain(server.url).get("/admin/sign-in", host="till.lan").status == 200


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_to_pages_of_this_server_only(served, target):
    visitor = Plain(served.url)
    assert visitor.sign_in("ada@example.com", following=target).headers["Location"] == "/admin"
    again = visitor.ask("GET", "/admin/sign-in?next=" + "".join(f"%{each:02x}" for each in target.encode()))
    assert (again.status, again.headers["Location"]) == (303, "/admin")


@pytest.mark.parametrize(
    "target",
    ["/admin/corner/apps?view=available", "/oauth2/authorize?clientId=a&redirectUri=https%3A%2F%2Fb%2Fc"],
)
def test_signing_in_leads_on_to_the_page_that_was_asked_for(served, target):
    asked = Plain(served.url).get("/admin/corner/apps?view=available")
    assert asked.headers["Location"] == "/admin/sign-in?next=%2Fadmin%2Fcorner%2Fapps%3Fview%3Davailable"
    entered = Plain(served.url).sign_in("ada@example.com", following=target)
    assert (entered.status, led_on(entered.text)) == (200, target)
    assert [each.startswith("till=") for each in entered.cookies] == [True]


def test_a_planted_cookie_is_never_a_session(served):
    visitor = Plain(served.url)
    visitor.cookies["till"] = "planted-by-somebody-else"
    visitor.sign_in("ada@example.com")
    mine = visitor.cookies["till"]
    assert mine != "planted-by-somebody-else"
    visitor.sign_in("ada@example.com") if visitor.get("/admin/sign-in").status == 200 else None
    thief = Plain(served.url)
    thief.cookies["till"] = "planted-by-somebody-else"
    assert thief.get("/admin/shops").status == 303


def test_signing_out_and_deactivation_end_a_session_on_the_server(served):
    at = where(served.folder)
    link = answer("staff", "invite", "eve@example.com", "--shop", "market", "--url", served.url, *at)["link"]
    eve = Plain(served.url)
    eve.accept(link, name="Eve")
    old = dict(eve.cookies)
    out = eve.ask("POST", "/admin/sign-out", {"csrf": eve.form("/admin/shops")})
    assert (out.status, out.headers["Location"], eve.cookies["till"]) == (303, "/admin/sign-in", '""')
    eve.cookies = old
    assert eve.get("/admin/shops").status == 303
    eve.sign_in("eve@example.com")
    assert eve.get("/admin/market/apps").status == 200
    till("staff", "deactivate", "eve@example.com", *at)
    assert eve.get("/admin/market/apps").status == 303
    assert "E-mail address or password is wrong" in eve.sign_in("eve@example.com").text
    till("staff", "reactivate", "eve@example.com", *at)
    assert eve.sign_in("eve@example.com").status == 303
    till("staff", "remove", "eve@example.com", "--shop", "market", *at)
    assert eve.sign_in("eve@example.com").status == 303
    assert eve.get("/admin/market/apps").status == 404


def test_a_link_gives_what_was_offered_whatever_the_form_says(served):
    at = where(served.folder)
    told = answer("staff", "invite", "fay@example.com", "--shop", "corner", "--url", served.url, *at)
    link = urlsplit(told["link"])
    fay = Plain(served.url)
    fields = {"csrf": fay.form(f"{link.path}?{link.query}"), "token": dict(parse_qsl(link.query))["token"]}
    fields |= {"email": "ada@example.com", "name": "Fay", "password": PASSWORD}
    fields |= {"role": "owner", "kind": "owner", "shop_id": "1", "shopId": "1", "id": "1", "person_id": "1"}
    assert fay.ask("POST", "/admin/set-up", fields).status == 303
    people = {each["email"]: each for each in answer("staff", "list", *at)["people"]}
    assert people["fay@example.com"]["shops"] == {"corner": "staff"}
    assert people["ada@example.com"]["shops"] == {"corner": "owner", "market": "owner"}
    assert Plain(served.url).get(f"{link.path}?{link.query}").status == 404


def test_too_many_failures_are_held_up_alike_with_a_page(served):
    told = set()
    at = where(served.folder)
    link = answer("staff", "invite", "gil@example.com", "--shop", "corner", "--url", served.url, *at)["link"]
    Plain(served.url).accept(link, name="Gil")
    for email in ("gil@example.com", "not-gil@example.com"):
        visitor = Plain(served.url)
        replies = [visitor.sign_in(email, "wrong wrong wrong") for _ in range(7)]
        assert [each.status for each in replies[:5]] == [403] * 5
        held = next(each for each in replies if each.status == 429)
        assert 1 <= int(held.headers["Retry-After"]) <= 2
        told.add("Too many tries failed: wait a second, then try again." in held.text)
    assert told == {True}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"csrf=1&csrf=2", "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a%d=1" % n for n in range(300)), "application/x-www-form-urlencoded", 400),
        (b"csrf=%ff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"csrf=1", "text/plain", 415),
    ],
)
def test_what_is_no_form_of_ours_is_refused_with_a_page(served, body, kind, status):
    reply = served.ada.ask("POST", "/admin/sign-in", raw=body, Content_Type=kind, Origin=served.url)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_programs_are_never_answered_with_a_page(served):
    for method, path in (("GET", "/oauth2/token"), ("GET", "/api/202412/orders"), ("POST", "/oauth2/token")):
        reply = served.ada.ask(method, path)
        assert reply.headers["Content-Type"].startswith("application/json")
        assert set(json.loads(reply.text)) == {"error", "code", "errors", "requestId"}
