"""What is done to an order when money or goods come back."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from life_steps import PICKS, SIZES, WHICH, Steps, has, size, units, when
from life_sums import DECLINED, DONE, REVIEW


class StepsBack(Steps):
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

    @when(lambda model: any(model.refundable(n, "no_restock", None) for n in range(len(model.lines))))
    @rule(
        kind=st.sampled_from(["no_restock", "cancel", "return"]),
        which=WHICH,
        much=st.sampled_from([None, None, "zero"]),
    )
    def refund_unit(self, kind, which, much):
        """One unit that can be refunded this way, if there is one."""
        lines = range(len(self.model.lines))
        able = [n for n in lines if self.model.refundable(n, kind, None)] or [0]
        self.give({able[which % len(able)]: 1}, kind, "zero", much)

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

    @has("ledger")
    @rule(which=WHICH, much=st.sampled_from(["all", "half", "over"]))
    def refund_payment(self, which, much):
        """Of one payment that is named; now and then of what is no payment."""
        n, parent = self.of(self.talk.ledger, which)
        amount = size(much, max(0, self.model.left_of(n)))
        sent = self.talk.money(amount)
        named = {"amount": sent, "transactions": [{"parentId": parent, "amount": sent}]}
        command = lambda m: m.refund(amount=amount, parent=n)  # noqa: E731 - it is sent below
        self.talk.act(command, "POST", "/refunds", {"refund": {"orderId": self.talk.id} | named})

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
