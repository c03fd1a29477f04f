"""The endpoint table as the contract tests read it, and an order in which everything has happened."""

import json
import re
from types import SimpleNamespace

from till.slices import ENDPOINTS

ROOT = "/api/202412"
LINE = {"productId": "1", "variantId": "2", "title": "Lamp", "price": "1.00", "quantity": 1}
EXAMPLE = "300157930096874"  # the order that the examples of bodies name
WRITES = [each for each in ENDPOINTS if each.reads is not None]
READS = [each for each in ENDPOINTS if each.method == "GET"]
ON_ONE = [each for each in ENDPOINTS if "{" in each.path]
NAMING_AN_ORDER = [each for each in WRITES if EXAMPLE in json.dumps(each.sends)]
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOOKS = "http://127.0.0.1:9999/"
FILE = "assets/extra.css"
# What an operation cannot do without, beside its path.
QUERIES = {
    "put_asset": f"?assetName={FILE}",
    "delete_asset": f"?assetName={FILE}",
    "get_asset_by_older_path": f"?asset={FILE}",
}
LATER = 100_000 << 12  # further on than any id that is given out while the tests run


def named(endpoint):
    return endpoint.handler.__name__


def path_of(endpoint, ids=EXAMPLE):
    """The path with `ids` by the names of their parameters, or the one id for all of them."""
    path = re.sub(r"{(\w+)}", lambda name: ids if isinstance(ids, str) else ids[name[1]], endpoint.path)
    return ROOT + path + QUERIES.get(named(endpoint), "")


def body_of(endpoint, order_id=EXAMPLE):
    """A body that would be taken, where the operation takes one."""
    sent = next(iter(endpoint.sends.values())) if endpoint.sends else None
    return json.loads(json.dumps(sent).replace(EXAMPLE, order_id))


def unknown(ids):
    """For each of `ids` one of the same kind that nothing has."""
    return {name: _later(each) for name, each in ids.items()}


def _later(each):
    if UUID.fullmatch(each):
        return each[:-4] + ("0000" if each[-4:] != "0000" else "0001")
    return re.sub(r"[0-9]{9,16}", lambda digits: str(int(digits[0]) + LATER), each)


def a_theme(ask, token, *, note):
    """Make a theme of that name with two files, one of them called so too; answers its id."""
    for each in ask("GET", f"{ROOT}/themes", token=token).json["themes"]:
        if each["shopThemeName"] == note:  # of tests that came before
            ask("DELETE", f"{ROOT}/themes/{each['shopThemeId']}", token=token)
    made = ask("POST", f"{ROOT}/themes", token=token, body={"theme": {"shopThemeName": note}})
    assert made.status == 201, made.body
    theme_id = made.json["theme"]["shopThemeId"]
    for name in (FILE, f"assets/{note}.css"):
        body = {"assets": [{"assetName": name, "context": f"/* {note} */"}]}
        done = ask("POST", f"{ROOT}/themes/{theme_id}/assets", token=token, body=body)
        assert done.status == 200, done.body
    return theme_id


def an_order_with_all(ask, token, *, email, **words):
    """Place an order of three lamps, pay, ship, refund and return it, and write on its timeline.

    Answers the ids by the names that paths give them. `words` are further fields of the order.
    """
    note = words.get("note", "Lamp")

    def post(path, **body):
        reply = ask("POST", f"{ROOT}{path}", token=token, body=body)
        assert reply.status == 200, reply.body
        return SimpleNamespace(**next(iter(reply.json.values())))

    hook = {"address": HOOKS + email, "topic": "orders/create", "headers": {"X-Note": note}}
    for each in ask("GET", f"{ROOT}/app/webhooks?address={HOOKS}{email}", token=token).json["webhooks"]:
        ask("DELETE", f"{ROOT}/app/webhooks/{each['id']}", token=token)  # of tests that came before
    made = ask("POST", f"{ROOT}/app/webhooks", token=token, body={"webhook": hook})
    assert made.status == 201, made.body
    webhook_id = str(made.json["webhook"]["id"])
    lines = [LINE | {"title": note, "quantity": 3}]
    customer = {"firstName": note, "lastName": note, "email": email, "note": note}
    order = post("/orders", order=words | {"lineItems": lines, "customer": customer})
    at, line = f"/orders/{order.orderId}", {"lineItemId": order.lineItems[0]["id"], "quantity": 1}
    paid = post(f"{at}/transactions", transaction={"kind": "sale", "message": note, "channelTrxNo": note})
    shipped = post("/fulfillments", fulfillment={"orderId": order.orderId, "message": note})
    refund = {"orderId": order.orderId, "lineItems": [line], "note": note, "status": 0}
    refunded = post("/refunds", refund=refund)
    returned = post(f"{at}/returns", **{"return": {"lineItems": [line], "note": note}})
    noted = post(f"{at}/timeline", note={"text": note})
    buyers = ask("GET", f"{ROOT}/customers/search?email={email}", token=token).json["customers"]
    ask("POST", f"{ROOT}/customers/{buyers[0]['id']}/redact", token=token, body={"reason": note})
    told = ask("GET", f"{ROOT}/events?resourceId={order.orderId}", token=token).json["events"]
    path = f"{ROOT}/app/webhooks/{webhook_id}/deliveries?orderId={order.orderId}"
    (owed,) = ask("GET", path, token=token).json["deliveries"]
    return {
        "themeId": a_theme(ask, token, note=note),
        "webhookId": webhook_id,
        "deliveryId": owed["id"],
        "orderId": order.orderId,
        "transactionId": paid.id,
        "paymentId": paid.paymentId,
        "fulfillmentId": shipped.fulfillId,
        "refundId": refunded.refundId,
        "returnId": returned.id,
        "entryId": noted.id,
        "customerId": buyers[0]["id"],
        "eventId": told[0]["id"],
        "lineItemId": order.lineItems[0]["id"],
    }
