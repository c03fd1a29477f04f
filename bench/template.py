"""The statements that the store itself makes of an order, recorded once and made anew for many."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec.structs import replace

from bench.samples import NUMBER, order_of, requests, shop_at
from till.clock import DAY, iso
from till.db.port import Dialect, Row, Tx
from till.orders import terms
from till.orders.cancel import Cancellation, cancel
from till.orders.order import Order
from till.orders.store import GET, Orders
from till.orders.words import CancelReason

# What stands in a template for what differs from order to order; nothing else in one looks like these.
ID = 1_111_222_233_334_444
AT = 1_700_000_123_000_000
SHOP = replace(shop_at(0), id=0xABCDEF012345)
EVENT = 5_555_555
NAMED = {
    "n": "#{}",
    "e": "{}",
    "s": "WEB-{}",
    "c": "{}",
}


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    params: dict[str, Any]

    @property
    def numbers(self) -> bool:
        """True when it takes numbers from the counters of the shop."""
        return "RETURNING" in self.sql


@dataclass(frozen=True, slots=True)
class Marks:
    """What differs from order to order."""

    id: int
    shop_id: int
    at: int
    number: int
    event: int


MARKS = Marks(ID, SHOP.id, AT, NUMBER, EVENT)


class Recorder(Tx):
    """Keeps what it is asked, and answers as a store would whose counters stand at the marks."""

    def __init__(self, dialect: Dialect, marks: Marks) -> None:
        self.dialect = dialect
        self.said: list[Statement] = []
        self._marks = marks

    async def fetch(self, sql: str, **params: Any) -> list[Row]:
        self.said.append(Statement(sql, params))
        return [[self._marks.number if "order_number" in sql else self._marks.event - 1 + params["n"]]]

    async def execute(self, sql: str, **params: Any) -> None:
        self.said.append(Statement(sql, params))


def recorded(dialect: Dialect, marks: Marks, work: Callable[[Orders], Awaitable[Any]]) -> list[Statement]:
    tx = Recorder(dialect, marks)

    async def run() -> None:
        await work(Orders(tx, replace(SHOP, id=marks.shop_id)))

    asyncio.run(run())
    return tx.said


@dataclass(frozen=True, slots=True)
class Template:
    """What adding one order comes to, and what cancelling it comes to."""

    email: str
    add: list[Statement]
    cancel: list[Statement]


def template(dialect: Dialect, body: bytes) -> Template:
    order = order_of(body, shop=SHOP, order_id=ID, at=AT)
    ids = iter(range(ID + 200, ID + 300))
    wish = Cancellation(reason=CancelReason.CUSTOMER, refund=False, restock=False, mint=ids.__next__)
    ended = partial(cancel, wish=wish, strict=False, at=AT)
    numbered = replace(order, number=NUMBER)
    return Template(
        email=order.email or "",
        add=recorded(dialect, MARKS, lambda orders: orders.add(order)),
        cancel=[
            Statement(GET, {"shop_id": SHOP.id, "id": ID}),
            *recorded(dialect, MARKS, lambda orders: orders.change(numbered, ended)),
        ],
    )


def templates(dialect: Dialect) -> list[Template]:
    return [template(dialect, body) for body in requests()]


class Printer:
    """Makes statements anew with other marks: ids, numbers, times and the words that hold them."""

    def __init__(self, marks: Marks, email: str) -> None:
        number = str(marks.number)
        self._numbers = {
            ID: marks.id,
            SHOP.id: marks.shop_id,
            AT: marks.at,
            AT // DAY: marks.at // DAY,
            NUMBER: marks.number,
        } | {EVENT + index: marks.event + index for index in range(9)}
        self._bytes = [
            (str(NUMBER).encode(), number.encode()),
            # The order, and the payment that it was made with.
            *((str(ID + step).encode(), str(marks.id + step).encode()) for step in (0, 1)),
            (str(AT).encode(), str(marks.at).encode()),
            (iso(AT, SHOP.timezone).encode(), iso(marks.at, SHOP.timezone).encode()),
        ]
        self._words = [
            (terms.shop_prefix(SHOP.id), terms.shop_prefix(marks.shop_id)),
            *((terms.exact(kind, old), terms.exact(kind, new)) for kind, old, new in _named(email, number)),
            (str(NUMBER), number),
        ]

    def __call__(self, statement: Statement) -> Statement:
        return Statement(statement.sql, {name: self._value(each) for name, each in statement.params.items()})

    def _value(self, value: Any) -> Any:
        if isinstance(value, int):
            return self._numbers.get(value, value)
        if isinstance(value, bytes):
            if len(value) == 16:
                return os.urandom(16)
            for old, new in self._bytes:
                value = value.replace(old, new)
        elif isinstance(value, str) and value.startswith(terms.shop_prefix(SHOP.id)):
            for before, after in self._words:
                value = value.replace(before, after)
        return value


def _named(email: str, number: str) -> list[tuple[str, str, str]]:
    """What an order is found by exactly: its kind, and its text before and after."""
    texts = (("n", f"#{NUMBER}"), ("e", email), ("s", f"WEB-{NUMBER}"), ("c", str(NUMBER)))
    return [(kind, text, text.replace(str(NUMBER), number)) for kind, text in texts]


def prove(found: Template, dialect: Dialect, body: bytes, marks: Marks) -> None:
    """Refuse to go on unless what is made anew is what the store itself would have made."""
    printed = [Printer(marks, found.email)(each) for each in found.add]
    body = body.replace(str(NUMBER).encode(), str(marks.number).encode())
    shop = replace(SHOP, id=marks.shop_id)
    order: Order = order_of(body, shop=shop, order_id=marks.id, at=marks.at)
    wanted = recorded(dialect, marks, lambda orders: orders.add(order))
    if [_bare(each) for each in printed] != [_bare(each) for each in wanted]:
        raise AssertionError("the rows made for the large database are not those that the store would make")


def _bare(statement: Statement) -> tuple[str, dict[str, Any]]:
    """A statement without its random ids, and with its words in no order."""
    params = {
        name: sorted(value.split()) if name == "terms" else value
        for name, value in statement.params.items()
        if not (isinstance(value, bytes) and len(value) == 16)
    }
    return statement.sql, params
