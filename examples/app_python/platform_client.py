"""What the app says to Genstore, or to Till in its place, and how it knows what comes from there."""

import base64
import hmac
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

FRESH = 300.0
ROOT = "/api/202412"


class Refused(Exception):
    """The platform said no; `status` is 0 where it could not be reached."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Platform:
    """`url` is where shops are: https://{shop}.genmystore.com, or the address of a Till."""

    url: str
    client_id: str
    secret: str

    def of(self, shop: str) -> str:
        """The address of a shop."""
        return self.url.replace("{shop}", shop)

    def authorize_url(self, shop: str, redirect_url: str, state: str, challenge: str) -> str:
        """Where the merchant is asked; without `scope`, for all that the app declares."""
        query = {
            "clientId": self.client_id,
            "redirectUri": redirect_url,
            "responseType": "code",
            "state": state,
            "codeChallenge": challenge,
            "codeChallengeMethod": "S256",
            "shop": shop,
        }
        return f"{self.of(shop)}/oauth2/authorize?{urlencode(query)}"

    def token(self, shop: str, **grant: str) -> dict[str, Any]:
        """Exchange a code or a session token for an access token."""
        own = {"clientId": self.client_id, "clientSecret": self.secret, "shop": shop}
        return self._send(f"{self.of(shop)}/oauth2/token", "POST", own | grant)[0]

    def call(
        self, shop: str, token: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """One call of the API: the JSON of the answer and its headers."""
        method = "GET" if body is None else "POST"
        return self._send(f"{self.of(shop)}{ROOT}{path}", method, body, token)

    def is_alive(self, shop: str, token: str) -> bool:
        """False where the token is dead; `Refused` where that cannot be found out."""
        try:
            self.call(shop, token, "/oauth2/access_scopes")
        except Refused as refused:
            if refused.status != 401:
                raise
            return False
        return True

    def installation(self, shop: str, token: str) -> str:
        """The id of the installation that the token is of; empty where the platform does not tell."""
        try:
            return self.call(shop, token, "/oauth2/access_scopes")[1].get("x-till-installation", "")
        except Refused:
            return ""

    def is_redirect(self, query: str) -> bool:
        """True if the platform made this query, and made it just now: its values are taken as they came."""
        parts = query.split("&")
        said = [part[5:] for part in parts if part.startswith("hmac=")]
        times = [part[10:] for part in parts if part.startswith("timestamp=")]
        text = "&".join(sorted((part for part in parts if not part.startswith("hmac=")), key=_name))
        expected = hmac.digest(self.secret.encode(), text.encode(), "sha256").hex()
        if len(said) != 1 or len(times) != 1:
            return False
        is_genuine = hmac.compare_digest(expected.encode(), said[0].encode())
        return is_genuine and abs(time.time() - int(times[0])) < FRESH

    def is_webhook(self, body: bytes, signature: str) -> bool:
        """True if the platform signed these very bytes."""
        expected = base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256"))
        return hmac.compare_digest(expected, signature.encode())

    def user_of(self, session_token: str) -> str | None:
        """Who uses the embedded app, if the token is the platform's, for this app, and good now."""
        head, _, signature = session_token.rpartition(".")
        expected = _unpadded(hmac.digest(self.secret.encode(), head.encode(), "sha256"))
        if not hmac.compare_digest(expected, signature.encode()):
            return None
        try:
            kind, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in head.split("."))
        except ValueError:
            return None
        now = time.time()
        good = kind.get("alg") == "HS256" and claims.get("aud") == self.client_id
        return str(claims["sub"]) if good and claims["nbf"] - 5 <= now < claims["exp"] else None

    def _send(
        self, url: str, method: str, body: dict[str, Any] | None = None, token: str = ""
    ) -> tuple[dict[str, Any], dict[str, str]]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        headers |= {"X-Genstore-Access-Token": token} if token else {}
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - ours to configure
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
                return json.load(answer), {name.lower(): value for name, value in answer.headers.items()}
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read(1_000).decode(errors="replace")) from None
        except OSError as error:
            raise Refused(0, str(error)) from None


def _name(part: str) -> str:
    return part.partition("=")[0]


def _unpadded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
