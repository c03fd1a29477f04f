"""Apps that left a shop two days ago: told to forget it, and forgotten (semantics.md §4.3)."""

from collections.abc import Callable

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
    configuration names, with the secret of that moment.
    """
    ended = 0
    while rows := await db.read(lambda tx: tx.fetch(DUE, at=at, most=AT_ONCE)):
        for row in rows:
            ended += await _forget(db, row, at=at, mint=mint)
    return ended


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
