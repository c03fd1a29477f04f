"""The pytest plug-in gives an app's tests what a browser and the admin give the app."""


def test_an_app_is_authorized_and_gets_its_token_without_a_browser(run):
    run.write("""
import base64, hashlib, json, urllib.error, urllib.request
from urllib.parse import parse_qs, urlsplit


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_code(shop):
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = shop.authorize(
        state="x y", accessMode="online", codeChallenge=challenge, codeChallengeMethod="S256"
    )
    assert url.startswith("http://localhost:3000/oauth/callback?code=")
    said = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert said["state"] == "x y"
    assert (said["shop"], said["shopId"]) == (shop.handle, str(shop.shop_id))
    token = post(
        shop.server_url + "/oauth2/token",
        {
            "clientId": shop.client_id,
            "clientSecret": shop.client_secret,
            "grantType": "authorization-code",
            "code": said["code"],
            "codeVerifier": verifier,
        },
    )
    assert token["associatedUser"]["email"] == f"owner@{shop.handle}.example"
    assert shop.get("/orders/count", headers={"X-Genstore-Access-Token": token["accessToken"]}).status == 200


def test_session_token(shop, clock):
    def exchange(token, **more):
        return post(
            shop.server_url + "/oauth2/token",
            {
                "clientId": shop.client_id,
                "clientSecret": shop.client_secret,
                "grantType": "token-exchange",
                "subjectToken": token,
                **more,
            },
        )

    assert "associatedUser" not in exchange(shop.session_token())
    mine = exchange(shop.session_token(email="Ada@example.com"), requestedTokenType="online-access-token")
    assert mine["associatedUser"]["email"] == "ada@example.com"
    again = exchange(shop.session_token(email="ada@example.com"), requestedTokenType="online-access-token")
    assert again["associatedUser"] == mine["associatedUser"]
    old = shop.session_token()
    clock.advance("61s")
    try:
        exchange(old)
    except urllib.error.HTTPError as refused:
        assert (refused.code, json.load(refused)["code"]) == (400, "invalid_grant")
    else:
        raise AssertionError("it was too old")


def test_another_app_is_installed_by_it(shop, till):
    from till.testing import found_shop

    other = found_shop(till, redirectUrls=["https://app.example.com/back"], scopes=["read_orders"])
    url = shop.authorize(other.client_id, redirectUri="https://app.example.com/back")
    assert url.startswith("https://app.example.com/back?code=")
    assert f"shop={shop.handle}&" in url
""")
    printed, code = run("-p", "no:randomly")
    assert code == 0, printed
    assert "3 passed" in printed


def test_what_a_page_would_refuse_is_refused(run):
    run.write("""
import pytest


def test_it(shop):
    with pytest.raises(AssertionError, match="bad_redirect"):
        shop.authorize(redirectUri="https://evil.example/")
    with pytest.raises(AssertionError, match="invalid_scope"):
        shop.authorize(scope="read_everything")
    with pytest.raises(AssertionError, match="unknown_app"):
        shop.authorize("NOBODY00")
    with pytest.raises(AssertionError, match="unknown_app"):
        shop.session_token("NOBODY00")
    with pytest.raises(AssertionError, match="e-mail"):
        shop.session_token(email="nobody")
""")
    printed, code = run()
    assert code == 0, printed
