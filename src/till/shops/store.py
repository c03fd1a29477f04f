"""The shops of this server."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from till.db.port import DuplicateRow, Row, Tx
from till.errors import Invalid, NotFound
from till.shop import Settings, Shop

ADD = """
    INSERT INTO shops (id, handle, currency, timezone, settings, rendering, created_at)
    VALUES (:id, :handle, :currency, :timezone, :settings, :rendering, :at)
"""
ADD_COUNTERS = """
    INSERT INTO counters (shop_id, order_number, event_number) VALUES (:shop_id, 1000, 0)
"""
COLUMNS = "id, handle, currency, timezone, settings, rendering"
FIND = f"SELECT {COLUMNS} FROM shops WHERE handle = :handle"
GET = f"SELECT {COLUMNS} FROM shops WHERE id = :id"
ALL = f"SELECT {COLUMNS} FROM shops ORDER BY handle"
SET = """
    UPDATE shops SET currency = :currency, timezone = :timezone, settings = :settings,
        rendering = :rendering
    WHERE id = :id
"""


class HandleTaken(Invalid):
    """A handle names one shop of a server."""


class ShopNotFound(NotFound):
    """No shop has this handle."""


def shop_of(row: Row) -> Shop:
    """A shop from the columns of `COLUMNS`."""
    shop_id, handle, currency, timezone, settings, rendering = row
    return Shop(
        id=shop_id,
        handle=handle,
        currency=currency,
        timezone=timezone,
        settings=msgspec.json.decode(settings, type=Settings),
        rendering=rendering,
    )


@dataclass(frozen=True, slots=True)
class Shops:
    """The directory of shops: the only rows, with apps and tokens, that belong to no shop."""

    tx: Tx

    async def add(self, shop: Shop, *, at: int) -> Shop:
        """Found a shop; `HandleTaken` when there is one of its handle."""
        try:
            await self.tx.execute(ADD, **_row(shop), handle=shop.handle, at=at)
        except DuplicateRow:
            raise HandleTaken(
                f"There is a shop {shop.handle!r} already: choose another handle.",
                fields={"handle": ["is taken"]},
            ) from None
        await self.tx.execute(ADD_COUNTERS, shop_id=shop.id)
        return shop

    async def find(self, handle: str) -> Shop:
        rows = await self.tx.fetch(FIND, handle=handle)
        if not rows:
            raise ShopNotFound(f"There is no shop {handle!r}: `till shop list` names them.")
        return shop_of(rows[0])

    async def get(self, shop_id: int) -> Shop:
        """The shop of an id that another row gives, so there is one."""
        return shop_of((await self.tx.fetch(GET, id=shop_id))[0])

    async def all(self) -> list[Shop]:
        return [shop_of(row) for row in await self.tx.fetch(ALL)]

    async def change(self, handle: str, command: Callable[[Shop], Shop]) -> Shop:
        shop = command(await self.find(handle))
        await self.tx.execute(SET, **_row(shop))
        return shop


def _row(shop: Shop) -> dict[str, object]:
    return {
        "id": shop.id,
        "currency": shop.currency,
        "timezone": shop.timezone,
        "settings": msgspec.json.encode(shop.settings).decode(),
        "rendering": shop.rendering,
    }
