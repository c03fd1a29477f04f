"""Session tokens and what they are exchanged for (genstore.md §2.2, §2.5)."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from oauth_hall import HOST, SCOPES

from apps_of import installed, uninstalled
from till import keys
from till.clock import DAY, SECOND
from till.oauth.session_token import SessionTokens
from till.staff.store import People


@pytest.fixture
def embedded(hall, store):
    """An embedded app that is installed, and the key of its server."""
    hall.make_app(embedded=True, application_url="https://app.example.com/")
    installed(hall.till, hall.app)
    key = bytes.fromhex((store["folder"] / "till.key").read_text().strip())
    return hall, SessionTokens(key)


def minted(embedded, **told):
    hall, tokens = embedded
    told = {
        "client_id": hall.app.client_id,
        "secret": hall.secret,
        "person_id": hall.owner.person.id,
        "shop_id": hall.shop.id,
        "at": hall.ticking(),
    } | told
    return tokens.mint(**told)


def exchange(embedded, token, *, host=HOST, **told):
    hall, _ = embedded
    body = {
        "clientId": hall.app.client_id,
        "clientSecret": hall.secret,
        "grantType": "token-exchange",
        "subjectToken": token,
    } | told
    return hall.token({name: value for name, value in body.items() if value is not None}, host=host)


def segments(head, claims, secret, *, digest="sha256"):
    """A token made by hand, so that what a library would not write can be tried."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (head, claims)]
    text = b".".join(parts)
    said = hmac.new(secret.encode(), text, digest).digest()
    return f"{text.decode()}.{base64.urlsafe_b64encode(said).rstrip(b'=').decode()}"


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def test_the_claims_are_the_documented_and_no_others(embedded):
    hall, _ = embedded
    token = minted(embedded)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, hall.secret, algorithms=["HS256"], audience=hall.app.client_id)
    assert set(claims) == {"aud", "sub", "exp", "nbf", "iat", "sid", "sig"}
    assert claims["sub"] == str(hall.owner.person.id)
    assert claims["exp"] - claims["iat"] == 60
    assert claims["nbf"] == claims["iat"]
    assert all(len(claims[name]) == 64 and int(claims[name], 16) >= 0 for name in ("sid", "sig"))


def test_the_session_id_is_of_person_app_and_shop(embedded):
    hall, _ = embedded
    sid = claims_of(minted(embedded))["sid"]
    assert claims_of(minted(embedded, at=hall.ticking() + DAY))["sid"] == sid
    for told in ({"person_id": 1}, {"shop_id": 1}, {"client_id": "ANOTHER1"}):
        assert claims_of(minted(embedded, **told))["sid"] != sid


def test_an_offline_token_is_the_default(embedded):
    hall, _ = embedded
    reply = exchange(embedded, minted(embedded))
    assert reply.status == 200
    assert list(reply.json) == ["accessToken", "scope"]
    assert reply.json["scope"] == ",".join(sorted(SCOPES))
    hall.ticking.ahead = 400 * DAY
    assert hall.status(reply.json["accessToken"]) == 200


def test_an_online_token_is_of_whoever_uses_the_app(embedded):
    hall, _ = embedded
    reply = exchange(embedded, minted(embedded), requestedTokenType="online-access-token")
    assert reply.json["associatedUser"] == {"id": hall.owner.person.id, "email": "ada@example.com"}
    assert reply.json["expiresIn"] == 86_400
    token = reply.json["accessToken"]
    assert hall.status(token) == 200
    hall.ticking.ahead = DAY
    assert hall.status(token) == 401


def test_the_standards_spelling_is_taken_too(embedded):
    hall, _ = embedded
    form = {
        "client_id": hall.app.client_id,
        "client_secret": hall.secret,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": minted(embedded),
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    reply = hall.token(form=form)
    assert reply.status == 200
    assert reply.json["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"


@pytest.mark.parametrize("host", ["demo.genmystore.com", "demo.localhost:8080", HOST])
def test_the_shop_is_known_by_the_token_or_by_the_host_too(embedded, host):
    assert exchange(embedded, minted(embedded), host=host).status == 200


def test_a_token_of_two_shops_finds_the_one_that_it_was_given_for(embedded):
    hall, _ = embedded
    other = hall.till.found("other")
    both = hall.person("both@example.com", hall.shop, other)
    installed(hall.till, hall.app, shop=other)
    token = minted(embedded, person_id=both.person.id, shop_id=other.id)
    given = exchange(embedded, token).json["accessToken"]
    sql = "SELECT shop_id FROM tokens WHERE digest = :digest"
    assert hall.till.rows(sql, digest=keys.digest(given))[0][0] == other.id
    assert exchange(embedded, token, shop="demo").json["code"] == "invalid_grant"
    assert exchange(embedded, token, host="demo.genmystore.com").json["code"] == "invalid_grant"
    assert exchange(embedded, token, shop="other").status == 200


def forged(embedded, name):
    """Tokens that are not good, each by its reason."""
    hall, _ = embedded
    good = claims_of(minted(embedded))
    head = {"alg": "HS256", "typ": "JWT"}
    now = hall.ticking() // SECOND

    def changed(**told):
        return segments(head, good | told, hall.secret)

    def without(name):
        return segments(head, {each: value for each, value in good.items() if each != name}, hall.secret)

    none = segments({"alg": "none", "typ": "JWT"}, good, hall.secret).rpartition(".")[0] + "."
    public = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n-----END PUBLIC KEY-----\n"
    return {
        "no token": "nonsense",
        "empty parts": "..",
        "another key": minted(embedded, secret="f" * 64),
        "another app's aud": minted(embedded, client_id="ANOTHER1"),
        "aud as a list": changed(aud=[hall.app.client_id]),
        "expired": minted(embedded, at=hall.ticking() - 61 * SECOND),
        "not yet": minted(embedded, at=hall.ticking() + 60 * SECOND),
        "nbf in the future": changed(nbf=now + 30),
        "iat in the future": changed(iat=now + 30),
        "longer life": changed(exp=good["exp"] + 3_600),
        "exp as text": changed(exp=str(good["exp"])),
        "exp as a flag": changed(exp=True),
        "another shop's sig": changed(sig=claims_of(minted(embedded, shop_id=1))["sig"]),
        "another person": changed(sub=str(int(good["sub"]) + 1)),
        "a person's number": changed(sub=int(good["sub"])),
        "no sig": without("sig"),
        "no sid": without("sid"),
        "no sub": without("sub"),
        "no exp": without("exp"),
        "no nbf": without("nbf"),
        "more than is documented": changed(dest="https://demo.genmystore.com"),
        "sig in capitals": changed(sig=good["sig"].upper()),
        "sig beyond ASCII": changed(sig="ü" * 64),
        "alg none": none,
        "alg None": segments({"alg": "None"}, good, hall.secret).rpartition(".")[0] + ".",
        "no alg": segments({"typ": "JWT"}, good, hall.secret),
        "RS256 with a shared key": segments({"alg": "RS256", "typ": "JWT"}, good, hall.secret),
        "RS256 with a public key": segments({"alg": "RS256", "typ": "JWT"}, good, public),
        "HS512": segments({"alg": "HS512", "typ": "JWT"}, good, hall.secret, digest="sha512"),
        "HS256 by SHA-1": segments(head, good, hall.secret, digest="sha1"),
        "a key in its head": segments(
            head | {"jwk": {"kty": "oct", "k": "eHg"}, "kid": "../../key"}, good, "xx"
        ),
        "crit": segments(head | {"crit": ["x"], "x": 1}, good, hall.secret),
        "another server's": SessionTokens(hashlib.sha256(b"other").digest()).mint(
            client_id=hall.app.client_id,
            secret=hall.secret,
            person_id=hall.owner.person.id,
            shop_id=hall.shop.id,
            at=hall.ticking(),
        ),
        "an access token": hall.till.token,
        "very long": minted(embedded) + "A" * 5_000,
    }[name]


BAD = (
    "no token",
    "empty parts",
    "another key",
    "another app's aud",
    "aud as a list",
    "expired",
    "not yet",
    "nbf in the future",
    "iat in the future",
    "longer life",
    "exp as text",
    "exp as a flag",
    "another shop's sig",
    "another person",
    "a person's number",
    "no sig",
    "no sid",
    "no sub",
    "no exp",
    "no nbf",
    "more than is documented",
    "sig in capitals",
    "sig beyond ASCII",
    "alg none",
    "alg None",
    "no alg",
    "RS256 with a shared key",
    "RS256 with a public key",
    "HS512",
    "HS256 by SHA-1",
    "a key in its head",
    "crit",
    "another server's",
    "an access token",
    "very long",
)


def test_no_other_token_is_taken(embedded):
    hall, _ = embedded
    before = hall.till.rows("SELECT digest FROM tokens")
    for name in BAD:
        hall.ticking.ahead += 5 * SECOND  # so that asking wrongly so often is not throttled
        reply = exchange(embedded, forged(embedded, name))
        assert (reply.status, reply.json["code"]) == (400, "invalid_grant"), name
    assert hall.till.rows("SELECT digest FROM tokens") == before
    assert exchange(embedded, minted(embedded)).status == 200


def test_whoever_left_or_was_deactivated_gets_nothing(embedded):
    hall, _ = embedded
    token = minted(embedded)
    stranger = hall.person("stranger@example.com")
    assert exchange(embedded, minted(embedded, person_id=stranger.person.id)).json["code"] == "invalid_grant"
    assert exchange(embedded, minted(embedded, person_id=9)).json["code"] == "invalid_grant"
    hall.till.write(lambda tx: People(tx).deactivate("ada@example.com", at=hall.ticking()))
    for kind in ("online-access-token", None):
        reply = exchange(embedded, token, requestedTokenType=kind)
        assert reply.json["code"] == "invalid_grant"


def test_an_app_that_is_not_installed_gets_nothing(embedded):
    hall, _ = embedded
    uninstalled(hall.till, hall.app)
    assert exchange(embedded, minted(embedded)).json["code"] == "invalid_grant"


def test_both_secrets_are_good_while_one_follows_the_other(embedded):
    hall, _ = embedded
    old = minted(embedded)
    sealed = hall.till.parts.api._lent.sealer.seal("a" * 64, about=hall.app.client_id)
    sql = """UPDATE apps SET previous_secret = secret, secret = :sealed, previous_until = :until
        WHERE client_id = :client_id"""
    until = hall.ticking() + 30 * SECOND
    hall.till.write(lambda tx: tx.execute(sql, sealed=sealed, until=until, client_id=hall.app.client_id))
    assert exchange(embedded, old).status == 200
    assert exchange(embedded, minted(embedded, secret="a" * 64), clientSecret="a" * 64).status == 200
    hall.ticking.ahead = 31 * SECOND
    assert exchange(embedded, old).json["code"] == "invalid_client"
    assert exchange(embedded, old, clientSecret="a" * 64).json["code"] == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [
        {"subjectToken": None},
        {"subjectTokenType": "urn:ietf:params:oauth:token-type:saml2"},
        {"requestedTokenType": "everything"},
        {"subjectToken": 7},
    ],
)
def test_what_is_asked_wrongly_is_told(embedded, change):
    reply = exchange(embedded, minted(embedded), **change)
    assert (reply.status, reply.json["code"]) == (400, "invalid_request")
