"""An order as the API shows it, and what the rules allow to be done with it, counted from that alone."""

from decimal import Decimal

from till.money import DIGITS

SHOWN = ("transactions", "fulfillments", "refunds", "returns")


class Seen:
    """An order as the API shows it, with all its parts; amounts in minor units."""

    def __init__(self, order, parts):
        self.id = order["orderId"]
        self.order = order
        self.currency = order["currency"]
        self.__dict__.update(parts)
        self.open = set(order["allowedActions"]["open"])
        self.outstanding = self.minor(order["totalOutstanding"])
        self.net = self._moved("sale", "capture") - self._moved("refund")
        self.due = max(0, self.minor(order["currentTotalPrice"]) - self.net)

    def minor(self, amount):
        return int(Decimal(amount) * 10 ** DIGITS[self.currency])

    def _moved(self, *kinds, parent=None):
        return sum(
            self.minor(each["amount"])
            for each in self.transactions
            if each["status"] == "success" and each["kind"] in kinds and parent in (None, each["parentId"])
        )

    def left_of(self, *kinds, less):
        """By id, what is left of the transactions of these kinds after those that took from them."""
        lefts = {
            each["id"]: self.minor(each["amount"]) - self._moved(*less, parent=each["id"])
            for each in self.transactions
            if each["status"] == "success" and each["kind"] in kinds
        }
        return {name: left for name, left in lefts.items() if left > 0}

    @property
    def held(self):
        return self.left_of("authorization", less=("capture", "void"))

    @property
    def payments(self):
        return self.left_of("sale", "capture", less=("refund",))

    def lines(self, count):
        """The line items of which `count` is more than nothing, with how many that is."""
        found = {line["id"]: count(line) for line in self.order["lineItems"]}
        return {name: most for name, most in found.items() if most > 0}

    def to_ship(self):
        return self.lines(lambda line: line["fulfillableQuantity"])

    def to_refund(self):
        return self.lines(lambda line: line["currentQuantity"] - self._coming(line["id"]))

    def with_customer(self):
        """At least so many: what a refund took may have been unshipped."""
        return self.lines(
            lambda line: (
                self._units(self.fulfillments, line["id"], when=lambda each: each["status"] == "success")
                - self._units(self.refunds, line["id"], when=lambda each: each["status"] == 1)
                - self._coming(line["id"])
                - self._units(self.returns, line["id"], "receivedQuantity")
            )
        )

    def _coming(self, line_id):
        live = self._live
        units, received = (
            self._units(self.returns, line_id, name, live) for name in ("quantity", "receivedQuantity")
        )
        return units - received

    @staticmethod
    def _live(each):
        return each["status"] in ("requested", "open")

    @staticmethod
    def _units(parts, line_id, name="quantity", when=lambda _: True):
        return sum(
            unit[name]
            for each in parts
            if when(each)
            for unit in each["lineItems"]
            if unit["lineItemId"] == line_id
        )

    def received(self, back):
        """By line, the units of a return that came in and were not refunded."""
        lefts = {
            unit["lineItemId"]: unit["receivedQuantity"] - unit["refundedQuantity"]
            for unit in back["lineItems"]
        }
        return {name: left for name, left in lefts.items() if left > 0}
