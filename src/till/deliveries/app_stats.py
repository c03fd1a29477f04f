"""How the webhooks of an app fare, in one shop or in all: rates, times and what waits, shop by shop.

What was sent counts for the app also after its subscription has gone.
"""

from collections import defaultdict
from typing import Any

from msgspec import Struct

from till.db.port import Tx
from till.deliveries.stats import Stats
from till.tallies import hour_of

# Those that were deleted, too; one that is to hear that its app has gone is among both for a while.
OWNERS = """
    SELECT u.shop_id, u.id FROM installations i
        JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
        WHERE i.client_id = :client_id {shop}
    UNION SELECT f.shop_id, f.id FROM installations i
        JOIN former_subscriptions f ON f.shop_id = i.shop_id AND f.installation_id = i.id
        WHERE i.client_id = :client_id {shop}
"""
COUNTS = """
    SELECT c.shop_id, c.hour, c.outcome, c.bucket, sum(c.n), sum(c.micros)
    FROM ({owners}) o JOIN delivery_counts c ON c.shop_id = o.shop_id AND c.subscription_id = o.id
    WHERE c.hour >= :first AND c.hour <= :last GROUP BY c.shop_id, c.hour, c.outcome, c.bucket
"""
# Whatever waits has a `run_at`; to name it leads to the index of what waits.
PENDING = """
    SELECT d.shop_id, count(*), min(d.created_at) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    JOIN deliveries d ON d.shop_id = u.shop_id AND d.subscription_id = u.id
    WHERE i.client_id = :client_id {shop} AND d.state <= 1 AND d.run_at >= 0 GROUP BY d.shop_id
"""
STATES = """
    SELECT u.shop_id, u.state, count(*) FROM installations i
    JOIN subscriptions u ON u.shop_id = i.shop_id AND u.installation_id = i.id
    WHERE i.client_id = :client_id {shop} AND i.uninstalled_at IS NULL GROUP BY u.shop_id, u.state
"""


class Webhooks(Struct):
    """The figures of a shop, and how many of its subscriptions are in which state now."""

    stats: Stats
    states: dict[str, int]


async def stats_of_app(
    tx: Tx, *, client_id: str, shop_id: int | None, since: int, until: int
) -> dict[int, Webhooks]:
    """The figures of an app by shop; hours are counted whole."""
    own: dict[str, Any] = {"client_id": client_id} | ({} if shop_id is None else {"shop_id": shop_id})
    shop = "" if shop_id is None else "AND i.shop_id = :shop_id"

    async def ask(sql: str, **params: int) -> Any:
        return await tx.fetch(sql.format(shop=shop, owners=OWNERS.format(shop=shop)), **own, **params)

    found: dict[int, Webhooks] = defaultdict(lambda: Webhooks(Stats(since=since, until=until), {}))
    counts = await ask(COUNTS, first=hour_of(since), last=hour_of(until))
    for shop_id_, hour, outcome, bucket, n, micros in counts:
        found[shop_id_].stats.count(hour, outcome, bucket, int(n), int(micros))
    for shop_id_, pending, oldest in await ask(PENDING):
        found[shop_id_].stats.pending, found[shop_id_].stats.oldest = int(pending), oldest
    for shop_id_, state, n in await ask(STATES):
        found[shop_id_].states[state] = int(n)
    return found
