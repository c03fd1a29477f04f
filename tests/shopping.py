"""A visitor of a storefront, in the test's own process: asks by host and keeps cookies as a browser does."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


@dataclass
class Page:
    status: int
    headers: list
    body: bytes

    def __getitem__(self, name):
        return next((value for key, value in self.headers if key == name), None)

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def cookies(self):
        return [value for key, value in self.headers if key == "set-cookie"]


@dataclass
class Visitor:
    """Asks a running server (`parts`) as one host; `cookies` are those that it was given."""

    parts: object
    run: object
    host: str = "demo.store.localhost:8080"
    cookies: dict = field(default_factory=dict)
    address: str = "127.0.0.1"

    def get(self, path, **headers):
        return self.run(self.ask("GET", path, b"", headers))

    def post(self, path, form=None, **headers):
        """A form as a page of this host sends it; a dict with values that are no text is sent as JSON."""
        if form is not None and any(not isinstance(value, str) for value in form.values()):
            body, kind = json.dumps(form).encode(), "application/json"
        else:
            body, kind = urlencode(form or {}).encode(), "application/x-www-form-urlencoded"
        own = {"content_type": kind, "origin": f"http://{self.host}", "sec_fetch_site": "same-origin"}
        return self.run(self.ask("POST", path, body, own | headers))

    def follow(self, page):
        """The page that an answer leads to."""
        place = urlsplit(page["location"])
        assert page.status == 303
        assert place.netloc in ("", self.host)
        return self.get(place.path + (f"?{place.query}" if place.query else ""))

    async def ask(self, method, path, body, headers):
        target, _, query = path.partition("?")
        sent = {"host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "method": method,
            "path": target,
            "raw_path": target.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items() if value is not None],
            "scheme": "http",
            "client": (self.address, 5000),
            "server": ("127.0.0.1", 8080),
        }
        said, unread = [], [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            if unread:
                return unread.pop()
            return await asyncio.get_running_loop().create_future()  # a visitor who stays

        async def send(message):
            said.append(message)

        await self.parts.serve(scope)(scope, receive, send)
        start, *rest = said
        found = [(name.decode(), value.decode()) for name, value in start["headers"]]
        page = Page(start["status"], found, b"".join(each.get("body", b"") for each in rest))
        self._keep(page)
        return page

    def _keep(self, page):
        for cookie in page.cookies:
            name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()
            if "Max-Age=0" in cookie or value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
