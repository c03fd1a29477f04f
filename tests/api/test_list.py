"""Listing and counting: filters, pages, and walks while the world moves (rulings.md §6)."""

import re
from itertools import pairwise
from urllib.parse import quote

import pytest

from builders import a_line
from till import clock

DAY = 86_400


def ago(days):
    return clock.iso(clock.now() - int(days * DAY) * clock.SECOND, "UTC")


def ids(reply):
    assert reply.status == 200, reply.body
    return [order["orderId"] for order in reply.json["orders"]]


def links(reply):
    header = reply.headers.get("link", "")
    return dict(reversed(each) for each in re.findall(r'<([^>]*)>; rel="(\w+)"', header))


def path(url):
    return url.removeprefix("http://127.0.0.1:8080/api/202412")


def walk(till, first, rel="next"):
    """All pages from `first` on."""
    reply = till.get(first)
    while True:
        yield ids(reply)
        if rel not in links(reply):
            return
        reply = till.get(path(links(reply)[rel]))


def make(till, count, **order):
    return [till.create(createdAt=ago(count - n), **order)["orderId"] for n in range(count)]


def test_the_newest_order_comes_first_whatever_the_order_of_arrival(till):
    old, new, middle = (till.create(createdAt=ago(days))["orderId"] for days in (9, 1, 5))
    assert ids(till.get("/orders")) == [new, middle, old]


def test_a_walk_meets_every_order_once_and_back_again(till):
    made = make(till, 7)[::-1]
    pages = list(walk(till, "/orders?limit=3"))
    assert pages == [made[:3], made[3:6], made[6:]]
    last = till.get("/orders?limit=3")
    assert set(links(last)) == {"next"}
    middle = till.get(path(links(last)["next"]))
    assert set(links(middle)) == {"previous", "next"}
    end = till.get(path(links(middle)["next"]))
    assert set(links(end)) == {"previous"}
    back = till.get(path(links(end)["previous"]))
    assert ids(back) == made[3:6]
    begin = till.get(path(links(back)["previous"]))
    assert ids(begin) == made[:3]
    assert set(links(begin)) == {"next"}


def test_since_id_walks_upwards_by_id(till):
    made = make(till, 5)
    assert list(walk(till, "/orders?sinceId=0&limit=2")) == [made[:2], made[2:4], made[4:]]
    assert ids(till.get(f"/orders?sinceId={made[2]}")) == made[3:]


def test_a_walk_carries_its_filters_and_takes_no_others(till):
    make(till, 3, tags="red")
    make(till, 3, tags="blue")
    first = till.get("/orders?tag=red&limit=2")
    more = path(links(first)["next"])
    assert len(ids(first) + ids(till.get(more))) == 3
    reply = till.get(f"{more}&tag=blue")
    assert (reply.status, reply.json["code"]) == (400, "filter_beside_token")
    assert till.get(f"{more}&fields=name").json["orders"][0].keys() == {"name"}


def test_a_token_of_another_shop_or_a_forged_one_is_refused(till):
    make(till, 3)
    token = path(links(till.get("/orders?limit=1"))["next"])
    other = till.install(till.found("other"))
    assert till.get(token, token=other).json["code"] == "bad_page_token"
    forged = re.sub(r"pageToken=..", "pageToken=AA", token)
    assert till.get(forged).json["code"] == "bad_page_token"


def test_a_walk_while_orders_are_made_and_changed_neither_repeats_nor_skips(till):
    made = set(make(till, 40))
    seen = []
    for page in walk(till, "/orders?limit=7"):
        seen += page
        till.create()
        till.create(createdAt=ago(20.5))
        order = sorted(made)[len(seen) % 40]
        till.put(f"/orders/{order}", {"order": {"note": f"seen {len(seen)}"}})
        till.post(f"/orders/{sorted(made)[-len(seen) % 40]}/cancel")
    assert len(seen) == len(set(seen))
    assert made <= set(seen)


@pytest.fixture
def mixed(till):
    """Orders of several kinds, by the name of what they are."""
    customer = {"id": "c7", "firstName": "Zoë", "lastName": "Ødegård", "email": "zoe@example.com"}
    made = {
        "paid": {"financialStatus": "paid", "sourceName": "web", "sourceIdentifier": "W-1"},
        "held": {"financialStatus": "authorized", "tags": "vip, Gift Wrap", "phone": "+44 20 7946-0000"},
        "part": {"fulfillmentStatus": "partial", "financialStatus": "paid", "note": "leave at the door"},
        "done": {"fulfillmentStatus": "fulfilled", "financialStatus": "paid", "customer": customer},
        "shut": {"closedAt": ago(1), "createdAt": ago(2), "lineItems": [a_line(sku="IPOD-342-N")]},
        "gone": {"email": "Gone@Example.com"},
    }
    found = {name: till.create(**order)["orderId"] for name, order in made.items()}
    till.post(f"/orders/{found['gone']}/cancel")
    return found


CASES = {
    "status=open": "paid held part done",
    "status=closed": "shut",
    "status=cancelled": "gone",
    "status=any": "paid held part done shut gone",
    "financialStatus=paid": "paid part done",
    "financialStatus=unpaid": "held",
    "financialStatus=authorized,voided": "held gone",
    "fulfillmentStatus=shipped": "done",
    "fulfillmentStatus=unshipped": "paid held shut gone",
    "fulfillmentStatus=unfulfilled": "paid held part shut gone",
    "fulfillmentStatus=partial&financialStatus=paid": "part",
    "sourceName=web": "paid",
    "sourceIdentifier=W-1": "paid",
    "customerId=c7": "done",
    "email=gone@example.com": "gone",
    "email=zoe@example.com": "done",
    "tag=vip": "held",
    "tag=gift%20wrap": "held",
    "tag=gift": "",
    "name=1001": "paid",
    "name=%231002": "held",
    "q=door": "part",
    "q=leave+doo": "part",
    "q=zoe": "done",
    "q=%C3%98degard": "done",
    "q=442079460000": "held",
    "q=ipod-342": "shut",
    "q=1006": "gone",
    "q=!!!": "",
    "q=nothing": "",
}


@pytest.mark.parametrize("query", CASES)
def test_list_and_count_agree_on_every_filter(till, mixed, query):
    names = {order: name for name, order in mixed.items()}
    found = ids(till.get(f"/orders?{query}"))
    assert {names[each] for each in found} == set(CASES[query].split())
    assert till.get(f"/orders/count?{query}").json == {"count": len(CASES[query].split())}


def test_ids_name_orders_and_unknown_ones_are_left_out(till, mixed):
    wanted = f"{mixed['paid']},{mixed['gone']},12,x"
    assert set(ids(till.get(f"/orders?ids={wanted}"))) == {mixed["paid"], mixed["gone"]}


def test_a_range_of_creation_is_counted_exactly_at_both_ends(till):
    made = [till.create(createdAt=ago(days))["createdAt"] for days in (0.1, 1, 2.5, 2.6, 3, 9)]
    moments = sorted(made)
    for low in moments:
        for high in moments:
            query = f"createdAtMin={low}&createdAtMax={high}"
            want = sum(low <= each <= high for each in moments)
            assert till.get(f"/orders/count?{query}").json == {"count": want}
            assert len(ids(till.get(f"/orders?{query}"))) == want


def test_an_update_is_found_by_its_time(till):
    old, new = make(till, 2)
    till.write(lambda tx: tx.execute("UPDATE orders SET updated_at = 5000000 WHERE id = :id", id=int(old)))
    mark = till.get(f"/orders/{new}").order["updatedAt"]
    assert ids(till.get(f"/orders?updatedAtMin={quote(mark)}")) == [new]
    assert ids(till.get(f"/orders?updatedAtMin={mark}")) == [new]  # a + that a query makes a blank
    assert ids(till.get("/orders?updatedAtMax=1970-01-01T00:00:05Z")) == [old]
    assert ids(till.get("/orders?updatedAtMin=2999-01-01T00:00:00Z")) == []


def test_the_kept_counters_are_exact_after_every_change(till, mixed):
    sql = "SELECT status, count(*) FROM orders GROUP BY status ORDER BY status"
    kept = (
        "SELECT status, SUM(n) FROM order_counts WHERE {} GROUP BY status HAVING SUM(n) <> 0 ORDER BY status"
    )
    want = [tuple(row) for row in till.rows(sql)]
    assert [tuple(row) for row in till.rows(kept.format("day = -1"))] == want
    assert [tuple(row) for row in till.rows(kept.format("day >= 0"))] == want


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=251", "limit"),
        ("limit=x", "limit"),
        ("status=opne", "status"),
        ("createdAtMin=yesterday", "createdAtMin"),
        ("createdAtMin=2020-01-01", "createdAtMin"),
        ("limt=5", "limt"),
        ("fields=name,nmae", "fields"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_a_query_that_cannot_be_read_is_a_400_that_names_it(till, query, field):
    reply = till.get(f"/orders?{query}")
    assert reply.status == 400
    assert field in reply.json["errors"]


def test_a_partner_app_sees_sixty_days_and_no_protected_field(till, mixed):
    old = till.create(createdAt=ago(61), email="old@example.com")["orderId"]
    partner = till.install(till.shop, partner=True)
    assert old not in ids(till.get("/orders", token=partner))
    assert till.get("/orders/count", token=partner).json == {"count": 6}
    assert till.get(f"/orders/{old}", token=partner).status == 404
    assert till.get(f"/orders/{old}").status == 200
    shown = till.get(f"/orders/{mixed['done']}", token=partner).order
    customer = shown["customer"]
    assert [customer[name] for name in ("firstName", "lastName", "email", "phone")] == [None] * 4
    assert customer["id"] == "c7"
    assert ids(till.get("/orders?q=zoe", token=partner)) == []
    assert till.get("/orders?email=zoe@example.com", token=partner).status == 403
    assert len(ids(till.get("/orders?q=door", token=partner))) == 1


def test_a_partner_app_sees_what_it_was_granted(till, mixed):
    scopes = frozenset({"read_orders", "read_all_orders"})
    token = till.install(till.shop, partner=True, protected=["name", "email"], scopes=scopes)
    till.create(createdAt=ago(61))
    assert till.get("/orders/count", token=token).json == {"count": 7}
    customer = till.get(f"/orders/{mixed['done']}", token=token).order["customer"]
    assert (customer["firstName"], customer["email"], customer["phone"]) == ("Zoë", "zoe@example.com", None)


def test_a_masked_order_sent_back_whole_changes_nothing(till, mixed):
    token = till.install(till.shop, partner=True)
    order = till.get(f"/orders/{mixed['done']}", token=token).order
    before = till.get(f"/orders/{mixed['done']}").order
    assert order["email"] is None
    assert before["email"] == "zoe@example.com"
    reply = till.put(f"/orders/{mixed['done']}", {"order": order}, token=token)
    assert reply.status == 200
    assert till.get(f"/orders/{mixed['done']}").order == before


def test_pages_of_equal_moments_are_walked_by_id(till):
    moment = ago(3)
    made = [till.create(createdAt=moment)["orderId"] for _ in range(5)][::-1]
    assert [each for page in walk(till, "/orders?limit=2") for each in page] == made
    assert all(int(one) > int(other) for one, other in pairwise(made))
