"""The life of an order: whatever is done to it in whatever order, it is as an independent model says."""

import os
from dataclasses import dataclass, field

from allowed import is_open
from births import births
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as prove
from sums import DAY, DECLINED, DONE, REVIEW
from talk import Talk

from inside import Inside, inside
from till.clock import now
from till.orders.lapse import lapse_due

SCOPES = frozenset({"write_orders", "read_orders", "read_customers", "write_fulfillments"})
HOUR = DAY // 24
SEQUENCES = int(os.environ.get("TILL_TEST_LIFE", "300"))
SIZES = st.sampled_from([None, None, "half", "one", "all", "over", "zero"])
PICKS = st.lists(
    st.sampled_from(["zero", "one", "all", "some", "one", "all", "over"]), min_size=1, max_size=4
)
WHICH = st.integers(0, 7)
# What an order has been through before the random steps begin.
STARTS = st.sampled_from(
    [
        (),
        (),
        ("ship_one",),
        ("pay", "ship"),
        ("pay", "ship", "send_back"),
        ("pay", "ship", "send_back", "take_in"),
    ]
)


def when(holds):
    """A step that makes sense when this holds; at every fourth version it is tried all the same."""
    return precondition(lambda self: holds(self.model) or self.model.version % 4 == 0)


def has(name):
    return precondition(lambda self: bool(getattr(self.model, name)))


def size(word, limit):
    """An amount below, at or above the limit; None leaves it to the server."""
    sizes = {"all": limit, "half": limit // 2, "one": 1, "over": limit + 1, "zero": 0}
    return None if word is None else sizes[word]


def units(picks, limits):
    """{line: count} out of a pick for each line; what has no limit has no line."""
    counts = {
        n: {"zero": 0, "one": min(1, most), "some": (most + 1) // 2, "all": most, "over": most + 1}[pick]
        for n, pick in enumerate(picks)
        if (most := limits.get(n)) is not None
    }
    return {n: count for n, count in counts.items() if count}


class Life(RuleBasedStateMachine):
    """`hall` is the running server and the two shops; it outlives every example."""

    hall = None

    @initialize(birth=births(), closes=st.booleans(), start=STARTS)
    def born(self, birth, closes, start):
        self.talk = self.hall.talk(birth, closes=closes)
        steps = {
            "pay": self.mark_as_paid,
            "ship": lambda: self.ship([]),
            "ship_one": lambda: self.ship(["one"]),
            "send_back": lambda: self.ask_return(["some", "all"], approved=True),
            "take_in": lambda: self.receive(0, ["one"]),
        }
        for step in start:
            steps[step]()

    @property
    def model(self):
        return self.talk.model

    @property
    def path(self):
        return f"/orders/{self.talk.id}"

    def of(self, things, n):
        """The place and the id of one of the things that the order has."""
        place = n % len(things)
        return place, things[place]["id"]

    def rows(self, counts):
        return [{"lineItemId": self.talk.line_ids[n], "quantity": count} for n, count in counts.items()]

    def limits(self, limit):
        return {n: limit(n) for n in range(len(self.model.lines))}

    # Money

    def book(self, command, **transaction):
        if transaction.get("amount") is not None:
            transaction["amount"] = self.talk.money(transaction["amount"])
        sent = {name: value for name, value in transaction.items() if value is not None}
        self.talk.act(command, "POST", f"{self.path}/transactions", {"transaction": sent})

    @when(lambda model: model.outstanding)
    @rule(kind=st.sampled_from(["sale", "authorization"]), much=SIZES, good=st.integers(0, 4))
    def pay(self, kind, much, good):
        amount, good = size(much, self.model.outstanding), good > 0
        status = None if good else "failure"
        self.book(lambda m: m.pay(kind, amount, good=good), kind=kind, amount=amount, status=status)

    @has("ledger")
    @when(lambda model: model.holds)
    @rule(which=WHICH, named=st.booleans(), much=SIZES)
    def capture(self, which, named, much):
        n, parent = self.hold(which) if named else (None, None)
        left = self.model.left_of(n) if named else sum(map(self.model.left_of, self.model.holds))
        amount = size(much, min(left, self.model.due))
        self.book(lambda m: m.capture(n, amount), kind="capture", parentId=parent, amount=amount)

    @has("ledger")
    @when(lambda model: model.holds)
    @rule(which=WHICH, named=st.booleans(), much=st.sampled_from([None, None, "all", "half"]))
    def void(self, which, named, much):
        n, parent = self.hold(which) if named else (None, None)
        amount = size(much, self.model.left_of(n)) if named else None
        self.book(lambda m: m.void(n, amount), kind="void", parentId=parent, amount=amount)

    def hold(self, which):
        """Mostly an open authorization; now and then some other transaction."""
        places = [*self.model.holds, which % len(self.model.ledger)]
        place = places[which % len(places)]
        return place, self.talk.ledger[place]["id"]

    @when(lambda model: model.outstanding or model.is_free)
    @rule()
    def mark_as_paid(self):
        self.talk.act(lambda m: m.mark_as_paid(), "POST", f"{self.path}/mark_as_paid", {})

    # Goods

    @when(lambda model: any(model.to_ship(n) for n in range(len(model.lines))))
    @rule(picks=PICKS)
    def ship(self, picks):
        counts = units(picks, self.limits(self.model.to_ship)) or None
        body = {"orderId": self.talk.id} | ({"lineItems": self.rows(counts)} if counts else {})
        self.talk.act(lambda m: m.ship(counts), "POST", "/fulfillments", {"fulfillment": body})

    @has("shipments")
    @rule(which=WHICH, number=st.sampled_from(["A", "B"]))
    def track(self, which, number):
        n, its = self.of(self.talk.shipments, which)
        body = {"fulfillment": {"trackingNumber": number}}
        self.talk.act(lambda m: m.track(n, number), "PUT", f"/fulfillments/{its}/update_tracking", body)

    @has("shipments")
    @rule(which=WHICH)
    def unship(self, which):
        n, its = self.of(self.talk.shipments, which)
        self.talk.act(lambda m: m.unship(n), "PUT", f"/fulfillments/{its}/cancel")

    # Refunds

    @rule(
        picks=PICKS,
        kind=st.sampled_from(["no_restock", "no_restock", "cancel", "return"]),
        shipping=st.sampled_from(["zero", "zero", "all", "half", "over", None]),
        much=SIZES,
        review=st.integers(0, 3),
    )
    def refund(self, picks, kind, shipping, much, review):
        limits = self.limits(lambda n: self.model.refundable(n, kind, None))
        self.give(units(picks, limits), kind, shipping, much, review=not review)

    @when(lambda model: model.net)
    @rule(much=st.sampled_from(["all", "half", "one", "over", "zero"]))
    def refund_amount(self, much):
        self.give({}, "no_restock", "zero", much)

    @has("returns")
    @rule(which=WHICH, picks=PICKS, much=SIZES, review=st.integers(0, 3))
    def refund_return(self, which, picks, much, review):
        ret, _ = self.of(self.talk.returns, which)
        limits = {n: unit["got"] - unit["refunded"] for n, unit in self.model.returns[ret]["units"].items()}
        self.give(units(picks, limits), "no_restock", "zero", much, ret=ret, review=not review)

    def give(self, counts, kind, shipping, much, *, ret=None, review=False):
        amount = size(much, self.model.net)
        back = size(shipping, self.model.shipping_left)
        body = {"orderId": self.talk.id}
        if counts:
            body["lineItems"] = [row | {"restockType": kind} for row in self.rows(counts)]
        if back != 0:
            body["shipping"] = {"fullRefund": True} if back is None else {"amount": self.talk.money(back)}
        if amount is not None:
            body["amount"] = self.talk.money(amount)
        if ret is not None:
            body["returnId"] = self.talk.returns[ret]["id"]
        if review:
            body["status"] = REVIEW
        wanted = {n: (count, kind) for n, count in counts.items()}
        self.talk.act(
            lambda m: m.refund(wanted, shipping=back, amount=amount, ret=ret, review=review),
            "POST",
            "/refunds",
            {"refund": body},
        )

    @has("refunds")
    @rule(
        which=WHICH, verdict=st.sampled_from([DONE, DONE, DECLINED, None]), note=st.sampled_from(["a", None])
    )
    def review(self, which, verdict, note):
        waiting = [n for n, each in enumerate(self.model.refunds) if each["status"] == REVIEW]
        places = [*waiting, which % len(self.model.refunds)]
        n = places[which % len(places)]
        its = self.talk.refunds[n]["id"]
        said = {"status": verdict, "note": note}
        said = {name: value for name, value in said.items() if value is not None} or {"note": "b"}
        self.talk.act(
            lambda m: m.review(n, said.get("status"), said.get("note")),
            "PUT",
            f"/refunds/{its}",
            {"refund": said},
        )

    # Returns

    @when(lambda model: any(model.with_customer(n) for n in range(len(model.lines))))
    @rule(picks=PICKS, approved=st.booleans())
    def ask_return(self, picks, approved):
        counts = units(picks, self.limits(self.model.with_customer))
        body = {"return": {"lineItems": self.rows(counts), "approved": approved}}
        if counts:
            command = lambda m: m.ask_return(counts, approved=approved)  # noqa: E731 - it is sent below
            self.talk.act(command, "POST", f"{self.path}/returns", body)

    @has("returns")
    @rule(which=WHICH, verb=st.sampled_from(["approve", "approve", "decline", "cancel", "close"]))
    def answer_return(self, which, verb):
        n, its = self.of(self.talk.returns, which)
        self.talk.act(lambda m: m.answer_return(n, verb), "POST", f"/returns/{its}/{verb}")

    @has("returns")
    @rule(which=WHICH, picks=PICKS)
    def receive(self, which, picks):
        n, its = self.of(self.talk.returns, which)
        left = {line: unit["asked"] - unit["got"] for line, unit in self.model.returns[n]["units"].items()}
        counts = units(picks, left) or None
        body = {"lineItems": self.rows(counts)} if counts else {}
        self.talk.act(lambda m: m.receive(n, counts), "POST", f"/returns/{its}/receive", body)

    # Life

    @rule(note=st.sampled_from(["a", "b"]))
    def edit(self, note):
        self.talk.act(lambda m: m.edit(note), "PUT", self.path, {"order": {"note": note}})

    @rule(verb=st.sampled_from(["confirm", "close", "reopen"]))
    def turn(self, verb):
        self.talk.act(lambda m: getattr(m, verb)(), "POST", f"{self.path}/{verb}")

    @rule(refund=st.booleans(), restock=st.booleans(), chance=st.integers(0, 2))
    def cancel(self, refund, restock, chance):
        body = {"refund": refund, "restock": restock}
        command = lambda m: m.cancel(refund=refund)  # noqa: E731 - it is foreseen and then done
        self.talk.foresee(command, f"{self.path}/cancel", body)
        if not chance:
            self.talk.act(command, "POST", f"{self.path}/cancel", body)
            self.talk.is_as_foreseen()

    @precondition(lambda self: self.model.cancelled or len(self.model.ledger) + len(self.model.shipments) < 2)
    @rule(chance=st.integers(0, 2))
    def delete(self, chance):
        if not chance or not is_open(self.model, "delete"):
            self.talk.act(lambda m: m.delete(), "DELETE", self.path)

    @rule(hours=st.sampled_from([1, 5, 24, 100, 167, 168, 192]))
    def later(self, hours):
        self.hall.clock += hours * HOUR
        self.talk.lapse(self.hall.clock, self.hall.lapse)

    # Asking twice, and too late

    @rule()
    def again(self):
        if self.talk.wrote_at > self.hall.clock - DAY:
            self.talk.again()

    @precondition(lambda self: self.model.version > 1 and not self.model.deleted)
    @rule(verb=st.sampled_from(["edit", "cancel", "ship", "pay", "refund"]))
    def stale(self, verb):
        requests = {
            "edit": ("PUT", self.path, {"order": {"note": "late"}}),
            "cancel": ("POST", f"{self.path}/cancel", {}),
            "ship": ("POST", "/fulfillments", {"fulfillment": {"orderId": self.talk.id}}),
            "pay": ("POST", f"{self.path}/mark_as_paid", {}),
            "refund": ("POST", "/refunds", {"refund": {"orderId": self.talk.id, "amount": "1"}}),
        }
        self.talk.stale(*requests[verb])


@dataclass
class Hall:
    """A running server with two shops, of which one closes what is done; its clock is set by hand."""

    till: Inside = None
    clock: int = field(default_factory=now)
    doors: dict = field(default_factory=dict)

    def open(self, till):
        self.till = till
        for closes in (False, True):
            shop = till.found(f"closes-{closes}".lower(), auto_close=closes)
            self.doors[closes] = shop, till.install(shop, scopes=SCOPES)

    def talk(self, birth, *, closes):
        return Talk(self.till, *self.doors[closes], birth, now=self.clock)

    def lapse(self):
        parts = self.till.parts
        self.till.run(lapse_due(parts.db, at=self.clock, mint=parts.lease.minter))


def test_an_order_lives_as_its_model_does(run, store):
    hall = Hall()
    with inside(run, **store, now=lambda: hall.clock) as till:
        hall.open(till)
        count = SEQUENCES if till.parts.db.dialect == "sqlite" else SEQUENCES // 5
        machine = type("Life", (Life,), {"hall": hall})
        prove(machine, settings=settings(max_examples=count, stateful_step_count=16, print_blob=True))
