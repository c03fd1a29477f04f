"""Turn the Online Retail CSV into Genstore orders, and its cancellations into a list to replay."""

import argparse
import csv
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from account import Account
from cancellations import Missed, Originals, Settled, Taken
from countries import CODES, NO_COUNTRY
from invoices import BadInput, Invoice, Line, invoices, lines, survey
from rich.console import Console
from rich.progress import Progress

LONDON = ZoneInfo("Europe/London")
SAY_EVERY = 100_000
UNREADABLE = (BadInput, OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error)

Write = Callable[[object], None]
Advance = Callable[[int], None]


def main() -> int:
    asked = arguments()
    screen = Console(stderr=True)
    try:
        with written(asked.orders) as order, written(asked.cancellations) as cancellation:
            account = convert(asked.input, order, cancellation, screen)
        with written(asked.report, indent=2) as report:
            report(account.spelled())
    except BrokenPipeError:
        # The reader of our output has seen enough; Python must not try to flush it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UNREADABLE as fault:
        print(f"convert: {fault}", file=sys.stderr)
        return 1
    summarise(account)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path, help="Online Retail as CSV, gzipped or not")
    parser.add_argument("--orders", required=True, help="one order a line goes here; - for standard output")
    parser.add_argument("--cancellations", help="one cancellation a line goes here")
    parser.add_argument("--report", help="the account of every line goes here, as JSON")
    return parser.parse_args()


def convert(path: Path, order: Write, cancellation: Write, screen: Console) -> Account:
    """Read `path` twice: once to learn where each invoice ends, once to convert."""
    known = survey(path)
    account, originals = Account(known), Originals(known.cancelled)
    with progress(screen, known.lines) as advance:
        for invoice in invoices(lines(path), known.sizes):
            usable = sort_out(invoice, account)
            if usable and invoice.is_cancellation:
                settled = originals.settle(invoice, usable)
                account.add_cancellation(invoice, usable, settled)
                cancellation(cancellation_of(invoice, usable, settled))
            elif usable:
                originals.remember(invoice, usable)
                account.add_order(invoice, usable)
                order(order_of(invoice, usable))
            advance(len(invoice.lines))
    return account


def sort_out(invoice: Invoice, account: Account) -> tuple[Line, ...]:
    """Return the lines that can be used; the others go to the account with the reason."""
    verdicts = [(line, unusable(invoice, line)) for line in invoice.lines]
    account.leave_out(invoice, [reason for _, reason in verdicts if reason])
    return tuple(line for line, reason in verdicts if not reason)


def unusable(invoice: Invoice, line: Line) -> str | None:
    """Why `line` can be neither ordered nor cancelled."""
    if invoice.is_adjustment:
        return "adjustment"
    if line.price < 0:
        return "priceNegative"
    if invoice.is_cancellation:
        return None if line.quantity < 0 else "cancelledQuantityNotNegative"
    return None if line.quantity > 0 else "quantityNotPositive"


def order_of(invoice: Invoice, usable: tuple[Line, ...]) -> dict[str, Any]:
    """Return the documented order object, without totals: the server computes them."""
    return {
        "sourceName": "online-retail",
        "sourceIdentifier": invoice.number,
        "currency": "GBP",
        "createdAt": in_london(invoice.at),
        "financialStatus": "paid",
        "fulfillmentStatus": "fulfilled",
        **({"customer": {"id": invoice.customer}} if invoice.customer else {}),
        **address_of(invoice.country),
        "lineItems": [item_of(line) for line in usable],
    }


def item_of(line: Line) -> dict[str, Any]:
    product = line.stock.replace(" ", "-")  # an id has no blanks, but one stock code is "BANK CHARGES"
    return {
        "productId": product,
        "variantId": product,
        "sku": line.stock,
        "title": line.description or "(no description)",
        "quantity": line.quantity,
        "price": str(line.price),
    }


def address_of(country: str) -> dict[str, Any]:
    if country in NO_COUNTRY:
        return {}
    return {"shippingAddress": {"country": country, "countryCode": CODES.get(country)}}


def cancellation_of(invoice: Invoice, usable: tuple[Line, ...], settled: Settled) -> dict[str, Any]:
    return {
        "invoice": invoice.number,
        "createdAt": in_london(invoice.at),
        "customerId": invoice.customer,
        "match": settled.match,
        "cancels": settled.cancels,
        "lines": [
            {"stockCode": line.stock, "quantity": -line.quantity, "price": str(line.price), **fate_of(fate)}
            for line, fate in zip(usable, settled.fates, strict=True)
        ],
    }


def fate_of(fate: Taken | Missed) -> dict[str, Any]:
    """The order that a line was found in with its line items, counted from 0; or why it was not found."""
    if isinstance(fate, Missed):
        return {"order": None, "missed": fate.value}
    units = [{"lineItem": index, "quantity": quantity} for index, quantity in fate.units]
    return {"order": fate.order, "units": units}


def in_london(printed: str) -> str:
    """`2011-07-01 08:26:00`, the shop's own time, with the offset that London had then."""
    try:
        return datetime.fromisoformat(printed).replace(tzinfo=LONDON).isoformat()
    except ValueError as fault:
        raise BadInput(f"{printed!r} is not a time") from fault


@contextmanager
def written(target: str | None, indent: int | None = None) -> Iterator[Write]:
    """Write JSON to `target`; a file gets its name only when all of it is there."""
    if target is None:
        yield lambda _: None
        return
    if target == "-":
        yield lambda thing: print(json.dumps(thing, ensure_ascii=False, indent=indent))
        sys.stdout.flush()
        return
    path = Path(target)
    # A pipe or a device is written to as it is: only a file can be put in place of another.
    part = path if path.exists() and not path.is_file() else Path(f"{target}.part")
    with part.open("w", encoding="utf-8") as out:
        yield lambda thing: print(json.dumps(thing, ensure_ascii=False, indent=indent), file=out)
    if part != path:
        part.replace(path)


@contextmanager
def progress(screen: Console, total: int) -> Iterator[Advance]:
    """Show a bar to a person, a line now and then to a log."""
    if screen.is_terminal:
        with Progress(console=screen) as bar:
            task = bar.add_task("converting", total=total)
            yield lambda count: bar.advance(task, count)
        return
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if done // SAY_EVERY > (done - count) // SAY_EVERY or done == total:
            print(f"converted {done:,} of {total:,} lines", file=sys.stderr)

    yield advance


def told_of(part: dict[str, Any]) -> str:
    return f"{part['lines']:,} lines, {part['sum']} GBP"


def summarise(account: Account) -> None:
    """Say on standard error what was left out, so that nothing is lost in silence."""
    told = account.spelled()
    orders, taken_back = told["orders"], told["cancellations"]
    print(
        f"orders: {orders['orders']:,} with {orders['lines']:,} lines, {orders['sum']} GBP",
        f"cancellations: {taken_back['invoices']:,} {taken_back['byMatch']}",
        f"found in earlier orders: {told_of(taken_back['found'])}",
        *(f"not found, {reason}: {told_of(part)}" for reason, part in taken_back["missed"].items()),
        f"lines left out: {told['linesLeftOut']}, invoices left out: {len(account.empty):,}",
        f"prices rounded to pennies: {len(account.rounded)}",
        sep="\n",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
