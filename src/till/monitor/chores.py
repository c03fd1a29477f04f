"""What a server does for the figures of apps while it runs, and once more when it stops."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from till.monitor.installed import standing
from till.monitor.keeping import Keeper, prune
from till.monitor.metrics import AppMetrics
from till.web.services import Services

# What a process that is killed loses at most of what it counted.
KEEP_SECONDS = 3.0
TIDY_SECONDS = 600.0
GAUGE_SECONDS = 60.0


@contextlib.asynccontextmanager
async def monitoring(lent: Services, *, days: int) -> AsyncIterator[None]:
    """Write down what is counted for as long as this lasts, and the rest when it ends.

    Requests are kept for `days`.
    """
    metrics = AppMetrics(lent.metrics.registry)
    keeper = Keeper(lent.db, lent.tally, lent.log, metrics.add, lent.clock)
    lent.tally.settle = keeper.settle
    chores = (_keep(lent, keeper), _gauge(lent, metrics), _tidy(lent, days))
    tasks = [asyncio.create_task(chore) for chore in chores]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await keeper.settle()


async def _keep(lent: Services, keeper: Keeper) -> None:
    while True:
        await lent.tally.full.wait(KEEP_SECONDS)
        await keeper.settle()


async def _gauge(lent: Services, metrics: AppMetrics) -> None:
    while True:
        try:
            metrics.stand(await lent.db.read(standing, heavy=True))
        except Exception as error:  # noqa: BLE001 - a chore that fails is told, and tried again
            lent.log.now("could not count installations and subscriptions", reason=str(error))
        await asyncio.sleep(GAUGE_SECONDS)


async def _tidy(lent: Services, days: int) -> None:
    while True:
        turned = lent.wakes.turned.rung
        try:
            await prune(lent.db, at=lent.clock(), days=days)
        except Exception as error:  # noqa: BLE001 - likewise
            lent.log.now("could not tidy up requests", reason=str(error))
        seconds = TIDY_SECONDS * (1 + random.random() / 10)  # noqa: S311 - no secret, but not all at once
        await lent.wakes.turned.wait(seconds, since=turned)
