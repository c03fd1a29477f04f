"""What an order's parts amount to: the rules read a second time, on whole numbers, lists and dicts alone.

Nothing here comes from the server. Amounts are minor units, times are microseconds. Movements are named by
their place in the model's own lists, lines by their index.
"""

DAY = 86_400_000_000
LAPSE = 7 * DAY
REVIEW, DONE, DECLINED = 0, 1, 2
LIVE = ("requested", "open")
TOOK = ("sale", "capture")


class No(Exception):
    """The move is refused; the text is the code of the refusal."""


def must(holds, code):
    if not holds:
        raise No(code)


def spread(amount, weights):
    """In proportion, cut to the cent, left-over cents to the first."""
    weights = weights if sum(weights) else [1] * len(weights)
    shares = [amount * weight // sum(weights) for weight in weights]
    for n, weight in enumerate(weights):
        if weight and sum(shares) < amount:
            shares[n] += 1
    return shares


def part(whole, first, count, of):
    """`count` of `of` equal parts after the `first`: all such parts sum to the whole."""
    return whole * (first + count) // of - whole * first // of


class Sums:
    """Reads the lists of a model: lines, ledger, shipments, refunds, returns."""

    def _sum(self, *kinds):
        return sum(each["amount"] for each in self.ledger if each["good"] and each["kind"] in kinds)

    @property
    def received(self):
        return self._sum(*TOOK)

    @property
    def given(self):
        return self._sum("refund")

    @property
    def net(self):
        return self.received - self.given

    def left_of(self, n):
        """What can still be captured of an authorization, or given back of a payment."""
        children = [each["amount"] for each in self.ledger if each["good"] and each["parent"] == n]
        return self.ledger[n]["amount"] - sum(children)

    def with_rest(self, *kinds):
        good = [n for n, each in enumerate(self.ledger) if each["good"] and each["kind"] in kinds]
        return [n for n in good if self.left_of(n) > 0]

    @property
    def holds(self):
        return self.with_rest("authorization")

    @property
    def held(self):
        """A hold of which a part was taken covers nothing more."""
        return sum(self.left_of(n) for n in self.holds if self.left_of(n) == self.ledger[n]["amount"])

    @property
    def payable(self):
        return max(0, self.total - self.fallen)

    @property
    def current(self):
        return 0 if self.cancelled else self.payable

    @property
    def due(self):
        """What may still be captured."""
        return max(0, self.current - self.net)

    @property
    def outstanding(self):
        return max(0, self.current - self.net - self.held)

    @property
    def is_free(self):
        """Nobody called it paid, and there is nothing to pay: a sale of nothing says that it is settled."""
        return self.status in ("pending", "authorized") and not self.current

    @property
    def status(self):
        if self.stated is not None:
            return self.stated
        if self.given:
            return "refunded" if self.given >= self.received else "partially_refunded"
        if self.received >= self.payable and any(t["good"] and t["kind"] in TOOK for t in self.ledger):
            return "paid"
        if self.received:
            return "partially_paid"
        if self.held:
            return "authorized"
        was_held = any(t["good"] and t["kind"] == "authorization" for t in self.ledger)
        return "voided" if was_held or self.cancelled else "pending"

    def unshipped(self, n):
        """What would be to ship, were the order not cancelled."""
        line = self.lines[n]
        return line["quantity"] - line["shipped"] - line["before"]

    def to_ship(self, n):
        return 0 if self.cancelled else self.unshipped(n)

    def gone(self, n):
        """Units that left the order: before they were shipped, or after."""
        return self.lines[n]["before"] + self.lines[n]["back"]

    def standing(self, n):
        return 0 if self.cancelled else self.lines[n]["quantity"] - self.gone(n)

    def line_status(self, n):
        if not self.lines[n]["shipped"]:
            return None
        return "partial" if self.unshipped(n) else "fulfilled"

    @property
    def delivery(self):
        """The status of all lines, and of the order; a cancellation leaves them as they were."""
        if self.frozen is not None:
            return self.frozen
        each = [self.line_status(n) for n in range(len(self.lines))]
        if not any(each):
            return [each, None]
        left = any(self.unshipped(n) for n in range(len(self.lines)))
        return [each, "partial" if left else "fulfilled"]

    @property
    def return_status(self):
        found = {each["status"] for each in self.returns}
        return next((each for each in ("requested", "open", "received") if each in found), None)

    @property
    def is_over(self):
        """Paid and fulfilled, and nothing is on its way back."""
        return self.status == "paid" and self.delivery[1] == "fulfilled" and not self.has_live_return

    @property
    def has_live_return(self):
        return any(each["status"] in LIVE for each in self.returns)

    def coming(self, n):
        """Units of line `n` on their way back."""
        live = [each["units"][n] for each in self.returns if each["status"] in LIVE and n in each["units"]]
        return sum(unit["asked"] - unit["got"] for unit in live)

    def with_customer(self, n):
        return self.lines[n]["shipped"] - self.lines[n]["back"] - self.coming(n)

    def worth(self, n, count):
        """Of the next `count` units of line `n` that leave the order: the price, and the tax on it."""
        line = self.lines[n]
        return [part(line[what], self.gone(n), count, line["quantity"]) for what in ("net", "tax")]

    @property
    def shipping_left(self):
        return self.shipping - sum(each["shipping"] for each in self.refunds if each["status"] == DONE)
