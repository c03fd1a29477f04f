"""A served shop with apps and people for tests of pages: browsers, plain requests, an app in a frame."""

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

from running import answer, where

PASSWORD = "seven green kettles"
FRAMED = b"""<!doctype html><html lang="en"><title>App</title><h1>Sparrow's own page</h1>
<button id="ask">Ask</button> <output id="told"></output><script>
addEventListener("message", (event) => { told.textContent = JSON.stringify(event.data); });
ask.onclick = () => parent.postMessage({type: "till:session-token", id: 7}, "*");
</script></html>"""


class AppSite:
    """An app's own web server on this machine; keeps the queries that it was asked with."""

    def __init__(self):
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(
                    (urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query)), self.headers)
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(FRAMED)))
                self.end_headers()
                self.wfile.write(FRAMED)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def last(self, path):
        """What the app was last asked for at a path: its query, and the headers."""
        return next((query, headers) for at, query, headers in reversed(self.asked) if at == path)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def furnish(place, site):
    """Shops `corner` and `market`, and five apps; answers their client ids."""
    at = where(place)
    for shop in ("corner", "market"):
        answer("shop", "create", shop, "--timezone", "Europe/London", *at)

    def app(name, scopes, *options):
        return answer("app", "create", name, "--scopes", scopes, *options, *at)["clientId"]

    return SimpleNamespace(
        lark=app(
            "Loyalty Lark",
            "read_orders,write_customers,read_products,read_all_orders",
            "--partner",
            "--handle=lark",
            f"--application-url={site.url}/lark",
            f"--redirect-url={site.url}/lark/back",
            "--protected=name,email",
        ),
        sparrow=app(
            "Stock Sparrow",
            "write_products,read_orders",
            "--handle=sparrow",
            f"--application-url={site.url}/sparrow?lang=en",
            "--embedded",
        ),
        # Of the tests of the frame alone, which leave it installed.
        starling=app(
            "Shelf Starling",
            "write_products,read_orders",
            "--handle=starling",
            f"--application-url={site.url}/starling?lang=en",
            "--embedded",
        ),
        ledger=app("Ledger Link", "read_orders", "--handle=ledger"),
    )


class Plain:
    """A client without a browser's help: keeps cookies as they come, sends what it is told."""

    def __init__(self, url):
        self.url, self.cookies = url, {}

    def ask(self, method, path, fields=None, *, host=None, raw=None, **headers):
        """One request; a form is sent as browsers of this origin do, unless headers say otherwise."""
        at = urlsplit(self.url)
        sent = {"Host": host or at.netloc, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = raw
        if fields is not None:
            body = urlencode(fields, doseq=True)
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.url}
            sent |= {"Sec-Fetch-Site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        said = reply.headers.get_all("Set-Cookie") or []
        for line in said:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return SimpleNamespace(status=reply.status, headers=reply.headers, text=text, cookies=said)

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def form(self, path, **more):
        """The token that the form of a page carries."""
        page = self.get(path, **more)
        found = re.search(r'name="csrf" value="(\w+)"', page.text)
        assert found, page.text
        return found[1]

    def consent(self, path, **decided):
        """What the page of consent at `path` would send."""
        form = self.get(path).text.partition('<form method="post" action="' + path)[2]
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        return dict(hidden) | {"decision": "accept"} | decided

    def sign_in(self, email, password=PASSWORD, *, following="", **more):
        csrf = self.form("/admin/sign-in", **more)
        fields = {"csrf": csrf, "email": email, "password": password, "next": following}
        return self.ask("POST", "/admin/sign-in", fields, **more)

    def accept(self, link, email="", name="Ada Byron", password=PASSWORD):
        """Come in by a link."""
        at = urlsplit(link)
        fields = {"csrf": self.form(f"{at.path}?{at.query}"), "token": dict(parse_qsl(at.query))["token"]}
        fields |= {"email": email, "name": name, "password": password}
        return self.ask("POST", at.path, fields)
