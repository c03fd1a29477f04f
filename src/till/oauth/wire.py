"""How a token is asked for and answered: as Genstore spells it, or as OAuth's standards do."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from till.apps.gate import InvalidClient, basic_pair
from till.dialect.body import parse_json
from till.errors import Unreadable, UnsupportedMediaType
from till.oauth.authorize import pairs_of
from till.oauth.refused import InvalidRequest
from till.staff.person import Person

NAMES: Mapping[str, str] = {
    "clientId": "client_id",
    "clientSecret": "client_secret",
    "grantType": "grant_type",
    "code": "code",
    "redirectUri": "redirect_uri",
    "codeVerifier": "code_verifier",
    "subjectToken": "subject_token",
    "subjectTokenType": "subject_token_type",
    "requestedTokenType": "requested_token_type",
    "scope": "scope",
    "shop": "shop",
}
CANONICAL = {spelling: name for name, other in NAMES.items() for spelling in (name, other)}
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name of RFC 8693


class TokenRequest(Struct, frozen=True, kw_only=True):
    """A wish for a token. `camel` says that it was spelled, and is answered, as Genstore does.

    `client_secrets` are the spellings that the secret may have.
    """

    client_id: str
    client_secrets: tuple[str, ...]
    values: Mapping[str, str]
    camel: bool

    def one(self, name: str) -> str | None:
        """A parameter by Genstore's name, None where it is empty or was left out."""
        return self.values.get(name) or None


class Granted(Struct, frozen=True, kw_only=True):
    """A token that was given; `person` is whose it is, `expires_in` its seconds, if it ends."""

    access_token: str
    installation_id: int
    scopes: frozenset[str]
    exchanged: bool
    expires_in: int | None = None
    person: Person | None = None


def read(raw: bytes, content_type: str, authorization: str) -> TokenRequest:
    """What a body asks for, with the credentials in it or in an `Authorization: Basic`.

    Raises `InvalidRequest`, `InvalidClient` where no credentials are, `UnsupportedMediaType`.
    Parameters that mean nothing here are let pass unread (RFC 6749 §3.2).
    """
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if kind.strip() not in (JSON, FORM) or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType(f"The body is neither {JSON} nor {FORM} in UTF-8: send one of them.")
    is_json = kind.strip() == JSON
    values: dict[str, str] = {}
    is_camel = is_json
    for spelling, value in _json(raw) if is_json else _form(raw):
        name = CANONICAL.get(spelling)
        if name is None:
            continue
        if name in values:
            raise InvalidRequest(f"{name} is given twice: give it once.", fields={name: ["is given twice"]})
        values[name] = value
        is_camel = is_camel and spelling == name
    client_id, secrets = _credentials(values, authorization)
    return TokenRequest(client_id=client_id, client_secrets=secrets, values=values, camel=is_camel)


def write(granted: Granted, *, camel: bool) -> bytes:
    """The answer, in the spelling of the request."""
    scopes, person = sorted(granted.scopes), granted.person
    found: dict[str, Any] = {"accessToken" if camel else "access_token": granted.access_token}
    if not camel:
        found["token_type"] = "Bearer"  # noqa: S105 - a name of RFC 6750
        if granted.exchanged:
            found["issued_token_type"] = ACCESS_TOKEN
    found["scope"] = ("," if camel else " ").join(scopes)
    if granted.expires_in is not None:
        found["expiresIn" if camel else "expires_in"] = granted.expires_in
    if person is not None:
        about = {"id": person.id, "email": person.email}
        found["associatedUser" if camel else "associated_user"] = about
    return msgspec.json.encode(found)


def _json(raw: bytes) -> Iterable[tuple[str, str]]:
    try:
        body = parse_json(raw)
    except Unreadable as refusal:
        raise InvalidRequest(refusal.message) from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    for name, value in body.items():
        if name in CANONICAL and value is not None:
            if not isinstance(value, str) or "\0" in value:
                raise InvalidRequest(f"{name} must be a string.", fields={name: ["must be a string"]})
            yield name, value


def _form(raw: bytes) -> Iterable[tuple[str, str]]:
    try:
        return pairs_of(raw.decode("ascii"))
    except UnicodeDecodeError:
        raise InvalidRequest("The form is not percent-encoded: encode what is not ASCII.") from None


def _credentials(values: Mapping[str, str], authorization: str) -> tuple[str, tuple[str, ...]]:
    """Client id and secret; a client shows its secret in one place only (RFC 6749 §2.3)."""
    scheme, _, said = authorization.partition(" ")
    client_id, secret = values.get("clientId") or None, values.get("clientSecret") or None
    if scheme.lower() != "basic":
        if client_id is None or secret is None:
            raise InvalidClient(
                "There is no clientId or no clientSecret: send both, or HTTP Basic with them."
            )
        return client_id, (secret,)
    basic_id, spellings = basic_pair(said.strip())
    if secret is not None:
        raise InvalidRequest("The client secret stands in the body and in Authorization: send it once.")
    if client_id not in (None, basic_id):
        raise InvalidRequest("clientId is another than that in Authorization: send the same.")
    return basic_id, spellings
