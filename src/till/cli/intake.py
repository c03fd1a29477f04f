"""Takes orders in, batch by batch: each new one once, with its events, and counts what it did."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from till.cli.lines import Line
from till.db.port import Database, Tx, Work
from till.money import spell
from till.orders.journal import system
from till.orders.order import Order
from till.orders.store import Orders, Source
from till.orders.totals import totals
from till.shop import Shop

# So many lines share a transaction, which others who write to the shop wait for.
BATCH = 100


@dataclass(slots=True)
class Tally:
    """What an import came to."""

    orders: int = 0
    lines: int = 0
    skipped: int = 0
    refused: int = 0
    without_source: int = 0
    money: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        return self.orders + self.skipped + self.refused

    def add(self, order: Order) -> None:
        self.orders += 1
        self.lines += len(order.line_items)
        self.without_source += not order.source_identifier
        self.money[order.currency] += totals(order).total_price

    def shown(self) -> dict[str, Any]:
        money = {currency: spell(self.money[currency], currency) for currency in sorted(self.money)}
        return {
            "orders": self.orders,
            "lines": self.lines,
            "money": money,
            "skipped": self.skipped,
            "refused": self.refused,
            "withoutSourceIdentifier": self.without_source,
        }


class Intake:
    """Adds orders to one shop; `dry` looks and counts, but adds nothing."""

    def __init__(self, db: Database, shop: Shop, tally: Tally, *, mint: Callable[[], int], dry: bool) -> None:
        self._by = system(mint)
        self._db = db
        self._shop = shop
        self._dry = dry
        self.tally = tally
        # Only where nothing is added must what was seen be remembered: else the shop remembers.
        self._seen: set[int] = set()

    async def take_all(self, lines: Iterator[Line], tell: Callable[[Line], None]) -> None:
        """Take the orders in batches; the next is read while the one before is written."""
        writing: asyncio.Task[None] | None = None
        try:
            while batch := list(islice(lines, BATCH)):
                for line in batch:
                    if line.refusal is not None:
                        self.tally.refused += 1
                        tell(line)
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self.take([line.order for line in batch if line.order]))
                await asyncio.sleep(0)  # or it would begin only after the next was read
        finally:
            if writing is not None:
                await writing

    async def take(self, batch: list[Order]) -> None:
        """Take one batch, in one transaction, and count it."""
        if self._dry:
            fresh = await self._look(batch)
        else:
            fresh = await self._db.write(self._adding(batch), shop_id=self._shop.id)
        for order, is_new in zip(batch, fresh, strict=True):
            if is_new:
                self.tally.add(order)
            else:
                self.tally.skipped += 1

    def _adding(self, batch: list[Order]) -> Work[list[bool]]:
        async def work(tx: Tx) -> list[bool]:
            orders = Orders(tx, self._shop)
            known = await orders.sources(_identifiers(batch))
            added = []
            for order in batch:
                source = source_of(order)
                added.append(source is None or source not in known)
                if added[-1]:
                    await orders.add(order, by=self._by)
                    known |= {source} if source else set()
            return added

        return work

    async def _look(self, batch: list[Order]) -> list[bool]:
        async def work(tx: Tx) -> set[Source]:
            return await Orders(tx, self._shop).sources(_identifiers(batch))

        known = await self._db.read(work)
        return [self._is_new(source_of(order), known) for order in batch]

    def _is_new(self, source: Source | None, known: set[Source]) -> bool:
        if source is None:
            return True
        mark = hash(source)
        if source in known or mark in self._seen:
            return False
        self._seen.add(mark)
        return True


def source_of(order: Order) -> Source | None:
    """What an order is recognised by when it comes again; None where it says nothing of it."""
    return Source(order.source_name, order.source_identifier) if order.source_identifier else None


def _identifiers(batch: list[Order]) -> set[str]:
    return {order.source_identifier for order in batch if order.source_identifier}
