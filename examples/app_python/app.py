"""A whole app, standalone or embedded: install, tokens, orders, webhooks, scopes, uninstall, compliance.

    CLIENT_ID=… CLIENT_SECRET=… python3 app.py

`GENSTORE` says where shops are, https://{shop}.genmystore.com if left out; `APP_URL` where this app is,
`HOST` and `PORT` where it listens, 127.0.0.1 and the port of `APP_URL` if left out; `ADMIN` the
origin of the admin that shows it embedded, that of `GENSTORE` if left out.
Needs nothing but Python.
"""

import base64
import hashlib
import html
import json
import os
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from platform_client import Platform, Refused
from shops import Shops

if not (os.environ.get("CLIENT_ID") and os.environ.get("CLIENT_SECRET")):
    # With an empty secret, anybody could sign.
    sys.exit(
        "CLIENT_ID and CLIENT_SECRET must be set: `till app link` prints both, the secret once; "
        "`till app rotate-secret CLIENT_ID --grace 0s` prints a new one."
    )
APP_URL = os.environ.get("APP_URL", "http://localhost:3000")
PLATFORM = Platform(
    url=os.environ.get("GENSTORE", "https://{shop}.genmystore.com"),
    client_id=os.environ["CLIENT_ID"],
    secret=os.environ["CLIENT_SECRET"],
)
ADMIN = os.environ.get("ADMIN", "{}://{}".format(*urlsplit(PLATFORM.of("admin"))[:2]))
SHOPS = Shops(Path(os.environ.get("STATE", "shops.json")))
TOPICS = ("orders/paid", "app/uninstalled", "app/scopesUpdate")
STATES: dict[
    str, tuple[str, str, float]
] = {}  # of those who are being asked: shop, PKCE verifier, until when
LONGEST = 10_000_000
FILES = {"/embedded.js": "text/javascript; charset=utf-8", "/page.css": "text/css; charset=utf-8"}
COLUMNS = "<thead><tr><th scope=col>Order<th scope=col>Payment<th scope=col>Total"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'"


class Handler(BaseHTTPRequestHandler):
    """The pages and endpoints of the app."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        try:
            self.show()
        except Refused as refused:
            sentence = f"The shop did not answer as it should: {html.escape(str(refused))}"
            self.answer(502, sentence, framed="embedded=1" in self.path)

    def show(self) -> None:
        """One page; `Refused` where the shop does not give what it needs."""
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if url.path == "/healthz":
            self.answer(200, "ok")
        elif url.path == "/orders":
            self.orders_of_session(query)
        elif url.path in FILES:
            text = Path(__file__).with_name(url.path[1:]).read_text(encoding="utf-8")
            self.answer(200, text, Content_Type=FILES[url.path])
        elif url.path not in ("/", "/callback"):
            self.answer(404, "There is no such page.")
        elif not PLATFORM.is_redirect(url.query):
            old = "This link is not from the shop's admin, or is too old: open the app from there."
            self.answer(401, old, framed="embedded" in query)
        elif url.path == "/callback" and "state" in query:
            self.come_back(query)
        else:
            self.launch(query)

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        if self.path != "/webhooks" or not 0 < size <= LONGEST:
            self.close_connection = True
            self.answer(404, "There is no such page.")
            return
        body = self.rfile.read(size)
        if not PLATFORM.is_webhook(body, self.headers.get("X-Genstore-Hmac-Sha256", "")):
            self.answer(401, "The signature is wrong.")
            return
        delivery = self.headers.get("X-Genstore-Webhook-Id", secrets.token_hex(8))
        try:
            with SHOPS.once(delivery) as is_new:
                if is_new:
                    hear(delivery, self.headers, json.loads(body))
        except Exception as error:  # noqa: BLE001 - whatever it was: the webhook is to come again
            print(json.dumps({"failed": delivery, "by": type(error).__name__}), flush=True)
            self.answer(503, "This could not be handled: send it again.")
        else:
            self.answer(200, "ok")

    def launch(self, query: dict[str, str]) -> None:
        """Somebody opens the app in the admin, or has just installed it there.

        A code that comes unasked is left alone: only one that this browser was sent for is exchanged.
        """
        shop, kept = query["shop"], SHOPS.get(query["shop"])
        if query.get("embedded") == "1":
            self.embedded(shop, query)
        elif (
            kept is not None and kept["shopId"] == query["shopId"] and PLATFORM.is_alive(shop, kept["token"])
        ):
            self.answer(200, page(shop, kept))
        else:
            self.ask(shop)

    def ask(self, shop: str) -> None:
        """Send the merchant to be asked, with a state that only this browser knows."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        for old in [old for old, (_, _, until) in STATES.items() if until < time.time()]:
            STATES.pop(old, None)
        STATES[state] = (shop, verifier, time.time() + 600)
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        cookie = f"state={state}; HttpOnly; SameSite=Lax; Path=/callback; Max-Age=600"
        cookie += "; Secure" if APP_URL.startswith("https:") else ""
        where = PLATFORM.authorize_url(shop, f"{APP_URL}/callback", state, challenge)
        self.answer(302, "", Location=where, Set_Cookie=cookie)

    def come_back(self, query: dict[str, str]) -> None:
        """The merchant was asked."""
        shop, verifier, until = STATES.pop(query.get("state", ""), ("", "", 0.0))
        of_browser = f"state={query.get('state')}" in self.headers.get("Cookie", "").split("; ")
        if not of_browser or shop != query["shop"] or until < time.time():
            self.answer(403, "This is the answer to a question that was not asked in this browser.")
        elif "code" not in query:
            self.answer(200, f"The app was not installed: {html.escape(query.get('error', ''))}.")
        else:
            grant = {"grantType": "authorization-code", "redirectUri": f"{APP_URL}/callback"}
            told = PLATFORM.token(shop, code=query["code"], codeVerifier=verifier, **grant)
            self.answer(200, page(shop, settle(shop, query["shopId"], told)))

    def embedded(self, shop: str, query: dict[str, str]) -> None:
        """The app in a frame of the admin: whoever uses it proves it with a session token."""
        session = query.get("sessionToken", "")
        if PLATFORM.user_of(session) is None:
            self.answer(401, "The session token is not good: open the app again.", framed=True)
            return
        kept = SHOPS.get(shop)
        is_other = kept is None or kept["shopId"] != query["shopId"]
        if kept is None or is_other or not PLATFORM.is_alive(shop, kept["token"]):
            told = PLATFORM.token(shop, grantType="token-exchange", subjectToken=session)
            kept = settle(shop, query["shopId"], told)
        self.answer(200, frame(shop, kept), framed=True)

    def orders_of_session(self, query: dict[str, str]) -> None:
        """What a page in the frame asks for: whose shop the session token is of, the platform tells."""
        session, shop = self.headers.get("Authorization", "").removeprefix("Bearer "), query.get("shop", "")
        kept = SHOPS.get(shop)
        if kept is None or PLATFORM.user_of(session) is None:
            self.answer(401, "The session token is not good.")
            return
        try:
            online = {"requestedTokenType": "online-access-token"}
            told = PLATFORM.token(shop, grantType="token-exchange", subjectToken=session, **online)
            found, _ = PLATFORM.call(shop, told["accessToken"], "/orders?limit=10")
            self.answer(200, json.dumps(found), Content_Type="application/json")
        except Refused as refused:
            self.answer(401 if refused.status in (400, 401) else 502, "The shop did not give its orders.")

    def answer(self, status: int, text: str, *, framed: bool = False, **headers: str) -> None:
        """One answer; only the admin may show it in a frame, and that only what is made for it."""
        body = text.encode()
        told = {"Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer"}
        framers = ADMIN if framed else "'none'"
        told["Content-Security-Policy"] = f"{POLICY}; frame-ancestors {framers}"
        told |= {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing: addresses hold codes and tokens."""


def settle(shop: str, shop_id: str, told: dict[str, Any]) -> dict[str, Any]:
    """Keep the token of a shop, and have its events told; to subscribe twice changes nothing."""
    token = told["accessToken"]
    SHOPS.put(
        shop,
        shopId=shop_id,
        token=token,
        scope=told["scope"],
        installation=PLATFORM.installation(shop, token),
    )
    for topic in TOPICS:
        try:
            PLATFORM.call(
                shop, token, "/app/webhooks", {"webhook": {"topic": topic, "address": f"{APP_URL}/webhooks"}}
            )
        except Refused as refused:
            if refused.status != 422:  # it is subscribed already
                raise
    kept = SHOPS.get(shop)
    assert kept is not None  # noqa: S101 - it was put there above
    print(json.dumps({"installed": shop, "installation": kept["installation"]}), flush=True)
    return kept


def hear(delivery: str, headers: Any, payload: dict[str, Any]) -> None:
    """A genuine webhook, for the first time; nothing of what it tells is logged, for that is of people."""
    topic = headers.get("X-Genstore-Topic", "")
    shop = headers.get("X-Genstore-Shop-Domain", "").partition(".")[0]
    kept = SHOPS.get(shop)
    told = next(iter(payload.values()))
    print(json.dumps({"topic": topic, "shop": shop, "id": delivery}), flush=True)
    if kept is None:
        return
    if topic == "orders/paid":
        SHOPS.put(shop, paid=[*kept["paid"], str(told["id"])])
    elif topic == "app/scopesUpdate":
        current = told["current"]  # a list, or as the published sample has it: "[a,b]"
        SHOPS.put(shop, scope=current.strip("[]") if isinstance(current, str) else ",".join(current))
    elif topic == "customers/redact":
        gone = set(told["ordersToRedact"])
        SHOPS.put(shop, paid=[order for order in kept["paid"] if order not in gone])
    elif topic in ("app/uninstalled", "shop/redact") and is_of(kept, shop, told):
        SHOPS.forget(shop)


def is_of(kept: dict[str, Any], shop: str, told: dict[str, Any]) -> bool:
    """Whether the word of an end is about the present installation.

    Webhooks come late: after a re-installation, that of the one before may still be on its way. `Refused`
    where it names none and the shop does not say whether the token is dead: then it is to come again.
    """
    if kept["installation"] and "installationId" in told:
        return bool(kept["installation"] == str(told["installationId"]))
    return not PLATFORM.is_alive(shop, kept["token"])


def page(shop: str, kept: dict[str, Any]) -> str:
    """The orders of a shop, for whoever comes with a good link."""
    found, _ = PLATFORM.call(shop, kept["token"], "/orders?limit=10")
    rows = ""
    for order in found["orders"]:
        cells = (order["name"], order["financialStatus"], f"{order['totalPrice']} {order['currency']}")
        rows += "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)
    return f"{head(shop, kept)}<main><table>{COLUMNS}<tbody>{rows}</table></main>"


def frame(shop: str, kept: dict[str, Any]) -> str:
    """The page in the admin's frame: embedded.js asks for the orders with a session token."""
    return (
        f"{head(shop, kept)}<main data-admin='{html.escape(ADMIN)}' data-shop='{html.escape(shop)}'>"
        f"<p id=says role=status></p><table hidden>{COLUMNS}<tbody></table>"
        "<button type=button>Look again</button></main><script src=/embedded.js></script>"
    )


def head(shop: str, kept: dict[str, Any]) -> str:
    """How every page begins."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Orders</title>"
        "<meta name=viewport content='width=device-width'><link rel=stylesheet href=/page.css>"
        f"<header><h1>Orders of {html.escape(shop)}</h1><p>Granted: {html.escape(kept['scope'])}. "
        f"Paid orders that webhooks told of: {len(kept['paid'])}.</p></header>"
    )


def main() -> None:
    # Named localhost, and not 127.0.0.1 like Till: browsers keep cookies apart by the name, not by the port.
    url, host = urlsplit(APP_URL), os.environ.get("HOST", "127.0.0.1")
    port = int(os.environ.get("PORT") or url.port or (443 if url.scheme == "https" else 80))
    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        sys.exit(f"The app cannot listen at {host}:{port}, {error.strerror}: HOST and PORT say where else.")
    with server:
        print(json.dumps({"url": APP_URL}), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
