"""Claiming: who sends what, until when. A claim is a lease with a fencing token.

`SELECT … FOR UPDATE SKIP LOCKED` first and the update after it, not one statement with the one inside the
other: the second then goes by primary keys, whatever the planner believes of the first (0021).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from till.clock import SECOND
from till.db.port import Dialect, Tx
from till.deliveries.given import IDS, LANES, TOKENS, at_once, both, given
from till.deliveries.lanes import Key, Lane
from till.deliveries.rates import grant, spend
from till.deliveries.schedule import HOUR

# Of a lane in order this many are looked at, so that what waits for others is soon out of the way.
WINDOW = 64
MOST = 64
LONGEST_BEHIND = HOUR
# What waits is let go by the end of what it waits for, which may miss what is just being written: so whatever
# waits looks for itself as well, behind one that is under way this soon, and behind any other no sooner than
# after the second.
WHILE_FLYING = 2 * SECOND
SOONEST = 5 * SECOND
MOST_ASIDE = 2_000
BEHIND = "An older event of the same resource goes first."
ELSEWHERE = "The address that it goes to was replaced, and is left alone for now."

OLDER = """
    o.shop_id = d.shop_id AND o.subscription_id = d.subscription_id AND o.resource_id = d.resource_id
    AND o.event_number < d.event_number AND o.state <= 1 AND o.ordered = 1
"""
# Of those before it: is one that was never tried (2), is one under way (1), since when does the first one
# fail, and when is its turn.
DUE = f"""
    SELECT * FROM (
        SELECT d.shop_id, d.subscription_id, d.id, d.run_at, d.event_number, d.resource_id, d.ordered,
            d.token, d.attempts,
            CASE WHEN d.ordered = 0 THEN 0
                WHEN EXISTS (SELECT 1 FROM deliveries o WHERE {OLDER} AND o.attempts = 0) THEN 2
                WHEN EXISTS (SELECT 1 FROM deliveries o WHERE {OLDER} AND o.state = 1) THEN 1
                ELSE 0 END AS busy,
            CASE WHEN d.ordered = 1 THEN (
                SELECT COALESCE((SELECT MIN(a.started_at) FROM attempts a
                    WHERE a.shop_id = o.shop_id AND a.delivery_id = o.id), :at)
                FROM deliveries o WHERE {OLDER} ORDER BY o.event_number LIMIT 1) END AS since,
            CASE WHEN d.ordered = 1 THEN (SELECT o.run_at
                FROM deliveries o WHERE {OLDER} ORDER BY o.event_number LIMIT 1) END AS turn,
            d.address
        FROM deliveries d
        WHERE d.shop_id = :shop_{{0}} AND d.subscription_id = :lane_{{0}} AND d.state <= 1 AND d.run_at <= :at
        ORDER BY d.run_at LIMIT :most_{{0}} {{1}}) due_{{0}}
"""
COLUMNS = LANES | {
    "id": "bytes",
    "run_at": "bigint",
    "event_number": "bigint",
    "resource_id": "bigint",
    "ordered": "bigint",
    "token": "bigint",
    "attempts": "bigint",
    "busy": "bigint",
    "since": "bigint",
    "turn": "bigint",
    "address": "text",
}
# So that the update after it finds them as they were seen; SQLite has one writer anyway.
LOCK = {Dialect.SQLITE: "", Dialect.POSTGRESQL: "FOR UPDATE OF d SKIP LOCKED"}
CLAIM = both(
    """
    UPDATE deliveries SET state = 1, token = token + 1, attempts = attempts + 1, run_at = :until
    FROM {given} g
    WHERE deliveries.shop_id = g.shop_id AND deliveries.id = g.id AND deliveries.state <= 1
        AND deliveries.run_at <= :at
    """,
    IDS,
)
# Only as it was seen: what was let go meanwhile has another `run_at`.
PARK = both(
    """
    UPDATE deliveries SET state = 0, run_at = g.until, reason = :reason
    FROM {given} g
    WHERE deliveries.shop_id = g.shop_id AND deliveries.id = g.id AND deliveries.state <= 1
        AND deliveries.run_at = g.run_at
    """,
    IDS | {"run_at": "bigint", "until": "bigint"},
)
# All that goes the way that one of them may not go now.
PUT_ASIDE = """
    UPDATE deliveries SET state = 0, run_at = :until, reason = :reason
    WHERE state <= 1 AND run_at <= :at AND shop_id = :shop_id AND id IN (SELECT d.id FROM deliveries d
        WHERE d.shop_id = :shop_id AND d.subscription_id = :lane AND d.state <= 1 AND d.run_at <= :at
            AND d.address = :address
        LIMIT :most {lock})
"""
RENEW = both(
    """
    UPDATE deliveries SET run_at = :until FROM {given} g
    WHERE deliveries.shop_id = g.shop_id AND deliveries.id = g.id AND deliveries.token = g.token
        AND deliveries.state = 1
    RETURNING deliveries.shop_id, deliveries.id
    """,
    TOKENS,
)
GIVE_BACK = both(
    """
    UPDATE deliveries SET state = 0, run_at = :at, attempts = attempts - 1 FROM {given} g
    WHERE deliveries.shop_id = g.shop_id AND deliveries.id = g.id AND deliveries.token = g.token
        AND deliveries.state = 1
    """,
    TOKENS,
)


# One row of what is due, as `COLUMNS` are.
Due = tuple[Any, ...]


# Until when what a lane owes to an address that it had before is to wait; not after now where it may go.
Aside = Callable[[Key, str, int], int]


def nowhere(_lane: Key, _address: str, _at: int) -> int:
    """Nothing is put aside."""
    return 0


class Ask(Struct, frozen=True):
    """How many deliveries of a lane are wanted at most."""

    lane: Lane
    most: int


class Claim(Struct, frozen=True):
    """A delivery that is ours until its lease ends; `gap` says that an older one was left behind."""

    shop_id: int
    id: bytes
    subscription_id: int
    token: int
    attempt: int
    gap: bool

    @property
    def lane(self) -> Key:
        return (self.shop_id, self.subscription_id)

    @property
    def key(self) -> tuple[int, bytes]:
        return (self.shop_id, self.id)


class Claimed(Struct, frozen=True):
    """What was claimed; lanes that had no more than that; and lanes that have to wait until some moment."""

    claims: tuple[Claim, ...]
    emptied: frozenset[Key]
    waits: dict[Key, int]


async def claim(
    tx: Tx, asks: Sequence[Ask], *, at: int, until: int, most: int = MOST, aside: Aside = nowhere
) -> Claimed:
    """Claim what is due at `at` of some lanes, until `until`: of each at most what is asked, in all `most`.

    The lane that is asked first comes first.
    """
    rates = {ask.lane.key: ask.lane.rate for ask in asks if ask.lane.rate is not None}
    granted, waits = await grant(tx, rates, at=at)
    wanted = {ask.lane.key: min(ask.most, granted.get(ask.lane.key, ask.most)) for ask in asks}
    due = await _due(tx, [ask for ask in asks if wanted[ask.lane.key] > 0], wanted, at=at)
    shut = _shut(due, {ask.lane.key: ask.lane.address for ask in asks}, aside, at)
    chosen, parked, emptied = _choose(due, wanted, shut, at=at, most=most)
    for (shop_id, lane_id, address), end in shut.items():
        sql = PUT_ASIDE.format(lock=LOCK[tx.dialect])
        told = {"shop_id": shop_id, "lane": lane_id, "address": address, "until": end, "reason": ELSEWHERE}
        await tx.execute(sql, at=at, most=MOST_ASIDE, **told)
    if parked:
        await tx.execute(PARK[tx.dialect], given=given(parked), reason=BEHIND)
    if chosen:
        await tx.execute(CLAIM[tx.dialect], given=given(_ids(chosen)), at=at, until=until)
    claims = tuple(
        Claim(
            shop_id=row[0],
            subscription_id=row[1],
            id=row[2],
            token=row[7] + 1,
            attempt=row[8] + 1,
            gap=row[10] is not None,
        )
        for row in chosen
    )
    await spend(tx, granted.keys(), claims, rates=rates, at=at)
    return Claimed(claims, emptied, waits)


async def renew(tx: Tx, claims: Iterable[Claim], *, until: int) -> set[tuple[int, bytes]]:
    """Hold on to claims until `until`; answers the keys of those that are still ours."""
    rows = await tx.fetch(RENEW[tx.dialect], given=given(_tokens(claims)), until=until)
    return {(shop_id, bytes(id_)) for shop_id, id_ in rows}


async def give_back(tx: Tx, claims: Iterable[Claim], *, at: int) -> None:
    """Let go of claims of which nothing was sent; they are due at `at`, and no attempt is used up."""
    await tx.execute(GIVE_BACK[tx.dialect], given=given(_tokens(claims)), at=at)


async def _due(tx: Tx, asks: Sequence[Ask], wanted: dict[Key, int], *, at: int) -> list[Due]:
    if not asks:
        return []
    values: dict[str, Any] = {"at": at}
    size = 1 << (len(asks) - 1).bit_length()
    for index in range(size):
        ask = asks[index] if index < len(asks) else None
        shop_id, lane_id = ask.lane.key if ask else (0, 0)
        most = 0 if ask is None else WINDOW if ask.lane.is_ordered else wanted[ask.lane.key]
        values |= {f"shop_{index}": shop_id, f"lane_{index}": lane_id, f"most_{index}": most}
    return await at_once(tx, _due_of(size, tx.dialect), COLUMNS, **values)


@lru_cache(maxsize=16)
def _due_of(lanes: int, dialect: Dialect) -> str:
    """One statement for so many lanes; a power of two, so that there are few of them."""
    return " UNION ALL ".join(DUE.format(index, LOCK[dialect]) for index in range(lanes))


def _shut(due: list[Due], present: dict[Key, str], aside: Aside, at: int) -> dict[tuple[int, int, str], int]:
    """The ways that deliveries may not go now, as lane and address, each with its end."""
    ways = {(row[0], row[1], row[12]) for row in due if row[12] != present[row[0], row[1]]}
    ends = {way: aside(way[:2], way[2], at) for way in ways}
    return {way: end for way, end in ends.items() if end > at}


def _choose(
    due: list[Due], wanted: dict[Key, int], shut: dict[tuple[int, int, str], int], *, at: int, most: int
) -> tuple[list[Due], list[dict[str, Any]], frozenset[Key]]:
    """What to claim, what has to wait for older ones until when, and which lanes have no more."""
    left = dict(wanted)
    turns = {key: turn for turn, key in enumerate(wanted)}
    chosen: list[Due] = []
    parked: list[dict[str, Any]] = []
    seen: set[tuple[Key, int]] = set()
    more: set[Key] = {way[:2] for way in shut}
    # Lane by lane; of one resource the oldest event first, and no other beside it.
    for row in sorted(due, key=lambda row: (turns[row[:2]], row[4] if row[6] else row[3])):
        shop_id, lane_id, id_, run_at, _, resource_id, ordered, _, _, busy, since, turn, address = row
        key = (shop_id, lane_id)
        if (shop_id, lane_id, address) in shut:
            continue
        free_at = _free_at(since, turn, at, busy=busy)
        if free_at > at:
            parked.append({"shop_id": shop_id, "id": id_, "run_at": run_at, "until": free_at})
            more.add(key)
        elif len(chosen) < most and left[key] > 0 and not (ordered and (key, resource_id) in seen):
            left[key] -= 1
            chosen.append(row)
            seen.add((key, resource_id))
        else:
            more.add(key)
    return chosen, parked, frozenset(key for key, n in left.items() if n > 0 and key not in more)


def _free_at(since: int | None, turn: int | None, at: int, *, busy: int) -> int:
    """When a delivery may go, or look again, whose resource is held up since some moment, or not at all.

    `turn` is when the oldest one before it is due. Behind one that is under way it waits for a while, even
    where the hour is over; and so it does behind one that was never tried.
    """
    if since is None:
        return 0
    if busy == 1:
        return at + WHILE_FLYING
    free_at = since + LONGEST_BEHIND
    if not busy and free_at <= at:
        return free_at
    looks = max(turn or 0, at + SOONEST)
    return min(looks, free_at) if free_at > at else at + SOONEST


def _ids(rows: Iterable[Due]) -> list[dict[str, Any]]:
    return [{"shop_id": row[0], "id": row[2]} for row in rows]


def _tokens(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    return [{"shop_id": each.shop_id, "id": each.id, "token": each.token} for each in claims]
