"""The token endpoint: codes exchanged once, by whom they are for, in both spellings (genstore.md §2.2)."""

import asyncio
import base64
import json
from urllib.parse import quote_plus

import pytest
from oauth_hall import HOST, REDIRECT, SCOPES, pkce

from apps_of import registered, uninstalled
from till import keys
from till.clock import DAY, SECOND
from till.oauth.throttle import SIZE
from till.staff.store import People


def test_the_documented_exchange_answers_as_documented(hall):
    reply = hall.exchange(hall.code())
    assert reply.status == 200
    assert list(reply.json) == ["accessToken", "scope"]
    assert reply.json["scope"] == ",".join(sorted(SCOPES))
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert hall.status(reply.json["accessToken"]) == 200
    bearer = hall.till.get("/orders/count", token="", authorization=f"Bearer {reply.json['accessToken']}")
    assert bearer.status == 200


def test_an_online_token_is_of_the_person_and_ends_after_a_day(hall):
    reply = hall.exchange(hall.code(accessMode="online"))
    assert list(reply.json) == ["accessToken", "scope", "expiresIn", "associatedUser"]
    assert reply.json["expiresIn"] == 86_400
    assert reply.json["associatedUser"] == {"id": hall.owner.person.id, "email": "ada@example.com"}
    token = reply.json["accessToken"]
    assert hall.status(token) == 200
    hall.ticking.ahead = DAY
    assert hall.status(token) == 401


def test_an_online_token_dies_with_the_person(hall):
    token = hall.exchange(hall.code(accessMode="online")).json["accessToken"]
    offline = hall.exchange(hall.code()).json["accessToken"]
    assert hall.status(token) == 200
    hall.till.write(lambda tx: People(tx).deactivate("ada@example.com", at=hall.ticking()))
    assert hall.soon(401, token)
    assert hall.status(offline) == 200, "which is of the shop"


def test_the_standards_spelling_is_answered_in_it(hall):
    verifier, challenge = pkce()
    code = hall.code(codeChallenge=challenge, codeChallengeMethod="S256", accessMode="online")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "client_id": hall.app.client_id,
        "client_secret": hall.secret,
        "code_verifier": verifier,
    }
    reply = hall.token(form=form)
    assert list(reply.json) == ["access_token", "token_type", "scope", "expires_in", "associated_user"]
    assert reply.json["token_type"] == "Bearer"
    assert reply.json["scope"] == " ".join(sorted(SCOPES))


def test_snake_case_in_json_is_answered_in_it_too(hall):
    body = {
        "grant_type": "authorization_code",
        "code": hall.code(),
        "client_id": hall.app.client_id,
        "client_secret": hall.secret,
    }
    assert "access_token" in hall.token(body).json


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_a_client_may_show_its_secret_in_the_head(hall):
    form = {"grant_type": "authorization_code", "code": hall.code()}
    reply = hall.token(form=form, authorization=basic(hall.app.client_id, hall.secret))
    assert reply.status == 200
    wrong = hall.token(form=form, authorization=basic(hall.app.client_id, "no"))
    assert (wrong.status, wrong.json["code"]) == (401, "invalid_client")
    assert wrong.headers["www-authenticate"].startswith("Basic ")
    both = form | {"client_secret": hall.secret}
    refused = hall.token(form=both, authorization=basic(hall.app.client_id, hall.secret))
    assert (refused.status, refused.json["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("spelled", [str, quote_plus])
def test_a_secret_in_the_head_is_read_as_it_was_meant(hall, spelled):
    """Form-encoded, as RFC 6749 §2.3.1 has it, or as it is, as most clients send it."""
    secret = "abc+def/ghi%41jkl%ff=mnopqrstuvwxyz"
    hall.app = registered(hall.till, secret=secret, redirect_urls=(REDIRECT,), scopes=SCOPES)
    form = {"grant_type": "authorization_code", "code": hall.code()}
    said = basic(hall.app.client_id, spelled(secret))
    assert hall.token(form=form, authorization=said).status == 200
    for wrong in (secret.replace("%41", "A"), secret.replace("+", " "), ""):
        refused = hall.token(form=form, authorization=basic(hall.app.client_id, wrong))
        assert (refused.status, refused.json["code"]) == (401, "invalid_client")


def test_a_scope_too_many_spends_the_code(hall):
    code = hall.code(scope="read_orders")
    first = hall.exchange(code, scope="read_themes")
    assert (first.status, first.json["code"]) == (400, "invalid_scope")
    again = hall.exchange(code)
    assert (again.status, again.json["code"]) == (400, "invalid_grant")


def test_a_code_that_comes_again_takes_its_tokens_with_it(hall):
    code = hall.code()
    token = hall.exchange(code).json["accessToken"]
    another = hall.exchange(hall.code()).json["accessToken"]
    assert hall.status(token) == 200
    again = hall.exchange(code)
    assert (again.status, again.json["code"]) == (400, "invalid_grant")
    assert hall.soon(401, token)
    assert hall.status(another) == 200, "which is of another code"


def test_a_code_that_comes_again_late_still_takes_its_tokens_with_it(hall):
    code = hall.code()
    token = hall.exchange(code).json["accessToken"]
    hall.ticking.ahead = 3_600 * SECOND
    assert hall.exchange(code).json["code"] == "invalid_grant"
    assert hall.soon(401, token)


def test_somebody_elses_replay_revokes_nothing(hall):
    code = hall.code()
    token = hall.exchange(code).json["accessToken"]
    hall.make_app()
    assert hall.exchange(code).json["code"] == "invalid_grant"
    hall.till.run(asyncio.sleep(1.1))
    assert hall.status(token) == 200


def test_of_many_exchanges_of_one_code_one_wins(hall):
    code = hall.code()
    body = {
        "clientId": hall.app.client_id,
        "clientSecret": hall.secret,
        "grantType": "authorization-code",
        "code": code,
    }
    raw = json.dumps(body).encode()

    async def race():
        return await asyncio.gather(*(hall.token_later(raw, host=HOST) for _ in range(8)))

    replies = hall.till.run(race())
    assert sorted(reply.status for reply in replies) == [200] + [400] * 7
    (won,) = [reply.json["accessToken"] for reply in replies if reply.status == 200]
    assert hall.soon(401, won), "for the code came again"


def test_a_code_is_good_for_a_minute(hall):
    hall.ticking.stand()
    fresh, old = hall.code(), hall.code()
    hall.ticking.ahead = 59 * SECOND
    assert hall.exchange(fresh).status == 200
    hall.ticking.ahead = 61 * SECOND
    assert hall.exchange(old).json["code"] == "invalid_grant"


def test_a_code_is_of_one_app(hall):
    mine, first, secret = hall.code(), hall.app, hall.secret
    hall.make_app()
    refused = hall.exchange(mine)
    unknown = hall.exchange("x" * 32)
    assert (refused.status, refused.json["error"]) == (400, unknown.json["error"]), "no telling them apart"
    hall.app, hall.secret = first, secret
    assert hall.exchange(mine).status == 200, "and it was not spent"


@pytest.mark.parametrize(
    "told",
    [
        {"redirectUri": REDIRECT + "/"},
        {"redirectUri": REDIRECT + "?"},
        {"redirectUri": REDIRECT.upper()},
        {"redirectUri": "https://evil.example.com/callback"},
        {"codeVerifier": "x" * 43},
        {"codeVerifier": None},
        {"codeVerifier": ""},
        {"codeVerifier": "short"},
        {"codeVerifier": "challenge"},
    ],
)
def test_what_the_code_is_bound_to_must_come_with_it(hall, told):
    verifier, challenge = pkce()
    if told.get("codeVerifier") == "challenge":
        told = {"codeVerifier": challenge}
    code = hall.code(codeChallenge=challenge, codeChallengeMethod="S256")
    refused = hall.exchange(code, **({"codeVerifier": verifier} | told))
    assert (refused.status, refused.json["code"]) == (400, "invalid_grant")
    spent = hall.exchange(code, codeVerifier=verifier)
    assert spent.json["code"] == "invalid_grant", "there is one try"


def test_a_verifier_without_a_challenge_is_refused(hall):
    verifier, _ = pkce()
    assert hall.exchange(hall.code(), codeVerifier=verifier).json["code"] == "invalid_grant"


def test_the_redirect_url_may_be_left_out_or_be_the_same(hall):
    assert hall.exchange(hall.code(), redirectUri=REDIRECT).status == 200
    assert hall.exchange(hall.code(), redirectUri=None).status == 200


def test_a_code_of_an_app_that_was_uninstalled_is_worth_nothing(hall):
    code = hall.code()
    uninstalled(hall.till, hall.app)
    assert hall.exchange(code).json["code"] == "invalid_grant"
    fresh = hall.code()
    old_installations = hall.exchange(code)
    assert old_installations.json["code"] == "invalid_grant"
    assert hall.exchange(fresh).status == 200


def test_a_code_is_of_one_shop(hall):
    code = hall.code()
    assert hall.exchange(code, shop="other").json["code"] == "invalid_grant"
    reply = hall.token(
        {
            "clientId": hall.app.client_id,
            "clientSecret": hall.secret,
            "grantType": "authorization-code",
            "code": hall.code(),
        },
        host="other.genmystore.com",
    )
    assert reply.json["code"] == "invalid_grant"


def test_fields_that_mean_nothing_change_nothing(hall):
    other = hall.till.found("other")
    more = {
        "shopId": other.id,
        "installationId": 1,
        "personId": 1,
        "kind": "custom",
        "expiresIn": 10**9,
        "scopes": "write_themes",
        "accessScopes": ["write_themes"],
        "associatedUser": {"id": 1},
    }
    reply = hall.exchange(hall.code(), **more)
    assert reply.json["scope"] == ",".join(sorted(SCOPES))
    sql = "SELECT shop_id, kind, person_id, expires_at FROM tokens WHERE digest = :digest"
    (row,) = hall.till.rows(sql, digest=keys.digest(reply.json["accessToken"]))
    assert tuple(row) == (hall.shop.id, "offline", None, None)


def test_codes_and_tokens_are_stored_as_digests_only(hall):
    code = hall.code()
    token = hall.exchange(code).json["accessToken"]
    (stored,) = hall.till.rows("SELECT digest, redirect_url, challenge FROM codes")
    assert bytes(stored[0]) == keys.digest(code)
    (kept,) = hall.till.rows("SELECT digest, code FROM tokens WHERE kind = 'offline'")
    assert (bytes(kept[0]), bytes(kept[1])) == (keys.digest(token), keys.digest(code))


def test_whoever_asks_too_often_waits(hall):
    hall.ticking.stand()
    body = {"clientId": hall.app.client_id, "clientSecret": "wrong", "grantType": "token-exchange"}
    statuses = [hall.token(body).status for _ in range(SIZE // 10 + 3)]
    assert set(statuses) == {401, 429}
    limited = hall.token(body)
    assert (limited.status, limited.json["code"]) == (429, "too_many_tokens")
    assert int(limited.headers["retry-after"]) >= 1
    first = hall.app
    hall.make_app()
    assert hall.exchange(hall.code()).status == 200, "another app is not held up"
    hall.ticking.ahead = 60 * SECOND
    assert hall.token(body | {"clientId": first.client_id}).status == 401


def test_codes_are_forgotten_a_week_after_their_end(hall):
    old = hall.code()
    hall.exchange(old)
    hall.ticking.ahead = 8 * DAY
    hall.owner = hall.person("bob@example.com", hall.shop)  # the first session ended
    fresh = hall.code()
    kept = [bytes(row[0]) for row in hall.till.rows("SELECT digest FROM codes")]
    assert kept == [keys.digest(fresh)]
    assert hall.exchange(old).json["code"] == "invalid_grant"
