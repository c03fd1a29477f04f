"""What a server does beside answering: each chore goes on for as long as the server does."""

import asyncio
from collections.abc import Awaitable, Callable

from till.clock import Clock
from till.db.port import Database, Dialect
from till.deliveries.figures import Room
from till.log import Log
from till.orders.lapse import lapse_due
from till.privacy.carrying import carry_out
from till.privacy.departed import forget_departed
from till.themes.sweeping import sweep
from till.web.kept import forget_old
from till.web.services import Services

FLUSH_SECONDS = 0.05
PRUNE_SECONDS = 600
LAPSE_SECONDS = 10
ERASE_SECONDS = 5
ROOM_SECONDS = 2
SWEEP_SECONDS = 3_600


async def flush(log: Log) -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        log.flush()


async def mind(room: Room, db: Database) -> None:
    """Mind the disk that a SQLite file lies on."""
    while db.dialect is Dialect.SQLITE:
        room.look()
        await asyncio.sleep(ROOM_SECONDS)


async def lapse(lent: Services) -> None:
    """Let go of authorizations that are a week old, whenever some are."""
    while True:
        turned = lent.wakes.turned.rung
        try:
            await lapse_due(lent.db, at=lent.clock(), mint=lent.mint)
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            lent.log.now("could not let authorizations lapse", reason=str(error))
        await lent.wakes.turned.wait(LAPSE_SECONDS, since=turned)


async def erase(lent: Services) -> None:
    """Erase the personal data of customers, and what is kept of apps that left, once their time has come."""
    while True:
        turned = lent.wakes.turned.rung
        for deed in (carry_out, forget_departed):
            try:
                await deed(lent.db, at=lent.clock(), mint=lent.mint)
            except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
                lent.log.now("could not erase what is due", deed=deed.__name__, reason=str(error))
        await lent.wakes.turned.wait(ERASE_SECONDS, since=turned)


async def sweep_themes(lent: Services) -> None:
    """Let go of what no theme needs any more, every hour."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await sweep(lent.db, now=lent.clock)
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            lent.log.now("could not sweep themes", reason=str(error))


async def prune(db: Database, log: Log, now: Clock, *more: Callable[[], Awaitable[None]]) -> None:
    """Forget kept answers, and `more` that had its time, at the start and every ten minutes."""
    while True:
        try:
            await forget_old(db, at=now())
            for forget in more:
                await forget()
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            log.now("could not forget what is old", reason=str(error))
        await asyncio.sleep(PRUNE_SECONDS)
