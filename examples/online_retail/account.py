"""The account of a conversion: what became of every line that was read."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cancellations import Match, Missed, Settled, Taken
from countries import CODES
from invoices import Invoice, Line, Survey


@dataclass(slots=True)
class Sum:
    """Orders, their lines and what they come to."""

    orders: int = 0
    lines: int = 0
    amount: Decimal = Decimal("0.00")

    def add(self, lines: Sequence[Line]) -> None:
        self.orders += 1
        self.lines += len(lines)
        self.amount += sum(line.amount for line in lines)

    def spelled(self) -> dict[str, Any]:
        return {"orders": self.orders, "lines": self.lines, "sum": str(self.amount)}


@dataclass(slots=True)
class Part:
    """Some of the cancelled lines, and what they come to."""

    lines: int = 0
    amount: Decimal = Decimal("0.00")

    def add(self, line: Line) -> None:
        self.lines += 1
        self.amount -= line.amount

    def spelled(self) -> dict[str, Any]:
        return {"lines": self.lines, "sum": str(self.amount)}


@dataclass(slots=True)
class Account:
    """Tallies that grow with each invoice and add up to the lines of the file."""

    survey: Survey
    orders: Sum = field(default_factory=Sum)
    months: defaultdict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    facts: Counter[str] = field(default_factory=Counter)
    without_code: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)
    rounded: list[dict[str, str]] = field(default_factory=list)
    matches: Counter[Match] = field(default_factory=Counter)
    cancelled: Part = field(default_factory=Part)
    guests: int = 0
    refunds: int = 0
    found: Part = field(default_factory=Part)
    missed: dict[Missed, Part] = field(default_factory=lambda: {reason: Part() for reason in Missed})

    def add_order(self, invoice: Invoice, lines: Sequence[Line]) -> None:
        self.orders.add(lines)
        self.months[invoice.at[:7]].add(lines)
        self.facts["guestOrders"] += invoice.customer is None
        self.facts["linesAtPriceZero"] += sum(not line.printed_price for line in lines)
        self.facts["linesWithoutDescription"] += sum(not line.description for line in lines)
        if invoice.country not in CODES:
            self.without_code[invoice.country] += 1
        self._note_rounding(lines)

    def add_cancellation(self, cancellation: Invoice, lines: Sequence[Line], settled: Settled) -> None:
        self.matches[settled.match] += 1
        self.guests += cancellation.customer is None
        self.refunds += len({fate.order for fate in settled.fates if isinstance(fate, Taken)})
        for line, fate in zip(lines, settled.fates, strict=True):
            self.cancelled.add(line)
            (self.found if isinstance(fate, Taken) else self.missed[fate]).add(line)
        self._note_rounding(lines)

    def leave_out(self, invoice: Invoice, reasons: Sequence[str]) -> None:
        self.left_out.update(reasons)
        if len(reasons) == len(invoice.lines):
            self.empty.append(invoice.number)

    def _note_rounding(self, lines: Sequence[Line]) -> None:
        self.rounded += [
            {
                "invoice": line.invoice,
                "stockCode": line.stock,
                "price": str(line.printed_price),
                "taken": str(line.price),
            }
            for line in lines
            if line.price != line.printed_price
        ]

    def spelled(self) -> dict[str, Any]:
        return {
            "source": {
                "lines": self.survey.lines,
                "invoices": len(self.survey.sizes),
                "invoicesInPieces": list(self.survey.in_pieces),
            },
            "orders": self.orders.spelled() | {"currency": "GBP"} | dict(self.facts),
            "byMonth": {month: self.months[month].spelled() for month in sorted(self.months)},
            "pricesRounded": self.rounded,
            "countriesWithoutCode": dict(sorted(self.without_code.items())),
            "cancellations": {
                "invoices": self.matches.total(),
                **self.cancelled.spelled(),
                "guests": self.guests,
                "byMatch": {match.value: self.matches[match] for match in Match},
                "found": self.found.spelled() | {"refunds": self.refunds},
                "missed": {reason.value: part.spelled() for reason, part in self.missed.items()},
            },
            "linesLeftOut": dict(sorted(self.left_out.items())),
            "invoicesLeftOut": self.empty,
        }
