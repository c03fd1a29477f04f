"""The page of consent decides what it asked, for whom it asked, and nothing else (rulings.md §6.4)."""

import asyncio
from urllib.parse import urlencode

import pytest
from oauth_hall import ask

from apps_of import installed
from till.caller import Protected
from till.oauth.plain import KINDS, SENTENCES

ORDERS = frozenset({"read_orders", "write_orders", "read_all_orders"})
ASKED = frozenset({Protected.NAME, Protected.EMAIL})


@pytest.fixture
def partner(hall):
    """An app from outside, which asks for two kinds of personal data and for older orders."""
    hall.make_app(partner=True, scopes=ORDERS, protected=ASKED)
    return hall


def granted(hall):
    sql = """SELECT scopes, protected FROM installations
        WHERE shop_id = :shop_id AND client_id = :client_id AND uninstalled_at IS NULL"""
    rows = hall.till.rows(sql, shop_id=hall.shop.id, client_id=hall.app.client_id)
    return [(set(scopes.split(",")), set(filter(None, kinds.split(",")))) for scopes, kinds in rows]


def test_a_partner_app_is_granted_what_is_left_ticked(partner):
    page = partner.owner.get(partner.url())
    assert KINDS[Protected.NAME].partition(" ")[2] in page.text
    assert KINDS[Protected.PHONE].partition(" ")[2] not in page.text
    assert ("protected", "name") in page.form()
    assert ("protected", "email") in page.form()
    assert ("olderOrders", "1") in page.form()
    assert ("protected", "phone") not in page.form()
    partner.owner.accept(page)
    assert granted(partner) == [(set(ORDERS), {"name", "email"})]


def test_what_is_not_ticked_is_not_granted(partner):
    page = partner.owner.get(partner.url())
    kept = [pair for pair in page.form() if pair[0] not in ("protected", "olderOrders")]
    partner.owner.post("/oauth2/authorize", [*kept, ("protected", "email"), ("decision", "accept")])
    assert granted(partner) == [({"read_orders", "write_orders"}, {"email"})]
    back = partner.owner.get(partner.url())
    assert back.status == 303, "what was not granted apart is not asked for again and again"
    order = partner.till.create(email="a@example.com")
    token = partner.exchange(back.query["code"]).json
    assert "read_all_orders" not in token["scope"]
    assert partner.till.get(f"/orders/{order['orderId']}", token=token["accessToken"]).status == 200


def test_asked_again_the_boxes_are_as_they_were_decided(partner):
    page = partner.owner.get(partner.url(scope="read_orders,read_all_orders"))
    kept = [pair for pair in page.form() if pair != ("protected", "name") and pair[0] != "olderOrders"]
    partner.owner.post("/oauth2/authorize", [*kept, ("decision", "accept")])
    again = partner.owner.get(partner.url())
    assert again.status == 200
    assert ("protected", "email") in again.form()
    assert ("protected", "name") not in again.form()
    assert ("olderOrders", "1") not in again.form()
    assert 'value="name"' in again.text


def test_a_merchants_own_app_is_asked_nothing_apart(hall):
    hall.make_app(partner=False, scopes=ORDERS)
    page = hall.owner.get(hall.url())
    assert "checkbox" not in page.text
    assert SENTENCES["read_all_orders"] in page.text
    hall.owner.accept(page)
    assert granted(hall) == [(set(ORDERS), set())]


@pytest.mark.parametrize(
    "more",
    [
        [("protected", "phone")],
        [("protected", "everything")],
        [("protected", "")],
        [("olderOrders", "2")],
        [("olderOrders", "1"), ("olderOrders", "1")],
        [("shopId", "1")],
        [("installationId", "1")],
        [("personId", "1")],
        [("scopes", "write_themes")],
        [("partner", "0")],
        [("decision", "accept")],
        [("decision", "decline")],
        [("csrf", "another")],
        [("client_id", "ANOTHER1")],
        [("by", "somebody")],
        [("__proto__", "x")],
    ],
)
def test_what_was_not_asked_is_refused_whole(partner, more):
    page = partner.owner.get(partner.url())
    reply = partner.owner.accept(page, *more)
    assert reply.status in (400, 403, 422), reply.status
    assert "location" not in reply.headers
    assert granted(partner) == []


def test_scopes_beyond_what_the_app_declares_are_not_to_be_had(partner):
    page = partner.owner.get(partner.url())
    reply = partner.owner.accept(page, ("scope", "write_themes"), without=["scope"])
    assert reply.query["error"] == "invalid_scope"
    assert granted(partner) == []


def test_older_orders_are_not_to_be_had_where_they_were_not_asked_for(partner):
    page = partner.owner.get(partner.url(scope="read_orders"))
    assert "olderOrders" not in page.text
    assert partner.owner.accept(page, ("olderOrders", "1")).status == 422
    assert granted(partner) == []


@pytest.mark.parametrize("decision", ["", "yes", "ACCEPT"])
def test_a_form_that_decides_nothing_is_refused(partner, decision):
    page = partner.owner.get(partner.url())
    assert partner.owner.post("/oauth2/authorize", [*page.form(), ("decision", decision)]).status == 422
    assert partner.owner.post("/oauth2/authorize", page.form()).status == 422
    assert granted(partner) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8081"},
        {"origin": "http://localhost:8080"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
def test_another_sites_form_is_refused(hall, headers):
    page = hall.owner.get(hall.url())
    reply = hall.owner.post("/oauth2/authorize", [*page.form(), ("decision", "accept")], **headers)
    assert (reply.status, "location" in reply.headers) == (403, False)
    assert granted(hall) == []


@pytest.mark.parametrize("token", [None, "", "x", "0" * 64])
def test_a_form_without_the_sessions_token_is_refused(hall, token):
    page = hall.owner.get(hall.url())
    more = [] if token is None else [("csrf", token)]
    assert hall.owner.accept(page, *more, without=["csrf"]).status == 403
    assert granted(hall) == []


def test_the_token_of_anothers_session_is_refused(hall):
    page = hall.owner.get(hall.url())
    thief = hall.person("thief@example.com", hall.shop)
    assert thief.accept(page).status == 403
    assert granted(hall) == []


def test_somebody_elses_shop_is_not_decided_about(hall):
    hall.till.found("other")
    page = hall.owner.get(hall.url())
    assert hall.owner.accept(page, ("shop", "other"), without=["shop"]).status == 403


def test_a_session_that_ended_decides_nothing(hall):
    page = hall.owner.get(hall.url())
    hall.owner.cookie = ""
    assert hall.owner.accept(page).location.startswith("/admin/sign-in?next=")
    assert granted(hall) == []


def test_what_the_app_no_longer_declares_is_not_granted_by_an_old_page(hall):
    page = hall.owner.get(hall.url())
    sql = "UPDATE apps SET scopes = 'read_orders' WHERE client_id = :client_id"
    hall.till.write(lambda tx: tx.execute(sql, client_id=hall.app.client_id))
    assert hall.owner.accept(page).query["error"] == "invalid_scope"
    assert granted(hall) == []


def test_what_the_app_gave_up_is_shown_and_taken(hall):
    installed(hall.till, hall.app, scopes={"read_orders", "read_customers"})
    sql = "UPDATE apps SET scopes = 'read_orders,write_orders' WHERE client_id = :client_id"
    hall.till.write(lambda tx: tx.execute(sql, client_id=hall.app.client_id))
    page = hall.owner.get(hall.url())
    assert 'class="removed">' + SENTENCES["read_customers"].split(",", maxsplit=1)[0] in page.text
    hall.owner.accept(page)
    assert granted(hall) == [({"read_orders", "write_orders"}, set())]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_only_a_form_is_taken(hall, kind):
    assert hall.owner.post("/oauth2/authorize", b"{}", content_type=kind).status == 415


def test_a_form_that_is_too_long_is_refused(hall):
    assert hall.owner.post("/oauth2/authorize", b"a=" + b"x" * 70_000).status == 413


def test_names_of_apps_are_text_on_the_page(hall):
    hall.make_app(name='<script>alert(1)</script>"&')
    page = hall.owner.get(hall.url(state='"><script>alert(2)</script>'))
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_nobody_grants_by_the_install_page_what_it_did_not_show(hall):
    """The page below /admin, to which no parameter says what is asked for."""
    hall.make_app(scopes=frozenset({"read_orders"}), redirect_urls=(), handle="loyalty")
    path = "/admin/demo/app-install/loyalty"
    page = hall.owner.get(path)
    sql = "UPDATE apps SET scopes = 'read_orders,write_themes' WHERE client_id = :client_id"
    hall.till.write(lambda tx: tx.execute(sql, client_id=hall.app.client_id))
    reply = hall.owner.post(path, [*page.form(path), ("decision", "accept")])
    assert (reply.status, "location" in reply.headers) == (422, False)
    assert granted(hall) == []
    again = hall.owner.get(path)
    assert hall.owner.post(path, [*again.form(path), ("decision", "accept")]).status == 303
    assert granted(hall) == [({"read_orders", "write_themes"}, set())]


def test_a_form_that_is_sent_twice_at_once_installs_once(hall):
    page = hall.owner.get(hall.url())
    raw = urlencode([*page.form(), ("decision", "accept")]).encode()
    headers = {
        "cookie": f"till={hall.owner.cookie}",
        "origin": f"http://{hall.owner.host}",
        "content_type": "application/x-www-form-urlencoded",
    }

    async def twice():
        sent = (ask(hall.till, "POST", "/oauth2/authorize", raw, **headers) for _ in range(4))
        return await asyncio.gather(*sent)

    replies = hall.till.run(twice())
    assert [reply.status for reply in replies] == [200] * 4
    assert len({reply.query["code"] for reply in replies}) == 4
    assert len(granted(hall)) == 1
    sql = "SELECT kind FROM app_history WHERE client_id = :client_id"
    assert [row[0] for row in hall.till.rows(sql, client_id=hall.app.client_id)] == ["installed"]
