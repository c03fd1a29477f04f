"""How an app comes by its access tokens: with the code of an installation, or with a session token."""

import json
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Door:
    """The app's side of OAuth; `server` is where the platform is."""

    def __init__(self, server: str, client_id: str, secret: str) -> None:
        self._server = server
        self._own = {"clientId": client_id, "clientSecret": secret}

    def come_back(self, url: str) -> dict[str, Any]:
        """The merchant accepted, and the browser comes back to this URL of the app."""
        query = parse_qs(urlsplit(url).query)
        return self._token(grantType="authorization-code", code=query["code"][0], shop=query["shop"][0])

    def enter(self, session_token: str) -> dict[str, Any]:
        """Somebody uses the app in its frame: a token that is theirs, and tells who they are."""
        online = {"requestedTokenType": "online-access-token"}
        return self._token(grantType="token-exchange", subjectToken=session_token, **online)

    def _token(self, **grant: str) -> dict[str, Any]:
        body = json.dumps(self._own | grant).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._server}/oauth2/token", body, headers)  # noqa: S310 - a setting
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
            told: dict[str, Any] = json.load(answer)
            return told
