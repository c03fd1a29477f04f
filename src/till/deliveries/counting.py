"""What is kept of deliveries as sums, so that figures of the past do not change with what is pruned."""

from collections import Counter
from collections.abc import Iterable

from till.db.port import Tx
from till.deliveries.delivery import State
from till.deliveries.given import LANES, both, given
from till.deliveries.lanes import Key
from till.tallies import BLOCKED, CANCELLED, EXHAUSTED, UNTIMED, hour_of

COUNT = both(
    """
    INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)
    SELECT g.shop_id, g.subscription_id, g.hour, g.outcome, g.bucket, g.n, g.micros FROM {given} g WHERE true
    ON CONFLICT (shop_id, subscription_id, hour, outcome, bucket) DO UPDATE
        SET n = delivery_counts.n + excluded.n, micros = delivery_counts.micros + excluded.micros
    """,
    LANES | {"hour": "bigint", "outcome": "text", "bucket": "bigint", "n": "bigint", "micros": "bigint"},
)
NAMES = ("shop_id", "subscription_id", "hour", "outcome", "bucket")
# Shop, subscription, hour since 1970, outcome, step of time.
Counted = tuple[int, int, int, str, int]
# Under what deliveries are counted that came to nothing.
ENDS = {State.EXHAUSTED: EXHAUSTED, State.BLOCKED: BLOCKED, State.CANCELLED: CANCELLED}


async def add(tx: Tx, counted: Counter[Counted], micros: Counter[Counted]) -> None:
    """Add to what is counted; the last that a transaction does to deliveries, as everybody else does it."""
    if counted:
        # In one order, so that no two workers wait for each other.
        rows = [
            dict(zip(NAMES, key, strict=True)) | {"n": counted[key], "micros": micros[key]}
            for key in sorted(counted)
        ]
        await tx.execute(COUNT[tx.dialect], given=given(rows))


async def add_ended(tx: Tx, lanes: Iterable[Key], state: State, *, at: int) -> None:
    """Count deliveries that ended without an attempt, each by its lane."""
    await add(tx, Counter((*lane, hour_of(at), ENDS[state], UNTIMED) for lane in lanes), Counter())
