"""The life of an order as it must be: every command changes the model or raises `No`."""

import pickle

from life_back import Back
from life_sums import LAPSE, must, spread


class Model(Back):
    def __init__(self, birth, *, at, auto_close=False):
        """`birth` is of life_births.py."""
        goods = [price * quantity - less for price, quantity, less in birth["lines"]]
        code = min(birth["code"], sum(goods))
        nets = [mine - cut for mine, cut in zip(goods, spread(code, goods), strict=True)]
        tax = 0 if birth["included"] else birth["tax"]
        taxes = [0] * (len(nets) - 1) + [tax] if birth["told"] == "line" else spread(tax, nets)
        self.lines = [
            {"quantity": quantity, "net": net, "tax": tax, "shipped": 0, "before": 0, "back": 0}
            for (_, quantity, _), net, tax in zip(birth["lines"], nets, taxes, strict=True)
        ]
        self.shipping = birth["shipping"] + (0 if birth["included"] else birth["shipping_tax"])
        self.total = sum(nets) + sum(taxes) + self.shipping
        self.fallen = 0
        self.ledger, self.shipments, self.refunds, self.returns = [], [], [], []
        self.at, self.auto_close, self.version, self.note = at, auto_close, 1, None
        self.confirmed = self.closed = self.cancelled = self.deleted = self.was_paid = False
        self.frozen = None
        self.stated = birth["status"]
        implied = {"paid": "sale", "authorized": "authorization"}.get(self.stated)
        moves = birth["moves"] or ([(implied, self.total)] if implied and self.total else [])
        for kind, amount in moves:
            self._book(kind, amount)
        self.was_paid = self.status == "paid"

    def copy(self):
        return pickle.loads(pickle.dumps(self))

    def after(self, command):
        """The model as `command` leaves it, and the topics that are told; `No` where it is refused."""
        must(not self.deleted, "order_not_found")
        new = self.copy()
        command(new)
        if vars(new) == vars(self):
            return new, []
        new.version += 1
        if new.deleted:
            return new, ["orders/delete"]
        new._close_itself(self)
        topics = new._became(self)
        new.was_paid = new.was_paid or new.status == "paid"
        return new, [*topics, "orders/update"]

    def _became(self, old):
        shipped = [sum(line["shipped"] for line in each.lines) for each in (old, self)]
        settled = [[each["status"] for each in model.refunds] for model in (old, self)]
        facts = (
            ("orders/paid", self.status == "paid" and not self.was_paid),
            ("orders/fulfilled", self.delivery[1] == "fulfilled" != old.delivery[1]),
            ("orders/partiallyFulfilled", self.delivery[1] == "partial" and shipped[1] > shipped[0]),
            ("orders/cancelled", self.cancelled and not old.cancelled),
            ("refunds/create", settled[0] != settled[1]),
        )
        return [topic for topic, is_so in facts if is_so]

    def _close_itself(self, old):
        if self.auto_close and self.is_over and not old.is_over:
            self.closed = True

    # Money

    def _book(self, kind, amount, *, good=True, parent=None):
        self.ledger.append({"kind": kind, "amount": amount, "good": good, "parent": parent, "at": self.at})

    def _moved(self, kind, amount, parent=None):
        self._book(kind, amount, parent=parent)
        self.stated = None

    def pay(self, kind, amount=None, *, good=True, before=0):
        """A sale or an authorization, made so long `before` it was told."""
        must(not self.cancelled, "order_cancelled")
        may_be_free = self.is_free and kind == "sale"
        must(self.outstanding or may_be_free, "nothing_outstanding")
        amount = self.outstanding if amount is None else amount
        must(amount <= self.outstanding, "amount_too_large")
        must(amount or may_be_free, "no_amount")
        self._book(kind, amount, good=good)
        self.ledger[-1]["at"] -= before
        self.stated = None if good else self.stated

    def capture(self, n=None, amount=None):
        n = self._hold(n, is_due=self.due)
        amount = min(self.left_of(n), self.due) if amount is None else amount
        must(amount <= min(self.left_of(n), self.due), "amount_too_large")
        must(amount > 0, "no_amount")
        self._moved("capture", amount, n)

    def void(self, n=None, amount=None):
        n = self._hold(n)
        must(amount in (None, self.left_of(n)), "voids_all")
        self._moved("void", self.left_of(n), n)

    def _hold(self, n, *, is_due=True):
        must(not self.cancelled, "order_cancelled")
        must(self.holds, "nothing_authorized")
        must(is_due, "nothing_due")
        must(n is not None or len(self.holds) == 1, "which_authorization")
        must(n is None or n in self.holds, "not_an_authorization")
        return self.holds[0] if n is None else n

    def mark_as_paid(self):
        self.pay("sale")

    def lapse(self):
        """A timer lets go of what is left of each authorization after seven days."""
        for n in self.holds:
            if self.ledger[n]["at"] + LAPSE <= self.at:
                self._moved("void", self.left_of(n), n)

    # Goods

    def ship(self, units=None):
        must(not self.cancelled, "order_cancelled")
        left = {n: self.to_ship(n) for n in range(len(self.lines))}
        units = {n: count for n, count in left.items() if count} if units is None else units
        units = {n: left[n] if count is None else count for n, count in units.items()}
        must(any(left.values()), "nothing_to_ship")
        must(all(0 < count <= left[n] for n, count in units.items()), "too_many_units")
        for n, count in units.items():
            self.lines[n]["shipped"] += count
        self.shipments.append({"units": units, "live": True, "tracking": None})

    def track(self, n, number):
        must(self.shipments[n]["live"], "fulfillment_cancelled")
        self.shipments[n]["tracking"] = number

    def unship(self, n):
        must(self.shipments[n]["live"], "fulfillment_cancelled")
        must(not self.cancelled, "order_cancelled")
        units = self.shipments[n]["units"]
        must(all(self.with_customer(line) >= count for line, count in units.items()), "units_came_back")
        for line, count in units.items():
            self.lines[line]["shipped"] -= count
        self.shipments[n]["live"] = False

    # Life

    def edit(self, note):
        self.note = note

    def confirm(self):
        must(not self.cancelled, "order_cancelled")
        self.confirmed = True

    def close(self):
        self.closed = True

    def reopen(self):
        must(not self.cancelled, "cancelled_for_good")
        self.closed = False

    def cancel(self, *, refund=False):
        must(not self.cancelled, "already_cancelled")
        must(not self.has_live_return, "return_in_progress")
        paid = self.status in ("paid", "partially_refunded")
        must(not (paid and self.delivery[1] == "fulfilled"), "paid_and_fulfilled")
        said_paid = self.stated in ("paid", "partially_paid") and self.total and not self.received
        must(not (refund and said_paid), "unknown_payment")
        self.frozen = self.delivery
        if refund and self.net:
            units = {n: (line["quantity"] - self.gone(n), "no_restock") for n, line in enumerate(self.lines)}
            units = {n: each for n, each in units.items() if each[0]}
            self.refund(units, shipping=None, amount=self.net)
        for n in self.holds:
            self._book("void", self.left_of(n), parent=n)
        self.stated = None if self.stated in ("pending", "authorized") else self.stated
        self.cancelled = self.closed = True

    def delete(self):
        nothing_paid = self.status in ("pending", "authorized", "voided")
        must(self.cancelled or (nothing_paid and self.delivery[1] is None), "cannot_delete")
        self.deleted = True
