"""What is kept of deliveries, and for how long (delivery.md §8); and what has waited too long.

Everything goes in small transactions, so that no write of the API waits for it.
"""

from collections.abc import Callable
from functools import partial

import msgspec
from msgspec import Struct

from till.clock import DAY
from till.db.port import Database, Row, Tx
from till.deliveries import health
from till.deliveries.counting import add_ended
from till.deliveries.delivery import State
from till.deliveries.given import IDS, both, given
from till.deliveries.lanes import options_of
from till.deliveries.notices import Ended, tell_ended
from till.deliveries.schedule import STEPS, schedule_of
from till.tallies import HOUR
from till.webhooks.forms import TEST
from till.webhooks.leaving import remove
from till.webhooks.subscription import Schedule

AT_ONCE = 500
COUNTS_DAYS = 90
DELETED = "Its subscription was deleted."
TOO_OLD = "It could not be delivered for {hours} hours, while its receiver was left alone."

SHOPS = "SELECT id FROM shops ORDER BY id"
# An id begins with the moment of its creation: what is younger cannot have ended so long ago.
OLD = """
    SELECT shop_id, id, event_number, form, resource_id FROM deliveries
    WHERE shop_id = :shop_id AND id < :before AND (state = :delivered AND ended_at < :ended
        OR state > :delivered AND ended_at < :failed)
    ORDER BY id LIMIT :most
"""
REMOVE_ATTEMPTS = both(
    "DELETE FROM attempts WHERE (shop_id, delivery_id) IN (SELECT g.shop_id, g.id FROM {given} g)", IDS
)
REMOVE = both("DELETE FROM deliveries WHERE (shop_id, id) IN (SELECT g.shop_id, g.id FROM {given} g)", IDS)
# A form is needed for as long as a delivery of its event is there; all of those are of one resource.
REMOVE_FORMS = both(
    """
    DELETE FROM event_forms WHERE (shop_id, number, form) IN (
        SELECT g.shop_id, g.number, g.form FROM {given} g
        WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.shop_id = g.shop_id
            AND d.resource_id = g.resource_id AND d.event_number = g.number AND d.form = g.form))
    """,
    {"shop_id": "bigint", "number": "bigint", "form": "text", "resource_id": "bigint"},
)
REMOVE_FORMER = "DELETE FROM former_subscriptions WHERE shop_id = :shop_id AND at < :before"
REMOVE_COUNTS = "DELETE FROM delivery_counts WHERE shop_id = :shop_id AND hour < :hour"
WAITING = f"""
    SELECT options, {health.COLUMNS} FROM subscriptions
    WHERE shop_id = :shop_id AND state = 'active' AND failing_since < :before AND since < :before
"""
EXPIRE = """
    UPDATE deliveries SET state = :state, reason = :reason, ended_at = :at
    WHERE shop_id = :shop_id AND id IN (
        SELECT id FROM deliveries WHERE shop_id = :shop_id AND subscription_id = :id AND state <= 1
            AND state = 0 AND created_at < :before LIMIT :most)
        AND state = 0
    RETURNING id, topic, resource_id, form
"""
# What a change wrote down while the subscription was being deleted; an attempt under way is fenced off.
ORPHANS = """
    UPDATE deliveries SET state = :state, reason = :reason, ended_at = :at
    WHERE shop_id = :shop_id AND state <= 1 AND id IN (
        SELECT d.id FROM deliveries d WHERE d.shop_id = :shop_id AND d.state <= 1 AND NOT EXISTS (
            SELECT 1 FROM subscriptions s WHERE s.shop_id = d.shop_id AND s.id = d.subscription_id)
        LIMIT :most)
    RETURNING shop_id, subscription_id, form
"""
# Whoever has gone, and was told so, or will never be.
LAST = """
    SELECT id FROM subscriptions WHERE shop_id = :shop_id AND origin = 2 AND since < :before
        AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.shop_id = :shop_id
            AND d.subscription_id = subscriptions.id AND d.state <= 1)
"""
REMOVE_BREAKERS = "DELETE FROM breakers WHERE until < :before"


class Keep(Struct, frozen=True):
    """How many days what was delivered is kept, and what came to nothing."""

    delivered: int = 7
    failed: int = 30


async def prune(db: Database, *, at: int, keep: Keep) -> int:
    """Remove what was kept for long enough; answers how many deliveries that were."""
    removed = 0
    for shop_id in await _shops(db):
        await db.write(partial(_prune_counts, shop_id=shop_id, at=at))
        await db.write(partial(_remove_last, shop_id=shop_id, at=at), shop_id=shop_id)
        while await db.write(partial(_cancel_orphans, shop_id=shop_id, at=at)) == AT_ONCE:
            pass
        while rows := await db.read(partial(_old, shop_id=shop_id, at=at, keep=keep), heavy=True):
            await db.write(partial(_remove, rows=rows))
            removed += len(rows)
            if len(rows) < AT_ONCE:
                break
    # Whoever was left alone until a day ago, and owed nothing since, is not there any more.
    await db.write(lambda tx: tx.execute(REMOVE_BREAKERS, before=at - DAY))
    return removed


async def expire(db: Database, *, at: int, usual: Schedule, told: Callable[[], None]) -> int:
    """Give up what has waited for longer than its schedule lasts, where its receiver is left alone.

    A breaker lets so little through that most of a backlog would never come to its own end.
    """
    ended = 0
    shortest = min(each.longest for each in STEPS.values())
    for shop_id in await _shops(db):
        for options, *row in await db.read(partial(_failing, shop_id=shop_id, before=at - shortest)):
            found = health.read(row)
            longest = STEPS[schedule_of(found.topic, _own(options), usual)].longest
            count = AT_ONCE
            while count == AT_ONCE:
                work = partial(_expire, found=found, at=at, longest=longest)
                count = await db.write(work, shop_id=shop_id)
                ended += count
    if ended:
        told()
    return ended


async def _shops(db: Database) -> list[int]:
    return [int(row[0]) for row in await db.read(lambda tx: tx.fetch(SHOPS))]


async def _old(tx: Tx, *, shop_id: int, at: int, keep: Keep) -> list[Row]:
    delivered, failed = at - keep.delivered * DAY, at - keep.failed * DAY
    return await tx.fetch(
        OLD,
        shop_id=shop_id,
        before=_first_id(max(delivered, failed)),
        delivered=int(State.DELIVERED),
        ended=delivered,
        failed=failed,
        most=AT_ONCE,
    )


async def _remove(tx: Tx, *, rows: list[Row]) -> None:
    ids = given({"shop_id": row[0], "id": bytes(row[1])} for row in rows)
    await tx.execute(REMOVE_ATTEMPTS[tx.dialect], given=ids)
    await tx.execute(REMOVE[tx.dialect], given=ids)
    forms = {(row[0], row[2], row[3], row[4]) for row in rows if row[3]}
    if forms:
        names = ("shop_id", "number", "form", "resource_id")
        told = given(dict(zip(names, form, strict=True)) for form in sorted(forms))
        await tx.execute(REMOVE_FORMS[tx.dialect], given=told)


async def _prune_counts(tx: Tx, *, shop_id: int, at: int) -> None:
    await tx.execute(REMOVE_COUNTS, shop_id=shop_id, hour=(at - COUNTS_DAYS * DAY) // HOUR)
    await tx.execute(REMOVE_FORMER, shop_id=shop_id, before=at - COUNTS_DAYS * DAY)


async def _remove_last(tx: Tx, *, shop_id: int, at: int) -> None:
    for (id_,) in await tx.fetch(LAST, shop_id=shop_id, before=at - DAY):
        await remove(tx, shop_id=shop_id, subscription_id=id_, at=at)


async def _cancel_orphans(tx: Tx, *, shop_id: int, at: int) -> int:
    state = State.CANCELLED
    values = {"shop_id": shop_id, "state": int(state), "reason": DELETED, "at": at, "most": AT_ONCE}
    rows = await tx.fetch(ORPHANS, **values)
    await add_ended(tx, [(row[0], row[1]) for row in rows if not row[2].startswith(TEST)], state, at=at)
    return len(rows)


async def _failing(tx: Tx, *, shop_id: int, before: int) -> list[Row]:
    return await tx.fetch(WAITING, shop_id=shop_id, before=before)


async def _expire(tx: Tx, *, found: health.Health, at: int, longest: int) -> int:
    reason = TOO_OLD.format(hours=longest // HOUR)
    rows = await tx.fetch(
        EXPIRE,
        shop_id=found.shop_id,
        id=found.id,
        state=int(State.EXHAUSTED),
        reason=reason,
        at=at,
        before=at - longest,
        most=AT_ONCE,
    )
    await add_ended(tx, [found.key for *_, form in rows if not form.startswith(TEST)], State.EXHAUSTED, at=at)
    ended = [
        Ended(bytes(id_), topic, resource_id, "exhausted", reason) for id_, topic, resource_id, _ in rows
    ]
    if ended and found.is_told:
        await tell_ended(tx, found, ended, at=at)
    return len(ended)


def _own(told: str) -> Schedule | None:
    """The schedule of a subscription that has one; what cannot be read is told where it is sent."""
    try:
        return options_of(told).schedule
    except msgspec.MsgspecError:
        return None


def _first_id(at: int) -> bytes:
    """No id that was made at this moment or later is below this."""
    return (at // 1_000).to_bytes(6, "big") + bytes(10)
