"""What an app is told without having subscribed: subscriptions that follow from its configuration."""

from collections.abc import Callable, Mapping

import msgspec

from till.db.port import Tx
from till.webhooks.fanout import renew
from till.webhooks.leaving import remove
from till.webhooks.subscription import Options

LIST = """
    SELECT id, topic, address FROM subscriptions
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND origin = 1
"""
ADD = """
    INSERT INTO subscriptions (shop_id, id, installation_id, topic, address, options, state, since,
        created_at, updated_at, origin)
    VALUES (:shop_id, :id, :installation_id, :topic, :address, :options, 'active', :at, :at, :at, 1)
"""
REVIVE = """
    UPDATE subscriptions SET state = 'active', reason = NULL, since = :at, failing_since = NULL,
        failures = 0, warned = 0
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND origin = 1 AND state <> 'active'
"""
# Whoever mends an address has what waited for it sent to the new one.
MOVE = """
    UPDATE subscriptions SET address = :address, updated_at = :at
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND id = :id
"""
MOVE_OWED = """
    UPDATE deliveries SET address = :address, run_at = CASE WHEN state = 0 THEN :at ELSE run_at END
    WHERE shop_id = :shop_id AND subscription_id = :id AND state <= 1
"""
# One that an app hears last of all, after it has gone: whatever it is still to be told.
ADD_LAST = """
    INSERT INTO subscriptions (shop_id, id, installation_id, topic, address, options, state, since,
        created_at, updated_at, origin, secret)
    VALUES (:shop_id, :id, :installation_id, :topic, :address, :options, 'active', :at, :at, :at, 2,
        (SELECT CASE WHEN a.compat_previous = 1 AND a.previous_until > :at THEN a.previous_secret
            ELSE a.secret END
        FROM installations i JOIN apps a ON a.client_id = i.client_id
        WHERE i.shop_id = :shop_id AND i.id = :installation_id))
"""
LAST = """
    SELECT s.id FROM subscriptions s
    JOIN installations i ON i.shop_id = s.shop_id AND i.id = s.installation_id
    WHERE s.shop_id = :shop_id AND s.origin = 2 AND s.topic = :topic AND i.client_id = :client_id
"""
BACK = "The app was installed again."
PLAIN = msgspec.json.encode(Options()).decode()


async def configure(
    tx: Tx,
    webhooks: Mapping[str, str],
    *,
    shop_id: int,
    installation_id: int,
    at: int,
    mint: Callable[[], int],
) -> None:
    """Let an installation be told each topic of `webhooks` at its address, and nothing else by this way.

    One that was disabled is served again. What waits for an address that has changed goes to the new one.
    """
    own = {"shop_id": shop_id, "installation_id": installation_id}
    there = {topic: (id_, address) for id_, topic, address in await tx.fetch(LIST, **own)}
    for topic in there.keys() - webhooks.keys():
        await remove(tx, shop_id=shop_id, subscription_id=there[topic][0], at=at)
    await tx.execute(REVIVE, at=at, **own)
    for topic, address in sorted(webhooks.items()):
        id_, before = there.get(topic, (0, None))
        if before is None:
            await tx.execute(ADD, id=mint(), topic=topic, address=address, options=PLAIN, at=at, **own)
        elif before != address:
            await tx.execute(MOVE, id=id_, address=address, at=at, **own)
            await tx.execute(MOVE_OWED, shop_id=shop_id, id=id_, address=address, at=at)
    await renew(tx, shop_id)


async def listen_last(
    tx: Tx, hook: tuple[str, str], *, shop_id: int, installation_id: int, at: int, id_: int
) -> None:
    """Let an installation that has gone hear a topic at an address, for one word; then this goes, too."""
    topic, address = hook
    await tx.execute(
        ADD_LAST,
        shop_id=shop_id,
        id=id_,
        installation_id=installation_id,
        topic=topic,
        address=address,
        options=PLAIN,
        at=at,
    )
    await renew(tx, shop_id)


async def unlisten_last(tx: Tx, topic: str, *, shop_id: int, client_id: str, at: int) -> None:
    """Take back what an app was still to be told of `topic` when it had gone, for it is back."""
    for (id_,) in await tx.fetch(LAST, shop_id=shop_id, topic=topic, client_id=client_id):
        await remove(tx, shop_id=shop_id, subscription_id=id_, at=at, reason=BACK)
