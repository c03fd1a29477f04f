"""Choose some 500 invoices of Online Retail, always the same, and write them as a small CSV."""

import argparse
import csv
import gzip
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

from account import Account
from cancellations import Match, Originals
from convert import sort_out
from invoices import Invoice, Line, Survey, invoices, lines, rows, survey

SIZE = 500
LONGEST = 80  # lines of an invoice, so that a few wholesale orders do not fill the sample
BUSIEST = 30  # invoices of a customer, likewise

Wish = Callable[[Invoice], bool]


def is_order(invoice: Invoice) -> bool:
    return not (invoice.is_cancellation or invoice.is_adjustment or is_write_off(invoice))


def is_write_off(invoice: Invoice) -> bool:
    return not invoice.is_cancellation and any(line.quantity <= 0 for line in invoice.lines)


# What must be there, however rare, and how many of each.
WISHES: tuple[tuple[int, Wish], ...] = (
    (3, lambda invoice: invoice.is_adjustment),
    (4, lambda invoice: any(line.price != line.printed_price for line in invoice.lines)),
    (12, is_write_off),
    (6, lambda invoice: is_order(invoice) and not invoice.lines[0].description),
    (6, lambda invoice: is_order(invoice) and any(not line.price for line in invoice.lines)),
    (3, lambda invoice: len({line.at for line in invoice.lines}) > 1),
    (40, lambda invoice: is_order(invoice) and invoice.customer is None),
    (8, lambda invoice: invoice.is_cancellation and invoice.customer is None),
)
WHOLE_CANCELLATIONS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path, help="the full Online Retail CSV, gzipped or not")
    parser.add_argument("output", type=Path, help="the sample goes here, gzipped")
    asked = parser.parse_args()
    known = survey(asked.input)
    every = sorted(invoices(lines(asked.input), known.sizes), key=lambda one: by_lot(one.number))
    chosen = choose(every, known) | interrupters(lines(asked.input), known)
    write(asked.output, asked.input, chosen)


def by_lot(name: str) -> str:
    """Give `name` a place that looks drawn by lot and is the same everywhere."""
    return hashlib.sha256(name.encode()).hexdigest()


def choose(every: list[Invoice], known: Survey) -> set[str]:
    chosen = set(known.in_pieces) | whole_cancellations(every, known)
    short = [invoice for invoice in every if len(invoice.lines) <= LONGEST]
    for count, wish in WISHES:
        rare = [one for one in every if wish(one)]
        fitting = [one for one in rare if len(one.lines) <= LONGEST] if len(rare) > count else rare
        chosen |= {one.number for one in fitting[:count]}
    chosen |= {first.number for first in first_of_each_country(short)}
    for history in histories(every):
        if len(chosen) >= SIZE:
            break
        chosen |= {invoice.number for invoice in history}
    return chosen


def interrupters(read: Iterable[Line], known: Survey) -> set[str]:
    """Find what lies between the pieces of an invoice: without it they would close up."""
    return {
        before.invoice
        for before, line in pairwise(read)
        if line.invoice in known.in_pieces and before.invoice != line.invoice
    }


def whole_cancellations(every: Iterable[Invoice], known: Survey) -> set[str]:
    """Pick cancellations of a whole order, with the orders that they cancel."""
    originals, pairs = Originals(known.cancelled), {}
    for invoice in sorted(every, key=lambda one: (one.at, one.number)):
        usable = sort_out(invoice, Account(known))
        if is_order(invoice):
            originals.remember(invoice, usable)
        elif usable:
            settled = originals.settle(invoice, usable)
            if settled.match is Match.WHOLE:
                pairs[invoice.number] = settled.cancels
    picked = sorted(pairs, key=by_lot)[:WHOLE_CANCELLATIONS]
    return {number for one in picked for number in (one, pairs[one]) if number}


def first_of_each_country(every: Iterable[Invoice]) -> list[Invoice]:
    found: dict[str, Invoice] = {}
    for invoice in filter(is_order, every):
        found.setdefault(invoice.country, invoice)
    return list(found.values())


def histories(every: Iterable[Invoice]) -> list[list[Invoice]]:
    """Whole histories of customers: returning customers and what they sent back belong together."""
    found: defaultdict[str, list[Invoice]] = defaultdict(list)
    for invoice in every:
        if invoice.customer:
            found[invoice.customer].append(invoice)
    return [
        found[customer]
        for customer in sorted(found, key=by_lot)
        if len(found[customer]) <= BUSIEST
        and all(len(invoice.lines) <= LONGEST for invoice in found[customer])
    ]


def write(output: Path, source: Path, chosen: set[str]) -> None:
    text = io.StringIO(newline="")
    printed = csv.writer(text, lineterminator="\n")
    printed.writerows(row for place, row in enumerate(rows(source)) if place == 0 or row[0] in chosen)
    # No time stamp: the same rows make the same file.
    output.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
