"""The store that a command works on: opened, asked or changed once, and let go of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from till.cli.outcome import refusals
from till.db.migrate import MigrationRefused
from till.db.nodes import NodeLease
from till.db.open import open_database
from till.db.port import Database, Tx, Work
from till.dev.clock import DevClock
from till.errors import Invalid
from till.ids import Minter
from till.keys import Sealer
from till.settings import Settings
from till.shop import Shop
from till.shops.store import Shops
from till.vault import key_of, open_vault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Store:
    """An open database and the sealer of its secrets."""

    db: Database
    sealer: Sealer

    @contextlib.asynccontextmanager
    async def minting(self) -> AsyncIterator[Minter]:
        """Ids, for as long as this lasts."""
        lease = await NodeLease.take(self.db)
        try:
            yield lease.minter
        finally:
            await lease.release()

    async def now(self) -> int:
        """This moment by the store's own clock, which development mode may have set ahead."""
        its = DevClock()
        await its.load(self.db)
        return its()


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store that `settings` name; whatever it is refused for is a `Refusal`."""
    try:
        key = key_of(settings)
    except ValueError:
        raise Invalid(f"{settings.data / 'till.key'} is no key: it must hold 64 hex digits.") from None
    try:
        db = await open_database(folder=settings.data, url=settings.database)
    except MigrationRefused as refused:
        raise Invalid(str(refused)) from None
    try:
        yield Store(db, await open_vault(db, key))
    finally:
        await db.close()


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do `work` on the store, and end the command where it is refused."""

    async def main() -> T:
        async with opened(settings) as store:
            return await work(store)

    with refusals():
        return asyncio.run(main())


def read(settings: Settings, work: Work[T]) -> T:
    """Ask the store once."""
    return with_store(settings, lambda store: store.db.read(work))


def write(settings: Settings, work: Callable[[Tx, int], Awaitable[T]]) -> T:
    """Change the store once, at this moment of its clock, whether or not a server is at work on it."""

    async def main(store: Store) -> T:
        at = await store.now()
        return await store.db.write(lambda tx: work(tx, at))

    return with_store(settings, main)


def write_shop(settings: Settings, handle: str, work: Callable[[Tx, Shop, int], Awaitable[T]]) -> T:
    """Change what a shop has, while nobody else does: its changes and what is owed of them agree."""

    async def find(tx: Tx) -> Shop:
        return await Shops(tx).find(handle)

    async def main(store: Store) -> T:
        shop, at = await store.db.read(find), await store.now()

        async def locked(tx: Tx) -> T:
            return await work(tx, await Shops(tx).get(shop.id), at)

        return await store.db.write(locked, shop_id=shop.id)

    return with_store(settings, main)
