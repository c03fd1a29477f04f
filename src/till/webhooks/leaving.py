"""What ends with a subscription: nothing more is sent of what it was owed; the record of it stays."""

from typing import Any

from till.db.port import Dialect, Tx
from till.tallies import CANCELLED, HOUR, UNTIMED
from till.webhooks.fanout import renew
from till.webhooks.forms import TEST

# State 5 is that of what was cancelled (till.deliveries.delivery); an attempt under way is fenced off.
CANCEL = """
    UPDATE deliveries SET state = 5, reason = :reason, ended_at = :at
    WHERE shop_id = :shop_id AND state <= 1 AND {which}
"""
# Tests are in no figures.
COUNT = f"""
    INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)
    SELECT shop_id, subscription_id, CAST(:at AS BIGINT) / {HOUR}, '{CANCELLED}', {UNTIMED}, count(*), 0
    FROM {{ended}} AND form NOT LIKE '{TEST}%'
    GROUP BY shop_id, subscription_id ORDER BY subscription_id
    ON CONFLICT (shop_id, subscription_id, hour, outcome, bucket) DO UPDATE
        SET n = delivery_counts.n + excluded.n
"""
COUNT_FIRST = COUNT.format(ended="deliveries WHERE shop_id = :shop_id AND state <= 1 AND {which}")
BOTH = f"""
    WITH ended AS ({CANCEL} RETURNING shop_id, subscription_id, form)
    {COUNT.format(ended="ended WHERE true")}
"""
OF_ONE = "subscription_id = :id"
OF_ONE_OLD = f"{OF_ONE} AND created_at < :before"
OF_ALL = """
    subscription_id IN
        (SELECT id FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id)
"""
# What was sent to it still counts for its app.
REMEMBER = """
    INSERT INTO former_subscriptions (shop_id, installation_id, id, at)
    SELECT u.shop_id, u.installation_id, u.id, :at FROM subscriptions u WHERE u.shop_id = :shop_id AND {which}
    ON CONFLICT (shop_id, installation_id, id) DO NOTHING
"""
REMEMBER_ONE = REMEMBER.format(which="u.id = :id")
REMEMBER_ALL = REMEMBER.format(which="u.installation_id = :installation_id")
REMOVE = "DELETE FROM subscriptions WHERE shop_id = :shop_id AND id = :id"
REMOVE_RATES = """
    DELETE FROM lane_rates WHERE shop_id = :shop_id AND subscription_id IN
        (SELECT id FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id)
"""
REMOVE_ALL = """
    DELETE FROM subscriptions WHERE shop_id = :shop_id AND installation_id = :installation_id
        AND (topic <> :last OR state = 'paused' OR origin = 2 OR origin = 1 AND address IN (
            SELECT s.address FROM subscriptions s WHERE s.shop_id = :shop_id AND s.origin = 0
                AND s.installation_id = :installation_id AND s.topic = :last AND s.state <> 'paused'))
"""
# Who still hears that it has gone, signed with what it signs with now.
STAY = """
    UPDATE subscriptions SET origin = 2, state = 'active', reason = NULL, since = :at, secret = (
        SELECT CASE WHEN a.compat_previous = 1 AND a.previous_until > :at THEN a.previous_secret
            ELSE a.secret END
        FROM installations i JOIN apps a ON a.client_id = i.client_id
        WHERE i.shop_id = :shop_id AND i.id = :installation_id)
    WHERE shop_id = :shop_id AND installation_id = :installation_id
"""
REMOVE_RATE = "DELETE FROM lane_rates WHERE shop_id = :shop_id AND subscription_id = :id"
UNINSTALLED = "The app was uninstalled."
DELETED = "The subscription was deleted."


async def cancel(
    tx: Tx, *, shop_id: int, subscription_id: int, reason: str, at: int, before: int | None = None
) -> None:
    """Cancel what a subscription is still owed; only what is older than `before`, where that is given."""
    values: dict[str, Any] = {"shop_id": shop_id, "id": subscription_id, "reason": reason, "at": at}
    if before is None:
        await _cancel(tx, OF_ONE, values)
    else:
        await _cancel(tx, OF_ONE_OLD, values | {"before": before})


async def _cancel(tx: Tx, which: str, values: dict[str, Any]) -> None:
    """Cancel and count in one: what is counted is what was cancelled, whoever settles beside it."""
    if tx.dialect is Dialect.POSTGRESQL:
        await tx.execute(BOTH.format(which=which), **values)
        return
    counting = {name: value for name, value in values.items() if name != "reason"}
    await tx.execute(COUNT_FIRST.format(which=which), **counting)  # nobody else writes between the two
    await tx.execute(CANCEL.format(which=which), **values)


async def remove(tx: Tx, *, shop_id: int, subscription_id: int, at: int, reason: str = DELETED) -> None:
    """Delete a subscription, and cancel what it is still owed; what it was sent still counts."""
    await tx.execute(REMEMBER_ONE, shop_id=shop_id, id=subscription_id, at=at)
    await tx.execute(REMOVE, shop_id=shop_id, id=subscription_id)
    await renew(tx, shop_id)
    await cancel(tx, shop_id=shop_id, subscription_id=subscription_id, reason=reason, at=at)
    await tx.execute(REMOVE_RATE, shop_id=shop_id, id=subscription_id)


async def leave(tx: Tx, *, shop_id: int, installation_id: int, last: str, at: int) -> None:
    """Delete the subscriptions of an installation, and cancel what they are still owed.

    Those to the topic `last` stay to hear of it, out of their app's reach, until they have been told.
    """
    own = {"shop_id": shop_id, "installation_id": installation_id}
    await _cancel(tx, OF_ALL, {"reason": UNINSTALLED, "at": at} | own)
    await tx.execute(REMOVE_RATES, **own)
    await tx.execute(REMEMBER_ALL, at=at, **own)
    await tx.execute(REMOVE_ALL, last=last, **own)
    await tx.execute(STAY, at=at, **own)
    await renew(tx, shop_id)
