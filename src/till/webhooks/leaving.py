"""What ends with a subscription: nothing more is sent of what it was owed; the record of it stays."""

from typing import Any

from till.db.port import Tx
from till.webhooks.fanout import renew

# State 5 is that of what was cancelled (till.deliveries.delivery); an attempt under way is fenced off.
CANCEL = """
    UPDATE deliveries SET state = 5, reason = :reason, ended_at = :at
    WHERE shop_id = :shop_id AND subscription_id = :id AND state <= 1
"""
CANCEL_OLD = f"{CANCEL} AND created_at < :before"
CANCEL_ALL = """
    UPDATE deliveries SET state = 5, reason = :reason, ended_at = :at
    WHERE shop_id = :shop_id AND state <= 1 AND subscription_id IN
        (SELECT id FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id)
"""
REMOVE = "DELETE FROM subscriptions WHERE shop_id = :shop_id AND id = :id"
REMOVE_RATES = """
    DELETE FROM lane_rates WHERE shop_id = :shop_id AND subscription_id IN
        (SELECT id FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id)
"""
REMOVE_ALL = "DELETE FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id"
REMOVE_RATE = "DELETE FROM lane_rates WHERE shop_id = :shop_id AND subscription_id = :id"
UNINSTALLED = "The app was uninstalled."
DELETED = "The subscription was deleted."


async def cancel(
    tx: Tx, *, shop_id: int, subscription_id: int, reason: str, at: int, before: int | None = None
) -> None:
    """Cancel what a subscription is still owed; only what is older than `before`, where that is given."""
    values: dict[str, Any] = {"shop_id": shop_id, "id": subscription_id, "reason": reason, "at": at}
    if before is None:
        await tx.execute(CANCEL, **values)
    else:
        await tx.execute(CANCEL_OLD, before=before, **values)


async def remove(tx: Tx, *, shop_id: int, subscription_id: int, at: int) -> None:
    """Delete a subscription, and cancel what it is still owed."""
    await tx.execute(REMOVE, shop_id=shop_id, id=subscription_id)
    await renew(tx, shop_id)
    await cancel(tx, shop_id=shop_id, subscription_id=subscription_id, reason=DELETED, at=at)
    await tx.execute(REMOVE_RATE, shop_id=shop_id, id=subscription_id)


async def leave(tx: Tx, *, shop_id: int, installation_id: int, at: int) -> None:
    """Delete all subscriptions of an installation, and cancel what they are still owed."""
    own = {"shop_id": shop_id, "installation_id": installation_id}
    await tx.execute(CANCEL_ALL, reason=UNINSTALLED, at=at, **own)
    await tx.execute(REMOVE_RATES, **own)
    await tx.execute(REMOVE_ALL, **own)
    await renew(tx, shop_id)
