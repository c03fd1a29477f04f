"""What is done to an order in its life: it is born, paid and shipped."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from life_births import births
from life_sums import DAY

from till.clock import iso

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
        ("ship_one", "end"),
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


class Steps(RuleBasedStateMachine):
    """`hall` is the running server and the two shops; it outlives every example."""

    hall = None

    @initialize(birth=births(), closes=st.booleans(), start=STARTS)
    def born(self, birth, closes, start):
        self.talk = self.hall.talk(birth, closes=closes)
        steps = {
            "pay": self.mark_as_paid,
            "ship": lambda: self.ship([]),
            "ship_one": lambda: self.ship(["one"]),
            "end": lambda: self.cancel(refund=False, restock=False, chance=0),
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
    @rule(
        kind=st.sampled_from(["sale", "authorization"]),
        much=SIZES,
        good=st.integers(0, 4),
        days=st.sampled_from([0, 0, 6, 8]),
    )
    def pay(self, kind, much, good, days):
        amount, good, before = size(much, self.model.outstanding), good > 0, days * DAY
        self.book(
            lambda m: m.pay(kind, amount, good=good, before=before),
            kind=kind,
            amount=amount,
            status=None if good else "failure",
            processedAt=iso(self.hall.clock - before, "UTC") if before else None,
        )

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
