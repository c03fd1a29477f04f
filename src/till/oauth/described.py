"""The token endpoint as the OpenAPI document has it: beside the versioned API, and without a token."""

from collections.abc import Iterable, Mapping
from typing import Any

from till.dialect.openapi_parts import Part, headers
from till.dialect.schemas import ref
from till.oauth import wire

TOKEN = "0f2c6a9d4be81375c0e49d7a6b3f18520f2c6a9d4be81375c0e49d7a6b3f1852"  # noqa: S105 - an example
ABOUT: Mapping[str, str] = {
    "clientId": "The app's client id; left out where it stands in `Authorization: Basic`.",
    "clientSecret": "The app's client secret; left out where it stands in `Authorization: Basic`.",
    "grantType": "`authorization-code` (or `authorization_code`) for a code, `token-exchange` (or RFC 8693's "
    "URN) for a session token.",
    "code": "The code that the redirect brought, or `app/authorizationCodeGranted`; good once.",
    "redirectUri": "Where the code was sent; it may be left out, but not differ.",
    "codeVerifier": "What the `codeChallenge` was made of, where there was one.",
    "subjectToken": "The session token.",
    "subjectTokenType": "What the subject token is; may be left out.",
    "requestedTokenType": "`online-access-token` for a token of the person, good for a day; without it, "
    "one of the shop, without end.",
    "scope": "No more than the app was granted; may be left out.",
    "shop": "The shop's handle or domain, where the host does not name it; may be left out.",
}
REFUSED: Mapping[int, str] = {
    400: "`invalid_request`, `invalid_grant`, `invalid_scope` or `unsupported_grant_type`.",
    401: "`invalid_client`: no app has this client id with this client secret.",
    405: "The path takes POST only.",
    408: "The body did not arrive in time.",
    413: "The body is longer than 64 KiB.",
    415: "The body is neither JSON nor a form.",
    429: "The app asked too often from this address.",
    500: "The server failed; nothing was changed.",
    503: "The store cannot be reached or is full; nothing was changed.",
}


def _request(spellings: Iterable[tuple[str, str]]) -> Part:
    return {
        "type": "object",
        "required": [spelling for name, spelling in spellings if name == "grantType"],
        "properties": {
            spelling: {"type": "string", "description": ABOUT[name]} for name, spelling in spellings
        },
    }


def _answer(names: Mapping[str, Part], *, required: Iterable[str]) -> Part:
    return {"type": "object", "required": list(required), "properties": dict(names)}


PERSON: Part = {
    "type": "object",
    "description": "Whose token it is; online tokens only.",
    "required": ["id", "email"],
    "properties": {"id": {"type": "integer"}, "email": {"type": "string"}},
}
ACCESS: Part = {"type": "string", "description": "The access token; shown nowhere else."}
SECONDS: Part = {"type": "integer", "description": "Seconds until it ends; online tokens only."}
CAMEL = _answer(
    {
        "accessToken": ACCESS,
        "scope": {"type": "string", "description": "What was granted, with commas between."},
        "expiresIn": SECONDS,
        "associatedUser": PERSON,
    },
    required=("accessToken", "scope"),
)
SNAKE = _answer(
    {
        "access_token": ACCESS,
        "token_type": {"type": "string", "const": "Bearer"},
        "issued_token_type": {"type": "string", "const": wire.ACCESS_TOKEN},
        "scope": {"type": "string", "description": "What was granted, with blanks between."},
        "expires_in": SECONDS,
        "associated_user": PERSON,
    },
    required=("access_token", "token_type", "scope"),
)
SENT = {
    "code": {"clientId": "…", "clientSecret": "…", "grantType": "authorization-code", "code": "…"},
    "sessionToken": {
        "clientId": "…",
        "clientSecret": "…",
        "grantType": "token-exchange",
        "subjectToken": "…",
        "requestedTokenType": "online-access-token",
    },
}


def _refusal(status: int, about: str) -> Part:
    more = {405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}.get(status, ())
    content = {"application/json": {"schema": ref("Error")}}
    return {"description": about, "headers": headers(*more), "content": content}


OPERATION: dict[str, Any] = {
    "operationId": "exchangeToken",
    "summary": "Exchange a code or a session token for an access token",
    "tags": ["Apps"],
    "x-scopes": [],
    "x-source": "genstore",
    "security": [{}],
    "parameters": [],
    "requestBody": {
        "required": True,
        "content": {
            wire.JSON: {
                "schema": _request([(name, name) for name in wire.NAMES]),
                "examples": {name: {"value": value} for name, value in SENT.items()},
            },
            wire.FORM: {"schema": _request(list(wire.NAMES.items()))},
        },
    },
    "responses": {
        "200": {
            "description": "The token, in the spelling of the request: JSON in Genstore's names is answered "
            "in them, all else in those of RFC 6749.",
            "headers": headers(),
            "content": {
                "application/json": {
                    "schema": {"anyOf": [CAMEL, SNAKE]},
                    "examples": {
                        "offline": {"value": {"accessToken": TOKEN, "scope": "read_orders,write_orders"}},
                        "online": {
                            "value": {
                                "accessToken": TOKEN,
                                "scope": "read_orders,write_orders",
                                "expiresIn": 86_400,
                                "associatedUser": {"id": 300157930096875, "email": "ada@example.com"},
                            }
                        },
                    },
                }
            },
        },
        **{str(status): _refusal(status, about) for status, about in REFUSED.items()},
    },
}
# By their paths, which are not below a version.
BESIDE: Mapping[str, Part] = {"/oauth2/token": {"post": OPERATION}}
