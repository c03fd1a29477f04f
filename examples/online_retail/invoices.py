"""Online Retail's CSV as invoices, each whole even where its lines lie apart."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
PENNY = Decimal("0.01")
GZIP_MAGIC = b"\x1f\x8b"


class BadInput(Exception):
    """The file is not what it should be; the message says where."""


class Line(NamedTuple):
    """One row of the file; `at` is the shop's local time as printed, `price` exact to the penny."""

    invoice: str
    stock: str
    description: str
    quantity: int
    at: str
    price: Decimal
    printed_price: Decimal
    customer: str | None
    country: str

    @property
    def amount(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Invoice:
    """The lines of one invoice in the file's order."""

    number: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if len({(line.customer, line.country) for line in self.lines}) > 1:
            raise BadInput(f"invoice {self.number} names several customers or countries")

    @property
    def at(self) -> str:
        return self.lines[0].at

    @property
    def customer(self) -> str | None:
        return self.lines[0].customer

    @property
    def country(self) -> str:
        return self.lines[0].country

    @property
    def is_cancellation(self) -> bool:
        return self.number.startswith("C")

    @property
    def is_adjustment(self) -> bool:
        return self.number.startswith("A")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass learns: how long each invoice is, and what is ever cancelled."""

    sizes: Counter[str]
    in_pieces: tuple[str, ...]
    cancelled: frozenset[tuple[str, str, Decimal]]

    @property
    def lines(self) -> int:
        return self.sizes.total()


@lru_cache(maxsize=4096)
def number(printed: str) -> Decimal:
    value = Decimal(printed)
    if not value.is_finite():
        raise InvalidOperation
    return value


@lru_cache(maxsize=4096)
def pennies(printed: str) -> Decimal:
    """Round to the nearest amount of sterling: 0.001 is none."""
    return number(printed).quantize(PENNY)


@lru_cache(maxsize=4096)
def whole(printed: str) -> int:
    """`6.0` as 6: the file prints whole numbers as floats."""
    value = number(printed)
    if value != int(value):
        raise InvalidOperation
    return int(value)


def line_of(row: list[str]) -> Line:
    invoice, stock, description, quantity, at, price, customer, country = row
    return Line(
        invoice=invoice,
        stock=stock,
        description=description.strip(),
        quantity=whole(quantity),
        at=at,
        price=pennies(price),
        printed_price=number(price),
        customer=customer.removesuffix(".0") or None,
        country=country,
    )


def rows(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a CSV file, gzipped or not, as printed; the first holds the names."""
    with path.open("rb") as file:
        zipped = file.read(2) == GZIP_MAGIC
    opened = gzip.open if zipped else open
    with opened(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.reader(text)


def lines(path: Path) -> Iterator[Line]:
    printed = rows(path)
    if tuple(next(printed, ())) != COLUMNS:
        raise BadInput(f"{path}: the first row should be {','.join(COLUMNS)}")
    for place, row in enumerate(printed, start=2):
        try:
            yield line_of(row)
        except (ValueError, InvalidOperation) as fault:
            raise BadInput(f"{path}: row {place} cannot be read: {row}") from fault


def survey(path: Path) -> Survey:
    sizes: Counter[str] = Counter()
    in_pieces: dict[str, None] = {}
    cancelled: set[tuple[str, str, Decimal]] = set()
    before = ""
    for line in lines(path):
        if line.invoice != before and line.invoice in sizes:
            in_pieces[line.invoice] = None
        if line.invoice.startswith("C") and line.customer:
            cancelled.add((line.customer, line.stock, line.price))
        sizes[line.invoice] += 1
        before = line.invoice
    return Survey(sizes=sizes, in_pieces=tuple(in_pieces), cancelled=frozenset(cancelled))


def invoices(read: Iterable[Line], sizes: Counter[str]) -> Iterator[Invoice]:
    """Whole invoices in the order in which they begin; holds only those still open."""
    held: dict[str, list[Line]] = {}
    for line in read:
        held.setdefault(line.invoice, []).append(line)
        while held:
            first = next(iter(held))
            if len(held[first]) < sizes[first]:
                break
            yield Invoice(first, tuple(held.pop(first)))
