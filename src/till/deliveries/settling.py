"""Settling: what came of a batch of attempts, written down in one transaction and fenced by their tokens."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from till import tallies
from till.db.port import Dialect, Tx
from till.deliveries import attempt, counting
from till.deliveries.delivery import Settled, State
from till.deliveries.given import IDS, LANES, TOKENS, at_once, both, given
from till.deliveries.lanes import Key
from till.deliveries.loading import Parcel
from till.deliveries.outcome import ErrorClass, Outcome, Pairs

SETTLE = both(
    """
    UPDATE deliveries SET state = g.state, run_at = g.run_at, failures = g.failures, reason = g.reason,
        ended_at = g.ended_at
    FROM {given} g
    WHERE deliveries.shop_id = g.shop_id AND deliveries.id = g.id AND deliveries.token = g.token
        AND deliveries.state = 1
    """,
    TOKENS
    | {"state": "bigint", "run_at": "bigint", "failures": "bigint", "reason": "text", "ended_at": "bigint"},
)
RETURNING = " RETURNING deliveries.shop_id, deliveries.id"
OURS = both(
    """
    SELECT d.shop_id, d.id FROM {given} g
    JOIN deliveries d ON d.shop_id = g.shop_id AND d.id = g.id AND d.token = g.token AND d.state = 1
    """,
    TOKENS,
)
ADD_ATTEMPTS = both(
    """
    INSERT INTO attempts (shop_id, delivery_id, number, subscription_id, started_at, micros, status, error,
        counted, bytes_read, details, response)
    SELECT g.shop_id, g.id, g.number, g.subscription_id, g.started_at, g.micros, g.status, g.error, g.counted,
        g.bytes_read, g.details, g.response
    FROM {given} g WHERE true
    ON CONFLICT (shop_id, delivery_id, number) DO NOTHING
    """,
    IDS
    | {
        "number": "bigint",
        "subscription_id": "bigint",
        "started_at": "bigint",
        "micros": "bigint",
        "status": "bigint",
        "error": "text",
        "counted": "bigint",
        "bytes_read": "bigint",
        "details": "bytes",
        "response": "bytes",
    },
)
# The next event of a resource whose turn has come; those that were tried have a time of their own.
RELEASE = both(
    """
    UPDATE deliveries SET run_at = :at, reason = NULL
    WHERE state = 0 AND attempts = 0 AND (shop_id, id) IN (
        SELECT g.shop_id, (SELECT d.id FROM deliveries d
            WHERE d.shop_id = g.shop_id AND d.subscription_id = g.subscription_id
                AND d.resource_id = g.resource_id AND d.state <= 1 AND d.ordered = 1
                AND d.state = 0 AND d.attempts = 0
            ORDER BY d.event_number LIMIT 1)
        FROM {given} g)
    """,
    LANES | {"resource_id": "bigint"},
)


class Done(Struct, frozen=True, kw_only=True):
    """An attempt that has ended; times are microseconds, `request` the headers that were sent."""

    parcel: Parcel
    outcome: Outcome
    settled: Settled
    started_at: int
    ended_at: int
    request: Pairs = ()
    timeout: float = 10.0

    @property
    def lane(self) -> Key:
        return self.parcel.claim.lane

    @property
    def is_retry(self) -> bool:
        """True of an attempt after the first; not of one that failed by a fault of ours."""
        return self.parcel.claim.attempt > 1 and self.tally != tallies.OURS

    @property
    def tally(self) -> str:
        if self.outcome.error is ErrorClass.OURS:
            return tallies.OURS
        return tallies.DELIVERED if self.settled.state is State.DELIVERED else tallies.FAILED


async def settle(tx: Tx, batch: Sequence[Done], *, at: int) -> list[Done]:
    """Write a batch down, and answer those that were still ours to settle; of others nothing is kept."""
    owned = await _settle(tx, given(map(_settled, batch)))
    ours = [done for done in batch if done.parcel.claim.key in owned]
    if not ours:
        return []
    await tx.execute(ADD_ATTEMPTS[tx.dialect], given=given(map(_attempt, ours)))
    freed = [_resource(done) for done in ours if done.parcel.ordered and done.settled.state.is_terminal]
    if freed:
        await tx.execute(RELEASE[tx.dialect], given=given(freed), at=at)
    await _count(tx, ours)
    return ours


async def _settle(tx: Tx, rows: str) -> set[tuple[int, bytes]]:
    """Settle what is ours, and answer the keys of that."""
    if tx.dialect is Dialect.SQLITE:  # nobody else writes between the two
        owned = await at_once(tx, OURS[tx.dialect], IDS, given=rows)
        await tx.execute(SETTLE[tx.dialect], given=rows)
    else:
        owned = [tuple(row) for row in await tx.fetch(SETTLE[tx.dialect] + RETURNING, given=rows)]
    return {(shop_id, bytes(id_)) for shop_id, id_ in owned}


def _settled(done: Done) -> dict[str, Any]:
    claim, settled = done.parcel.claim, done.settled
    return {
        "shop_id": claim.shop_id,
        "id": claim.id,
        "token": claim.token,
        "state": int(settled.state),
        "run_at": settled.run_at,
        "failures": settled.failures,
        "reason": settled.reason,
        "ended_at": settled.run_at if settled.state.is_terminal else None,
    }


def _attempt(done: Done) -> dict[str, Any]:
    claim, outcome = done.parcel.claim, done.outcome
    details = attempt.Details(
        request=done.request,
        response=outcome.headers,
        dialled=outcome.dialled,
        sentence=outcome.sentence,
        timings=outcome.timings,
        timeout=done.timeout,
    )
    return {
        "shop_id": claim.shop_id,
        "id": claim.id,
        "number": claim.attempt,
        "subscription_id": claim.subscription_id,
        "started_at": done.started_at,
        "micros": outcome.timings.total,
        "status": outcome.status,
        "error": outcome.error,
        "counted": int(done.settled.counted),
        "bytes_read": outcome.bytes_read,
        "details": attempt.encode(details),
        "response": outcome.body or None,
    }


async def _count(tx: Tx, batch: Iterable[Done]) -> None:
    counted: Counter[counting.Counted] = Counter()
    micros: Counter[counting.Counted] = Counter()
    for done in batch:
        if done.parcel.is_test:
            continue
        took = done.outcome.timings.total
        hour = tallies.hour_of(done.started_at)
        key = (*done.lane, hour, done.tally, tallies.bucket_of(took))
        counted[key] += 1
        micros[key] += took
        if done.is_retry:
            counted[(*done.lane, hour, tallies.RETRIED, tallies.UNTIMED)] += 1
        end = counting.ENDS.get(done.settled.state)
        if end is not None:
            counted[(*done.lane, tallies.hour_of(done.settled.run_at), end, tallies.UNTIMED)] += 1
    await counting.add(tx, counted, micros)


def _resource(done: Done) -> dict[str, int]:
    shop_id, subscription_id = done.lane
    return {
        "shop_id": shop_id,
        "subscription_id": subscription_id,
        "resource_id": done.parcel.resource_id,
    }
