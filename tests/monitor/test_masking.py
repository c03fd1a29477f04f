"""What of a request's address is written down: nothing that names a person or opens a door."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.web import masking
from till.web.masking import HIDDEN, masked

UUID = "0190f4a2-7c1e-7d3b-9a55-0123456789ab"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("limit=50", None),
        ("createdAtMin=2026-01-01T00:00:00%2B01:00&status=open,closed", None),
        ("email=a@b.example", f"email={HIDDEN}"),
        ("q=ann&name=Ann&phone=1", "q=***&name=***&phone=***"),
        ("sourceIdentifier=x", f"sourceIdentifier={HIDDEN}"),
        ("pageToken=abc", f"pageToken={HIDDEN}"),
        ("access_token=abc", f"access_token={HIDDEN}"),
        ("code=abc&state=abc&ids=17005551234", "code=***&state=***&ids=***"),
        ("limit=a%40b.example", f"limit={HIDDEN}"),
        ("a%40b.example", HIDDEN),
        ("ann&limit=2", f"{HIDDEN}&limit=2"),
    ],
)
def test_what_may_be_personal_or_secret_is_masked(query, shown):
    assert masked("/api/202412/orders", query, "/orders") == f"/api/202412/orders?{shown or query}"


@pytest.mark.parametrize(
    ("path", "template", "shown"),
    [
        ("/orders", "/orders", "/orders"),
        ("/orders.json", "/orders", "/orders"),
        ("/orders/", "/orders", "/orders"),
        ("/orders/300157930096874/close", "/orders/{orderId}/close", "/orders/300157930096874/close"),
        ("/orders/1001", "/orders/{orderId}", "/orders/1001"),
        ("/orders/17005551234", "/orders/{orderId}", "/orders/***"),
        ("/orders/a@b.example", "/orders/{orderId}", "/orders/***"),
        ("/orders/ann.lee", "/orders/{orderId}", "/orders/***"),
        ("/customers/300157930096874", "/customers/{customerId}", "/customers/***"),
        ("/customers/17005551234/redact", "/customers/{customerId}/redact", "/customers/***/redact"),
        ("/customers/ann.lee/data", "/customers/{customerId}/data", "/customers/***/data"),
        (f"/app/deliveries/{UUID}", "/app/deliveries/{deliveryId}", f"/app/deliveries/{UUID}"),
        ("/ann.lee", "unmatched", "/***"),
        ("/customers/ann.lee/x", "unmatched", "/***"),
    ],
)
def test_a_path_shows_words_and_numbers_of_till_alone(path, template, shown):
    assert masked(f"/api/202412{path}", "", template) == f"/api/202412{shown}"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/ann.lee/orders", "/api/***"),
        ("/api/202412", "/api/202412/***"),
        ("/ann.lee", "/***"),
        ("/", "/***"),
        ("/api/202412/" + "a/" * 400, "/api/202412/***"),
    ],
)
def test_a_path_that_leads_nowhere_shows_its_version_at_most(path, shown):
    assert masked(path, "", "unmatched") == shown


def test_no_log_holds_what_was_looked_for(till):
    secret = "nobody.else@example.com"
    till.get(f"/orders?email={secret}&q={secret}&name={secret}&limit=2")
    till.get(f"/orders/{secret}")
    till.get(f"/customers/search?email={secret}&phone=%2B4915112345678")
    for word in ("15112345678", "nobody.else"):
        till.get(f"/customers/{word}")
        till.get(f"/customers/{word}/nothing")
        till.get(f"/{word}?code={word}&state={word}&ids={word}")
        till.post(f"/customers/{word}")
    shown = json.dumps(till.get("/app/requests").json) + json.dumps(till.get("/app/logs").json)
    assert "/orders?email=***" in shown
    till.run(till.parts.api._lent.tally.settle())
    rows = till.rows("SELECT body FROM request_log WHERE shop_id = :s", s=till.shop.id)
    kept = b"".join(zlib.decompress(bytes(row[0])) for row in rows)
    assert b"/customers/***" in kept
    for word in ("nobody", "else", "15112345678"):
        assert word not in shown
        assert word.encode() not in kept


PARTS = st.sampled_from(
    [
        "orders",
        "count",
        "a@b.c",
        "+17005551234",
        "12",
        "1234567",
        "4503599627370497",
        UUID,
        "",
        "..",
        "x.json",
    ]
)
TEMPLATES = [
    "/orders",
    "/orders/{orderId}",
    "/orders/{orderId}/refunds/{id}",
    "/customers/{customerId}",
    "none",
]


@given(st.sampled_from(TEMPLATES), st.sampled_from(["202412", "20241"]), st.lists(PARTS, max_size=4))
def test_a_path_that_is_let_through_at_once_is_one_that_a_close_look_leaves_alone(template, version, parts):
    path = "/".join(("/api", version, *parts))
    assert masked(path, "", template) == masking._masked_path(path, template)
