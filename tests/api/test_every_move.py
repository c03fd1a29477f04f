"""What holds of every endpoint of an order's life: who may, which order, which version, and only once."""

import asyncio

import pytest

from builders import a_line
from steps import at, book, done, now, refund, send_back, ship, timeline, trace, two_lines, units

OLD = "2020-05-01T12:00:00Z"
SEVERAL = frozenset({"read_orders", "write_orders", "write_fulfillments"})


def paid(till, **order):
    return till.create(**two_lines(financialStatus="paid", **order))


def shipped(till, **order):
    found = paid(till, **order)
    return found | {"shipment": done(ship(till, found))["id"]}


def filed(till, **order):
    found = paid(till, **order)
    return found | {"refund": done(refund(till, found, 1, status=0))["id"]}


def returned(till, *, approved=False, **order):
    found = shipped(till, **order)
    return found | {"return": done(send_back(till, found, 2, approved=approved))["id"]}


def coming(till, **order):
    return returned(till, approved=True, **order)


def closed(till, **order):
    found = till.create(**order)
    done(till.post(f"{at(found)}/close"))
    return found


def noted(till, **order):
    found = till.create(**order)
    return found | {"entry": done(till.post(f"{at(found)}/timeline", {"note": {"text": "a"}}))["id"]}


def pending(till, **order):
    return till.create(**two_lines(**order))


def of_order(kind, **sent):
    return lambda order: {kind: {"orderId": order["id"]} | sent}


def some(kind):
    return lambda order: {kind: {"orderId": order["id"], "lineItems": units(order, 1)}}


def coming_back(order):
    return {"return": {"lineItems": units(order, 1)}}


# What must be there first, and the request: method, path and body.
WRITES = {
    "book": (pending, "POST", "/orders/{id}/transactions", {"transaction": {"kind": "sale"}}),
    "mark_as_paid": (pending, "POST", "/orders/{id}/mark_as_paid", None),
    "ship": (pending, "POST", "/fulfillments", some("fulfillment")),
    "ship, older": (pending, "POST", "/fulfillment", some("fulfillment")),
    "track": (
        shipped,
        "PUT",
        "/fulfillments/{shipment}/update_tracking",
        {"fulfillment": {"trackingNumber": "1"}},
    ),
    "unship": (shipped, "PUT", "/fulfillments/{shipment}/cancel", None),
    "unship, POST": (shipped, "POST", "/fulfillments/{shipment}/cancel", {}),
    "refund": (paid, "POST", "/refunds", some("refund")),
    "review": (filed, "PUT", "/refunds/{refund}", {"refund": {"status": 1}}),
    "return": (shipped, "POST", "/orders/{id}/returns", coming_back),
    "approve": (returned, "POST", "/returns/{return}/approve", None),
    "decline": (returned, "POST", "/returns/{return}/decline", {"reason": "worn"}),
    "receive": (coming, "POST", "/returns/{return}/receive", {"restock": True}),
    "call off": (coming, "POST", "/returns/{return}/cancel", None),
    "close return": (coming, "POST", "/returns/{return}/close", None),
    "confirm": (pending, "POST", "/orders/{id}/confirm", None),
    "close": (pending, "POST", "/orders/{id}/close", None),
    "reopen": (closed, "POST", "/orders/{id}/reopen", None),
    "open": (closed, "POST", "/orders/{id}/open", None),
    "delete": (pending, "DELETE", "/orders/{id}", None),
    "cancel": (pending, "POST", "/orders/{id}/cancel", {"reason": "fraud"}),
    "note": (pending, "POST", "/orders/{id}/timeline", {"note": {"text": "b"}}),
    "edit note": (noted, "PUT", "/orders/{id}/timeline/{entry}", {"note": {"text": "b"}}),
}
QUIET = {"note", "edit note", "delete"}  # no new version of the order to be shown
SHIPPING = {"ship", "ship, older", "track", "unship", "unship, POST"}
READS = (
    "/refunds/{refund}",
    "/payment/{payment}",
    "/orders/{id}/transactions",
    "/orders/{id}/transactions/count",
    "/orders/{id}/fulfillments",
    "/orders/{id}/fulfillments/count",
    "/orders/{id}/fulfillments/{shipment}",
    "/orders/{id}/refunds",
    "/orders/{id}/returns",
    "/orders/{id}/timeline",
    "/returns/{return}",
)
every_write = pytest.mark.parametrize("name", WRITES)


def prepared(till, name, **order):
    """The order as it is before the write, and the write."""
    before, method, path, body = WRITES[name]
    found = before(till, **order)
    sent = body(found) if callable(body) else body
    return found, lambda path_=None, **more: till.run(
        till.ask(method, path_ or path.format(**found), sent, **more)
    )


@every_write
def test_a_write_needs_the_version_that_it_names(till, name):
    order, write = prepared(till, name)
    version = now(till, order)["version"]
    before = trace(till, order)
    stale = write(if_match=f'"{version + 1}"')
    assert (stale.status, stale.json["code"]) == (412, "stale")
    assert stale.json["order"] == before[0]
    assert trace(till, order) == before
    reply = write(if_match=f'"{version}"')
    assert reply.status == 200, reply.body
    if name not in QUIET:
        assert now(till, order)["version"] == version + 1
        assert reply.headers["etag"] == f'"{version + 1}"'


@every_write
def test_a_key_makes_a_write_happen_once(till, name):
    order, write = prepared(till, name)
    first = write(idempotency_key="once")
    assert first.status == 200, first.body
    after = till.events()
    again = write(idempotency_key="once")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers.get("etag") == first.headers.get("etag")
    assert till.events() == after
    *_, method, path, _ = WRITES[name]
    if method != "DELETE":
        other = {"order": {"id": "1"}}
        reused = till.run(till.ask(method, path.format(**order), other, idempotency_key="once"))
        assert reused.status == 422
        assert reused.json["code"] in ("key_reused", "invalid")


@every_write
def test_only_who_may_see_and_write_an_order_changes_it(till, name):
    order, write = prepared(till, name, createdAt=OLD)
    before = trace(till, order)
    reader = till.install(till.shop, scopes=frozenset({"read_orders", "read_fulfillments"}))
    reply = write(token=reader)
    assert (reply.status, reply.json["code"]) == (403, "missing_scope")
    assert write(token=till.install(till.shop, scopes=SEVERAL, partner=True)).status == 404  # too old for it
    foreign = write(token=till.install(till.found("other"), scopes=SEVERAL))
    assert foreign.status == 404
    assert foreign.json["code"].endswith("_not_found")
    assert "order" not in foreign.json
    assert trace(till, order) == before
    shipper = till.install(till.shop, scopes=frozenset({"write_fulfillments"}))
    assert write(token=shipper).status == (200 if name in SHIPPING else 403)
    if name not in SHIPPING:
        whole = till.install(till.shop, scopes=SEVERAL | {"read_all_orders"}, partner=True)
        assert write(token=whole).status == 200


@every_write
def test_an_unknown_id_answers_like_a_foreign_one(till, name):
    order, write = prepared(till, name)
    before = trace(till, order)
    foreign = write(token=till.install(till.found("other"), scopes=SEVERAL))
    ids = {key: str(order[key]) for key in ("id", "shipment", "refund", "return", "entry") if key in order}
    method, path, body = WRITES[name][1:]
    sent = body(order | {"id": "7"}) if callable(body) else body
    reply = till.run(till.ask(method, path.format(**dict.fromkeys(ids, "7")), sent))
    text = foreign.json["error"]
    for each in ids.values():
        text = text.replace(each, "7")
    assert (reply.status, reply.json["code"], reply.json["error"]) == (404, foreign.json["code"], text)
    assert trace(till, order) == before


@every_write
def test_every_spelling_does_the_same_and_the_documented_profile_says_it_in_strings(till, name):
    order, write = prepared(till, name)
    typed = write("/api/202410" + WRITES[name][2].format(**order) + ".json")
    assert typed.status == 200, typed.body
    assert typed.headers["x-genstore-api-version"] == "202410"
    _, write = prepared(till, name)
    told = write(x_genstore_fidelity="documented")
    assert told.status == 200
    assert shape(told.json) == shape(strings(typed.json))
    assert all(isinstance(each, str) for each in leaves(told.json))


def strings(value):
    if isinstance(value, dict):
        return {key: strings(each) for key, each in value.items()}
    if isinstance(value, list):
        return [strings(each) for each in value]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def shape(value):
    """The keys and the lengths of lists."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


def leaves(value):
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


@every_write
def test_what_a_body_does_not_know_is_named(till, name):
    order, _ = prepared(till, name)
    method, path, body = WRITES[name][1:]
    if method == "DELETE":
        return
    before = trace(till, order)
    [envelope] = body(order) if callable(body) else body if isinstance(body, dict) and body else [""]
    sent = {envelope: {"nonsense": 1}} if envelope not in ("", "reason", "restock") else {"nonsense": 1}
    reply = till.run(till.ask(method, path.format(**order), sent))
    assert reply.status == 422
    assert any("nonsense" in field for field in reply.json["errors"])
    for broken in (b"{", b"[]", b"1"):
        reply = till.run(till.ask(method, path.format(**order), broken))
        assert reply.status in (400, 422)
    assert trace(till, order) == before


def test_a_read_needs_its_scope_and_its_shop(till):
    order = returned(till, createdAt=OLD)
    payment = till.get(f"{at(order)}/transactions").json["transactions"][0]["paymentId"]
    order |= {"refund": done(refund(till, order, amount="1.00"))["id"], "payment": payment}
    foreign = till.install(till.found("other"), scopes=SEVERAL)
    partner = till.install(till.shop, scopes=SEVERAL, partner=True)
    products = till.install(till.shop, scopes=frozenset({"read_products"}))
    for template in READS:
        path = template.format(**order)
        shown = till.get(path)
        assert (shown.status, shown.headers["etag"]) == (200, '"4"'), path
        assert till.get(f"/api/202410{path}.json").json == shown.json
        assert till.get(path, x_genstore_fidelity="documented").json == strings(shown.json)
        unseen = [till.get(path, token=token).status for token in (foreign, partner, products)]
        assert unseen == [404, 404, 403], path
        assert till.get(f"{path}?nonsense=1").status == 400, path


def test_one_of_many_wins_whatever_they_ask(till):
    order = till.create(lineItems=[a_line(quantity=1)], financialStatus="authorized")
    asks = [
        ("POST", f"{at(order)}/transactions", {"transaction": {"kind": "capture"}}),
        ("POST", f"{at(order)}/transactions", {"transaction": {"kind": "void"}}),
    ]

    async def flood():
        return await asyncio.gather(*(till.ask(*asks[n % 2]) for n in range(20)))

    replies = till.run(flood())
    assert sorted(reply.status for reply in replies) == [200] + [422] * 19
    assert now(till, order)["version"] == 2
    assert len(timeline(till, order)) == 2
    refused = book(till, order, "capture")
    assert refused.json["code"] == "nothing_authorized"
