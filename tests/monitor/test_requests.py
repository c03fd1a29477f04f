"""The searchable log of an app's requests: what is found, page by page, and for how long it is kept."""

import pytest

from till.clock import DAY, SECOND
from till.monitor import keeping
from till.monitor.keeping import prune
from till.monitor.lines import FULL, MOST, segments_of, unpacked
from till.shop import Rate
from till.web.recent import Entry

KEPT = "SELECT n, first_at, last_at, body FROM request_log WHERE shop_id = :s AND client_id = :c ORDER BY id"


def found(till, query="", **more):
    reply = till.get(f"/app/requests{query}", **more)
    assert reply.status == 200, reply.body
    return [each for each in reply.json["requests"] if each["path"] != "/app/requests"]


def kept(till):
    till.run(till.parts.api._lent.tally.settle())
    return till.rows(KEPT, s=till.shop.id, c=till.client_id)


@pytest.fixture
def busy(till):
    """An app that did something of each kind."""
    order = till.create()
    till.get(f"/orders/{order['orderId']}")
    till.get("/orders?limit=3")
    till.get("/api/202410/orders")
    till.post("/orders", {"order": {}})
    till.get("/customers")
    till.get("/orders/999")
    return till


def test_requests_are_found_newest_first_with_what_let_them_in(busy):
    told = [(each["method"], each["path"], each["status"], each["scope"]) for each in found(busy)]
    assert told == [
        ("GET", "/orders/{orderId}", 404, "read_orders"),
        ("GET", "/customers", 403, None),
        ("POST", "/orders", 422, "write_orders"),
        ("GET", "/orders", 200, "read_orders"),
        ("GET", "/orders", 200, "read_orders"),
        ("GET", "/orders/{orderId}", 200, "read_orders"),
        ("POST", "/orders", 200, "write_orders"),
    ]
    versions = [each["version"] for each in found(busy)]
    assert versions.count("202410") == 1
    assert found(busy)[1]["code"] == "missing_scope"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?status=200", 4),
        ("?status=4xx", 3),
        ("?status=403,404", 2),
        ("?status=%3E%3D422", 1),
        ("?status=5xx", 0),
        ("?method=POST", 2),
        ("?method=POST,DELETE&status=4xx", 1),
        ("?path=/orders", 7 - 1),
        ("?path=/orders/{orderId}", 2),
        ("?path=/orders/9", 1),
        ("?code=missing_scope", 1),
        ("?scope=write_orders", 2),
        ("?scope=read_orders&status=404", 1),
        ("?minMs=60000", 0),
        ("?minMs=0", 7),
        ("?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z", 0),
        ("?from=2020-01-01T00:00:00Z", 7),
    ],
)
def test_filters_find_what_they_say(busy, query, count):
    assert len(found(busy, query)) == count


def test_one_is_found_by_the_id_that_its_answer_had(busy):
    reply = busy.get("/orders?limit=1")
    (one,) = found(busy, f"?requestId={reply.headers['x-request-id']}")
    assert (one["id"], one["target"]) == (reply.headers["x-request-id"], "/api/202412/orders?limit=1")
    assert found(busy, "?requestId=0000000000000000") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("?status=9xx", "status"), ("?status=ok", "status"), ("?method=PATCH", "method"), ("?minMs=x", "minMs")],
)
def test_a_filter_that_says_nothing_is_refused(till, query, field):
    reply = till.get(f"/app/requests{query}")
    assert (reply.status, list(reply.json["errors"])) == (400, [field])


def test_pages_show_each_request_once_in_both_directions_while_more_come(till):
    ids = []
    for number in range(37):
        ids.append(till.get("/orders").headers["x-request-id"])
        if number % 5 == 0:
            kept(till)  # in rows of the log, and what is not written yet
    ids.reverse()
    seen, pages, reply = [], [], till.get("/app/requests?path=/orders&limit=5")
    while True:
        seen += [each["id"] for each in reply.json["requests"]]
        pages.append([each["id"] for each in reply.json["requests"]])
        links = reply.headers.get("link", "")
        ahead = [part for part in links.split(", ") if 'rel="next"' in part]
        if not ahead:
            break
        till.get("/orders")
        reply = till.get(ahead[0].partition("<")[2].partition(">")[0].partition("/api/202412")[2])
    assert seen == ids
    back = [part for part in links.split(", ") if 'rel="previous"' in part]
    reply = till.get(back[0].partition("<")[2].partition(">")[0].partition("/api/202412")[2])
    assert [each["id"] for each in reply.json["requests"]] == pages[-2]


def test_a_token_of_a_page_is_good_for_its_own_list_only(till):
    for _ in range(3):
        till.get("/orders")
    link = till.get("/app/requests?limit=1").headers["link"]
    token = link.partition("pageToken=")[2].partition("&")[0]
    assert till.get(f"/app/requests?pageToken={token}&status=200").json["code"] == "filter_beside_token"
    other = till.install(till.shop, scopes=frozenset({"read_apps"}))
    assert till.get(f"/app/requests?pageToken={token}", token=other).json["code"] == "bad_page_token"


def test_an_app_sees_its_own_requests_in_its_own_shop(till):
    mine = till.token
    till.get("/orders")
    scopes = frozenset({"read_orders", "read_apps"})
    other_app = till.install(till.shop, scopes=scopes)
    other_shop = till.install(till.found("other"), scopes=scopes)
    assert found(till, token=other_app) == found(till, token=other_shop) == []
    till.get("/orders?limit=9", token=other_app)
    assert [each["target"] for each in found(till, token=other_app)] == ["/api/202412/orders?limit=9"]
    assert [each["target"] for each in found(till, token=mine)] == ["/api/202412/orders"]


def test_it_needs_a_scope_for_apps(till):
    poor = till.install(till.shop, scopes=frozenset({"read_orders"}))
    assert till.get("/app/requests", token=poor).json["code"] == "missing_scope"


def test_both_profiles_show_the_same(busy):
    plain = busy.get("/app/requests?path=/orders").json["requests"]
    strings = busy.get("/app/requests?path=/orders", x_genstore_fidelity="documented").json["requests"]
    assert [each["status"] for each in strings] == [str(each["status"]) for each in plain]
    assert {type(value) for each in strings for value in each.values()} == {str}


def test_many_requests_share_a_row(till):
    for _ in range(60):
        till.get("/orders")
        kept(till)
    (row,) = kept(till)
    assert row[0] == 60
    assert len(list(unpacked(bytes(row[3])))) == 60


def test_rows_are_filled_and_then_left():
    def entries(count, at=0):
        return [
            Entry(
                owner=(1, "a"),
                at=at + n,
                kind="request",
                method="GET",
                target="/",
                status=200,
                ms=1,
                code=None,
                id=f"{n:x}",
                path="/",
                version="202412",
            )
            for n in range(count)
        ]

    (begun,) = segments_of(entries(FULL - 1), None)
    (grown,) = segments_of(entries(5), begun)
    assert (grown.id, grown.n) == (begun.id, FULL + 4)
    (new,) = segments_of(entries(5), grown)
    assert (new.id != grown.id, new.n) == (True, 5)
    assert [each.n for each in segments_of(entries(MOST * 2 + 3), None)] == [MOST, MOST, 3]
    (later,) = segments_of(entries(1, at=2 * 3_600 * SECOND), begun)
    assert later.id != begun.id


def test_requests_go_when_they_are_old_enough(till, ticking):
    till.get("/orders")
    kept(till)
    db = till.parts.db
    for ahead, left in ((6 * DAY, 1), (8 * DAY, 0)):
        ticking.ahead = ahead
        till.run(prune(db, at=ticking(), days=7))
        assert len(found(till)) == left
    counts = "SELECT COUNT(*) FROM api_counts WHERE shop_id = :s"
    assert till.rows(counts, s=till.shop.id)[0][0] > 0, "sums are kept for longer"
    till.run(till.parts.api._lent.tally.settle())
    till.run(prune(db, at=ticking() + 100 * DAY, days=7))
    assert till.rows(counts, s=till.shop.id)[0][0] == 0


def test_of_an_app_so_many_rows_are_kept_and_no_more(till, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_ROWS", 3)
    insert = """
        INSERT INTO request_log (shop_id, client_id, id, first_at, last_at, n, body)
        VALUES (:s, :c, :id, 5, 5, 1, :body)
    """
    for client in ("a", "b"):
        for number in range(6 if client == "a" else 2):
            given = {"s": till.shop.id, "c": client, "id": bytes([number]), "body": b""}
            till.write(lambda tx, given=given: tx.execute(insert, **given))
    till.run(prune(till.parts.db, at=5, days=7))
    ids = "SELECT id FROM request_log WHERE shop_id = :s AND client_id = :c ORDER BY id"
    left = {c: [bytes(row[0])[0] for row in till.rows(ids, s=till.shop.id, c=c)] for c in "ab"}
    assert left == {"a": [3, 4, 5], "b": [0, 1]}


def test_the_live_tail_says_version_and_scope(till):
    till.get("/api/202410/orders")
    (entry,) = till.get("/app/logs").json["entries"]
    assert (entry["version"], entry["scope"]) == ("202410", "read_orders")
    assert "path" not in entry


def test_what_is_over_the_limit_is_logged_too(till, ticking):
    ticking.stand()
    token = till.install(
        till.found("slow", rate=Rate.DEFAULT), scopes=frozenset({"read_orders", "read_apps"})
    )
    replies = [till.get("/orders", token=token).status for _ in range(45)]
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows("SELECT body FROM request_log WHERE client_id = :c", c=till.client_id)
    lines = [line for row in rows for line in unpacked(bytes(row[0]))]
    assert [line.code for line in lines].count("rate_limited") == replies.count(429) > 0
