"""Every shop has a theme from the start: Till's own, published."""

from collections.abc import Callable
from functools import lru_cache, partial

import msgspec

from till.db.port import Database, Row, Tx
from till.shop import Shop
from till.shops.store import Shops
from till.themes.blobs import Piece
from till.themes.shelf import Shelf
from till.themes.starter import NAME, starter
from till.themes.statements import WITHOUT
from till.themes.store import Themes, pieces_of


def default_pieces(*, at: int) -> list[Piece]:
    """The files of the default theme, ready to be kept."""
    dated = {"created_at": at, "updated_at": at}
    return [
        msgspec.structs.replace(piece, entry=msgspec.structs.replace(piece.entry, **dated))
        for piece in _prepared()
    ]


async def found(tx: Tx, shop: Shop, *, theme_id: int, at: int) -> None:
    """Give `shop` the default theme, unless visitors see one already."""
    if await Shelf(tx, shop.id).current() is None:
        await Themes(tx, shop).found(theme_id, NAME, default_pieces(at=at), at=at)


async def found_all(db: Database, mint: Callable[[], int], *, at: int) -> int:
    """The same for every shop that has none, such as those of an earlier release; answers how many."""

    async def without(tx: Tx) -> list[Row]:
        return await tx.fetch(WITHOUT)

    rows = await db.read(without)
    for (shop_id,) in rows:
        await db.write(partial(_found_one, shop_id=shop_id, theme_id=mint(), at=at), shop_id=shop_id)
    return len(rows)


async def _found_one(tx: Tx, *, shop_id: int, theme_id: int, at: int) -> None:
    await found(tx, await Shops(tx).get(shop_id), theme_id=theme_id, at=at)


@lru_cache(maxsize=1)
def _prepared() -> tuple[Piece, ...]:
    return tuple(pieces_of(starter(), at=0))
