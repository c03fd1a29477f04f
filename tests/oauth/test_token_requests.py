"""What the token endpoint does not take, and by which names it says so (RFC 6749 §5.2)."""

import pytest
from oauth_hall import ask

from inside import inside


@pytest.fixture
def till(run, tmp_path, ticking):
    """One store is enough: nothing of this is asked of it."""
    with inside(run, now=ticking, folder=tmp_path, url=None) as server:
        yield server


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"clientSecret": "x" * 64}, 401, "invalid_client"),
        ({"clientSecret": ""}, 401, "invalid_client"),
        ({"clientId": "NOBODY00"}, 401, "invalid_client"),
        ({"clientId": "a\0b"}, 400, "invalid_request"),
        ({"clientId": 7}, 400, "invalid_request"),
        ({"clientId": ["x"]}, 400, "invalid_request"),
        ({"client_id": "another"}, 400, "invalid_request"),
        ({"grantType": "password"}, 400, "unsupported_grant_type"),
        ({"grantType": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grantType": "refresh_token"}, 400, "unsupported_grant_type"),
        ({"grantType": None}, 400, "invalid_request"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": "ü€"}, 400, "invalid_grant"),
        ({"scope": "read_themes"}, 400, "invalid_scope"),
    ],
)
def test_what_is_wrong_has_the_standards_name(hall, change, status, code):
    body = {
        "clientId": hall.app.client_id,
        "clientSecret": hall.secret,
        "grantType": "authorization-code",
        "code": hall.code(),
    } | change
    reply = hall.token(body)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert set(reply.json) == {"error", "code", "errors", "requestId"}
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-request-id"] == reply.json["requestId"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'{"code":"a","code":"b"}', b"\xff"])
def test_what_cannot_be_read_is_refused(hall, raw):
    reply = hall.token(raw)
    assert reply.status in (400, 401)
    assert reply.json["code"] in ("invalid_request", "invalid_client")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/xml",
    ],
)
def test_other_kinds_of_bodies_are_not_taken(hall, kind):
    reply = hall.till.run(hall.token_later(b"{}", kind))
    assert (reply.status, reply.json["code"]) == (415, "unsupported_media_type")


def test_a_parameter_that_comes_twice_is_refused(hall):
    raw = f"client_id={hall.app.client_id}&client_secret={hall.secret}&grant_type=authorization_code"
    raw += "&code=a&code=b"
    reply = hall.till.run(hall.token_later(raw.encode(), "application/x-www-form-urlencoded"))
    assert (reply.status, reply.json["code"]) == (400, "invalid_request")


def test_a_body_that_is_too_long_is_refused(hall):
    assert hall.token(b'{"code":"' + b"x" * 70_000 + b'"}').status == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_only_post_is_taken(hall, method):
    reply = hall.till.run(ask(hall.till, method, "/oauth2/token"))
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
