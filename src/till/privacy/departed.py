"""Apps that left a shop two days ago: told to forget it, and forgotten (semantics.md §4.3)."""

from collections.abc import Callable
from functools import partial

from till.apps import history
from till.apps.history import Act
from till.apps.store import Apps
from till.customers.compliance import SHOP_REDACT
from till.db.port import Database, Row, Tx
from till.privacy.leaving import forget_app
from till.privacy.topics import tell_shop_redact
from till.shops.store import Shops
from till.webhooks.configured import listen_last

BY = "till"
AT_ONCE = 100
DUE = """
    SELECT shop_id, id, client_id FROM installations WHERE redact_at <= :at ORDER BY redact_at LIMIT :most
"""
# Whoever comes back meanwhile is not due any more.
END = """
    UPDATE installations SET redact_at = NULL WHERE shop_id = :shop_id AND id = :id AND redact_at <= :at
    RETURNING id
"""
STILL = "SELECT 1 FROM installations WHERE shop_id = :shop_id AND id = :id AND redact_at <= :at"


async def forget_departed(db: Database, *, at: int, mint: Callable[[], int]) -> int:
    """Forget, and tell, every app that is due at `at`; answers how many.

    Safe to be done by any number of processes, and to be broken off anywhere: what was sent to the app is
    removed first, and only who comes to the end tells it `shop/redact` at the address that its
    configuration names, with the secret of that moment. One that fails is left due, and keeps no other
    waiting.
    """
    seen: set[tuple[int, int]] = set()
    failed: list[Exception] = []
    ended = 0
    while True:
        rows = await db.read(partial(_due, at=at, most=AT_ONCE + len(seen)))
        fresh = [row for row in rows if (row[0], row[1]) not in seen]
        if not fresh:
            break
        for row in fresh:
            seen.add((row[0], row[1]))
            try:
                ended += await _forget(db, row, at=at, mint=mint)
            except Exception as error:  # noqa: BLE001 - one app must not keep the others waiting
                failed.append(error)
    if failed:
        raise failed[0]
    return ended


async def _due(tx: Tx, *, at: int, most: int) -> list[Row]:
    return await tx.fetch(DUE, at=at, most=most)


async def _forget(db: Database, row: Row, *, at: int, mint: Callable[[], int]) -> bool:
    shop_id, installation_id, client_id = row

    async def clear(tx: Tx) -> bool:
        if not await tx.fetch(STILL, shop_id=shop_id, id=installation_id, at=at):
            return False
        return await forget_app(tx, shop_id=shop_id, installation_id=installation_id, client_id=client_id)

    async def tell(tx: Tx) -> bool:
        if not await tx.fetch(END, shop_id=shop_id, id=installation_id, at=at):
            return False
        shop, app = await Shops(tx).get(shop_id), await Apps(tx).find(client_id)
        address = app.webhooks.get(SHOP_REDACT)
        if address is not None:
            hook, own = (SHOP_REDACT, address), {"shop_id": shop_id, "installation_id": installation_id}
            await listen_last(tx, hook, at=at, id_=mint(), **own)
            await tell_shop_redact(tx, shop, at=at, only=installation_id)
        act = Act(
            shop_id=shop_id,
            client_id=client_id,
            installation_id=installation_id,
            kind="redacted",
            at=at,
            by=BY,
            note=None if address else f"The app names no address for {SHOP_REDACT}.",
        )
        await history.add(tx, act)
        return True

    while await db.write(clear, shop_id=shop_id):
        pass
    return await db.write(tell, shop_id=shop_id)
