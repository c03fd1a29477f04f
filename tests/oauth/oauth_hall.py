"""A server inside the test's process, with people who signed in, apps, and browsers that keep no secrets."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from apps_of import registered
from following import led_on
from till import clock, keys
from till.staff.person import Person, Role
from till.staff.sessions import Sessions
from till.staff.store import People

HOST = "127.0.0.1:8080"
REDIRECT = "https://app.example.com/callback"
SCOPES = frozenset({"read_orders", "write_orders", "read_customers"})


class Ticking:
    """A clock that a test turns, and that it may let stand but for that."""

    def __init__(self):
        self.ahead = 0
        self._still = None

    def __call__(self):
        return (clock.now() if self._still is None else self._still) + self.ahead

    def stand(self):
        """From here on no time passes but what the test says, however long things take."""
        self._still = clock.now()


class _Inputs(HTMLParser):
    """The fields of the forms of a page, by the form's action."""

    def __init__(self, text):
        super().__init__()
        self.forms, self._form = {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self._form = self.forms.setdefault(told["action"], [])
        elif tag == "input" and self._form is not None:
            ticked = told.get("type") != "checkbox" or "checked" in told
            if ticked and "name" in told:
                self._form.append((told["name"], told.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None


@dataclass
class Page:
    """One answer."""

    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def location(self):
        """Where a redirect leads, or the page that goes on by itself."""
        return self.headers.get("location") or led_on(self.text)

    @property
    def query(self):
        """What a redirect says, each name once."""
        pairs = parse_qsl(urlsplit(self.location).query, keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def form(self, action="/oauth2/authorize"):
        return _Inputs(self.text).forms[action]


async def ask(till, method, target, body=b"", **headers):
    """One request to what is not below /api."""
    path, _, query = target.partition("?")
    sent = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
        "scheme": "http",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8080),
    }
    said, unread = [], [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return unread.pop() if unread else await asyncio.get_running_loop().create_future()

    async def send(message):
        said.append(message)

    await till.parts.pages(scope, receive, send)
    found = {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]}
    return Page(said[0]["status"], found, b"".join(part.get("body", b"") for part in said[1:]))


@dataclass
class Browser:
    """A browser of somebody; without a cookie, of nobody."""

    till: object
    cookie: str = ""
    host: str = HOST
    person: Person = None

    def get(self, target, **headers):
        return self.till.run(ask(self.till, "GET", target, **self._own(headers)))

    def post(self, target, pairs, **headers):
        """Send a form as the browser does from a page of this server."""
        own = {
            "content_type": "application/x-www-form-urlencoded",
            "origin": f"http://{self.host}",
            "sec_fetch_site": "same-origin",
        }
        body = pairs if isinstance(pairs, bytes) else urlencode(list(pairs)).encode()
        return self.till.run(ask(self.till, "POST", target, body, **self._own(own | headers)))

    def accept(self, page, *more, without=()):
        """Accept on a page of consent, with further fields."""
        kept = [(name, value) for name, value in page.form() if name not in without]
        return self.post("/oauth2/authorize", [*kept, ("decision", "accept"), *more])

    def _own(self, headers):
        own = {"host": self.host}
        own |= {"cookie": f"till={self.cookie}"} if self.cookie else {}
        return own | headers


@dataclass
class Hall:
    """The server, an app of a developer, and the shop's owner at a browser."""

    till: object
    ticking: Ticking
    secret: str = ""
    app: object = None
    owner: Browser = None
    nobody: Browser = None
    seen: list = field(default_factory=list)

    @property
    def shop(self):
        return self.till.shop

    def make_app(self, **told):
        """Another app; its secret is `secret` from then on."""
        self.secret = keys.mint_secret()
        told = {"redirect_urls": (REDIRECT,), "scopes": SCOPES} | told
        self.app = registered(self.till, secret=self.secret, **told)
        return self.app

    def person(self, email, *shops, role=Role.STAFF):
        """Somebody who belongs to `shops` and has signed in; answers the browser."""
        at = self.ticking()
        found = Person(id=self.till.parts.lease.minter(), email=email, name="Ada Byron", created_at=at)

        async def work(tx):
            await People(tx).add(found, password=None)
            for shop in shops:
                await People(tx).join(found.id, shop.id, role, at=at)
            return await Sessions(tx).begin(found.id, at=at)

        return Browser(self.till, self.till.write(work), person=found)

    def url(self, *, without=(), **told):
        """The authorize URL as the app makes it."""
        told = {
            "clientId": self.app.client_id,
            "redirectUri": REDIRECT,
            "responseType": "code",
            "state": "xyz",
        } | told
        pairs = [(name, value) for name, value in told.items() if name not in without]
        return f"/oauth2/authorize?{urlencode(pairs, quote_via=quote)}"

    def code(self, browser=None, **told):
        """A code, by consent where that is asked."""
        browser = browser or self.owner
        page = browser.get(self.url(**told))
        if page.status == 200:
            page = browser.accept(page)
        assert "code" in page.query, page.location
        return page.query["code"]

    def token(self, body=None, *, form=None, host=HOST, **headers):
        """Ask the token endpoint, in JSON or with a form."""
        if form is not None:
            raw, kind = urlencode(list(form.items())).encode(), "application/x-www-form-urlencoded"
        else:
            raw, kind = (body if isinstance(body, bytes) else json.dumps(body).encode()), "application/json"
        return self.till.run(self.token_later(raw, kind, host=host, **headers))

    def token_later(self, raw, kind="application/json", **headers):
        return ask(self.till, "POST", "/oauth2/token", raw, content_type=kind, **headers)

    def exchange(self, code, **told):
        """Exchange a code as Genstore's documents have it; what is None is left out."""
        told = {
            "clientId": self.app.client_id,
            "clientSecret": self.secret,
            "grantType": "authorization-code",
            "code": code,
        } | told
        return self.token({name: value for name, value in told.items() if value is not None})

    def status(self, token):
        """How the API answers to a token."""
        return self.till.get("/orders/count", token=token).status

    def soon(self, status, token):
        """PostgreSQL servers believe what they saw for up to a second."""
        for _ in range(30):
            if self.status(token) == status:
                return True
            self.till.run(asyncio.sleep(0.1))
        return False


def pkce():
    """A verifier, and its challenge."""
    verifier = secrets.token_urlsafe(48)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(
        b"="
    ).decode()


def is_signed(url, secret):
    """Whether the query of a redirect is signed, as an app would look at it: on the raw text, by hand."""
    raw = url.partition("?")[2].partition("#")[0]
    parts = [part for part in raw.split("&") if not part.startswith("hmac=")]
    (said,) = [part.removeprefix("hmac=") for part in raw.split("&") if part.startswith("hmac=")]
    text = "&".join(sorted(parts, key=lambda part: part.split("=")[0]))
    return hmac.new(secret.encode(), text.encode(), "sha256").hexdigest() == said
