"""Corners of an order's life: hidden fields, odd ids and tags, wrong methods, the largest amounts."""

from builders import a_line
from steps import at, book, done, now, refund, refused, send_back, ship, trace, two_lines
from till.shops.store import Shops

SECRET = {
    "email": "secret@x.y",
    "phone": "+1555secret",
    "shippingAddress": {"city": "Secretville"},
    "customer": {"email": "secret@x.y", "firstName": "Secret"},
}


def test_what_an_app_may_not_see_no_refusal_shows_it(till):
    order = till.create(**two_lines(financialStatus="authorized") | SECRET)
    token = till.install(till.shop, scopes=frozenset({"write_orders", "write_fulfillments"}), partner=True)
    path, fulfil = at(order), {"fulfillment": {"orderId": order["id"]}}
    shipped = till.post("/fulfillments", fulfil, token=token)
    replies = [
        shipped,
        till.post("/fulfillments", fulfil, token=token),
        till.post(f"{path}/transactions", {"transaction": {"kind": "sale"}}, token=token),
        till.post(f"{path}/mark_as_paid", token=token),
        till.post(f"{path}/confirm", token=token, if_match='"9"'),
        till.post(f"{path}/timeline", {"note": {"text": "x"}}, token=token, if_match='"9"'),
        till.run(till.ask("DELETE", path, token=token)),
        till.run(till.ask("DELETE", path, token=token, if_match='"9"')),
        till.post(f"{path}/cancel?dryRun=true", token=token),
        till.post("/refunds", {"refund": {"orderId": order["id"]}}, token=token),
        till.post("/refunds/calculate", {"refund": {"orderId": order["id"]}}, token=token),
        till.post(f"{path}/close", token=token),
        till.get(f"{path}/timeline", token=token),
    ]
    assert [reply.status for reply in replies].count(422) == 6
    for reply in replies:
        assert b"ecret" not in reply.body, reply.body


ODD = ("é", "a" * 300, "%00", "..", "0", "-1", "9" * 30, "1e3", "x y", "null")


def test_an_odd_id_is_an_unknown_one(till):
    order = till.create()
    for name in ODD:
        for path in (f"/refunds/{name}", f"/returns/{name}", f"/payment/{name}", f"/orders/{name}/timeline"):
            assert till.get(path).status == 404, path
        for path in ("transactions", "fulfillments"):
            assert till.get(f"{at(order)}/{path}/{name}").status == 404, (path, name)
        assert till.put(f"/fulfillments/{name}/cancel").status == 404, name
        assert till.post(f"/orders/{name}/close").status == 404, name
    assert now(till, order) == order


NO_ORDER = (0, "01", 1.5, True, None, [], {}, "", " ", "é", "1 ", "a" * 65, 2**63, -1)


def test_a_body_that_names_no_order_moves_nothing(till):
    kinds = {"/fulfillments": "fulfillment", "/refunds": "refund", "/refunds/calculate": "refund"}
    for order_id in NO_ORDER:
        for path, kind in kinds.items():
            reply = till.post(path, {kind: {"orderId": order_id}})
            assert reply.status in (404, 422), order_id
            assert reply.json["code"] in ("order_not_found", "invalid"), order_id


TAGS = {"*": 200, 'W/"1"': 200, '"9", "1"': 200, "x": 412, "": 412, '"11"': 412}


def test_a_version_may_be_named_in_every_way_of_http(till):
    for tag, status in TAGS.items():
        order = till.create()
        assert till.post(f"{at(order)}/close", if_match=tag).status == status, tag
        assert now(till, order)["version"] == (2 if status == 200 else 1), tag


WRONG = (
    ("GET", "/fulfillments", "POST"),
    ("GET", "/orders/1/confirm", "POST"),
    ("PUT", "/orders/1/transactions", "GET, POST"),
    ("DELETE", "/refunds/1", "GET, PUT"),
    ("GET", "/refunds/calculate", "POST"),
    ("DELETE", "/fulfillments/1/cancel", "POST, PUT"),
    ("POST", "/payment/1", "GET"),
    ("DELETE", "/orders/1/timeline/1", "PUT"),
)


def test_a_wrong_method_says_which_are_right(till):
    for method, path, allowed in WRONG:
        reply = till.run(till.ask(method, path))
        assert (reply.status, reply.headers["allow"]) == (405, allowed), path
        assert reply.json["code"] == "method_not_allowed"


def test_the_largest_amounts_are_moved_and_shared_exactly(till):
    order = till.create(lineItems=[a_line(price="9999999999999.99")])
    assert done(book(till, order, "sale"))["amount"] == "9999999999999.99"
    assert done(refund(till, order, 1))["amount"] == "9999999999999.99"
    line = a_line(price="999999.99", quantity=1_000_000, totalDiscount="1.01")
    many = till.create(lineItems=[line], financialStatus="paid")
    assert done(refund(till, many, 333_333))["amount"] == "333332996666.33"
    assert done(refund(till, many, 666_667))["amount"] == "666666993332.66"
    assert now(till, many)["currentTotalPrice"] == "0.00"


def test_a_move_is_an_update_that_lists_find(till):
    order, other = (
        till.create(createdAt="2020-01-01T00:00:00Z"),
        till.create(createdAt="2020-01-01T00:00:00Z"),
    )
    sql = "UPDATE orders SET updated_at = 0"  # as if both had rested since then
    till.write(lambda tx: tx.execute(sql))
    done(ship(till, order))
    found = till.get("/orders?updatedAtMin=2021-01-01T00:00:00Z").json["orders"]
    assert [each["id"] for each in found] == [order["id"]]
    assert till.get("/orders/count?updatedAtMax=2021-01-01T00:00:00Z").json == {"count": 1}
    assert now(till, other)["version"] == 1


def test_the_place_of_a_deleted_order_in_its_channel_is_free_again(till):
    change = {"unique_source_identifier": True}
    till.write(lambda tx: Shops(tx).change("demo", lambda shop: shop.change(**change)))
    source = {"sourceName": "web", "sourceIdentifier": "W1"}
    order = till.create(**source)
    sent = {"order": {"lineItems": [a_line()]} | source}
    assert till.post("/orders", sent).json["code"] == "same_source"
    assert till.run(till.ask("DELETE", at(order))).status == 200
    assert till.post("/orders", sent).order["number"] == 1002


def test_a_kept_answer_is_given_even_where_the_order_moved_on(till):
    order = till.create(lineItems=[a_line(quantity=2)])
    sent = {"fulfillment": {"orderId": order["id"]}}
    first = till.post("/fulfillments", sent, idempotency_key="k", if_match='"1"')
    done(book(till, order, "sale"))
    again = till.post("/fulfillments", sent, idempotency_key="k", if_match='"1"')
    assert (again.status, again.body, again.headers["etag"]) == (200, first.body, '"2"')
    reply = till.post("/fulfillment", sent, idempotency_key="k")  # another path, another use of the key
    refused(till, reply, now(till, order), "nothing_to_ship")
    refused_once = till.post("/fulfillments", sent, idempotency_key="n")
    assert refused_once.json["code"] == "nothing_to_ship"
    till.put(f"/fulfillments/{done(first)['id']}/cancel")
    assert till.post("/fulfillments", sent, idempotency_key="n").status == 200


def test_parts_of_several_orders_never_meet(till):
    orders = [till.create(**two_lines(financialStatus="paid")) for _ in range(3)]
    for order in orders:
        done(ship(till, order, 2))
        done(refund(till, order, 1))
        done(send_back(till, order, 1))
    before = [trace(till, order)[0] for order in orders]
    [[mine]] = [till.get(f"{at(orders[1])}/returns").json["returns"]]
    done(till.post(f"/returns/{mine['id']}/approve"))
    after = [now(till, order) for order in orders]
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False, True]
    for name in ("fulfillments", "refunds", "returns", "transactions"):
        shown = [till.get(f"{at(order)}/{name}").json[name] for order in orders]
        assert [{each["orderId"] for each in some} for some in shown] == [{order["id"]} for order in orders]
