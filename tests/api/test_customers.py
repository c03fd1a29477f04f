"""Customers as apps read them: made by orders, listed, searched, counted, masked (genstore.md §7.13)."""

import asyncio
import re
from urllib.parse import quote

import pytest

from builders import a_line
from till import clock

CUSTOMERS = frozenset({"read_customers"})
BOTH = frozenset({"read_orders", "write_orders", "read_customers"})
KEYS = (
    "id email phone firstName lastName notes tags state verifiedEmail ordersCount totalSpent taxExempt"
    " taxExemptions smsMarketingConsent emailMarketingConsent addresses createTime updateTime"
)
ADDRESS_KEYS = (
    "id firstName lastName company address1 address2 city provinceCode countryCode zip phone isDefaultAddress"
)
HOME = {
    "firstName": "Ada",
    "lastName": "Bell",
    "company": "Bell & Co",
    "address1": "12 Mill Lane",
    "city": "Ottawa",
    "province": "Ontario",
    "provinceCode": "ON",
    "countryCode": "CA",
    "zip": "K2P0V6",
    "phone": "+1 613 555 0100",
}
ADA = {
    "id": "c7",
    "firstName": "Ada",
    "lastName": "Bell",
    "email": "Ada@example.com",
    "phone": "+1 613 555 0100",
    "note": "Rings twice.",
    "tags": "vip, gift",
    "state": "enabled",
    "verifiedEmail": True,
    "taxExempt": True,
    "defaultAddress": HOME,
    "createdAt": "2020-02-03T04:05:06Z",
}


@pytest.fixture
def till(till):
    """The server whose app may read and write orders and read customers."""
    till.token = till.install(till.shop, scopes=BOTH)
    return till


def the_one(till):
    (customer,) = till.get("/customers").json["customers"]
    return customer


def ids(reply):
    assert reply.status == 200, reply.body
    return [each["id"] for each in reply.json["customers"]]


def test_an_order_makes_its_customer_with_every_documented_key(till):
    order = till.create(
        customer=ADA, financialStatus="paid", buyerAcceptsMarketing=True, createdAt=ADA["createdAt"]
    )
    customer = the_one(till)
    assert till.get("/customers/c7").json == {"customer": customer}
    assert set(customer) == set(KEYS.split()) | {"currency", "lastOrderId"}
    (address,) = customer["addresses"]
    assert set(address) == set(ADDRESS_KEYS.split())
    assert address.items() >= {k: v for k, v in HOME.items() if k in ADDRESS_KEYS.split()}.items()
    assert (address["isDefaultAddress"], address["id"].isdigit()) == (True, True)
    assert customer["id"] == "c7"
    assert customer["email"] == "Ada@example.com"
    assert customer["phone"] == "+1 613 555 0100"
    assert (customer["firstName"], customer["lastName"], customer["notes"]) == ("Ada", "Bell", "Rings twice.")
    assert customer["tags"] == ["vip", "gift"]
    assert customer["state"] == "ENABLED"
    assert customer["verifiedEmail"] is customer["taxExempt"] is True
    assert customer["taxExemptions"] == {"applyToAllRegion": True, "taxExemptionRegions": []}
    assert (customer["ordersCount"], customer["totalSpent"], customer["currency"]) == (1, "10.00", "USD")
    assert customer["lastOrderId"] == order["orderId"]
    assert customer["createTime"] == "2020-02-02T23:05:06-05:00"
    assert customer["emailMarketingConsent"] == {
        "state": "SUBSCRIBED",
        "consentUpdateTime": "2020-02-02T23:05:06-05:00",
    }
    assert customer["smsMarketingConsent"] == {"state": "NOT_SUBSCRIBED", "consentUpdateTime": None}


def test_the_documented_profile_prints_every_scalar_as_a_string(till):
    till.create(customer={"id": "7", "email": "a@example.com"})
    customer = till.get("/customers/7", x_genstore_fidelity="documented").json["customer"]
    assert (customer["ordersCount"], customer["verifiedEmail"], customer["firstName"]) == (
        "1",
        "false",
        "null",
    )
    assert customer["taxExemptions"] == {"applyToAllRegion": "false", "taxExemptionRegions": []}
    assert till.get("/customers", x_genstore_fidelity="documented").json == {"customers": [customer]}
    assert till.get("/customers/count", x_genstore_fidelity="documented").json == {"count": "1"}


def test_a_guest_becomes_a_customer_and_the_order_shows_none(till):
    order = till.create(email="guest@example.com", shippingAddress=HOME)
    assert order["customer"] is None
    customer = the_one(till)
    assert (customer["email"], customer["lastName"], customer["state"]) == (
        "guest@example.com",
        "Bell",
        "DISABLED",
    )
    assert customer["id"].isdigit()
    till.create(email="GUEST@example.com")
    assert the_one(till)["ordersCount"] == 2
    till.create()
    assert the_one(till)["ordersCount"] == 2


def test_a_known_id_completes_the_order_and_stays_as_it_was_sent(till):
    till.create(customer=ADA)
    order = till.create(customer={"id": "c7"})
    assert order["email"] == "Ada@example.com"
    sent = {name: value for name, value in ADA.items() if name not in ("defaultAddress", "createdAt")}
    assert order["customer"].items() >= sent.items()
    assert order["customer"]["defaultAddress"].items() >= HOME.items()
    again = till.create(customer={"id": "other", "email": "ada@example.com"})
    assert again["customer"]["id"] == "other"
    assert again["customer"]["firstName"] is None
    assert till.get("/customers/other").json["customer"]["id"] == "c7"
    assert till.create(customer={"id": "unknown"})["customer"]["firstName"] is None


def test_what_was_spent_follows_payment_refund_and_deletion(till):
    order = till.create(customer={"id": "c7"})["orderId"]
    assert the_one(till)["totalSpent"] == "0.00"
    till.post(f"/orders/{order}/mark_as_paid")
    assert the_one(till)["totalSpent"] == "10.00"
    other = till.create(customer={"id": "c7"}, financialStatus="paid")["orderId"]
    assert (the_one(till)["ordersCount"], the_one(till)["totalSpent"]) == (2, "20.00")
    till.post("/refunds", {"refund": {"orderId": other, "amount": "4.00"}})
    assert the_one(till)["totalSpent"] == "16.00"
    till.post(f"/orders/{order}/cancel", {"refund": True})
    assert the_one(till)["totalSpent"] == "6.00"
    assert till.run(till.ask("DELETE", f"/orders/{order}")).status == 200
    customer = the_one(till)
    assert (customer["ordersCount"], customer["totalSpent"]) == (1, "6.00")
    assert customer["lastOrderId"] == other


def test_fifty_orders_at_once_make_one_customer(till):
    body = {"order": {"lineItems": [a_line()], "email": "new@example.com", "financialStatus": "paid"}}

    async def storm():
        return await asyncio.gather(*(till.ask("POST", "/orders", body) for _ in range(50)))

    assert {reply.status for reply in till.run(storm())} == {200}
    customer = the_one(till)
    assert (customer["ordersCount"], customer["totalSpent"]) == (50, "500.00")


@pytest.fixture
def five(till):
    """Five customers, the oldest first."""
    for n in range(5):
        at = clock.iso(clock.now() - (9 - n) * clock.DAY, "UTC")
        till.create(customer={"id": f"c{n}", "email": f"c{n}@example.com"}, createdAt=at)
    return [f"c{n}" for n in range(5)]


def links(reply):
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', reply.headers.get("link", ""))
    return {rel: url.removeprefix("http://127.0.0.1:8080/api/202412") for url, rel in found}


def test_the_newest_comes_first_and_a_walk_meets_each_once(till, five):
    first = till.get("/customers?limit=2")
    second = till.get(links(first)["next"])
    third = till.get(links(second)["next"])
    assert ids(first) + ids(second) + ids(third) == five[::-1]
    assert set(links(third)) == {"previous"}
    assert ids(till.get(links(third)["previous"])) == ids(second)
    beside = till.get(f"{links(first)['next']}&createdAtMin=2020-01-01T00:00:00Z")
    assert (beside.status, beside.json["code"]) == (400, "filter_beside_token")
    of_another = till.get(links(first)["next"].replace("/customers?", "/customers/search?"))
    assert of_another.json["code"] == "bad_page_token"


def test_since_id_walks_as_they_were_made(till, five):
    first = till.get("/customers?sinceId=0&limit=3")
    assert ids(first) + ids(till.get(links(first)["next"])) == five
    till.create(customer={"id": "77"})
    till.create(email="last@example.com")
    last = the_last(till)
    assert ids(till.get("/customers?sinceId=77")) == [last]
    assert ids(till.get(f"/customers?sinceId={last}")) == []


def the_last(till):
    return till.get("/customers/search?email=last@example.com").json["customers"][0]["id"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "c4 c3 c2 c1 c0"),
        ("ids=c1,c3,nobody", "c3 c1"),
        ("createdAtMin={7}", "c4 c3 c2"),
        ("createdAtMax={7}", "c2 c1 c0"),
        ("createdAtMin={8}&createdAtMax={6}", "c3 c2 c1"),
        ("updatedAtMin={1}", "c4 c3 c2 c1 c0"),
        ("updatedAtMax={1}", ""),
    ],
)
def test_list_and_count_agree_on_every_filter(till, five, query, names):
    customers = till.get("/customers").json["customers"]
    made = {str(9 - n): quote(each["createTime"]) for n, each in enumerate(reversed(customers))}
    made["1"] = quote(clock.iso(clock.now() - clock.DAY, "UTC"))
    asked = re.sub(r"{(\d)}", lambda match: made[match[1]], query)
    assert ids(till.get(f"/customers?{asked}")) == names.split()
    assert till.get(f"/customers/count?{asked}").json == {"count": len(names.split())}


def test_fields_choose_what_is_shown(till, five):
    assert till.get("/customers?fields=id,ordersCount&limit=1").json == {
        "customers": [{"id": "c4", "ordersCount": 1}]
    }
    refused = till.get("/customers?fields=orderCount")
    assert (refused.status, "ordersCount" in refused.json["error"]) == (400, True)


def test_a_search_finds_by_words_and_exactly_by_email_and_phone(till):
    till.create(customer=ADA)
    till.create(customer={"id": "c8", "firstName": "Bob", "lastName": "Bellamy"}, email="bob@example.com")
    assert ids(till.get("/customers/search?q=bell")) == ["c8", "c7"]
    assert ids(till.get("/customers/search?q=bell+ada")) == ["c7"]
    assert ids(till.get("/customers/search?q=%2B1+613")) == ["c7"]
    assert ids(till.get("/customers/search?email=ADA@example.com")) == ["c7"]
    assert ids(till.get("/customers/search?email=da@example.com")) == []
    assert ids(till.get("/customers/search?phone=16135550100")) == ["c7"]
    assert ids(till.get("/customers/search?phone=1613555")) == []
    page = till.get("/customers/search?q=bell&limit=1")
    assert ids(page) + ids(till.get(links(page)["next"])) == ["c8", "c7"]


def test_protected_fields_are_null_and_cannot_be_searched_by(till):
    till.create(customer=ADA)
    whole = the_one(till)
    partner = till.install(till.shop, scopes=CUSTOMERS, partner=True)
    hidden = till.get("/customers/c7", token=partner).json["customer"]
    gone = {"email", "phone", "firstName", "lastName", "addresses"}
    assert {name for name in whole if whole[name] != hidden[name]} == gone
    assert all(hidden[name] is None for name in gone - {"addresses"})
    assert {name for name, value in hidden["addresses"][0].items() if value is not None} == {
        "id",
        "isDefaultAddress",
    }
    for query in ("q=ada", "email=ada@example.com", "phone=16135550100"):
        refused = till.get(f"/customers/search?{query}", token=partner)
        assert (refused.status, refused.json["code"]) == (403, "protected_search")
    named = till.install(till.shop, scopes=CUSTOMERS, partner=True, protected=("name",))
    assert ids(till.get("/customers/search?q=ada", token=named)) == ["c7"]
    assert ids(till.get("/customers/search?q=example", token=named)) == []
    seen = till.get("/customers/c7", token=named).json["customer"]
    assert (seen["firstName"], seen["email"], seen["addresses"][0]["firstName"]) == ("Ada", None, "Ada")
    assert seen["addresses"][0]["city"] is None


def test_a_customer_is_of_one_shop_and_needs_the_scope(till):
    till.create(customer=ADA)
    other = till.found("other")
    foreign = till.install(other, scopes=BOTH)
    assert till.get("/customers/c7", token=foreign).status == 404
    assert ids(till.get("/customers", token=foreign)) == []
    assert ids(till.get("/customers/search?q=ada", token=foreign)) == []
    assert till.get("/customers/count", token=foreign).json == {"count": 0}
    poor = till.install(till.shop, scopes=frozenset({"write_orders"}))
    assert till.get("/customers", token=poor).json["code"] == "missing_scope"
    writer = till.install(till.shop, scopes=frozenset({"write_customers"}))
    assert till.get("/customers", token=writer).status == 200
    unknown = till.get("/customers/nobody")
    assert (unknown.status, unknown.json["code"]) == (404, "customer_not_found")
