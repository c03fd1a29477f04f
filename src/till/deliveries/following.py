"""Notices what others wrote: other processes, and the parts of this one that do not tell."""

import asyncio
from functools import partial

from till.db.port import StoreUnavailable
from till.deliveries.feed import newest_of
from till.web.services import Services

POLL_SECONDS = 0.5
AWAY_SECONDS = 5.0


async def follow(lent: Services) -> None:
    """Ring for each shop whose events somebody waits for, whenever there are more of them.

    One question for all that wait, however many: each on his own would ask as often.
    """
    seen: dict[int, int] = {}
    while True:
        waited_for = lent.wakes.shops.held()
        try:
            found = await lent.db.read(partial(newest_of, shop_ids=waited_for)) if waited_for else {}
        except StoreUnavailable:
            await asyncio.sleep(AWAY_SECONDS)
            continue
        for shop_id, number in found.items():
            if seen.get(shop_id) != number:
                lent.wakes.shops.ring(shop_id)
        seen = found
        await asyncio.sleep(POLL_SECONDS)
