"""What is asked in a write: the same request for a server and for the recorder."""

from dataclasses import dataclass
from itertools import pairwise

from bench.samples import FIRST_LINE
from till.web.api import ROOT
from till.web.call import CURRENT

API = ROOT + CURRENT
# Stands in a request for the order's id; in braces, for an id in words is no number.
ORDER = "{order}"


@dataclass(frozen=True, slots=True)
class Move:
    """A request about an order that is there."""

    path: str
    body: str

    def of(self, order_id: int) -> tuple[str, bytes]:
        """Its path below the version, and its body, for this order."""
        return self.path.replace(ORDER, str(order_id)), self.body.replace(ORDER, str(order_id)).encode()


MOVES = {
    "cancel": Move(f"/orders/{ORDER}/cancel", '{"reason":"customer"}'),
    "pay": Move(f"/orders/{ORDER}/mark_as_paid", "{}"),
    "ship": Move("/fulfillments", f'{{"fulfillment":{{"orderId":"{ORDER}"}}}}'),
    "refund": Move(
        "/refunds",
        f'{{"refund":{{"orderId":"{ORDER}","lineItems":[{{"lineItemId":"{FIRST_LINE}","quantity":1}}]}}}}',
    ),
}
CREATIONS = ("create", "create, one shop")
# What becomes of an unpaid order, in this order.
LIFE = ("pay", "ship", "refund")
WRITES = (*CREATIONS, "cancel", *LIFE)
AFTER = dict(pairwise(LIFE))
