"""What one caller sees of customers: its fidelity profile and its masks (rulings.md §2.2, §6.4)."""

from typing import Any

import msgspec
from msgspec import Struct

from till.caller import Caller
from till.customers.customer import Known
from till.customers.wire import mask, show
from till.dialect.scalars import documented
from till.shop import Fidelity


class View(Struct, frozen=True):
    caller: Caller
    fidelity: Fidelity

    def one(self, customer: Known) -> bytes:
        """One customer in their envelope."""
        return self._encoded({"customer": self._seen(customer)})

    def many(self, customers: list[Known], fields: frozenset[str]) -> bytes:
        """A page of customers; only the top-level keys in `fields`, where any are named."""
        seen = [self._seen(each) for each in customers]
        if fields:
            seen = [{name: value for name, value in each.items() if name in fields} for each in seen]
        return self._encoded({"customers": seen})

    def count(self, number: int) -> bytes:
        return self._encoded({"count": number})

    def _seen(self, customer: Known) -> dict[str, Any]:
        shown = mask(show(customer, self.caller.shop.timezone), self.caller.hidden)
        seen: dict[str, Any] = msgspec.to_builtins(shown)
        return seen

    def _encoded(self, answer: dict[str, Any]) -> bytes:
        return msgspec.json.encode(documented(answer) if self.fidelity is Fidelity.DOCUMENTED else answer)
