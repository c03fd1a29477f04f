"""Reviewing refunds, and walking the list of all of a shop (genstore.md §7.12)."""

import re

from steps import at, done, now, refund, refused, trace, two_lines


def paid(till, **order):
    return till.create(**two_lines(financialStatus="paid") | order)


def review(till, filed, **sent):
    return till.put(f"/refunds/{filed['id']}", {"refund": sent})


def money(till, order):
    found = now(till, order)
    return found["financialStatus"], found["currentTotalPrice"], found["totalOutstanding"]


def left(till, order):
    """Of each line: what stands, and what can be shipped."""
    lines = now(till, order)["lineItems"]
    return [(line["currentQuantity"], line["fulfillableQuantity"]) for line in lines]


def test_a_refund_in_review_moves_nothing_until_it_is_approved(till):
    order = paid(till)
    filed = done(refund(till, order, 2, status=0, note="photo?"))
    assert (filed["status"], filed["amount"], filed["transactions"], filed["processedTime"]) == (
        0,
        "20.00",
        [],
        None,
    )
    assert money(till, order) == ("paid", "40.00", "0.00")
    assert left(till, order)[0] == (3, 3)
    assert till.topics()[2:] == ["refunds/create", "orders/update"]
    noted = done(review(till, filed, note="seen"))
    assert (noted["note"], noted["status"]) == ("seen", 0)
    assert till.topics()[4:] == ["orders/update"]
    made = done(review(till, filed, status="1", note="fine"))
    assert (made["status"], made["note"], made["id"], made["createTime"]) == (
        1,
        "fine",
        filed["id"],
        filed["createTime"],
    )
    assert made["transactions"][0]["amount"] == "20.00"
    assert now(till, order)["version"] == 4
    assert till.topics()[5:] == ["refunds/create", "orders/update"]
    assert money(till, order) == ("partially_refunded", "20.00", "0.00")
    before = trace(till, order)
    for same in ({"status": 1}, {}, {"note": "fine"}, {"status": 1, "note": "fine"}, {"status": None}):
        assert done(review(till, made, **same)) == made
    assert trace(till, order) == before
    refused(till, review(till, made, status=2), before[0], "already_reviewed", made["id"])
    refused(till, review(till, made, status=2, note="no"), before[0], "already_reviewed")


def test_a_declined_refund_is_over(till):
    order = paid(till)
    filed = done(refund(till, order, amount="5.00", status=0))
    shown = done(review(till, filed, status=2))
    assert (shown["status"], shown["transactions"], shown["processedTime"]) == (2, [], None)
    assert money(till, order) == ("paid", "40.00", "0.00")
    refused(till, review(till, filed, status=1), now(till, order), "already_reviewed")


def test_what_cannot_be_given_back_any_more_is_not_approved(till):
    order = paid(till)
    filed = [done(refund(till, order, 2, status=0)) for _ in range(2)]
    money_only = done(refund(till, order, amount="30.00", status=0))
    done(review(till, filed[0], status=1))
    before = now(till, order)
    refused(till, review(till, filed[1], status=1, note="x"), before, "too_many_units", "1 of")
    refused(till, review(till, money_only, status=1), before, "refund_too_large", "20.00 USD")
    assert done(review(till, money_only, status=2))["status"] == 2


WRONG = (
    ({"status": 0}, "refund.status"),
    ({"status": 3}, "refund.status"),
    ({"notes": "x"}, "refund.notes"),
    ({"refundId": "9"}, "refund.refundId"),
)


def test_a_review_that_cannot_be_is_named(till):
    order = paid(till)
    filed = done(refund(till, order, amount="5.00", status=0))
    before = trace(till, order)
    for sent, field in WRONG:
        reply = review(till, filed, **sent)
        assert (reply.status, list(reply.json["errors"])) == (422, [field])
    assert trace(till, order) == before
    assert done(review(till, filed, refundId=filed["id"])) == filed


def page(till, path, **more):
    """The ids on a page, and the paths of the pages around it."""
    reply = till.get(path, **more)
    assert reply.status == 200, reply.body
    links = dict(re.findall(r'<http://[^/]+([^>]+)>; rel="(\w+)"', reply.headers.get("link", "")))
    return [each["id"] for each in reply.json["refunds"]], {rel: url for url, rel in links.items()}


def made(till, count):
    """So many refunds over three orders, newest first."""
    orders = [paid(till) for _ in range(3)]
    ids = [done(refund(till, orders[n % 3], amount="1.00"))["id"] for n in range(count)]
    return ids[::-1], orders


def test_refunds_are_walked_forwards_and_back(till):
    ids, _ = made(till, 7)
    walked, path, back = [], "/refunds?limit=3", []
    while path:
        found, links = page(till, path)
        walked, path, back = walked + found, links.get("next"), [*back, links.get("previous")]
    assert walked == ids
    assert back[0] is None
    assert page(till, back[2])[0] == ids[3:6]
    first, links = page(till, page(till, back[2])[1]["previous"])
    assert (first, list(links)) == (ids[:3], ["next"])
    assert page(till, "/refunds")[0] == ids
    assert page(till, "/refunds?limit=7") == (ids, {})
    _, links = page(till, "/refunds?limit=6")
    assert page(till, links["next"])[0] == ids[6:]


def test_what_is_made_while_walking_is_neither_repeated_nor_skipped(till):
    ids, orders = made(till, 4)
    first, links = page(till, "/refunds?limit=2")
    newer = done(refund(till, orders[0], amount="1.00"))["id"]
    second, links = page(till, links["next"])
    assert first + second == ids
    found, links = page(till, links["previous"])
    assert found == first
    assert page(till, links["previous"])[0] == [newer]


def test_a_list_is_narrowed_and_a_token_keeps_that(till):
    ids, orders = made(till, 7)
    mine = ids[::3]
    assert page(till, f"/refunds?orderId={orders[0]['id']}")[0] == mine
    found, links = page(till, f"/refunds?orderId={orders[0]['id']}&limit=2")
    assert found + page(till, links["next"])[0] == mine
    assert page(till, f"/refunds?refundId={ids[1]}") == ([ids[1]], {})
    assert page(till, f"/refunds?ids={ids[4]},{ids[1]},7")[0] == [ids[1], ids[4]]
    assert page(till, f"/refunds?ids={ids[4]}&refundId={ids[1]}")[0] == []
    assert page(till, f"/refunds?ids={ids[0]},{ids[1]}&orderId={orders[0]['id']}")[0] == [ids[0]]
    assert page(till, "/refunds?orderId=7")[0] == page(till, "/refunds?ids=7")[0] == []
    assert page(till, f"/refunds?ids={','.join(ids)}&limit=1")[0] == [ids[0]]


def test_a_token_is_one_installations_and_stands_alone(till):
    made(till, 3)
    _, links = page(till, "/refunds?limit=2")
    other = till.install(till.shop)
    assert till.get(links["next"], token=other).status == 400
    assert till.get(links["next"] + "&orderId=7").status == 400
    token = links["next"].partition("pageToken=")[2].partition("&")[0]
    assert till.get(f"/orders?pageToken={token}").status == 400
    assert till.get(f"/refunds?pageToken={token[:-2]}xx").status == 400
    for query in (
        "limit=0",
        "limit=251",
        "limit=x",
        "sinceId=1",
        "orderid=1",
        "orderId=x",
        "ids=",
        "pageToken=",
    ):
        reply = till.get(f"/refunds?{query}")
        assert (reply.status, len(reply.json["errors"])) == (400, 1), query


def test_only_what_a_caller_may_see_is_listed(till):
    old = paid(till, createdAt="2020-05-01T12:00:00Z")
    hidden = done(refund(till, old, amount="1.00"))["id"]
    fresh = done(refund(till, paid(till), amount="1.00"))["id"]
    partner = till.install(till.shop, partner=True)
    assert page(till, "/refunds", token=partner)[0] == [fresh]
    for query in (f"refundId={hidden}", f"ids={hidden}", f"orderId={old['id']}"):
        assert page(till, f"/refunds?{query}", token=partner)[0] == []
    foreign = till.install(till.found("other"))
    assert page(till, f"/refunds?ids={fresh}", token=foreign)[0] == []
    reply = till.get(f"/refunds/{hidden}", token=partner)
    assert (reply.status, reply.json["code"]) == (404, "refund_not_found")
    shipper = till.install(till.shop, scopes=frozenset({"write_fulfillments"}))
    assert till.get("/refunds", token=shipper).status == 403
    shown = till.get("/refunds", token=partner, x_genstore_fidelity="documented").json["refunds"][0]
    assert (shown["status"], shown["note"], shown["lineItems"]) == ("1", "null", [])


def test_a_deleted_orders_refunds_are_gone(till):
    order = paid(till)
    till.post(f"{at(order)}/cancel", {"refund": True})
    [gone], _ = page(till, "/refunds")
    assert till.run(till.ask("DELETE", at(order))).status == 200
    assert page(till, "/refunds") == ([], {})
    assert till.get(f"/refunds/{gone}").json["code"] == "refund_not_found"
    assert till.put(f"/refunds/{gone}", {"refund": {"note": "x"}}).status == 404
