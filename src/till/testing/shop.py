"""A shop of a test's own with an app in it, and the calls that the app makes."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

TOKEN = "X-Genstore-Access-Token"  # noqa: S105 - the name of a header
PATIENCE = 30.0
PROOF = {"X-Till-Dev": "1"}
LINE = {"productId": "1", "variantId": "1", "title": "Tea pot", "price": "24.50", "quantity": 1}

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a server answered; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)

    def checked(self) -> "Reply":
        """Itself, where it is a success; else AssertionError with the server's own words."""
        __tracebackhide__ = True
        if self.status >= 400:
            raise AssertionError(f"Till answered {self.status}: {self.body.decode(errors='replace')}")
        return self


def send(url: str, method: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
    """One request; a body that is not bytes is sent as JSON."""
    parts = urlsplit(url)
    raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    sent = {} if raw is None else {"Content-Type": "application/json"}
    target = quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, target, raw, sent | dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Shop:
    """A shop that only this test knows. `url` is the root of its API, which `/orders` follows.

    `token` is that of the app in it, `client_secret` what the app's webhooks are signed with.
    """

    url: str
    handle: str
    shop_id: int
    token: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What a client of yours has to send."""
        return {TOKEN: self.token}

    def request(
        self, method: str, path: str, json: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Call the API as the app; a refusal is a reply like any other."""
        return send(self.url + path, method, json, self.headers | dict(headers or {}))

    def get(self, path: str, **more: Any) -> Reply:
        return self.request("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Reply:
        return self.request("POST", path, json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Reply:
        return self.request("PUT", path, json, **more)

    def delete(self, path: str, **more: Any) -> Reply:
        return self.request("DELETE", path, **more)

    def session_token(self, app: str | None = None, *, email: str | None = None) -> str:
        """A session token, as the admin gives it to an app that it shows; good for a minute.

        `app` is a client id, that of the shop's own app where it is left out; the shop's owner uses it, or
        whoever has the e-mail, who is made staff of the shop.
        """
        wish = {"clientId": app or self.client_id, "shop": self.handle} | ({"email": email} if email else {})
        token: str = self._dev("/session-token", wish)["sessionToken"]
        return token

    def authorize(self, app: str | None = None, **asked: str) -> str:
        """Let the shop's owner accept an app; answers the URL that the browser would be sent back to.

        `asked` are parameters of the authorize URL, e.g. `scope="read_orders"`, `state="xyz"`. The code is
        in the query of what is answered, and goes to `POST /oauth2/token`.
        """
        wish = {"clientId": app or self.client_id, "shop": self.handle} | asked
        url: str = self._dev("/authorize", wish)["redirectUrl"]
        return url

    @property
    def server_url(self) -> str:
        """The server's own address, below which `/oauth2/token` is."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _dev(self, path: str, wish: Mapping[str, str]) -> Any:
        """What a server in development mode answers to `wish`."""
        return send(f"{self.server_url}/dev{path}", "POST", wish, PROOF).checked().json()

    def create_order(self, **fields: Any) -> Json:
        """A created order as the API answers it; without `lineItems` it is one tea pot at 24.50.

        `fields` are those of `POST /orders`, e.g. `financialStatus="paid"`, `email=…`, `note=…`.
        """
        order = {"lineItems": [LINE]} | fields
        created: Json = self.post("/orders", {"order": order}).checked().json()["order"]
        return created
