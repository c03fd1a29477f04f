"""Which earlier order a cancellation takes back, as far as the file lets us know."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from invoices import Invoice, Line

Goods: TypeAlias = tuple[str, Decimal]


class Match(StrEnum):
    """How much of a cancellation was found in earlier orders of the same customer."""

    WHOLE = "whole"
    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class Missed(StrEnum):
    """Why a line of a cancellation was found in no earlier order."""

    GUEST = "guest"  # it names no customer whose orders could be looked through
    NOT_BOUGHT = "notBought"  # the customer had not bought the item in this file
    OTHER_PRICE = "otherPrice"  # only at other prices
    TOO_FEW_LEFT = "tooFewLeft"  # but no single order has as many that were not taken back before


@dataclass(frozen=True, slots=True)
class Taken:
    """Units taken back: of which order, and how many of which of its line items, counted from 0."""

    order: str
    units: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a cancellation came to: the order that it takes back whole, and what became of each line."""

    match: Match
    cancels: str | None
    fates: tuple[Taken | Missed, ...]


@dataclass(slots=True)
class Placed:
    """An order as cancellations see it: what of each line item could be, and was not yet, taken back."""

    invoice: str
    at: str
    left: dict[Goods, dict[int, int]]
    untouched: bool

    def is_exactly(self, goods: Counter[Goods]) -> bool:
        return (
            self.untouched
            and self.left.keys() == goods.keys()
            and all(self._count(key) == quantity for key, quantity in goods.items())
        )

    def holds(self, goods: Counter[Goods]) -> int:
        return sum(self._count(key) >= quantity for key, quantity in goods.items())

    def give(self, line: Line) -> Taken | None:
        """The units of `line`, if all of them are there."""
        key, wanted = (line.stock, line.price), -line.quantity
        if self._count(key) < wanted:
            return None
        self.untouched = False
        left, units = self.left[key], []
        for index in left:
            some = min(left[index], wanted)
            if some:
                units.append((index, some))
                left[index] -= some
                wanted -= some
        return Taken(self.invoice, tuple(units))

    def _count(self, key: Goods) -> int:
        return sum(self.left.get(key, {}).values())


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
        self._asked = {(customer, stock) for customer, stock, _ in cancelled}
        self._first: dict[tuple[str, str], str] = {}  # when a customer first bought what is cancelled later

    def remember(self, order: Invoice, lines: Iterable[Line]) -> None:
        if order.customer is None:
            return
        left: defaultdict[Goods, dict[int, int]] = defaultdict(dict)
        is_whole = True
        for index, line in enumerate(lines):
            bought = (order.customer, line.stock)
            if bought in self._asked:
                self._first.setdefault(bought, order.at)
            if (*bought, line.price) in self._cancelled:
                left[line.stock, line.price][index] = line.quantity
            else:  # an order with a line that nobody ever cancels cannot be cancelled whole
                is_whole = False
        if left:
            self._placed[order.customer].append(Placed(order.number, order.at, dict(left), is_whole))

    def settle(self, cancellation: Invoice, lines: tuple[Line, ...]) -> Settled:
        goods = goods_of(lines)
        earlier = self._earlier(cancellation)
        whole = next((placed for placed in earlier if placed.is_exactly(goods)), None)
        # The order that holds most of it comes first; of equals, the latest.
        ranked = [whole] if whole else sorted(earlier, key=lambda order: -order.holds(goods))
        fates = tuple(self._fate(cancellation, line, ranked) for line in lines)
        if whole:
            return Settled(Match.WHOLE, whole.invoice, fates)
        return Settled(match_of(fates), None, fates)

    def _fate(self, cancellation: Invoice, line: Line, ranked: list[Placed]) -> Taken | Missed:
        for placed in ranked:
            taken = placed.give(line)
            if taken:
                return taken
        if cancellation.customer is None:
            return Missed.GUEST
        first = self._first.get((cancellation.customer, line.stock))
        if first is None or first >= cancellation.at:
            return Missed.NOT_BOUGHT
        at_this_price = any((line.stock, line.price) in placed.left for placed in ranked)
        return Missed.TOO_FEW_LEFT if at_this_price else Missed.OTHER_PRICE

    def _earlier(self, cancellation: Invoice) -> list[Placed]:
        if cancellation.customer is None:
            return []
        placed = self._placed.get(cancellation.customer, [])
        return [order for order in reversed(placed) if order.at < cancellation.at]


def match_of(fates: tuple[Taken | Missed, ...]) -> Match:
    found = sum(isinstance(fate, Taken) for fate in fates)
    if not found:
        return Match.NONE
    return Match.FULL if found == len(fates) else Match.PARTIAL
