"""One order on the server and its model beside it: what is sent to one is done to the other, and compared."""

import itertools
import json

from life_allowed import open_for
from life_bodies import body_of, earlier_of
from life_sums import No
from life_views import same, shown, wanted
from model import Model

DIGITS = {"USD": 2, "JPY": 0, "KWD": 3}
TOLD = """
    SELECT e.number, e.topic, c.resource_version, c.payload FROM events e
    JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    WHERE e.shop_id = :shop_id AND e.number > :after AND c.resource_id = :id ORDER BY e.number
"""
LAST = "SELECT COALESCE(MAX(number), 0) FROM events WHERE shop_id = :shop_id"
KEYS = itertools.count()


class Talk:
    """`till` is the server, `shop` and `token` whose order it is, `now` what its clock says."""

    def __init__(self, till, shop, token, birth, *, now):
        self.till, self.shop, self.token = till, shop, token
        self.digits, self.currency = DIGITS[birth["currency"]], birth["currency"]
        self.paid = [0, False]
        self.count, self.spent, self.spends = 1, 0, birth["earlier"] != "EUR"
        [[self.heard]] = till.rows(LAST, shop_id=shop.id)
        self.email = f"{next(KEYS)}@example.com"
        if birth["earlier"]:
            self._earlier(birth)
        reply = self._write("POST", "/orders", {"order": body_of(birth, self.money, self.email)}, at=now)
        assert reply.status == 200, reply.body
        self.id = reply.order["id"]
        self.model = Model(birth, at=now, auto_close=shop.settings.auto_close)
        born = ["orders/create", *(["orders/paid"] if self.model.status == "paid" else [])]
        self.expected = [(topic, 1) for topic in born]
        self.compare()

    def _earlier(self, birth):
        """Another order of the customer, whose currency is the one that their totals are in."""
        currency = self.currency if self.spends else birth["earlier"]
        reply = self.send("POST", "/orders", {"order": earlier_of(currency, self.email)})
        assert reply.status == 200, reply.body
        self.count, self.spent = 2, self.minor(reply.order["totalPrice"])

    def money(self, minor):
        if not self.digits:
            return str(minor)
        whole, rest = divmod(minor, 10**self.digits)
        return f"{whole}.{rest:0{self.digits}}"

    def minor(self, text):
        return int(text.replace(".", ""))

    # Asking

    def send(self, method, path, body=None, **headers):
        reply = self.till.run(self.till.ask(method, path, body, token=self.token, **headers))
        assert reply.status < 500, self._log()
        return reply

    def _log(self):
        """What the server wrote last."""
        log = self.till.parts.log
        log.flush()
        return log._out.getvalue()

    def _write(self, method, path, body, *, at, **headers):
        """Ask for a change under a key of its own, so that it can be asked for again."""
        headers["idempotency_key"] = f"key-{next(KEYS)}"
        reply = self.send(method, path, body, **headers)
        if reply.status == 200:
            self.last_write, self.wrote_at = (method, path, body, headers, reply), at
        return reply

    def told_of(self, command):
        """What the model says to `command`: the model afterwards, the topics, and the refusal's code."""
        try:
            return *self.model.after(command), None
        except No as no:
            return self.model, [], str(no)

    def act(self, command, method, path, body=None):
        """Do one thing to both; the server must take it or refuse it as the model does."""
        new, topics, code = self.told_of(command)
        status = 200 if code is None else 404 if self.model.deleted else 422
        matched = {"if_match": f'"{self.model.version}"'} if self.model.version % 3 == 0 else {}
        reply = self._write(method, path, body, at=self.model.at, **matched)
        said = f"{method} {path} {body}: {reply.status} {reply.body[:600]}, but {status} {code}"
        assert reply.status == status, said
        if status == 422:
            assert reply.json["code"] == code, said
            assert reply.json["error"].endswith("."), said
            assert reply.json["order"] == self.order, said
        if status == 200 and not new.deleted:
            assert reply.headers["etag"] == f'"{new.version}"', said
        self.model = new
        self.expected += [(topic, new.version) for topic in topics]
        self.compare()
        return reply

    def again(self):
        """The same request with the same key: the same answer, and nothing happens."""
        method, path, body, headers, first = self.last_write
        reply = self.send(method, path, body, **headers)
        assert (reply.status, reply.body) == (first.status, first.body)
        assert reply.headers["idempotency-replayed"] == "true"
        if body:
            other = self.send(method, path, {"order": {"note": "another"}}, **headers)
            assert other.status == 422, other.body
        self.compare()

    def stale(self, method, path, body):
        reply = self.send(method, path, body, if_match=f'"{self.model.version - 1}"')
        assert reply.status == 412, reply.body
        assert reply.json["order"] == self.order
        self.compare()

    def foresee(self, command, path, body):
        """A dry run tells what would be, and does nothing."""
        reply = self.send("POST", f"{path}?dryRun=true", body)
        if self.model.deleted:
            assert reply.status == 404
            return
        assert reply.status == 200, reply.body
        seen = reply.json
        self.seen = seen["order"]
        new, topics, code = self.told_of(command)
        if code:
            assert (seen["allowed"], seen["code"], seen["topics"]) == (False, code, []), seen
            assert seen["error"].endswith(".")
            assert (seen["order"], seen["refund"], seen["voided"]) == (self.order, None, [])
            return
        assert (seen["allowed"], seen["code"], seen["error"]) == (True, None, None), seen
        assert seen["topics"] == topics
        fresh = new.ledger[len(self.model.ledger) :]
        voided = [self.minor(each["amount"]) for each in seen["voided"]]
        assert voided == [each["amount"] for each in fresh if each["kind"] == "void"]
        back = 0 if seen["refund"] is None else self.minor(seen["refund"]["amount"])
        assert back == sum(each["amount"] for each in fresh if each["kind"] == "refund")
        self.compare()

    def is_as_foreseen(self):
        """What was done came out as the dry run just before said."""
        assert self.model.deleted or self.seen == self.order

    def lapse(self, at, timer):
        """The clock stands at `at` now, and the timer runs."""
        self.model.at = at
        if not self.model.deleted:
            new, topics = self.model.after(Model.lapse)
            self.model = new
            self.expected += [(topic, new.version) for topic in topics]
        timer()
        self.compare()

    # Comparing

    def compare(self):
        self._compare_events()
        if self.model.deleted:
            assert self.send("GET", f"/orders/{self.id}").status == 404
            self._compare_customer()
            return
        of = f"/orders/{self.id}"
        paths = (of, f"{of}/transactions", f"{of}/fulfillments", f"{of}/refunds", f"{of}/returns")

        async def look():
            asks = (self.till.ask("GET", path, token=self.token) for path in paths)
            return [await ask for ask in asks]

        replies = self.till.run(look())
        assert [reply.status for reply in replies] == [200] * len(paths), [reply.body for reply in replies]
        self.order, self.ledger, self.shipments, self.refunds, self.returns = (
            next(iter(reply.json.values())) for reply in replies
        )
        for each in (self.refunds, self.returns, self.shipments):
            each.sort(key=lambda one: int(one["id"]))
        assert replies[0].headers["etag"] == f'"{self.model.version}"'
        self.line_ids = [line["id"] for line in self.order["lineItems"]]
        same(shown(self), wanted(self.model))
        self._compare_actions()
        self._laws()
        self._compare_customer()

    def _compare_actions(self):
        allowed = self.order["allowedActions"]
        both = [*allowed["open"], *allowed["refused"]]
        wanted = open_for(self.model, both)
        assert len(both) == len(set(both)) == 15, allowed
        assert set(allowed["open"]) == wanted, f"open are {allowed['open']}, not {wanted}"

    def _compare_events(self):
        order_id = getattr(self, "id", None)
        rows = self.till.rows(TOLD, shop_id=self.shop.id, after=self.heard, id=int(order_id))
        told = [(topic, version) for _, topic, version, _ in rows]
        assert told == self.expected, f"told {told}, not {self.expected}"
        self.paid[0] += sum(topic == "orders/paid" for topic, _ in told)
        self.expected = []
        for number, topic, version, payload in rows:
            self.heard = number
            body = json.loads(bytes(payload))["order"]
            assert (body["id"], body["version"]) == (order_id, version)
            if version == self.model.version and topic != "orders/delete":
                self._compare_payload(body)

    def _compare_payload(self, body):
        model = self.model
        lines = [(each["currentQuantity"], each["fulfillableQuantity"]) for each in body["lineItems"]]
        assert lines == [(model.standing(n), model.to_ship(n)) for n in range(len(lines))]
        assert body["financialStatus"] == model.status
        assert body["fulfillmentStatus"] == model.delivery[1]
        customer = body["customer"]
        assert (customer["ordersCount"], self.minor(customer["totalSpent"])) == self._standing()

    def _laws(self):
        """What holds whatever the model thinks."""
        self.paid[1] = self.paid[1] or self.order["financialStatus"] == "paid"
        assert self.paid[0] == self.paid[1]
        good = [each for each in self.ledger if each["status"] == "success"]
        sums = dict.fromkeys(("authorization", "sale", "capture", "void", "refund"), 0)
        for each in good:
            sums[each["kind"]] += self.minor(each["amount"])
        received = sums["sale"] + sums["capture"]
        assert sums["refund"] <= received
        assert sums["capture"] + sums["void"] <= sums["authorization"]
        answered = {each["parentId"] for each in good if each["kind"] in ("capture", "void")}
        holds = [each for each in good if each["kind"] == "authorization" and each["id"] not in answered]
        held = sum(self.minor(each["amount"]) for each in holds)
        current = self.minor(self.order["currentTotalPrice"])
        outstanding = max(0, current - (received - sums["refund"]) - held)
        assert self.minor(self.order["totalOutstanding"]) == outstanding
        for line in self.order["lineItems"]:
            shipped = self._units(line, (each for each in self.shipments if each["status"] == "success"))
            cancels = (each for each in self.refunds if each["status"] == 1)
            before = self._units(line, cancels, restock="cancel")
            assert shipped + before <= line["quantity"]

    def _units(self, line, holders, restock=None):
        units = (unit for each in holders for unit in each["lineItems"] if unit["lineItemId"] == line["id"])
        return sum(unit["quantity"] for unit in units if restock in (None, unit.get("restockType")))

    def _compare_customer(self):
        found = self.send("GET", f"/customers/search?email={self.email}").json["customers"]
        assert len(found) == 1
        [customer] = found
        right = self._standing()
        assert (customer["ordersCount"], self.minor(customer["totalSpent"])) == right, (customer, right)

    def _standing(self):
        """What the customer came to: orders that were not deleted, and what was kept in their currency."""
        if self.model.deleted:
            return self.count - 1, self.spent
        return self.count, self.spent + (self.model.net if self.spends else 0)
