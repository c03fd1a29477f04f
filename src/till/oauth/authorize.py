"""Reads what an app asks for when it sends somebody to be asked (RFC 6749 §4.1.1, RFC 7636)."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

from till.apps import scope
from till.apps.app import App
from till.apps.urls import speaks_for_us
from till.oauth.refused import BadRedirect, InvalidRequest, InvalidScope, UnsupportedResponseType

# Genstore's spelling, and the standards'.
NAMES: Mapping[str, str] = {
    "clientId": "client_id",
    "redirectUri": "redirect_uri",
    "scope": "scope",
    "state": "state",
    "responseType": "response_type",
    "codeChallenge": "code_challenge",
    "codeChallengeMethod": "code_challenge_method",
    "accessMode": "access_mode",
    "shop": "shop",
}
CANONICAL = {spelling: name for name, other in NAMES.items() for spelling in (name, other)}
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
LONGEST_STATE = 2_000
MOST_FIELDS = 100

Pairs = Iterable[tuple[str, str]]


class Given(Struct, frozen=True):
    """Parameters by Genstore's names, and which of them were given more than once, in whatever spelling."""

    values: Mapping[str, str]
    twice: frozenset[str]

    def one(self, name: str) -> str | None:
        """A parameter, empty like one that was left out; `InvalidRequest` where it was given twice."""
        if name in self.twice:
            raise InvalidRequest(f"{name} is given twice: give it once.", fields={name: ["is given twice"]})
        return self.values.get(name) or None


class Asked(Struct, frozen=True, kw_only=True):
    """What an app asks for, as it may: `challenge` is the S256 of a verifier, if it uses PKCE."""

    scopes: frozenset[str]
    challenge: str | None
    online: bool


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The names and values of a query or of a form; `InvalidRequest` for what is none."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise InvalidRequest(f"This is not UTF-8, or has more than {MOST_FIELDS} parameters.") from None
    if any("\0" in name + value for name, value in pairs):
        raise InvalidRequest("A parameter holds the character U+0000: leave it out.")
    return pairs


def given(pairs: Pairs) -> Given:
    """The parameters that mean something; others are let pass unread (RFC 6749 §3.1)."""
    values: dict[str, str] = {}
    twice = set()
    for spelling, value in pairs:
        name = CANONICAL.get(spelling)
        if name is None:
            continue
        if name in values:
            twice.add(name)
        values[name] = value
    return Given(values, frozenset(twice))


def target(asked: Given, app: App) -> str:
    """The registered URL to send people back to; `BadRedirect` unless it is spelled exactly like one.

    It may be left out where the app registered but one.
    """
    if "redirectUri" in asked.twice:
        raise BadRedirect("redirectUri is given twice: give it once.")
    url = asked.values.get("redirectUri")
    if url is None and len(app.redirect_urls) == 1:
        (url,) = app.redirect_urls
    if url is None or url not in app.redirect_urls:
        raise BadRedirect(
            "The app asked to send you to an address that its developer did not register, so nobody is sent "
            "there. Its developer must register the very same redirectUri."
        )
    if speaks_for_us(url):
        raise BadRedirect(
            "The app's redirect URL says in its query what only this server may say, such as code or shop: "
            "its developer must register another."
        )
    return url


def state_of(asked: Given) -> str | None:
    """What the app wants to be told again; nothing where it said it twice, or at too great length."""
    state = None if "state" in asked.twice else asked.values.get("state")
    return state if state is not None and len(state) <= LONGEST_STATE else None


def read(asked: Given, app: App) -> Asked:
    """What is asked for; what may not be asked is refused by the name that RFC 6749 gives it."""
    if len(asked.one("state") or "") > LONGEST_STATE:
        raise InvalidRequest(f"state is longer than {LONGEST_STATE} characters: send less.")
    kind = asked.one("responseType")
    if kind is None:
        raise InvalidRequest("responseType is missing: give code.")
    if kind != "code":
        raise UnsupportedResponseType("responseType is not code: there are authorization codes only.")
    mode = asked.one("accessMode") or "offline"
    if mode not in ("online", "offline"):
        raise InvalidRequest("accessMode is neither online nor offline: give one of them, or leave it out.")
    return Asked(
        scopes=scopes_of(asked.one("scope"), app), challenge=_challenge(asked), online=mode == "online"
    )


def scopes_of(text: str | None, app: App) -> frozenset[str]:
    """The scopes of a list, with commas or blanks between; all that the app declares where it is empty."""
    try:
        wanted = scope.parse(",".join((text or "").split()))
    except scope.UnknownScope as refusal:
        raise InvalidScope(refusal.message) from None
    more = wanted - app.scopes
    if more:
        raise InvalidScope(f"The app does not declare {', '.join(sorted(more))}: its developer must, first.")
    return wanted or app.scopes


def _challenge(asked: Given) -> str | None:
    challenge, method = asked.one("codeChallenge"), asked.one("codeChallengeMethod")
    if challenge is None and method is None:
        return None
    if method != "S256":
        raise InvalidRequest("codeChallengeMethod is not S256, the only one that is taken.")
    if challenge is None or not CHALLENGE.match(challenge):
        raise InvalidRequest("codeChallenge is not the S256 of a verifier: 43 characters of base64url.")
    return challenge
