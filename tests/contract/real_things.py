"""Schemathesis with real things: in most requests whose ids are valid, they become ids of what there is.

An id that a schema allows is almost never one that the server knows, so that without this nearly all
would end as 404. test_schemathesis.py loads it, and tells it the server and a token by its variables.
"""

import itertools
import json
import os
import random
import urllib.error
import urllib.request

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase
from spare import fresh_code, fresh_token

ROOT = os.environ.get("CONTRACT_ROOT", "")
TOKEN = os.environ.get("CONTRACT_TOKEN", "")
FOLDER = os.environ.get("CONTRACT_FOLDER", "")
CLIENT = os.environ.get("CONTRACT_CLIENT", "")
SECRET = os.environ.get("CONTRACT_SECRET", "")
GIVEN = "X-Genstore-Access-Token"
FILE = "assets/extra.css"
LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "12.50", "quantity": 5}
USES = 10  # of one order, before another one is made
CHANCE = 0.8
ADDRESSES = itertools.count()
choose = random.Random(20260314)


def ask(method, path, body=None):
    """The thing that an answer shows; nothing where it was refused."""
    headers = {"X-Genstore-Access-Token": TOKEN, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ROOT + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return next(iter(json.load(answer).values()), None)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return None


def placed():
    lines = [LINE, LINE | {"variantId": "3", "price": "7.00"}]
    order = {"lineItems": lines, "email": "ada@example.com", "customer": {"firstName": "Ada"}}
    made = ask("POST", "/orders", {"order": order})
    born = ask("GET", f"/orders/{made['orderId']}/timeline")[0]["events"][0]
    return {
        "orderId": made["orderId"],
        "lines": [line["id"] for line in made["lineItems"]],
        "eventId": str(born["number"]),
    }


def paid(kind):
    def pay(ids):
        made = ask("POST", f"/orders/{ids['orderId']}/transactions", {"transaction": {"kind": kind}})
        return {"transactionId": made["id"], "paymentId": made["paymentId"]}

    return pay


def shipped(ids):
    lines = [{"lineItemId": each, "quantity": 3} for each in ids["lines"]]
    made = ask("POST", "/fulfillments", {"fulfillment": {"orderId": ids["orderId"], "lineItems": lines}})
    return {"fulfillmentId": made["fulfillId"]}


def filed(ids):
    line = {"lineItemId": ids["lines"][0], "quantity": 1}
    made = ask("POST", "/refunds", {"refund": {"orderId": ids["orderId"], "lineItems": [line], "status": 0}})
    return {"refundId": made["refundId"]}


def returned(*, approved):
    def ask_for_it(ids):
        lines = [{"lineItemId": each, "quantity": 2} for each in ids["lines"]]
        body = {"return": {"lineItems": lines, "approved": approved}}
        return {"returnId": ask("POST", f"/orders/{ids['orderId']}/returns", body)["id"]}

    return ask_for_it


def noted(ids):
    made = ask("POST", f"/orders/{ids['orderId']}/timeline", {"note": {"text": "Called."}})
    return {"entryId": made["id"]}


def known(_):
    return {"customerId": ask("GET", "/customers/search?email=ada@example.com")[0]["id"]}


def hooked(ids):
    """A subscription, a delivery of it that is over, and one of the events that it is of."""
    hook = {"address": f"http://127.0.0.1:9999/{next(ADDRESSES)}", "topic": "orders/create"}
    made = ask("POST", "/app/webhooks", {"webhook": hook})
    if made is None:
        for each in ask("GET", "/app/webhooks?limit=250"):
            ask("DELETE", f"/app/webhooks/{each['id']}")
        made = ask("POST", "/app/webhooks", {"webhook": hook})
    sent = ask("POST", f"/app/webhooks/{made['id']}/send", {"eventId": ids["eventId"]})
    ask("POST", f"/app/webhooks/{made['id']}/disable")
    ask("POST", f"/app/webhooks/{made['id']}/enable", {"deliveries": "none"})
    return {"webhookId": str(made["id"]), "deliveryId": sent["id"], "sentId": ids["eventId"]}


def themed(_):
    """A theme of two versions that was published; those before it go, for a shop holds only so many."""
    for each in ask("GET", "/themes"):
        if each["isCurrent"]:
            current = each["shopThemeId"]
        else:
            ask("DELETE", f"/themes/{each['shopThemeId']}")
    made = ask("POST", "/themes", {"theme": {"shopThemeName": "Harbour"}})
    at = f"/themes/{made['shopThemeId']}"
    for text in ("body {}", "body { margin: 0 }"):
        ask("PUT", f"{at}/assets?assetName={FILE}", {"asset": {"context": text}})
    ask("POST", f"{at}/publish")
    ask("POST", f"/themes/{current}/publish")
    return {"themeId": made["shopThemeId"], "file": FILE}


# What had happened to an order before a request meets it.
LIVES = (
    (),
    (paid("sale"), shipped, filed, returned(approved=True), noted, known),
    (paid("authorization"), noted),
    (shipped, returned(approved=False), known),
    (paid("sale"), filed),
    (paid("sale"), shipped),
    (hooked,),
    (themed,),
)


class Things:
    """One order of each life, for its next few uses."""

    def __init__(self):
        self.made = [None] * len(LIVES)
        self.uses = [0] * len(LIVES)

    def one_with(self, names):
        """The ids of an order that has all that `names` says."""
        ids = None
        while ids is None or not ids.keys() >= names:
            ids = self._of(choose.randrange(len(LIVES)))
        return ids

    def _of(self, index):
        if self.uses[index] == 0:
            ids = placed()
            for step in LIVES[index]:
                ids |= step(ids)
            self.made[index], self.uses[index] = ids, USES
        self.uses[index] -= 1
        return self.made[index]


things = Things()


def spared(request):
    """A request that is ready to be sent, with the token of an app that may end."""
    if request.headers.get(GIVEN) == TOKEN:
        request.headers[GIVEN] = fresh_token(FOLDER)
    return request


@schemathesis.hook
def before_call(_context, case, kwargs):
    """Put real ids where valid ones stand, but not into what a link has filled in.

    Who uninstalls an app is one that nobody needs any more.
    """
    if case.operation.path.endswith("/oauth2/uninstall"):
        # The last who may say what is sent: the headers that all requests have go over the case's own.
        kwargs["auth"] = spared
    meta = case.meta
    if not TOKEN or meta is None or meta.phase.name is TestPhase.STATEFUL or choose.random() > CHANCE:
        return
    wrong = {where for where, part in meta.components.items() if part.mode is GenerationMode.NEGATIVE}
    path = None if ParameterLocation.PATH in wrong else case.path_parameters
    body = case.body if ParameterLocation.BODY not in wrong and isinstance(case.body, dict) else {}
    if case.operation.path.endswith("/oauth2/token"):
        exchange(body)
        return
    names = set(path or ())
    ids = things.one_with(names)
    if path:
        case.path_parameters = {name: ids[name] for name in path}
    for inner in (body, *body.values()):
        if isinstance(inner, dict):
            mend(inner, ids)
    if "/themes" in case.operation.path or "/decoration" in case.operation.path:
        mend_theme(case, body, wrong)
    if ParameterLocation.HEADER not in wrong and "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = choose.choice(["*", '"1"', case.headers["If-Match"]])


def exchange(body):
    """The credentials of an app that is installed, and a code of its own, in either spelling."""
    for names in (
        ("clientId", "clientSecret", "grantType", "code"),
        ("client_id", "client_secret", "grant_type", "code"),
    ):
        if names[2] in body:
            kind = "authorization-code" if names[2] == "grantType" else "authorization_code"
            body.clear()
            body |= dict(zip(names, (CLIENT, SECRET, kind, fresh_code(FOLDER, CLIENT)), strict=True))
            return


def mend_theme(case, body, wrong):
    """A file that the theme has, and contents that files may have."""
    query = (case.query or {}) if ParameterLocation.QUERY not in wrong else {}
    real = {"assetName": FILE, "asset": FILE, "from": 1, "to": 2, "with": case.path_parameters.get("themeId")}
    query.update({name: real[name] for name in query if name in real})
    if isinstance(body.get("asset"), dict):
        plain(body["asset"])
    for kind in ("assets", "delete"):
        files = body.get(kind)
        for index, each in enumerate(files if isinstance(files, list) else ()):
            each["assetName"] = f"assets/{kind}-{index}.css"
            each.pop("ifMatch", None)
            plain(each)
    if isinstance(body.get("version"), int):
        body["version"] = choose.choice([1, 2])


def plain(file):
    """The content of a file as text."""
    if file.get("encoding") is not None:
        file["encoding"] = ""


def mend(body, ids):
    """Real ids in an object that names an order, its lines or its parts."""
    if isinstance(body.get("orderId"), str):
        body["orderId"] = ids["orderId"]
    for name, real in (("parentId", "transactionId"), ("returnId", "returnId"), ("refundId", "refundId")):
        if body.get(name) and real in ids:
            body[name] = ids[real]
    if isinstance(body.get("address"), str):
        body["address"] = f"http://127.0.0.1:9999/{next(ADDRESSES)}"
    if isinstance(body.get("eventId"), str) and "sentId" in ids:
        body["eventId"] = ids["sentId"]
    if isinstance(body.get("deliveryIds"), list) and "deliveryId" in ids:
        body["deliveryIds"] = [ids["deliveryId"]]
    lines = body.get("lineItems")
    for index, line in enumerate(lines if isinstance(lines, list) else ()):
        for name in ("lineItemId", "id"):
            if line.get(name) and "price" not in line:
                line[name] = ids["lines"][index % len(ids["lines"])]
