"""What stands in recorded statements for all that differs from order to order, and what is put in there."""

import os
import re
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from bench.samples import NUMBER, shop_at
from till.clock import DAY, iso
from till.db.port import Row
from till.orders import terms
from till.webhooks.outbox import TAKE_NUMBERS

# Nothing else in an order looks like these.
ID = 1_111_222_233_334_444
AT = 1_700_000_123_000_000
SHOP = replace(shop_at(0), id=0xABCDEF012345)
EVENT = 5_555_555
# The ids that are minted for an order follow its own, and its events one another.
MINTED = 64
EVENTS = 12
RANDOM_BYTES = 16


@dataclass(frozen=True, slots=True)
class Marks:
    """What differs from order to order; `event` is the number of its first event."""

    id: int
    shop_id: int
    at: int
    number: int
    event: int


MARKS = Marks(ID, SHOP.id, AT, NUMBER, EVENT)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a store was asked, with named parameters, and the rows that it answered if it was to."""

    sql: str
    params: dict[str, Any]
    rows: list[Row] | None = None

    @property
    def counts(self) -> bool:
        """True when it takes numbers from the counters of the shop."""
        return self.sql == TAKE_NUMBERS

    def events(self) -> dict[str, int]:
        """The events that were numbered by it, by their marks, and how far each lies behind the last."""
        assert self.rows
        last = self.rows[0][1]
        return {f"event_{last - behind - EVENT}": behind for behind in range(self.params["events"])}


def numbers(marks: Marks) -> dict[str, int]:
    """Every number that marks an order, by what it stands for."""
    found = {
        "shop_id": marks.shop_id,
        "at": marks.at,
        "day": marks.at // DAY,
        "order_number": marks.number,
    }
    found |= {f"id_{step}": marks.id + step for step in range(MINTED)}
    return found | {f"event_{step}": marks.event + step for step in range(EVENTS)}


def texts(marks: Marks, email: str) -> list[str]:
    """Every text that marks an order, always in the same order; `email` holds `NUMBER`."""
    number = str(marks.number)
    exact = (("n", f"#{NUMBER}"), ("e", email), ("s", f"WEB-{NUMBER}"), ("c", str(NUMBER)))
    return [
        number,
        number.encode().hex(),
        str(marks.at),
        iso(marks.at, SHOP.timezone),
        terms.shop_prefix(marks.shop_id),
        *(terms.exact(kind, text.replace(str(NUMBER), number)) for kind, text in exact),
        *(str(marks.id + step) for step in range(MINTED)),
        *(str(marks.event + step) for step in range(EVENTS)),
    ]


NAMES = {value: name for name, value in numbers(MARKS).items()}


class Values:
    """The values that one order has where a mould has marks."""

    def __init__(self, marks: Marks, email: str) -> None:
        self.numbers = numbers(marks)
        self.texts = texts(marks, email)


@dataclass(slots=True)
class Mould:
    """A recorded statement, taken apart at its marks so that it is quickly made anew."""

    statement: Statement
    # By parameter: the name of the number it is, or its pieces, of which every second is the place of a text.
    numbers: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, list[Any]] = field(default_factory=dict)
    random: list[str] = field(default_factory=list)

    def printed(self, values: Values) -> dict[str, Any]:
        """The parameters that the statement has for another order."""
        params = dict(self.statement.params)
        for name, mark in self.numbers.items():
            params[name] = values.numbers[mark]
        for name, pieces in self.pieces.items():
            if isinstance(pieces[0], bytes):
                params[name] = b"".join(
                    values.texts[piece].encode() if isinstance(piece, int) else piece for piece in pieces
                )
            else:
                params[name] = "".join(
                    values.texts[piece] if isinstance(piece, int) else piece for piece in pieces
                )
        for name in self.random:
            params[name] = os.urandom(RANDOM_BYTES)
        return params


class Foundry:
    """Makes moulds of what was recorded of the order with this e-mail address."""

    def __init__(self, email: str) -> None:
        self._places = {text: place for place, text in enumerate(texts(MARKS, email))}
        # What is longer may hold what is shorter.
        spelled = "|".join(re.escape(text) for text in sorted(self._places, key=len, reverse=True))
        self._text = re.compile(f"({spelled})")
        self._bytes = re.compile(f"({spelled})".encode())

    def __call__(self, statement: Statement) -> Mould:
        made = Mould(statement)
        for name, value in statement.params.items():
            if is_random(name, value):
                made.random.append(name)
            elif isinstance(value, int):
                if value in NAMES:
                    made.numbers[name] = NAMES[value]
            elif isinstance(value, (str, bytes)):
                pieces = self._cut(value)
                if len(pieces) > 1:
                    made.pieces[name] = pieces
        return made

    def _cut(self, value: str | bytes) -> list[Any]:
        """The value at its marks: every second piece is the place of a text."""
        pieces: list[Any] = list(
            self._text.split(value) if isinstance(value, str) else self._bytes.split(value)
        )
        for index in range(1, len(pieces), 2):
            found = pieces[index]
            pieces[index] = self._places[found if isinstance(found, str) else found.decode()]
        return pieces


def is_random(name: str, value: Any) -> bool:
    """True for the id of a change or an event, which is told apart by nothing but chance."""
    return isinstance(value, bytes) and len(value) == RANDOM_BYTES and name.startswith("id")
