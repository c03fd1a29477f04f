"""What the OpenAPI document says of the token endpoint is what it answers."""

import jsonschema_rs
import pytest

from inside import inside
from till.dialect.openapi import document
from till.oauth.described import BESIDE
from till.oauth.wire import NAMES
from till.slices import ENDPOINTS

DOCUMENT = document(ENDPOINTS, root="/api/202412", version="0", beside=BESIDE)
OPERATION = DOCUMENT["paths"]["/oauth2/token"]["post"]


def holds(schema, value):
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validator_for(whole).validate(value)


def closed(schema):
    return schema | {"additionalProperties": False}


@pytest.fixture
def till(run, tmp_path, ticking):
    """One store is enough: nothing of this is asked of it."""
    with inside(run, now=ticking, folder=tmp_path, url=None) as server:
        yield server


@pytest.mark.parametrize("mode", ["online", "offline"])
@pytest.mark.parametrize("camel", [True, False])
def test_answers_are_as_described(hall, mode, camel):
    told = {
        "clientId": hall.app.client_id,
        "clientSecret": hall.secret,
        "grantType": "authorization-code",
        "code": hall.code(accessMode=mode),
    }
    kind = "application/json" if camel else "application/x-www-form-urlencoded"
    body = told if camel else {NAMES[name]: value for name, value in told.items()}
    holds(closed(OPERATION["requestBody"]["content"][kind]["schema"]), body)
    reply = hall.token(body) if camel else hall.token(form=body)
    (snake, other) = OPERATION["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"][::-1]
    holds(closed(other if camel else snake), reply.json)
    for name in OPERATION["responses"]["200"]["headers"]:
        assert name.lower() in reply.headers


def test_every_refusal_is_described(hall):
    body = {"clientId": hall.app.client_id, "clientSecret": "no", "grantType": "authorization-code"}
    asked = [
        hall.token(body),
        hall.token(b"{"),
        hall.token(b"x" * 70_000),
        hall.till.run(hall.token_later(b"", "text/plain")),
        *[hall.token(body) for _ in range(14)],
    ]
    assert {reply.status for reply in asked} == {400, 401, 413, 415, 429}
    for reply in asked:
        told = OPERATION["responses"][str(reply.status)]
        holds(told["content"]["application/json"]["schema"], reply.json)
        assert all(name.lower() in reply.headers for name in told["headers"])
