"""Who is owed an event: exactly the subscriptions that were active at its commit, each in its own form."""

import asyncio
import json

import pytest

from builders import a_line
from inside import ORDERS, inside
from till.apps.installations import Installations
from till.shop import Fidelity
from till.webhooks import fanout

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
OWED = """
    SELECT d.subscription_id, d.topic, d.event_number, d.form, d.state, d.ordered, d.resource_id,
        CASE WHEN d.form = '' THEN COALESCE(e.payload, c.payload) ELSE f.payload END
    FROM deliveries d
    JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
    JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    LEFT JOIN event_forms f ON f.shop_id = d.shop_id AND f.number = d.event_number AND f.form = d.form
    WHERE d.shop_id = :s ORDER BY d.event_number, d.subscription_id
"""
VERSION = "SELECT subscriptions_version FROM counters WHERE shop_id = :s"
ADA = {
    "email": "ada@example.com",
    "phone": "+16135550100",
    "customer": {"firstName": "Ada", "lastName": "Bell", "email": "ada@example.com"},
}


@pytest.fixture
def till(run, store):
    with inside(run, **store) as server:
        server.token = server.install(server.shop, scopes=APPS)
        yield server


def subscribe(till, topic="orders/create", token=None, **more):
    body = {"webhook": {"address": HERE, "topic": topic} | more}
    reply = till.post("/app/webhooks", body, token=token)
    assert reply.status == 201, reply.body
    return reply.json["webhook"]["id"]


def owed(till, shop=None):
    return [tuple(row) for row in till.rows(OWED, s=(shop or till.shop).id)]


def version(till):
    return till.rows(VERSION, s=till.shop.id)[0][0]


def told(row):
    return json.loads(bytes(row[7]))


def test_each_event_is_owed_to_those_that_asked_for_its_topic(till):
    create, paid = subscribe(till), subscribe(till, "orders/paid")
    other = till.install(till.shop, scopes=APPS)
    theirs = subscribe(till, token=other)
    order = till.create(financialStatus="paid")
    rows = owed(till)
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (create, "orders/create", 1),
        (theirs, "orders/create", 1),
        (paid, "orders/paid", 2),
    ]
    assert {(row[3], row[4], row[5], str(row[6])) for row in rows} == {("", 0, 0, order["orderId"])}


def test_only_what_is_there_at_the_commit_is_owed_anything(till):
    till.create()
    first = subscribe(till)
    till.create()
    till.run(till.ask("DELETE", f"/app/webhooks/{first}"))
    till.create()
    second = subscribe(till)
    till.create()
    assert [(row[0], row[2]) for row in owed(till)] == [(first, 2), (second, 4)]


def test_subscribing_while_orders_are_made_misses_none_made_after(till):
    """What was answered after the subscription was made is owed; nothing is owed twice."""

    async def work():
        body = {"order": {"lineItems": [a_line()]}}
        before = [till.ask("POST", "/orders", body) for _ in range(20)]
        made = till.ask("POST", "/app/webhooks", {"webhook": {"address": HERE, "topic": "orders/create"}})
        replies = await asyncio.gather(*before, made, *(till.ask("POST", "/orders", body) for _ in range(20)))
        assert {reply.status for reply in replies} == {200, 201}
        later = await asyncio.gather(*(till.ask("POST", "/orders", body) for _ in range(20)))
        return {int(reply.order["orderId"]) for reply in later}

    later = till.run(work())
    rows = owed(till)
    assert len({row[2] for row in rows}) == len(rows)
    assert later <= {row[6] for row in rows}
    numbers = sorted(row[2] for row in rows)
    assert numbers == list(range(numbers[0], 61)), "from its commit on, without a gap"


def test_nothing_is_owed_of_another_shop(till):
    subscribe(till)
    other = till.found("other")
    token = till.install(other, scopes=APPS)
    till.post("/orders", {"order": {"lineItems": [a_line()]}}, token=token)
    assert owed(till) == owed(till, other) == []


def test_a_change_that_is_refused_owes_nothing(till):
    subscribe(till, "orders/update")
    path = f"/orders/{till.create()['orderId']}"
    assert till.put(path, {"order": {"totalPrice": "1.00"}}).status == 422
    assert till.put(path, {"order": {"note": "x"}}, if_match='"9"').status == 412
    assert owed(till) == []


def test_a_filter_decides_by_the_payload(till):
    subscribe(till, filter="totalPrice:>15 AND NOT note:*")
    for fields in (
        {},
        {"lineItems": [a_line(price="20.00")]},
        {"lineItems": [a_line(price="20.00")], "note": "n"},
    ):
        till.create(**fields)
    assert [row[2] for row in owed(till)] == [2]


def test_two_subscribers_of_one_form_share_its_bytes(till):
    subscribe(till, fields=["name", "customer.email"])
    other = till.install(till.shop, scopes=APPS)
    subscribe(till, token=other, fields=["customer.email", "name"])
    till.create(**ADA)
    first, second = owed(till)
    assert first[3] == second[3] != ""
    assert told(first) == {"order": {"name": "#1001", "customer": {"email": "ada@example.com"}}}
    assert till.rows("SELECT count(*) FROM event_forms WHERE shop_id = :s", s=till.shop.id)[0][0] == 1


def test_a_partner_sees_and_filters_by_no_more_than_it_was_granted(till):
    partner = till.install(till.shop, scopes=APPS, partner=True, protected=("name",))
    subscribe(till, token=partner, filter="NOT email:ada@example.com")
    hidden = subscribe(till, "orders/paid", token=partner, filter="email:*")
    subscribe(till)
    till.create(financialStatus="paid", **ADA)
    rows = owed(till)
    assert hidden not in [row[0] for row in rows]
    masked, plain = (told(row)["order"] for row in rows)
    assert (masked["email"], masked["phone"], masked["customer"]["email"]) == (None, None, None)
    assert masked["customer"]["firstName"] == plain["customer"]["firstName"] == "Ada"
    assert plain["email"] == "ada@example.com"
    assert rows[0][3]
    assert not rows[1][3]


def test_an_event_is_made_ready_once_however_many_hear_of_it(till, monkeypatch):
    made = []

    class Counting(fanout.Seen):
        def __init__(self, payload, render):
            super().__init__(payload, lambda *said: made.append(said) or render(*said))

    monkeypatch.setattr(fanout, "Seen", Counting)
    token = till.install(till.shop, scopes=APPS, partner=True, protected=("name",))
    for topic in ("orders/create", "orders/paid"):
        for number in range(10):
            fields = ["name", "email", ("note", "tags", "phone")[number % 3]]
            subscribe(
                till, topic, token, filter=f"totalPrice:>{number}", fields=fields, address=f"{HERE}/{number}"
            )
    till.create(financialStatus="paid", **ADA)
    assert len(owed(till)) == 20
    assert {told(row)["order"]["email"] for row in owed(till)} == {None}
    assert len(made) == 1, "for both topics tell the same, and all of them hide the same"


def test_the_profile_of_a_webhook_is_that_of_its_commit(till):
    subscribe(till)

    def choose(fidelity):
        async def work(tx):
            await Installations(tx, till.shop).set_fidelity(till.client_id, fidelity)

        till.write(work)

    till.create(totalWeight=5)
    choose(Fidelity.DOCUMENTED)
    till.create(totalWeight=5)
    choose(Fidelity.TYPED)
    till.create(totalWeight=5)
    weights = [told(row)["order"]["totalWeight"] for row in owed(till)]
    assert weights == [5, "5", 5]


def test_a_scope_that_is_gone_is_not_heard_with(till):
    subscribe(till)

    async def narrow(tx):
        await tx.execute("UPDATE installations SET scopes = 'write_apps' WHERE shop_id = :s", s=till.shop.id)
        await Installations(tx, till.shop).set_fidelity(till.client_id, None)

    token = till.install(till.shop)
    till.write(narrow)
    wide = till.install(till.shop)
    till.post("/orders", {"order": {"lineItems": [a_line()]}}, token=wide)
    assert token != wide
    assert owed(till) == []


def test_a_paused_subscription_is_owed_and_an_ordered_one_says_so(till):
    first = subscribe(till, ordering="per_resource")
    till.post(f"/app/webhooks/{first}/disable")
    till.create()
    ((subscription_id, *_, ordered, _, _),) = owed(till)
    assert (subscription_id, ordered) == (first, 1)


def test_a_version_that_was_rolled_back_is_never_taken_for_another(till):
    """Subscriptions that were never committed are never remembered."""
    subscribe(till)
    before = version(till)

    async def fail(tx):
        await Installations(tx, till.shop).set_fidelity(till.client_id, Fidelity.DOCUMENTED)
        raise LookupError

    with pytest.raises(LookupError):
        till.write(fail)
    assert version(till) == before
    till.create(totalWeight=5)
    assert told(owed(till)[0])["order"]["totalWeight"] == 5
    assert version(till) == before


def test_each_change_of_what_is_owed_has_a_version_of_its_own_and_none_is_zero(till):
    assert version(till) == 0
    path = f"/app/webhooks/{subscribe(till)}"
    seen = {0, version(till)}
    till.put(path, {"webhook": {"timeout": 3}})
    seen.add(version(till))
    till.post(f"{path}/disable")
    seen.add(version(till))
    assert len(seen) == 4
    till.run(till.ask("DELETE", path))
    assert version(till) == 0


def test_a_shop_without_subscriptions_pays_not_one_statement_more(till, monkeypatch):
    """Counted where both stores hand their statements on."""
    said = []

    class Counting:
        def __init__(self, tx):
            self._tx = tx
            self.dialect = tx.dialect

        async def fetch(self, sql, **params):
            said.append(sql)
            return await self._tx.fetch(sql, **params)

        async def execute(self, sql, **params):
            said.append(sql)
            return await self._tx.execute(sql, **params)

    db = till.parts.db
    write = type(db).write

    async def counted(self, work, **more):
        return await write(self, lambda tx: work(Counting(tx)), **more)

    monkeypatch.setattr(type(db), "write", counted)
    till.create()
    said.clear()
    till.create()
    without = list(said)
    assert not [sql for sql in without if "deliveries" in sql or "subscriptions " in sql]
    first = subscribe(till)
    till.create()
    said.clear()
    till.create()
    with_one = list(said)
    assert len(with_one) == len(without) + 1, "one statement for what is owed, and none to look it up"
    till.run(till.ask("DELETE", f"/app/webhooks/{first}"))
    till.create()
    said.clear()
    till.create()
    assert said == without
