"""Nobody is sent where the developer did not say, letter by letter (delivery.md §6, RFC 9700 §2.1)."""

import json
from urllib.parse import quote, urlsplit

import pytest
from oauth_hall import REDIRECT as REGISTERED
from oauth_hall import is_signed

from inside import inside
from till.apps.urls import BadAddress
from till.errors import Invalid

OTHERS = [
    "https://app.example.com/callback/",
    "https://app.example.com/callback/../callback",
    "https://app.example.com/./callback",
    "https://app.example.com//callback",
    "https://app.example.com/callback/evil",
    "https://app.example.com/callbackevil",
    "https://app.example.com/Callback",
    "https://app.example.com/CALLBACK",
    "https://APP.example.com/callback",
    "HTTPS://app.example.com/callback",
    "http://app.example.com/callback",
    "https://app.example.com:443/callback",
    "https://app.example.com:8443/callback",
    "https://app.example.com./callback",
    "https://user@app.example.com/callback",
    "https://user:secret@app.example.com/callback",
    "https://app.example.com@evil.example/callback",
    "https://evil.example/https://app.example.com/callback",
    "https://app.example.com.evil.example/callback",
    "https://evil.app.example.com/callback",
    "https://evilapp.example.com/callback",
    "https://example.com/callback",
    "https://app.example.com/callback?",
    "https://app.example.com/callback?next=https://evil.example",
    "https://app.example.com/callback?code=mine",
    "https://app.example.com/callback#",
    "https://app.example.com/callback#fragment",
    "https://app.example.com/callback;evil",
    "https://app.example.com/callback%20",
    "https://app.example.com/callback%00",
    "https://app.example.com/%63allback",
    "https://app.example.com/callback%2f..%2fevil",
    "https://app.example.com/callback\\evil",
    "https://app.example.com\\@evil.example/callback",
    "https:\\\\app.example.com\\callback",
    "https:/app.example.com/callback",
    "https:app.example.com/callback",
    "//app.example.com/callback",
    "/callback",
    "callback",
    " https://app.example.com/callback",
    "https://app.example.com/callback ",
    "https://app.example.com/callback\t",
    "https://app.example.com/callback\r\nLocation: https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://app.example.com/callback",
    "custom-scheme://callback",
    "https://\u0430pp.example.com/callback",  # a Cyrillic letter
    "https://app。example。com/callback",  # full stops that some take for dots
    "https://app.example.com/callba\u0441k",  # a Cyrillic letter
    "https://app.example.com/callback,https://evil.example",
    "https://app.example.com/callback;https://evil.example",
    "https://*.example.com/callback",
    "null",
    "",
]


@pytest.fixture
def till(run, tmp_path, ticking):
    """One store is enough: nothing of this is asked of it."""
    with inside(run, now=ticking, folder=tmp_path, url=None) as server:
        yield server


def codes(hall):
    return hall.till.rows("SELECT digest FROM codes")


def test_there_is_one_spelling(hall):
    assert hall.owner.get(hall.url(redirectUri=REGISTERED)).status == 200
    assert len(set(OTHERS)) >= 40


def test_any_other_is_told_to_the_person_and_leads_nowhere(hall):
    hall.code()  # so that a right one would be answered at once
    before = codes(hall)
    for url in OTHERS:
        for browser in (hall.owner, hall.nobody):
            page = browser.get(hall.url(redirectUri=url))
            assert page.status == 400, url
            assert "location" not in page.headers, url
            assert page.headers["content-type"].startswith("text/html")
            assert "evil.example" not in page.text
    assert codes(hall) == before


def test_neither_does_the_form_of_consent_take_another(hall):
    page = hall.owner.get(hall.url())
    kept = [(name, value) for name, value in page.form() if name != "redirectUri"]
    for url in OTHERS:
        reply = hall.owner.post("/oauth2/authorize", [*kept, ("redirectUri", url), ("decision", "accept")])
        assert reply.status == 400, url
        assert "location" not in reply.headers
    assert codes(hall) == []


@pytest.mark.parametrize("other", ["redirectUri", "redirect_uri"])
@pytest.mark.parametrize("order", [1, -1])
def test_two_of_them_lead_nowhere(hall, other, order):
    two = [f"redirectUri={quote(REGISTERED, safe='')}", f"{other}={quote('https://evil.example/', safe='')}"]
    page = hall.owner.get(hall.url(without=["redirectUri"]) + "&" + "&".join(two[::order]))
    assert page.status == 400
    assert "location" not in page.headers


def test_the_only_one_may_be_left_out_but_not_of_several(hall):
    back = hall.owner.accept(hall.owner.get(hall.url(without=["redirectUri"])))
    assert back.location.startswith(REGISTERED + "?code=")
    hall.make_app(redirect_urls=(REGISTERED, "https://app.example.com/other"))
    assert hall.owner.get(hall.url(without=["redirectUri"])).status == 400
    hall.make_app(redirect_urls=())
    assert hall.owner.get(hall.url(without=["redirectUri"])).status == 400


def test_a_registered_url_keeps_its_own_query_which_is_signed_too(hall):
    own = "https://app.example.com/callback?tenant=a%20b&z=1&a=%C3%A4"
    hall.make_app(redirect_urls=(own,))
    back = hall.owner.accept(hall.owner.get(hall.url(redirectUri=own)))
    assert back.location.startswith(own + "&code=")
    assert is_signed(back.location, hall.secret)
    assert not is_signed(back.location.replace("tenant=a", "tenant=b"), hall.secret)


SAID_BY_US = ["code", "state", "shop", "shopId", "timestamp", "hmac", "error", "embedded", "sessionToken"]


@pytest.mark.parametrize("name", [*SAID_BY_US, "%73hop", "a=1&hmac"])
def test_a_registered_url_may_not_speak_for_this_server(hall, name):
    own = f"https://app.example.com/callback?{name}=mine"
    for told in ({"redirect_urls": (own,)}, {"application_url": own}):
        with pytest.raises(BadAddress, match="in its query that this server adds itself"):
            hall.make_app(**told)
    # One that was registered before that was looked at leads nowhere.
    sql = "UPDATE apps SET redirect_urls = :urls WHERE client_id = :client_id"
    told = {"urls": json.dumps([own]), "client_id": hall.app.client_id}
    hall.till.write(lambda tx: tx.execute(sql, **told))
    page = hall.owner.get(hall.url(redirectUri=own))
    assert (page.status, "location" in page.headers) == (400, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/cb",
        "https://app.example.com/cb#x",
        "https://u:p@app.example.com/cb",
        "/cb",
        "javascript:alert(1)",
        "https:///cb",
        "https://app.example.com/c b",
        "https://app.exämple.com/",
        "https://app.example.com;evil/",
        "https://app.example.com,evil/",
        "https://app.example.com'/",
        "https://*.example.com/",
        "https://my%61pp.example.com/",
        "https://.example.com/",
        "https://-/",
        "https://[::g]/",
        "https://[v1.x]/",
        "https://[::1]evil.example/",
        "https://evil.example[::1]/",
        "http://localhost.evil.example/cb",
    ],
)
def test_what_could_not_be_trusted_cannot_be_registered(hall, url):
    with pytest.raises(BadAddress):
        hall.make_app(redirect_urls=(url,))


@pytest.mark.parametrize(
    "url",
    ["https://xn--exmple-cua.com/cb", "https://app.example.com.:8443/cb", "https://[2001:db8::1]:8443/cb"],
)
def test_hosts_are_names_in_punycode_or_numbers(hall, url):
    hall.make_app(redirect_urls=(url,), application_url=url)
    assert hall.owner.accept(hall.owner.get(hall.url(redirectUri=url))).location.startswith(url)


@pytest.mark.parametrize("name", ["Loyalty\u202egnp.exe", "Loyalty\u200b", "Loyalty\n", "Loy\0alty"])
def test_the_name_of_an_app_shows_what_it_is(hall, name):
    with pytest.raises(Invalid, match="An app needs a name"):
        hall.make_app(name=name)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000/cb", "http://localhost/cb", "http://[::1]:3000/cb"])
def test_on_this_machine_https_is_not_needed(hall, url):
    hall.make_app(redirect_urls=(url,))
    assert hall.owner.accept(hall.owner.get(hall.url(redirectUri=url))).location.startswith(url)
    other_port = url.replace("3000", "3001").replace("localhost/", "localhost:81/")
    assert hall.owner.get(hall.url(redirectUri=other_port)).status == 400


@pytest.mark.parametrize(
    "extra",
    [
        "&next=https://evil.example",
        "&returnTo=//evil.example",
        "&redirect=https://evil.example&url=https://evil.example",
        "&//evil.example",
        "#//evil.example",
    ],
)
def test_signing_in_leads_back_here_and_nowhere_else(hall, extra):
    page = hall.nobody.get(hall.url() + extra.replace("#", "%23"))
    assert page.status == 303
    assert page.location.startswith("/admin/sign-in?next=%2Foauth2%2Fauthorize%3F")
    assert not urlsplit(page.location).netloc
    assert urlsplit(page.location).query.count("=") == 1


def test_an_unknown_app_leads_nowhere(hall):
    for told in ({"clientId": "NOBODY00"}, {"clientId": ""}, {"clientId": "../x"}):
        for browser in (hall.owner, hall.nobody):
            page = browser.get(hall.url(**told))
            assert page.status in (400, 404)
            assert "location" not in page.headers
    twice = hall.owner.get(hall.url() + f"&client_id={hall.app.client_id}")
    assert (twice.status, "location" in twice.headers) == (400, False)


@pytest.mark.parametrize(
    "query", ["%ff=x", "a=%00", "&".join(f"a{n}=1" for n in range(101)), "clientId=%ED%A0%80"]
)
def test_a_query_that_cannot_be_read_leads_nowhere(hall, query):
    page = hall.owner.get(f"{hall.url()}&{query}")
    assert (page.status, "location" in page.headers) == (400, False)
