"""A client library that knows nothing of Till: Authlib, over sockets, from the authorize URL to a call."""

import base64
import hashlib
import re
import secrets
import time
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from oauth_hall import is_signed

from following import led_on
from running import answer, serve
from till import clock
from till.oauth.session_token import SessionTokens

REDIRECT = "https://app.example.com/oauth/callback"
PASSWORD = "seven green kettles"
EMAIL = "ada@example.com"


class Fields(HTMLParser):
    """The hidden fields of the page's last form."""

    def __init__(self, text):
        super().__init__()
        self.pairs = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.pairs = []
        elif tag == "input" and "name" in told and (told.get("type") != "checkbox" or "checked" in told):
            self.pairs.append((told["name"], told.get("value", "")))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request, tmp_path_factory):
    """A server in a process of its own, an app, and its owner, who set the server up by its first link."""
    folder = tmp_path_factory.mktemp("oauth")
    if request.param == "sqlite":
        where, at = folder, ["--data", folder]
    else:
        where = request.getfixturevalue("postgres").create_database()
        at = ["--data", folder, "--database", where]
    answer("shop", "create", "demo", *at)
    made = ("--scopes", "read_orders,write_orders", "--redirect-url", REDIRECT)
    app = answer("app", "create", "Loyalty", *made, *at)
    more = ["--data", folder] if request.param == "postgresql" else []
    with serve(where, *more) as running:
        found = SimpleNamespace(url=running.url, running=running, folder=folder, at=at)
        found.client_id, found.secret = app["clientId"], app["clientSecret"]
        found.told = [found.secret, PASSWORD, EMAIL]
        found.browser = requests.Session()
        set_up(found, running.said["setUp"])
        yield found


def set_up(place, link):
    page = place.browser.get(link, timeout=30)
    kept = dict(Fields(page.text).pairs)
    entry = {"email": EMAIL, "name": "Ada Byron", "password": PASSWORD}
    done = post(place, urlsplit(link).path, list((kept | entry).items()))
    assert done.status_code == 303, done.text
    place.told += [kept["csrf"], kept["token"], *place.browser.cookies.values()]


def logged(place):
    """What the server wrote, once it has written of the last request: it does so a few times a second."""
    requests.get(f"{place.url}/readyz", timeout=30)
    for _ in range(100):
        said = place.running.logged()
        if said.rpartition("/oauth2/token")[2].count("/readyz"):
            return said
        time.sleep(0.05)
    raise AssertionError(said)


def post(place, path, pairs):
    own = {"Origin": place.url, "Sec-Fetch-Site": "same-origin"}
    return place.browser.post(place.url + path, data=pairs, headers=own, timeout=30, allow_redirects=False)


def consented(place, url):
    """Where the browser is sent back to, by consent where that is asked."""
    page = place.browser.get(url, timeout=30, allow_redirects=False)
    if page.status_code == 200:
        fields = Fields(page.text).pairs
        place.told += [value for name, value in fields if name in ("csrf", "codeChallenge", "state")]
        page = post(place, "/oauth2/authorize", [*fields, ("decision", "accept")])
    back = page.headers.get("Location") or led_on(page.text)
    assert back.startswith(REDIRECT + "?")
    assert is_signed(back, place.secret)
    query = dict(parse_qsl(urlsplit(back).query))
    place.told += [query[name] for name in ("code", "state", "hmac")]
    return back


def client(place, method, **more):
    return OAuth2Session(
        place.client_id,
        place.secret,
        redirect_uri=REDIRECT,
        scope="read_orders write_orders",
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        **more,
    )


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
@pytest.mark.parametrize("mode", ["offline", "online"])
def test_authlib_gets_its_token_and_calls(place, method, mode):
    verifier = secrets.token_urlsafe(48)
    with client(place, method) as app:
        url, state = app.create_authorization_url(
            f"{place.url}/oauth2/authorize", code_verifier=verifier, access_mode=mode
        )
        back = consented(place, url)
        token = app.fetch_token(
            f"{place.url}/oauth2/token", authorization_response=back, state=state, code_verifier=verifier
        )
        place.told += [token["access_token"], verifier]
        assert token["token_type"] == "Bearer"
        assert token["scope"] == "read_orders write_orders"
        assert ("expires_in" in token) == (mode == "online")
        called = app.get(f"{place.url}/api/202412/orders/count")
        assert (called.status_code, called.json()) == (200, {"count": 0})


def test_authlib_reads_our_refusals_as_the_standards(place):
    with client(place, "client_secret_post") as app:
        with pytest.raises(OAuthError) as caught:
            app.fetch_token(f"{place.url}/oauth2/token", code="x" * 32, grant_type="authorization_code")
        assert caught.value.error == "There is no such code."
        url, state = app.create_authorization_url(f"{place.url}/oauth2/authorize", code_verifier="v" * 43)
        back = consented(place, url)
        with pytest.raises(OAuthError):
            app.fetch_token(
                f"{place.url}/oauth2/token", authorization_response=back, state=state, code_verifier="w" * 43
            )


def test_authlib_refuses_a_state_that_is_not_its_own(place):
    with client(place, "client_secret_post") as app:
        url, _ = app.create_authorization_url(f"{place.url}/oauth2/authorize", code_verifier="v" * 43)
        back = consented(place, url)
        with pytest.raises(MismatchingStateException):
            app.fetch_token(
                f"{place.url}/oauth2/token",
                authorization_response=back,
                state="another",
                code_verifier="v" * 43,
            )


def test_a_session_token_app_exchanges_as_documented(place):
    """The app that is shown inside the admin, with nothing but an HTTP client."""
    key = bytes.fromhex((place.folder / "till.key").read_text().strip())
    (person,) = answer("staff", "list", *place.at)["people"]
    shop = answer("shop", "list", *place.at)["shops"][0]
    consented(
        place,
        client(place, "client_secret_post").create_authorization_url(
            f"{place.url}/oauth2/authorize", code_verifier="v" * 43
        )[0],
    )
    token = SessionTokens(key).mint(
        client_id=place.client_id,
        secret=place.secret,
        person_id=int(person["id"]),
        shop_id=int(shop["shopId"]),
        at=clock.now(),
    )
    body = {
        "clientId": place.client_id,
        "clientSecret": place.secret,
        "grantType": "token-exchange",
        "subjectToken": token,
        "requestedTokenType": "online-access-token",
    }
    reply = requests.post(f"{place.url}/oauth2/token", json=body, timeout=30)
    assert reply.status_code == 200, reply.text
    assert reply.json()["associatedUser"]["email"] == EMAIL
    place.told += [token, reply.json()["accessToken"]]
    headers = {"X-Genstore-Access-Token": reply.json()["accessToken"]}
    assert (
        requests.get(f"{place.url}/api/202412/orders/count", headers=headers, timeout=30).status_code == 200
    )


def test_nothing_secret_is_in_the_log(place):
    """Whatever was used above, in the spellings in which it may have been written down."""
    with client(place, "client_secret_basic") as app:
        url, state = app.create_authorization_url(f"{place.url}/oauth2/authorize", code_verifier="v" * 43)
        back = consented(place, url)
        place.told.append(
            app.fetch_token(
                f"{place.url}/oauth2/token", authorization_response=back, state=state, code_verifier="v" * 43
            )["access_token"]
        )
        wrong = requests.post(
            f"{place.url}/oauth2/token",
            data={"client_id": place.client_id, "client_secret": place.secret + "x", "code": "c" * 32},
            timeout=30,
        )
        assert wrong.status_code == 401
    said = logged(place)
    assert len(place.told) > 12
    for secret in place.told:
        for spelled in (
            secret,
            base64.b64encode(secret.encode()).decode(),
            hashlib.sha256(secret.encode()).hexdigest(),
        ):
            assert spelled not in said, spelled
    assert not re.search(r"clientSecret|client_secret|code=|Bearer ", said)


def test_what_a_person_lost_does_not_come_back_with_the_person(place):
    """The owner is sent away, let in again, and signs in as before."""
    with client(place, "client_secret_post") as app:
        url, state = app.create_authorization_url(
            f"{place.url}/oauth2/authorize", code_verifier="v" * 43, access_mode="online"
        )
        back = consented(place, url)
        app.fetch_token(
            f"{place.url}/oauth2/token", authorization_response=back, state=state, code_verifier="v" * 43
        )
        place.told.append(app.token["access_token"])
        count = f"{place.url}/api/202412/orders/count"
        assert app.get(count).status_code == 200
        answer("staff", "deactivate", EMAIL, *place.at)
        answer("staff", "reactivate", EMAIL, *place.at)
        time.sleep(1.1)  # servers on PostgreSQL believe what they saw for a second
        assert app.get(count).status_code == 401
    sent = place.browser.get(url, timeout=30)
    assert "/admin/sign-in" in sent.url, "the session ended, too"
    kept = dict(Fields(sent.text).pairs)
    entered = post(place, "/admin/sign-in", list((kept | {"email": EMAIL, "password": PASSWORD}).items()))
    assert led_on(entered.text) == urlsplit(url)._replace(scheme="", netloc="").geturl()
    place.told += [kept["csrf"], *place.browser.cookies.values()]
