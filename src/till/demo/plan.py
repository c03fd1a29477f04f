"""How the life of an order is made up: one step after the other, at moments that could be."""

from random import Random
from typing import Any, NamedTuple

from till.clock import DAY, SECOND
from till.demo import deeds
from till.demo.basket import Basket
from till.demo.deeds import Deed, Some
from till.demo.people import Country
from till.demo.staff import APP, STAFF, Actor
from till.orders.history import Note
from till.orders.movements import Tracking

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
OPENS, SHUTS = 13, 21  # the shop's working hours, in UTC


class Step(NamedTuple):
    """Something that is done to an order at a moment: a move, or a note that is written."""

    at: int
    by: Actor
    deed: Deed | None
    note: Note | None = None


class Life(NamedTuple):
    """What a channel sends at a moment, and what happens then."""

    at: int
    sent: dict[str, Any]
    steps: list[Step]


class Plan:
    """A life as it is made up: each step is later than the one before."""

    def __init__(self, rng: Random, at: int, basket: Basket, country: Country) -> None:
        self.rng = rng
        self.at = at
        self.basket = basket
        self.country = country
        self.units = list(basket.units)  # that the customer has, or is to have
        self.steps: list[Step] = []

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def wait(self, least: float, most: float) -> None:
        """Let so many hours go by."""
        self.at += round(self.rng.uniform(least, most) * HOUR) // SECOND * SECOND

    def at_work(self, least: float, most: float) -> None:
        """Likewise, and go on when the shop works."""
        self.wait(least, most)
        hour = self.at % DAY // HOUR
        if not OPENS <= hour < SHUTS:
            start = self.at // DAY * DAY + (DAY if hour >= SHUTS else 0) + OPENS * HOUR
            self.at = start + self.rng.randrange((SHUTS - OPENS) * 3_600) * SECOND

    def do(self, *moves: Deed, by: Actor = APP) -> None:
        self.steps.append(Step(self.at, by, moves[0] if len(moves) == 1 else deeds.together(*moves)))

    def say(self, text: str, *, by: Actor | None = None, pinned: bool = False) -> None:
        who = by or self.rng.choice(STAFF)
        self.steps.append(Step(self.at, who, None, Note(text=text, author=who.name, pinned=pinned)))

    def tracking(self) -> Tracking:
        number = f"TD{self.rng.randrange(10**10):010}"
        return Tracking(number=number, company=self.country.carrier, url=self.country.track + number)

    def some(self) -> Some:
        """Some units of one line, never all that the order has."""
        line = self.rng.choice([index for index, count in enumerate(self.units) if count])
        most = self.units[line] - (self.units[line] == sum(self.units))
        return ((line, self.rng.randint(1, most)),)

    def some_gone(self, *, whole: bool) -> Some:
        """Units that leave the order: some, or a `whole` line where it is all that there is."""
        some = ((self.units.index(1), 1),) if whole and self.is_one_piece else self.some()
        for line, count in some:
            self.units[line] -= count
        return some

    @property
    def is_one_piece(self) -> bool:
        return sum(self.units) == 1
