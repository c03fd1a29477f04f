"""The way through the browser: asked, decided, sent back with a code (genstore.md §2.3, §2.4)."""

import re
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from oauth_hall import REDIRECT, SCOPES, ask, is_signed

from apps_of import installed
from till.apps.scope import SCOPES as ALL_SCOPES
from till.clock import SECOND
from till.oauth.plain import SENTENCES


def granted(till, client_id):
    sql = """SELECT scopes, protected FROM installations
        WHERE shop_id = :shop_id AND client_id = :client_id AND uninstalled_at IS NULL"""
    rows = till.rows(sql, shop_id=till.shop.id, client_id=client_id)
    return [(set(scopes.split(",")), set(filter(None, kinds.split(",")))) for scopes, kinds in rows]


def history(till, client_id):
    sql = "SELECT kind, by FROM app_history WHERE client_id = :client_id ORDER BY at, id"
    return [tuple(row) for row in till.rows(sql, client_id=client_id)]


def test_from_the_authorize_url_to_a_call(hall):
    page = hall.owner.get(hall.url())
    assert page.status == 200
    assert "Loyalty" in page.text
    back = hall.owner.accept(page)
    assert (back.status, "location" in back.headers) == (200, False), "no redirect of a form leads out"
    assert back.location.startswith(f"{REDIRECT}?code=")
    assert back.text.count(back.query["code"]) == back.text.count(back.query["hmac"]) == 2  # refresh and link
    assert set(back.query) == {"code", "hmac", "shop", "shopId", "timestamp", "state"}
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", back.query["code"])
    assert (back.query["shop"], back.query["shopId"]) == ("demo", str(hall.shop.id))
    assert abs(int(back.query["timestamp"]) - hall.ticking() // SECOND) < 60
    assert back.query["state"] == "xyz"
    assert is_signed(back.location, hall.secret)
    assert not is_signed(back.location, "another secret")
    assert granted(hall.till, hall.app.client_id) == [(set(SCOPES), set())]
    assert history(hall.till, hall.app.client_id) == [("installed", f"person:{hall.owner.person.id}")]
    token = hall.exchange(back.query["code"]).json["accessToken"]
    assert hall.status(token) == 200


def test_nobody_is_sent_to_sign_in_and_would_come_back_to_the_very_question(hall):
    sent = hall.nobody.get(hall.url(state="ä&=#"))
    assert sent.status == 303
    where = urlsplit(sent.location)
    assert (where.scheme, where.netloc, where.path) == ("", "", "/admin/sign-in")
    (then,) = [value for name, value in parse_qsl(where.query) if name == "next"]
    assert then == hall.url(state="ä&=#")


def test_declining_says_so_and_grants_nothing(hall):
    page = hall.owner.get(hall.url())
    back = hall.owner.post("/oauth2/authorize", [*page.form(), ("decision", "decline")])
    assert (back.status, "location" in back.headers) == (200, False)
    assert back.query["error"] == "access_denied"
    assert back.query["state"] == "xyz"
    assert "code" not in back.query
    assert is_signed(back.location, hall.secret)
    assert granted(hall.till, hall.app.client_id) == []


def test_what_was_granted_before_is_not_asked_again(hall):
    first = hall.code()
    back = hall.owner.get(hall.url())
    assert back.status == 303
    assert back.query["code"] != first
    assert history(hall.till, hall.app.client_id) == [("installed", f"person:{hall.owner.person.id}")]
    assert hall.nobody.get(hall.url()).location.startswith("/admin/sign-in"), "but a session is needed"


def test_more_is_asked_for_and_what_is_new_is_marked(hall):
    hall.code(scope="read_orders")
    page = hall.owner.get(hall.url(scope="read_orders,read_customers"))
    assert page.status == 200
    assert 'class="kept">' + SENTENCES["read_orders"] in page.text
    assert 'class="new">' + SENTENCES["read_customers"] in page.text
    hall.owner.accept(page)
    assert granted(hall.till, hall.app.client_id) == [({"read_orders", "read_customers"}, set())]
    kinds = [kind for kind, _ in history(hall.till, hall.app.client_id)]
    assert kinds == ["installed", "granted"]
    assert hall.owner.get(hall.url(scope="read_orders")).status == 303, "less is granted already"


@pytest.mark.parametrize(
    "scope", ["read_orders,write_orders", "read_orders write_orders", "[read_orders,write_orders]"]
)
def test_scopes_are_read_in_each_spelling(hall, scope):
    hall.code(scope=scope)
    assert granted(hall.till, hall.app.client_id) == [({"read_orders", "write_orders"}, set())]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"responseType": "token"}, "unsupported_response_type"),
        ({"responseType": ""}, "invalid_request"),
        ({"scope": "read_themes"}, "invalid_scope"),
        ({"scope": "read_everything"}, "invalid_scope"),
        ({"accessMode": "forever"}, "invalid_request"),
        ({"codeChallenge": "x" * 43}, "invalid_request"),
        ({"codeChallenge": "x" * 43, "codeChallengeMethod": "plain"}, "invalid_request"),
        ({"codeChallenge": "x" * 42, "codeChallengeMethod": "S256"}, "invalid_request"),
        ({"codeChallenge": "x" * 42 + "=", "codeChallengeMethod": "S256"}, "invalid_request"),
        ({"codeChallengeMethod": "S256"}, "invalid_request"),
    ],
)
def test_what_an_app_asks_wrongly_it_is_told(hall, told, error):
    back = hall.owner.get(hall.url(**told))
    assert (back.status, back.query["error"]) == (303, error)
    assert back.query["state"] == "xyz"
    assert re.fullmatch(r"[ -!#-\[\]-~]+", back.query["error_description"])
    assert is_signed(back.location, hall.secret)
    assert granted(hall.till, hall.app.client_id) == []


@pytest.mark.parametrize(
    "state",
    [
        "a b",
        "a+b",
        "%41",
        "ä€😀",
        "x&code=evil",
        "x#y",
        "<script>",
        'q"q',
        "\r\nSet-Cookie: a=b",
        "=",
        "a=b&c",
    ],
)
def test_the_state_comes_back_as_it_was(hall, state):
    page = hall.owner.accept(hall.owner.get(hall.url(state=state)))
    assert page.query["state"] == state
    assert is_signed(page.location, hall.secret)
    assert "\n" not in page.location


def test_a_state_that_is_left_out_stays_out_and_one_too_long_is_refused(hall):
    assert "state" not in hall.owner.accept(hall.owner.get(hall.url(without=["state"]))).query
    back = hall.owner.get(hall.url(state="x" * 2_001))
    assert (back.query["error"], "state" in back.query) == ("invalid_request", False)


@pytest.mark.parametrize(
    "name", ["state", "scope", "responseType", "response_type", "codeChallenge", "accessMode"]
)
def test_a_parameter_that_comes_twice_is_refused_to_the_app(hall, name):
    twice = f"&{name}=code" if "esponse" in name else f"&{name}=read_orders&{name}=read_orders"
    back = hall.owner.get(hall.url() + twice)
    assert (back.status, back.query["error"]) == (303, "invalid_request")


def test_the_standards_spelling_does_the_same(hall):
    url = (
        f"/oauth2/authorize?client_id={hall.app.client_id}&redirect_uri={quote(REDIRECT, safe='')}"
        "&response_type=code&scope=read_orders&state=s&access_mode=online&nonce=n"
    )
    page = hall.owner.get(url)
    assert page.status == 200
    assert hall.owner.accept(page).query["state"] == "s"


def test_the_shop_is_the_hosts_or_the_parameters_or_the_only_one(hall):
    other = hall.till.found("other")
    both = hall.person("both@example.com", hall.shop, other)
    page = both.get(hall.url())
    assert page.status == 200
    assert "demo" in page.text
    assert "other" in page.text
    links = re.findall(r'href="(/oauth2/authorize\?[^"]+)"', page.text)
    assert len(links) == 2
    chosen = both.get(links[1].replace("&amp;", "&"))
    assert both.accept(chosen).query["shop"] == "other"
    assert both.accept(both.get(hall.url(shop="demo"))).query["shop"] == "demo"
    assert both.get(hall.url(shop="other.genmystore.com")).query["shop"] == "other"
    assert both.get(hall.url(shop="OTHER")).query["shop"] == "other"
    both.host = "other.localhost:8080"
    assert both.get(hall.url()).query["shop"] == "other"
    assert both.get(hall.url(shop="demo")).status == 400, "the host and the parameter differ"


@pytest.mark.parametrize("shop", ["other", "nothing-like-it", "../x", "other.genmystore.com"])
def test_a_shop_of_others_is_like_one_that_is_not_there(hall, shop):
    hall.till.found("other")
    page = hall.owner.get(hall.url(shop=shop))
    assert page.status == 403
    assert "You do not belong to the shop" in page.text


def test_whoever_belongs_to_no_shop_is_told_so(hall):
    page = hall.person("new@example.com").get(hall.url())
    assert page.status == 200
    assert "You do not belong to any shop" in page.text


def test_every_scope_has_its_sentence(hall):
    assert set(SENTENCES) == set(ALL_SCOPES)
    assert len(set(SENTENCES.values())) == len(SENTENCES)


def test_an_app_that_was_installed_otherwise_gets_its_code_without_a_question(hall):
    installed(hall.till, hall.app)
    assert hall.owner.get(hall.url()).status == 303


def test_the_secret_before_signs_until_the_app_has_the_new_one(hall):
    sealed = hall.till.parts.api._lent.sealer.seal("a" * 64, about=hall.app.client_id)
    sql = """UPDATE apps SET previous_secret = secret, secret = :sealed, previous_until = :until,
        compat_previous = :compat WHERE client_id = :client_id"""
    until = hall.ticking() + 3_600 * SECOND

    def rotate(compat):
        told = {"sealed": sealed, "until": until, "compat": compat, "client_id": hall.app.client_id}
        hall.till.write(lambda tx: tx.execute(sql, **told))

    hall.code()
    rotate(1)
    assert is_signed(hall.owner.get(hall.url()).location, hall.secret)
    hall.till.write(
        lambda tx: tx.execute(
            "UPDATE apps SET compat_previous = 0 WHERE client_id = :c", c=hall.app.client_id
        )
    )
    assert is_signed(hall.owner.get(hall.url()).location, "a" * 64)


def test_no_form_leads_out_and_what_does_tells_nobody_whence(hall):
    page = hall.owner.get(hall.url())
    back, again = hall.owner.accept(page), hall.owner.get(hall.url())
    for shown in (page, back):
        assert "form-action 'self';" in shown.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
        assert shown.headers["cache-control"] == "no-store"
    for leaving in (back, again):
        assert leaving.headers["cache-control"] == "no-store"
        assert leaving.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_not_taken(hall, method):
    page = hall.till.run(ask(hall.till, method, hall.url(), cookie=f"till={hall.owner.cookie}"))
    assert (page.status, page.headers["allow"]) == (405, "GET, POST")
    sql = "SELECT digest FROM codes"
    assert hall.till.rows(sql) == []
