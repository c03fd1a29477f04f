"""Sets right what a dead process or a clock that was set back has left behind."""

from till.db.port import Tx
from till.deliveries.breaker import LONGEST, PROBE

INHERIT = """
    UPDATE deliveries SET state = 0, run_at = :at
    WHERE (shop_id, id) IN (
        SELECT d.shop_id, d.id FROM subscriptions s
        JOIN deliveries d ON d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state <= 1
        WHERE d.state = 1)
    RETURNING id
"""
# What was never tried has nothing to wait for but its turn; what was, keeps the time that it was given.
FRESH = """
    UPDATE deliveries SET run_at = :at
    WHERE state = 0 AND attempts = 0 AND (shop_id, id) IN (
        SELECT d.shop_id, d.id FROM subscriptions s
        JOIN deliveries d ON d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state <= 1
            AND d.run_at > :after
        WHERE d.state = 0 AND d.attempts = 0)
"""
LEASED = """
    UPDATE deliveries SET run_at = :until
    WHERE state = 1 AND (shop_id, id) IN (
        SELECT d.shop_id, d.id FROM subscriptions s
        JOIN deliveries d ON d.shop_id = s.shop_id AND d.subscription_id = s.id AND d.state <= 1
            AND d.run_at > :after
        WHERE d.state = 1)
"""
RATES = """
    UPDATE lane_rates SET at = :at
    WHERE at > :after AND (shop_id, subscription_id) IN (SELECT shop_id, id FROM subscriptions)
"""
BREAKERS = "UPDATE breakers SET until = :until, probe_until = 0 WHERE until > :until"
PROBES = "UPDATE breakers SET probe_until = :until WHERE probe_until > :until"
# Machines that work together may be so far apart.
APART = 1_000_000


async def inherit(tx: Tx, *, at: int) -> int:
    """Let go of the claims of a process that is dead; answers how many."""
    return len(await tx.fetch(INHERIT, at=at))


async def set_back(tx: Tx, *, at: int, lease: int) -> None:
    """Let nothing wait for a time that was ahead of the clock as it is now, at the moment `at`."""
    await tx.execute(FRESH, at=at, after=at + APART)
    await tx.execute(LEASED, until=at + lease, after=at + lease + APART)
    await tx.execute(RATES, at=at, after=at + APART)
    await tx.execute(BREAKERS, until=at + LONGEST)
    await tx.execute(PROBES, until=at + PROBE)
