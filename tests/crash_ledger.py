"""What the writers of a crash test were told, and what the store must hold because of it."""

import asyncio
import http.client
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from builders import a_line
from till.db.open import open_database

OTHER = {"orders/paid", "refunds/create"}


@dataclass
class Ledger:
    """The acknowledged versions of each order: what an answer in the 2xx range promised."""

    versions: dict = field(default_factory=dict)
    cancelled: set = field(default_factory=set)
    refused: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, order):
        with self.lock:
            known = self.versions.get(order["orderId"], 0)
            self.versions[order["orderId"]] = max(known, order["version"])
            if order["cancelledAt"]:
                self.cancelled.add(order["orderId"])

    def some(self, chance):
        with self.lock:
            return chance.choice(list(self.versions)) if self.versions else None


class Writer(threading.Thread):
    """Creates, changes and cancels orders as fast as it is answered, until it is told to stop."""

    def __init__(self, url, token, ledger, seed):
        super().__init__(daemon=True)
        self._at = urlsplit(url).netloc
        self._headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
        self._ledger = ledger
        self._chance = random.Random(seed)
        self.enough = threading.Event()
        self.answered = 0

    def run(self):
        link = None
        while not self.enough.is_set():
            try:
                link = link or http.client.HTTPConnection(self._at, timeout=10)
                self._write(link)
            except (OSError, http.client.HTTPException, ValueError):
                if link is not None:
                    link.close()
                link = None
                self.enough.wait(0.01)
        if link is not None:
            link.close()

    def _write(self, link):
        method, path, body = self._deed()
        link.request(method, f"/api/202412/orders{path}", json.dumps(body), self._headers)
        reply = link.getresponse()
        said = json.loads(reply.read())
        self.answered += 1
        if reply.status == 200:
            self._ledger.note(said["order"])
        else:
            self._ledger.refused[reply.status, said["code"]] += 1

    def _deed(self):
        known = self._ledger.some(self._chance) if self._chance.random() < 0.4 else None
        if known is None:
            paid = self._chance.choice(["paid", "pending", "authorized"])
            lines = [a_line() for _ in range(self._chance.randint(1, 4))]
            return "POST", "", {"order": {"lineItems": lines, "financialStatus": paid}}
        if self._chance.random() < 0.2:
            return "POST", f"/{known}/cancel", {"refund": self._chance.random() < 0.5}
        return "PUT", f"/{known}", {"order": {"note": str(self._chance.random())}}


def writers(url, token, ledger, seed):
    """Four writers at work."""
    found = [Writer(url, token, ledger, f"{seed}/{n}") for n in range(4)]
    for each in found:
        each.start()
    return found


def retire(found):
    for each in found:
        each.enough.set()
    for each in found:
        each.join(30)


ORDERS = "SELECT id, number, version FROM orders WHERE shop_id = :shop_id ORDER BY number"
EVENTS = """
    SELECT e.number, e.topic, c.resource_id, c.resource_version, c.payload FROM events e
    LEFT JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id ORDER BY e.number
"""
KEPT = """
    SELECT COALESCE(SUM(n), 0) FROM order_counts WHERE shop_id = :shop_id AND day = -1
"""
BY_DAY = """
    SELECT COALESCE(SUM(n), 0) FROM order_counts WHERE shop_id = :shop_id AND day >= 0
"""


def audit(place, shop_id, ledger):
    """Compare the store with the ledger: nothing acknowledged is lost, no event missing or invented.

    Answers how many orders and events there are.
    """

    async def look(tx):
        statements = (ORDERS, EVENTS, KEPT, BY_DAY)
        return [await tx.fetch(statement, shop_id=shop_id) for statement in statements]

    async def read():
        database = await open_database(**place)
        try:
            return await database.read(look)
        finally:
            await database.close()

    orders, events, kept, by_day = asyncio.run(read())
    versions = {str(order_id): version for order_id, _, version in orders}
    lost = {each for each, version in ledger.versions.items() if versions.get(each, 0) < version}
    assert not lost, f"acknowledged and lost: {lost}"
    assert [number for _, number, _ in orders] == list(range(1001, 1001 + len(orders)))
    assert [number for number, *_ in events] == list(range(1, 1 + len(events)))
    told = {str(order_id): Counter() for order_id, *_ in orders}
    owed = {str(order_id): Counter() for order_id, *_ in orders}
    # The first thing that happens in a shop is that its app comes into it.
    assert [topic for _, topic, *_ in events if topic.startswith("app/")] == ["app/installed"]
    for _, topic, order_id, version, payload in events[1:]:
        assert str(order_id) in told, f"an event without its order: {order_id}"
        assert version <= versions[str(order_id)]
        told[str(order_id)][topic] += 1
        shown = json.loads(bytes(payload))["order"]
        if topic == "orders/create":
            owed[str(order_id)]["orders/paid"] += shown["financialStatus"] == "paid"
        if topic == "orders/cancelled":
            owed[str(order_id)]["refunds/create"] += len(shown["refunds"])
    for order_id, topics in told.items():
        assert topics["orders/create"] == 1, f"{order_id} was told created {topics['orders/create']} times"
        assert topics["orders/update"] == versions[order_id] - 1, order_id
        assert topics["orders/cancelled"] <= 1
        assert set(topics) <= OTHER | {"orders/create", "orders/update", "orders/cancelled"}
        for topic in ("orders/paid", "refunds/create"):
            assert topics[topic] == owed[order_id][topic], f"{order_id}: {topic}"
    unsaid = {each for each in ledger.cancelled if told[each]["orders/cancelled"] != 1}
    assert not unsaid, f"cancelled and not told: {unsaid}"
    assert kept[0][0] == by_day[0][0] == len(orders)
    return len(orders), len(events)
