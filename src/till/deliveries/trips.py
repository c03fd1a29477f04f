"""Breakers that have opened, as all workers see them."""

from collections.abc import Iterable, Sequence

from till.db.port import Tx
from till.deliveries.breaker import PROBE, Breaker
from till.deliveries.given import both, given

NAMES = {"name": "text"}
OPEN = both(
    """
    INSERT INTO breakers (name, level, until, probe_until, successes, reason)
    SELECT g.name, g.level, g.until, 0, 0, g.reason FROM {given} g WHERE true
    ON CONFLICT (name) DO NOTHING
    """,
    NAMES | {"level": "bigint", "until": "bigint", "reason": "text"},
)
TAKE = both(
    """
    UPDATE breakers SET probe_until = :probe_until
    WHERE name IN (SELECT g.name FROM {given} g) AND until <= :at AND probe_until <= :at
    RETURNING name
    """,
    NAMES,
)
RELEASE = both(
    "UPDATE breakers SET probe_until = 0 WHERE name IN (SELECT g.name FROM {given} g)",
    NAMES,
)
CHANGE = both(
    """
    UPDATE breakers SET level = g.level, until = g.until, probe_until = 0, successes = g.successes
    FROM {given} g WHERE breakers.name = g.name
    """,
    NAMES | {"level": "bigint", "until": "bigint", "successes": "bigint"},
)
CLOSE = both("DELETE FROM breakers WHERE name IN (SELECT g.name FROM {given} g)", NAMES)


async def take_probe(tx: Tx, names: Sequence[str], *, at: int) -> bool:
    """Claim the right to let one delivery through all of `names`; False if somebody else has one of them."""
    rows = await tx.fetch(TAKE[tx.dialect], given=given(_names(names)), at=at, probe_until=at + PROBE)
    if len(rows) == len(names):
        return True
    await release(tx, [row[0] for row in rows])
    return False


async def release(tx: Tx, names: Sequence[str]) -> None:
    """Give probes back that nothing was sent with."""
    if names:
        await tx.execute(RELEASE[tx.dialect], given=given(_names(names)))


async def note(tx: Tx, opened: Sequence[Breaker], changed: Sequence[Breaker], closed: Sequence[str]) -> None:
    """Write down what attempts have done to breakers; one that is open already stays as it is."""
    if closed:
        await tx.execute(CLOSE[tx.dialect], given=given(_names(closed)))
    if opened:
        await tx.execute(
            OPEN[tx.dialect],
            given=given(
                {"name": each.name, "level": each.level, "until": each.until, "reason": each.reason}
                for each in opened
            ),
        )
    if changed:
        await tx.execute(
            CHANGE[tx.dialect],
            given=given(
                {"name": each.name, "level": each.level, "until": each.until, "successes": each.successes}
                for each in changed
            ),
        )


def _names(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]
