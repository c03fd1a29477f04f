"""The timelines of orders at rest: what happened, by whom, told as which events; and notes. Append-only."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from till.db.port import Tx
from till.orders.history import Note, Page, Row, Who, entries
from till.orders.order import Order

ADD = """
    INSERT INTO order_timeline (shop_id, order_id, id, at, body)
    VALUES (:shop_id, :order_id, :id, :at, :body)
"""
LIST = "SELECT id, at, body FROM order_timeline WHERE shop_id = :shop_id AND order_id = :order_id ORDER BY id"
REMOVE = "DELETE FROM order_timeline WHERE shop_id = :shop_id AND order_id = :order_id"


class By(Struct, frozen=True):
    """Who does something, and what gives ids to what they do."""

    type: str
    id: str
    mint: Callable[[], int]
    name: str | None = None


def system(mint: Callable[[], int]) -> By:
    """Till itself: a timer, an import, a demo."""
    return By("system", "till", mint, "Till")


async def add(tx: Tx, old: Order | None, new: Order, *, events: dict[int, str], shop_id: int, by: By) -> None:
    """Write down a change and the events that it was told as, by their numbers."""
    page = Page(by=_who(by), version=new.version, entries=entries(old, new), events=events)
    await _write(tx, page, shop_id=shop_id, order_id=new.id, at=new.updated_at, by=by)


async def write_note(tx: Tx, note: Note, *, shop_id: int, order_id: int, at: int, by: By) -> int:
    """Write a note, or the edit of one; answers its id."""
    return await _write(tx, Page(by=_who(by), note=note), shop_id=shop_id, order_id=order_id, at=at, by=by)


async def pages(tx: Tx, *, shop_id: int, order_id: int) -> list[Row]:
    """All that was written down of an order, oldest first."""
    rows = await tx.fetch(LIST, shop_id=shop_id, order_id=order_id)
    return [Row(row[0], row[1], _DECODER.decode(row[2])) for row in rows]


async def remove(tx: Tx, *, shop_id: int, order_id: int) -> None:
    await tx.execute(REMOVE, shop_id=shop_id, order_id=order_id)


def _who(by: By) -> Who:
    return Who(by.type, by.id, by.name)


async def _write(tx: Tx, page: Page, *, shop_id: int, order_id: int, at: int, by: By) -> int:
    entry_id = by.mint()
    params: dict[str, Any] = {"shop_id": shop_id, "order_id": order_id, "id": entry_id, "at": at}
    await tx.execute(ADD, body=msgspec.json.encode(page), **params)
    return entry_id


_DECODER = msgspec.json.Decoder(Page)
