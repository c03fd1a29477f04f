"""Which earlier order a cancellation takes back, as far as the file lets us know."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoices import Invoice, Line

Goods = tuple[str, Decimal]


class Match(StrEnum):
    """How much of a cancellation was found in earlier orders of the same customer."""

    WHOLE = "whole"
    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a cancellation came to: the order it cancels whole, or an order for each line."""

    match: Match
    cancels: str | None
    orders: tuple[str | None, ...]


@dataclass(slots=True)
class Placed:
    """An order as cancellations see it: what of it could be, and has not yet been, taken back."""

    invoice: str
    at: str
    left: Counter[Goods]
    untouched: bool

    def is_exactly(self, goods: Counter[Goods]) -> bool:
        return self.untouched and self.left == goods

    def holds(self, goods: Counter[Goods]) -> int:
        return sum(self.left[key] >= quantity for key, quantity in goods.items())

    def give(self, line: Line) -> bool:
        key, wanted = (line.stock, line.price), -line.quantity
        if self.left[key] < wanted:
            return False
        self.left[key] -= wanted
        self.untouched = False
        return True


def goods_of(lines: Iterable[Line]) -> Counter[Goods]:
    goods: Counter[Goods] = Counter()
    for line in lines:
        goods[line.stock, line.price] += abs(line.quantity)
    return goods


class Originals:
    """The orders seen so far. Only what some cancellation asks for is kept, to stay small."""

    def __init__(self, cancelled: frozenset[tuple[str, str, Decimal]]) -> None:
        self._cancelled = cancelled
        self._placed: defaultdict[str, list[Placed]] = defaultdict(list)

    def remember(self, order: Invoice, lines: Iterable[Line]) -> None:
        if order.customer is None:
            return
        goods = goods_of(lines)
        asked = {key for key in goods if (order.customer, *key) in self._cancelled}
        if asked:
            left = Counter({key: goods[key] for key in asked})
            # An order with a line that nobody ever cancels cannot be cancelled whole.
            placed = Placed(order.number, order.at, left, untouched=len(asked) == len(goods))
            self._placed[order.customer].append(placed)

    def settle(self, cancellation: Invoice, lines: tuple[Line, ...]) -> Settled:
        goods = goods_of(lines)
        earlier = self._earlier(cancellation)
        whole = next((placed for placed in earlier if placed.is_exactly(goods)), None)
        # The order that holds most of it comes first; of equals, the latest.
        ranked = [whole] if whole else sorted(earlier, key=lambda order: -order.holds(goods))
        orders = tuple(
            next((placed.invoice for placed in ranked if placed.give(line)), None) for line in lines
        )
        if whole:
            return Settled(Match.WHOLE, whole.invoice, orders)
        return Settled(match_of(orders), None, orders)

    def _earlier(self, cancellation: Invoice) -> list[Placed]:
        if cancellation.customer is None:
            return []
        placed = self._placed.get(cancellation.customer, [])
        return [order for order in reversed(placed) if order.at < cancellation.at]


def match_of(orders: tuple[str | None, ...]) -> Match:
    found = sum(order is not None for order in orders)
    if not found:
        return Match.NONE
    return Match.FULL if found == len(orders) else Match.PARTIAL
