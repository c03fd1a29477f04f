"""What has to be done to an order so that a topic is told: by the API, as anybody would do it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from till.cli.orders.words import Json, instead, plain
from till.cli.outcome import stop
from till.cli.remote import Remote
from till.cli.triggering.setting import apply

ORDER: Json = {
    "email": "ada@example.com",
    "customer": {"firstName": "Ada", "lastName": "Bell", "email": "ada@example.com"},
    "lineItems": [
        {"productId": "1001", "variantId": "1001", "title": "Tea", "price": "5", "quantity": 2},
        {"productId": "1002", "variantId": "1002", "title": "Teapot", "price": "25", "quantity": 1},
    ],
}


@dataclass(slots=True)
class Deed:
    """What was done for one order, step by step; `made` are the kinds and ids of what came of it."""

    remote: Remote
    wishes: list[str]
    order: Json = field(default_factory=dict)
    made: list[tuple[str, str]] = field(default_factory=list)

    def write(self, method: str, path: str, body: Json | None = None) -> Json:
        """One write, with a key of its own."""
        self.remote.key = f"till-trigger-{secrets.token_hex(12)}"
        answer: Json = plain(self.remote.write(method, path, body))
        return answer

    @property
    def path(self) -> str:
        return f"/orders/{self.order['id']}"

    def look(self) -> None:
        """Read the order as it is by now."""
        self.order = plain(self.remote.get(self.path)["order"])

    def create(self) -> None:
        self.order = self.write("POST", "/orders", {"order": apply(ORDER, self.wishes)})["order"]
        self.made.append(("order", self.order["id"]))

    def pay(self) -> None:
        booked = self.write("POST", f"{self.path}/transactions", {"transaction": {"kind": "sale"}})
        self.made.append(("transaction", booked["transaction"]["id"]))

    def ship(self, lines: list[Json] | None = None) -> None:
        body = {"orderId": self.order["id"]} | ({} if lines is None else {"lineItems": lines})
        sent = self.write("POST", "/fulfillments", {"fulfillment": body})["fulfillment"]
        self.made.append(("fulfillment", sent["fulfillId"]))

    def ship_one(self) -> None:
        """Ship one unit of an order that then has others left."""
        self.look()
        left = [(line, int(line["fulfillableQuantity"])) for line in self.order["lineItems"]]
        if sum(count for _, count in left) < 2:
            stop(
                f"Order {self.order['name']} has no two units left to ship, so that one would be all of it: "
                f"take orders/fulfilled, or another order. {instead(self.order)}"
            )
        line = next(line for line, count in left if count)
        self.ship([{"lineItemId": line["id"], "quantity": 1}])

    def cancel(self) -> None:
        self.write("POST", f"{self.path}/cancel", {"reason": "other"})

    def refund(self) -> None:
        """Give back what one unit is worth, or all that can be where no unit stands."""
        self.look()
        standing = next((line for line in self.order["lineItems"] if int(line["currentQuantity"])), None)
        body: Json = {"orderId": self.order["id"], "note": "Triggered"}
        if standing is None:
            body["shipping"] = {"fullRefund": True}
        else:
            body["lineItems"] = [{"lineItemId": standing["id"], "quantity": 1, "restockType": "no_restock"}]
        made = self.write("POST", "/refunds", {"refund": body})["refund"]
        self.made.append(("refund", made["refundId"]))

    def update(self) -> None:
        note = f"Triggered at {datetime.now(UTC).isoformat()}"
        self.write("PUT", self.path, {"order": apply({}, self.wishes) or {"note": note}})

    def delete(self) -> None:
        self.write("DELETE", self.path)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a topic comes about: `before` is done to an order that was made for it, `act` to any."""

    act: Callable[[Deed], Any]
    before: tuple[Callable[[Deed], Any], ...] = (Deed.create,)
    takes_fields: bool = False


RECIPES: dict[str, Recipe] = {
    "orders/create": Recipe(Deed.create, before=(), takes_fields=True),
    "orders/paid": Recipe(Deed.pay),
    "orders/fulfilled": Recipe(Deed.ship),
    "orders/partiallyFulfilled": Recipe(Deed.ship_one),
    "orders/cancelled": Recipe(Deed.cancel),
    "refunds/create": Recipe(Deed.refund, before=(Deed.create, Deed.pay)),
    "orders/update": Recipe(Deed.update, takes_fields=True),
    "orders/delete": Recipe(Deed.delete),
}


def do(remote: Remote, topic: str, order: Json | None, wishes: list[str]) -> Deed:
    """Bring the topic about, on `order` or on one that is made for it."""
    recipe = RECIPES[topic]
    deed = Deed(remote, [] if order is not None and not recipe.takes_fields else wishes)
    if order is not None:
        deed.order = order
        recipe.act(deed)
        return deed
    for step in recipe.before:
        step(deed)
    if recipe.takes_fields and recipe.before:
        deed.wishes = []  # they were for the order that was made
    recipe.act(deed)
    return deed
